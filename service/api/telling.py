"""Around every request, whatever answers it: its id, its line in the log, its figures, its span."""

import logging
import time
from functools import cache
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from service import metrics, traces
from service.api.accounts import Account, route_of
from service.api.requests import finish
from service.api.site import Site
from service.domain.refusals import Refusal

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked by machines every few seconds; told of only where somebody looks for everything."""
FAILED = 500
_log = logging.getLogger("service.requests")


def around(app: ASGIApp, site: Site) -> ASGIApp:
    """``app``, with an account of each request."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        asked: HTTPScope = scope
        account = Account(asked)
        scope["tarih"] = account  # type: ignore[typeddict-unknown-key]
        # Each request has a task, and so a context, of its own.
        traces.request.set(account.id)
        traces.trace.set(account.trace)
        traces.ledger.set(None)

        async def sending(message: Message) -> None:
            finish(message, asked, account)
            await send(message)

        site.answering += 1
        try:
            if traces.tracer is None:
                await app(scope, receive, sending)
            else:
                with traces.served(_method(asked), account.traceparent) as end:
                    await app(scope, receive, sending)
                    end(_route(asked, account), account.status)
        except Exception as error:
            account.error = error
            raise
        finally:
            site.answering -= 1
            _tell(asked, account)

    return answer


def _method(scope: HTTPScope) -> str:
    """A method may be any word; a figure may not have any number of labels."""
    return scope["method"] if scope["method"] in METHODS else "other"


def _route(scope: HTTPScope, account: Account) -> str:
    return account.route or route_of(scope.get("path_template", ""))


@cache
def _counted(method: str, route: str, status: int) -> Any:
    return metrics.REQUESTS.labels(method, route or "none", str(status) if status else "none")


@cache
def _timed(route: str) -> Any:
    return metrics.REQUEST_SECONDS.labels(route or "none")


def _tell(scope: HTTPScope, account: Account) -> None:
    seconds = time.perf_counter() - account.began
    status, method, route = account.status, _method(scope), _route(scope, account)
    _counted(method, route, status).inc()
    if not account.lasting:
        _timed(route).observe(seconds)
    level = _level(account, route)
    if not _log.isEnabledFor(level):
        return
    fields: dict[str, Any] = {"method": method, "route": route, "status": status, "seconds": round(seconds, 6)}
    if (ledger := traces.ledger.get()) is not None:
        fields["ledger"] = ledger
    failed = account.error if level == logging.ERROR else None
    because = f": {account.error}" if account.error is not None and failed is None else ""
    what = f"{method} {route or '(no such address)'} {status or 'unanswered'} in {seconds * 1000:.1f} ms{because}"
    _log.log(level, what, exc_info=failed, extra={"fields": fields})


def _level(account: Account, route: str) -> int:
    """What the service could not do is an error or, where it may be able to later, a warning; the rest is news."""
    if isinstance(account.error, Refusal):
        return logging.WARNING
    if account.error is not None or account.status >= FAILED:
        return logging.ERROR
    return logging.DEBUG if route in QUIET else logging.INFO
