"""What every answer carries: request id, trace, origins that may read it; and HEAD, which has no body."""

import re
from functools import lru_cache
from uuid import NAMESPACE_URL, UUID, uuid5

from litestar.datastructures import MutableScopeHeaders
from litestar.types import HTTPScope, Message, Scope

from service.api.accounts import Account, account_of, asked_with
from service.api.quotas import VERDICT
from service.api.site import Request, site_of

_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?", re.ASCII)
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


def instance(scope: Scope) -> str:
    """The request id as a URN; an id that is no UUID gives a name-based one."""
    id_ = account_of(scope).id
    try:
        return UUID(id_).urn
    except ValueError:
        return uuid5(NAMESPACE_URL, f"request:{id_}").urn


def finish(message: Message, scope: HTTPScope, account: Account) -> None:
    """What every message of an answer gets before it is sent, the router's own refusals included."""
    if message["type"] == "http.response.start":
        account.status = message["status"]
        if scope["method"] == "OPTIONS":
            _preflight(MutableScopeHeaders.from_message(message), scope)
        message["headers"] = [*message.get("headers", ()), *_added(scope, account)]
    elif message["type"] == "http.response.body" and scope["method"] == "HEAD":
        message["body"] = b""


def _added(scope: HTTPScope, account: Account) -> list[tuple[bytes, bytes]]:
    added = [(b"x-request-id", account.id.encode()), _NOSNIFF]
    if account.traceparent:
        added.append((b"traceparent", account.traceparent.encode()))
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
    return f"{request.scope['scheme']}://{host}" if _is_host(host) else ""


@lru_cache(maxsize=8)  # few, as anyone may send any
def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


def _methods(scope: HTTPScope) -> list[str]:
    """All of a path's; Litestar's own answer to OPTIONS knows those of one handler."""
    template = scope.get("path_template")
    routes = scope["litestar_app"].routes
    return sorted({method for route in routes if route.path_format == template for method in route.methods})
