"""What every answer carries: request id, trace, origins that may read it; and HEAD, which has no body."""

import re
from uuid import NAMESPACE_URL, UUID, uuid5

import uuid_utils
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Message, Scope

from service.api.quotas import VERDICT
from service.api.site import Request, site_of

_SANE = re.compile(r"[A-Za-z0-9._~:/+=-]{1,128}", re.ASCII)
_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?", re.ASCII)
_KEPT = "tarih.request_id"
EXPOSED = (
    "ETag, Link, Location, Content-Location, Memento-Datetime, Retry-After, Tarih-Epoch, Tarih-Position, "
    "Tarih-Revision, RateLimit, RateLimit-Policy, X-Request-Id"
)
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_UNFRAMED = (
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
)
"""Whatever else a policy says; only what is made to be framed may be."""
FRAMED = "/embed/"
_FOR_ANY_ORIGIN = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
)
ALLOWED = "Accept-Datetime, If-None-Match, Last-Event-ID"


def request_id(scope: Scope) -> str:
    """The caller's, if it is fit to be logged and sent back; else a new one."""
    state = scope["state"]
    if _KEPT not in state:
        given = asked_with(scope, b"x-request-id")
        state[_KEPT] = given if _SANE.fullmatch(given) else str(uuid_utils.uuid4())
    kept: str = state[_KEPT]
    return kept


def asked_with(scope: Scope, name: bytes) -> str:
    """The first header of that name, in lower case; empty where there is none.

    Read off the scope as it is: Litestar's own view of the headers is made anew for each that asks.
    """
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


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
        if scope["method"] == "OPTIONS":
            _preflight(MutableScopeHeaders.from_message(message), scope)
        message["headers"] = [*message.get("headers", ()), *_added(scope)]
    elif message["type"] == "http.response.body" and scope["method"] == "HEAD":
        message["body"] = b""


def _added(scope: HTTPScope) -> list[tuple[bytes, bytes]]:
    added = [(b"x-request-id", request_id(scope).encode()), _NOSNIFF]
    if (trace := asked_with(scope, b"traceparent")) and _TRACE.fullmatch(trace):
        added.append((b"traceparent", trace.encode()))
    if (verdict := scope["state"].get(VERDICT)) is not None:
        added += verdict.headers
    if not scope["path"].startswith(FRAMED):
        added += _UNFRAMED
    method = scope["method"]
    # Whoever asks without a key gets only what anyone may read.
    if method == "OPTIONS" or (method in ("GET", "HEAD") and not asked_with(scope, b"authorization")):
        added += _FOR_ANY_ORIGIN
    return added


def _preflight(headers: MutableScopeHeaders, scope: HTTPScope) -> None:
    if "allow" in headers:
        headers["allow"] = ", ".join(_methods(scope))
    headers["access-control-allow-methods"] = "GET, HEAD, OPTIONS"
    headers["access-control-allow-headers"] = ALLOWED
    headers["access-control-max-age"] = "86400"


def base_of(request: Request) -> str:
    """Of absolute addresses, without a slash at its end."""
    if (public_url := site_of(request).public_url) is not None:
        return public_url
    # What names no host is refused, and that refusal's own addresses are relative.
    host = asked_with(request.scope, b"host")
    return f"{request.scope['scheme']}://{host}" if _HOST.fullmatch(host) else ""


def _methods(scope: HTTPScope) -> list[str]:
    """All of a path's; Litestar's own answer to OPTIONS knows those of one handler."""
    template = scope.get("path_template")
    routes = scope["litestar_app"].routes
    return sorted({method for route in routes if route.path_format == template for method in route.methods})
