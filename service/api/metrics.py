"""Figures for those who run the service: what is looked at now and then, beside what is counted as it happens."""

import asyncio
import logging
import os
import time
from contextlib import suppress
from pathlib import Path

from litestar import HttpMethod, Response, route

from service import metrics
from service.api.refused import Unauthorized
from service.api.site import Request, Site, site_of
from service.domain.refusals import NotFound, Unavailable
from service.store import ledgers

logger = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks at what this process has."""
TICKS = 5
"""Of these until the database is looked at again."""
PATIENCE = 1.0
"""Seconds that it has to answer."""
_STATM = Path("/proc/self/statm")


@route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_metrics(request: Request) -> Response[bytes]:
    """For keys that administer the whole service; to any other key it looks absent. No ledger is named."""
    site = site_of(request)
    key = await site.gate.caller(request.given("authorization"))
    if key is None:
        raise Unauthorized("metrics need the key of an administrator: send `Authorization: Bearer tarih_…`")
    if not key.is_admin:
        raise NotFound("page", "there is nothing at this address")
    look_at(site)
    await look_at_database(site)
    body = await asyncio.to_thread(metrics.rendered)
    return Response(body, headers={"cache-control": "no-store"}, media_type=metrics.MEDIA_TYPE)


async def watch(site: Site) -> None:
    """Looks for ever, so that figures are fresh wherever they are asked for."""
    for tick in range(10**12):
        due = time.perf_counter() + TICK
        try:
            look_at(site)
            if tick % TICKS == 0:
                await look_at_database(site)
        except Exception:  # whatever it is, figures that stand still would tell of a time that is over
            logger.exception("the figures could not be brought up to date")
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        metrics.LOOP_SECONDS.observe(max(0.0, time.perf_counter() - due))


def look_at(site: Site) -> None:
    """What this process has at the moment."""
    log = site.log
    metrics.UP.set(1)
    metrics.REQUESTS_OPEN.set(site.answering)
    metrics.QUEUE_EVENTS.set(log.events_waiting)
    idle = log.pool.get_idle_size()
    metrics.POOL_IDLE.set(idle)
    metrics.POOL_USED.set(log.pool.get_size() - idle)
    metrics.POOL_MOST.set(log.pool.get_max_size())
    metrics.FOLLOWERS.set(site.streams.open)
    metrics.FOLLOWER_LAG.set(site.streams.furthest_behind)
    metrics.WATCHED.set(len(site.watches))
    metrics.CACHE_BYTES.labels("kept").set(site.kept.bytes)
    metrics.CACHE_BYTES.labels("cores").set(site.cores.bytes)
    if log.wakeups is not None:
        metrics.LISTENING.set(log.wakeups.listening)
    with suppress(OSError):  # only Linux tells there
        metrics.MEMORY.set(int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))


async def look_at_database(site: Site) -> None:
    log = site.log
    awaited = [] if log.wakeups is None else log.wakeups.awaited
    try:
        async with asyncio.timeout(PATIENCE), log.connection() as connection:
            standing = await ledgers.standing(connection)
            heads = await ledgers.positions(connection, awaited) if awaited else {}
    except (Unavailable, TimeoutError):
        metrics.DATABASE_UP.set(0)
        return
    metrics.DATABASE_UP.set(1)
    metrics.LEDGERS.set(standing.ledgers)
    metrics.POSITIONS.set(standing.positions)
    metrics.CLOCK_BEHIND.set(max(0.0, standing.clock_behind))
    heard = {} if log.wakeups is None else {name: log.wakeups.head(name) for name in heads}
    metrics.HEAD_LAG.set(max((head - heard[name] for name, head in heads.items() if heard[name]), default=0))
