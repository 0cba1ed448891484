"""What every answer carries: request id, trace, origins that may read it; and HEAD, which has no body."""

import re
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Message, Scope

from service.api.site import Request

_SANE = re.compile(r"[A-Za-z0-9._~:/+=-]{1,128}", re.ASCII)
_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?", re.ASCII)
_KEPT = "tarih.request_id"
EXPOSED = (
    "ETag, Link, Location, Content-Location, Memento-Datetime, Retry-After, Tarih-Epoch, Tarih-Revision, X-Request-Id"
)
ALLOWED = "Accept-Datetime, If-None-Match, Last-Event-ID"


def request_id(scope: Scope) -> str:
    """The caller's, if it is fit to be logged and sent back; else a new one."""
    state = scope["state"]
    if _KEPT not in state:
        given = Headers.from_scope(scope).get("x-request-id", "")
        state[_KEPT] = given if _SANE.fullmatch(given) else str(uuid4())
    kept: str = state[_KEPT]
    return kept


def instance(scope: Scope) -> str:
    """The request id as a URN; an id that is no UUID gives a name-based one."""
    id_ = request_id(scope)
    try:
        return UUID(id_).urn
    except ValueError:
        return uuid5(NAMESPACE_URL, f"request:{id_}").urn


async def finish(message: Message, scope: Scope) -> None:
    """Called by Litestar before each message of an answer is sent, the router's own refusals included."""
    if scope["type"] == ScopeType.WEBSOCKET:
        return
    if message["type"] == "http.response.start":
        _add_headers(MutableScopeHeaders.from_message(message), scope)
    elif message["type"] == "http.response.body" and scope["method"] == "HEAD":
        message["body"] = b""


def _add_headers(headers: MutableScopeHeaders, scope: HTTPScope) -> None:
    asked = Headers.from_scope(scope)
    headers["x-request-id"] = request_id(scope)
    headers["x-content-type-options"] = "nosniff"
    trace = asked.get("traceparent", "")
    if _TRACE.fullmatch(trace):
        headers["traceparent"] = trace
    if scope["method"] == "OPTIONS":
        if "allow" in headers:
            headers["allow"] = ", ".join(_methods(scope))
        headers["access-control-allow-methods"] = "GET, HEAD, OPTIONS"
        headers["access-control-allow-headers"] = ALLOWED
        headers["access-control-max-age"] = "86400"
    elif scope["method"] not in ("GET", "HEAD") or "authorization" in asked:
        return
    # Whoever asks without a key gets only what anyone may read.
    headers["access-control-allow-origin"] = "*"
    headers["access-control-expose-headers"] = EXPOSED


def base_of(request: Request) -> str:
    """Of absolute addresses, without a slash at its end."""
    public_url: str | None = request.app.state.site.public_url
    if public_url is not None:
        return public_url
    # What names no host is refused, and that refusal's own addresses are relative.
    return str(request.base_url).rstrip("/") if _HOST.fullmatch(request.headers.get("host", "")) else ""


def _methods(scope: HTTPScope) -> list[str]:
    """All of a path's; Litestar's own answer to OPTIONS knows those of one handler."""
    template = scope.get("path_template")
    routes = scope["litestar_app"].routes
    return sorted({method for route in routes if route.path_format == template for method in route.methods})
