"""The application: the API's handlers joined to a database; how it starts and stops."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import asyncpg
from litestar import Litestar

import migrations
from service.api import metrics, problems, telling
from service.api.described import catalogue, document
from service.api.limiting import Limits
from service.api.quotas import Policy, Quotas
from service.api.site import Request, Site
from service.api.streams import Streams
from service.domain.refusals import Refusal
from service.processes import let_go_of_who_does_not_read, when_told_to_end
from service.settings import QUOTAS, Settings, from_environment
from service.store import ledgers
from service.store.log import Log
from service.store.pool import PATIENCE, UNAVAILABLE, Connection, Pool, open_pool
from service.store.wakeups import Wakeups
from service.telemetry import configure_logging, start_traces

if TYPE_CHECKING:
    from service.api.tokens import Tokens

__all__ = ["build", "create", "openapi_document"]
FORGET = 3600.0
"""Seconds between two rounds in which old idempotency keys are forgotten."""
NOTE = 60.0
"""Seconds between two rounds in which it is noted which keys were used: never while somebody waits."""
UNLIMITED = Limits(Quotas.alone(), None, None)
UNREAD = 45_000
"""Milliseconds for which a caller may take nothing of what was sent."""
RETRY = 1.0
"""Seconds until the database is tried again."""
logger = logging.getLogger(__name__)


def create() -> Litestar:
    """What a worker of the server runs; raises UnreadableSetting, and at its start UnsafeLogin."""
    settings = from_environment(os.environ)
    configure_logging(settings.log_level, settings.log_format)
    if settings.database_url is None:
        raise SystemExit("TARIH_DATABASE_URL is not set; `tarih serve` starts a database of its own")
    url = settings.database_url

    @asynccontextmanager
    async def open_log() -> AsyncIterator[Log]:
        # Requests end before the lifespan does, and those who follow never would by themselves.
        leave = partial(app.opt["site"].leave, at_once=settings.drain == 0)
        when_told_to_end(asyncio.get_running_loop(), leave)
        last_spans = start_traces(os.environ.get("OTEL_SERVICE_NAME") or "tarih") if settings.traces else None
        followed = followed_log(
            url,
            direct_url=settings.direct_url,
            allow_owner=settings.allow_owner,
            patience=settings.database_timeout,
            replica_urls=settings.replica_urls or (),
        )
        async with followed as log:
            jobs = _forget_keys(log), _note_uses(app.opt["site"]), _bound_readers()
            rounds = [asyncio.create_task(job) for job in jobs]
            try:
                yield log
            finally:
                for task in rounds:
                    task.cancel()
                await _note(app.opt["site"])
        if last_spans is not None:
            await asyncio.to_thread(last_spans)

    app = build(open_log, public_url=settings.public_url, limits=_limits(settings), tokens=_tokens(settings))
    return app


def _tokens(settings: Settings) -> "Tokens | None":
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    from service.api.tokens import Provider, Tokens  # brings cryptography, in megabytes, which keys do not need

    provider = Provider(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        jwks_url=settings.oidc_jwks_url,
        claim=settings.oidc_claim,
        scopes=settings.oidc_scopes or {},
    )
    return Tokens(provider)


def _limits(settings: Settings) -> Limits:
    """What the processes of one service share lies in a file that ``tarih serve`` makes anew."""
    file = settings.data_dir / QUOTAS
    quotas = Quotas.shared(file) if settings.workers > 1 and file.exists() else Quotas.alone()
    per_key, per_address = (
        None if rate is None else Policy(name, rate.requests, rate.seconds)
        for name, rate in zip(("key", "address"), settings.rates, strict=True)
    )
    return Limits(quotas, per_key, per_address, settings.trusted_proxies or (), settings.streams_per_caller)


@asynccontextmanager
async def followed_log(
    url: str,
    *,
    direct_url: str | None = None,
    size: int = 10,
    allow_owner: bool = False,
    patience: float = PATIENCE,
    replica_urls: Sequence[str] = (),
) -> AsyncIterator[Log]:
    """A log whose followers are woken, by whichever process records. It waits for a database that is away.

    With ``direct_url``, ``url`` is a pooler's in front of that.
    """
    opening = partial(
        open_pool,
        url,
        size=size,
        allow_owner=allow_owner,
        patience=patience,
        init=_renew_epochs,
        through_pooler=direct_url is not None,
    )
    pool = await _opened(opening)
    direct_url = direct_url or url
    wakeups = Wakeups(direct_url, pool, _renew_epochs)  # behind a pooler a server is exchanged unseen
    log = Log(pool, wakeups, patience)
    wakeups.start()
    if replica_urls:
        await log.follow_replicas(direct_url, replica_urls, size)
    try:
        yield log
    finally:
        await log.close()


async def _opened(open_: Callable[[], Awaitable[Pool]]) -> Pool:
    """A process that is started in the place of one that failed may come at a bad time."""
    while True:
        try:
            return await open_()
        except UNAVAILABLE as error:
            logger.warning("the database cannot be reached: %s", type(error).__name__)
            await asyncio.sleep(RETRY)


async def _renew_epochs(connection: Connection) -> None:
    """Whatever is connected to anew may be a server that took over from the one before, and lack its last events."""
    await ledgers.renew_epochs(connection)


async def _forget_keys(log: Log) -> None:
    while True:
        try:
            await log.forget_keys()
        except Refusal as refusal:
            logger.warning("old idempotency keys could not be forgotten: %s", refusal)
        await asyncio.sleep(FORGET)


async def _bound_readers() -> None:
    """The server opens its socket once the application has started."""
    for _ in range(100):
        await asyncio.sleep(0.05)
        if let_go_of_who_does_not_read(UNREAD):
            return


async def _note_uses(site: Site) -> None:
    while True:
        await asyncio.sleep(NOTE)
        await _note(site)


async def _note(site: Site) -> None:
    try:
        await site.gate.write_uses()
    except (Refusal, asyncpg.PostgresError) as error:
        logger.warning("it could not be noted which keys were used: %s", error)


def build(
    open_log: Callable[[], AbstractAsyncContextManager[Log]],
    *,
    public_url: str | None = None,
    limits: Limits = UNLIMITED,
    tokens: "Tokens | None" = None,
) -> Litestar:
    """The application over a log that is open while it runs."""
    streams = Streams(limits.streams)
    site = Site(openapi_document, public_url, migrations.head(), limits.opened, limits.caller_at, streams, tokens)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_log() as log:
            site.open(log)
            watching = asyncio.create_task(metrics.watch(site))
            try:
                yield
            finally:
                watching.cancel()
                site.close()

    app = Litestar(
        catalogue.HANDLERS,
        lifespan=[lifespan],
        request_class=Request,
        exception_handlers={Exception: problems.respond},  # type: ignore[dict-item]  # of our class all requests are
        request_max_body_size=problems.LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
        opt={"site": site},
    )
    answer = limits.in_front_of(site.kept.in_front_of(app.asgi_handler, site.still))
    app.asgi_handler = telling.around(answer, site)
    return app


def openapi_document() -> bytes:
    """The API's description, the same bytes every time."""
    return document.rendered()
