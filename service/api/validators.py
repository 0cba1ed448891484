"""Entity tags: what tells one answer from another, and whether a caller has it already."""

import hashlib
import re
from collections.abc import Iterable

_TAG = re.compile(r'\s*(?:W/)?("[\x21\x23-\x7e]*")\s*(?:,|$)')


def tag_of(body: bytes) -> str:
    """Weak, as a compressed answer has the same one."""
    return f'W/"{hashlib.sha256(body).digest()[:16].hex()}"'


def is_among(tag: str, given: Iterable[str]) -> bool:
    """Whether ``tag`` is in the values of If-None-Match."""
    return any(line.strip() == "*" or tag[2:] in _TAG.findall(line) for line in given)
