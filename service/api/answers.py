"""Answers that were asked for: their validators, how long they may be kept, and 304 for who has them already."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from service.api.access import Pass
from service.api.encodings import GZIP, LARGE, LEAST, takes_gzip, zipped
from service.api.site import Request, site_of
from service.api.streams import send_whole
from service.api.validators import is_among, tag_of

JSON = "application/json"
NOT_MODIFIED = 304
VARY = "Accept, Accept-Encoding, Authorization"
PINNED = "max-age=3600"
"""What no later event changes. Not longer: a ledger restored from a backup is another one, by its epoch."""
IMMUTABLE = "max-age=31536000, immutable"
"""Of an address that also says which ledger it was, by its epoch, and how it answered."""
NOW = "max-age=5, stale-while-revalidate=30"


class Answer(Response[bytes]):
    """Bytes and their headers, sent as they are: Litestar's own class works out anew what is known here."""

    __slots__ = ("_raw", "_zipped")
    media_type: str
    status_code: int

    def __init__(self, content: bytes, status: int, headers: dict[str, str], media_type: str = JSON) -> None:
        """``headers`` by their names in lower case; all that its base class would make of these goes unused."""
        self.content, self.status_code, self.headers, self.media_type = content, status, headers, media_type
        self._raw: list[tuple[bytes, bytes]] | None = None
        self._zipped: bytes | None = None

    def to_asgi_response(self, app: Any, request: Any, **given: Any) -> ASGIResponse:
        return _Sent(self, request)

    async def send(self, send: Send, request: Request) -> None:
        headers, body = self.raw(), self.content
        if len(body) >= LEAST and takes_gzip(request.given("accept-encoding")) and self._may_be_zipped():
            body = self.zipped() if len(body) < LARGE else await asyncio.to_thread(self.zipped)
            headers = [*headers[:-1], GZIP, (b"content-length", b"%d" % len(body))]
        await send_whole(send, {"type": "http.response.start", "status": self.status_code, "headers": headers}, body)

    def zipped(self) -> bytes:
        """Its body as gzip, worked out once."""
        if self._zipped is None:
            self._zipped = zipped(self.content)
        return self._zipped

    def _may_be_zipped(self) -> bool:
        return "content-encoding" not in self.headers and "Accept-Encoding" in self.headers.get("vary", "")

    def raw(self) -> list[tuple[bytes, bytes]]:
        """Its headers as they are sent; those of the body last."""
        if self._raw is not None:
            return self._raw
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        if self.status_code != NOT_MODIFIED:
            media_type = f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type
            headers += (b"content-type", media_type.encode()), (b"content-length", b"%d" % len(self.content))
        self._raw = headers
        return headers


class _Sent(ASGIResponse):
    """What is left to do is to send it."""

    def __init__(self, whole: Answer, request: Request) -> None:
        self._whole, self._request = whole, request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._whole.send(send, self._request)


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
    """200 with the JSON of ``said``, or 304. A ``digest`` that tells it from any other answer spares making one.

    What no later event changes, as ``cache`` says, is kept for who asks again.
    """
    body = said if isinstance(said, bytes) else msgspec.json.encode(said)
    tag = tag_of((digest or body) + epoch)
    all_headers = {"etag": tag, "cache-control": cache, "vary": VARY, **(headers or {})}
    whole = Answer(body, 200, all_headers, media_type)
    if cache.endswith((PINNED, IMMUTABLE)):
        site_of(request).kept.put(request.scope, tag, whole, epoch)
    return Answer(b"", NOT_MODIFIED, all_headers, media_type) if has_already(request, tag) else whole


def has_already(request: Request, tag: str) -> bool:
    """Whether the caller has the answer with that tag."""
    return is_among(tag, request.given("if-none-match"))


def done(said: msgspec.Struct, status: int, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """The answer to a write; it is nobody's to keep."""
    return Answer(msgspec.json.encode(said), status, {"cache-control": "no-store", **(headers or {})})
