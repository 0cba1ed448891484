"""The bodies of requests: their media type, their text, their shape; every fault of shape is named."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar, cast

import msgspec
from litestar.types import HTTPReceiveMessage

from service.api.problems import LARGEST_BODY
from service.api.refused import BadRequest, Entry, WrongMedia
from service.api.site import Request, site_of
from service.domain.refusals import Invalid, TooLarge, TooSlow
from service.domain.shape import nfc, nul_faults, shape_faults

JSON = "application/json"
PATIENCE = 20.0
"""Seconds for which a caller may send nothing."""
SLOWEST_JSON, SLOWEST_LINES = 10_000, 100
"""Bytes a second that must come in on average, once that much time was spent waiting for them."""
T = TypeVar("T", bound=msgspec.Struct)


def media_type_of(request: Request, taken: Sequence[str] = (JSON,)) -> str:
    """One of those taken, of UTF-8; raises WrongMedia."""
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() not in taken or charset not in ("", "charset=utf-8"):
        raise WrongMedia(f"the header `Content-Type` must be {' or '.join(taken)}", taken)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise WrongMedia("a compressed body is not taken here", taken)
    return media_type.strip().lower()


async def chunks_of(request: Request, slowest: int) -> AsyncIterator[bytes]:
    """The body as it comes in; raises BadRequest where the caller leaves before its end, TooSlow where it stalls,
    Stopping where the service ends.

    Only time that is spent waiting for the caller counts.
    """
    streams = site_of(request).streams
    whole, received, more, waited = request.content_length or 0, 0, True, 0.0
    while more:
        begun = time.monotonic()
        try:
            async with streams.receiving(min(PATIENCE, PATIENCE + received / slowest - waited)):
                message = cast("HTTPReceiveMessage", await request.receive())
        except TimeoutError:
            raise TooSlow(
                f"of the body {received} bytes came in {waited + time.monotonic() - begun:.0f} s; it may pause for "
                f"{PATIENCE:.0f} s, and must bring {slowest:,} bytes a second"
            ) from None
        waited += time.monotonic() - begun
        if message["type"] == "http.disconnect":
            whole = received + 1
            break
        received += len(message["body"])
        more = message["more_body"]
        yield message["body"]
    if received < whole:
        detail = f"the body ended after {received} bytes, before it was whole"
        raise BadRequest([Entry(pointer="", code="cut-off", detail=detail)])


async def body_of(request: Request) -> bytes:
    """Well-formed JSON in UTF-8; raises WrongMedia, BadRequest, TooLarge."""
    media_type_of(request)
    return await json_of(request)


async def json_of(request: Request) -> bytes:
    """The body, which is well-formed JSON; raises BadRequest, TooLarge."""
    chunks: list[bytes] = []
    size = 0
    if (request.content_length or 0) > LARGEST_BODY:
        raise _too_large()
    async for chunk in chunks_of(request, SLOWEST_JSON):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise _too_large()
    body = b"".join(chunks)
    try:
        body.decode()
        msgspec.json.decode(body, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadRequest([Entry(pointer="", code="malformed-json", detail=f"the body is not JSON: {detail}")]) from None
    return body


def _too_large() -> TooLarge:
    return TooLarge(f"a body of JSON has at most {LARGEST_BODY:,} bytes")


def read(body: bytes, shape: type[T]) -> T:
    """What is not events; its text in Unicode's form C. Raises Invalid with every fault of shape."""
    body = nfc(body)
    if faults := shape_faults(body, shape) or nul_faults(body):
        raise Invalid(faults)
    return msgspec.json.decode(body, type=shape)
