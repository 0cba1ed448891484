"""Answers that were asked for: their validators, how long they may be kept, and 304 for who has them already."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response

from service.api.access import Pass
from service.api.site import Request

JSON = "application/json"
VARY = "Accept, Accept-Encoding, Authorization"
PINNED = "max-age=3600"
"""What no later event changes. Not longer: a ledger restored from a backup is another one, by its epoch."""
IMMUTABLE = "max-age=31536000, immutable"
"""Of an address that also says which ledger it was, by its epoch, and how it answered."""
NOW = "max-age=5, stale-while-revalidate=30"
_TAG = re.compile(r'\s*(?:W/)?("[\x21\x23-\x7e]*")\s*(?:,|$)')


def kept(passed: Pass, how_long: str) -> str:
    """For Cache-Control."""
    return f"{passed.scope}, {how_long}"


def answer(
    request: Request,
    said: msgspec.Struct | bytes,
    cache: str,
    *,
    epoch: bytes = b"",
    digest: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    media_type: str = JSON,
) -> Response[bytes]:
    """200 with the JSON of ``said``, or 304. A ``digest`` that tells it from any other answer spares making one."""
    body = said if isinstance(said, bytes) else msgspec.json.encode(said)
    tag = tag_of((digest or body) + epoch)
    all_headers = {"etag": tag, "cache-control": cache, "vary": VARY, **(headers or {})}
    if has_already(request, tag):
        return Response(b"", status_code=304, headers=all_headers, media_type=media_type)
    return Response(body, headers=all_headers, media_type=media_type)


def tag_of(body: bytes) -> str:
    """Weak, as a compressed answer has the same one."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


def has_already(request: Request, tag: str) -> bool:
    """Whether the caller has the answer with that tag."""
    given = request.headers.getall("if-none-match", [])
    return any(line.strip() == "*" or tag[2:] in _TAG.findall(line) for line in given)


def done(said: msgspec.Struct, status: int, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """The answer to a write; it is nobody's to keep."""
    all_headers: dict[str, Any] = {"cache-control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(said), status_code=status, headers=all_headers, media_type=JSON)
