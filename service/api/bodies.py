"""The bodies of requests: their media type, their text, their shape; every fault of shape is named."""

from typing import TypeVar

import msgspec

from service.api.refused import BadRequest, Entry, WrongMedia
from service.api.site import Request
from service.domain.refusals import Invalid
from service.domain.shape import shape_faults

T = TypeVar("T", bound=msgspec.Struct)


async def body_of(request: Request) -> bytes:
    """Well-formed JSON in UTF-8; raises WrongMedia and BadRequest. Litestar refuses what is too large."""
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise WrongMedia("the header `Content-Type` must be application/json")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise WrongMedia("a compressed body is not taken here")
    body = await request.body()
    try:
        body.decode()
        msgspec.json.decode(body, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadRequest([Entry(pointer="", code="malformed-json", detail=f"the body is not JSON: {detail}")]) from None
    return body


def read(body: bytes, shape: type[T]) -> T:
    """Raises Invalid with every fault of shape."""
    if faults := shape_faults(body, shape):
        raise Invalid(faults)
    return msgspec.json.decode(body, type=shape)
