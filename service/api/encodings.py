"""Content-Encoding: what is sent as gzip, and to whom (RFC 9110, 8.4 and 12.5.3)."""

import zlib
from collections.abc import Iterable

LEAST = 1_400
"""Bytes of what is worth it: less is one packet in any case."""
LARGE = 2**19
"""Bytes that others would have to wait for, two milliseconds."""
LEVEL = 1
"""The quickest: JSON shrinks to an eighth by it, and to a tenth by the slowest, which takes ten times as long."""
_GZIP = 31
"""For zlib: with gzip's head and checksum; the head tells no time, so that the same bytes come of the same."""
NAMES = ("gzip", "x-gzip")
GZIP = (b"content-encoding", b"gzip")


def takes_gzip(given: Iterable[str]) -> bool:
    """Whether the values of Accept-Encoding name gzip without refusing it."""
    for line in given:
        for one in line.split(","):
            name, _, quality = one.partition(";")
            if name.strip().lower() in NAMES:
                return quality.replace(" ", "").rstrip("0.") != "q="
    return False


def zipped(body: bytes) -> bytes:
    return zlib.compress(body, LEVEL, _GZIP)


def unzipped(body: bytes) -> bytes:
    return zlib.decompress(body, _GZIP)
