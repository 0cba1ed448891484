"""What Schemathesis must know to send bodies of lines; it loads this file by itself."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    """As it is, where it is lines already; anything else as its own words."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
