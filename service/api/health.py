"""Whether the process lives, and whether it is ready to answer."""

import asyncio

import msgspec
from litestar import HttpMethod, Response, route

from service.api.answers import JSON
from service.api.site import Request, Site, site_of
from service.domain.refusals import Unavailable
from service.store.readers import Reader

PATIENCE = 1.0
"""Seconds that the database has to answer."""
_REVISION = "SELECT max(version_num) FROM tarih.alembic_version"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`pass`; `warn` where only reads are answered."""

    status: str


@route("/health/live", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def live(request: Request) -> Response[bytes]:
    return _health("pass")


@route("/health/ready", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def ready(request: Request) -> Response[bytes]:
    """A warning where only replicas answer: reads go on, and what is sent to be recorded is refused for now."""
    site = site_of(request)
    if not site.is_open or site.leaving:
        raise Unavailable("shutting down")
    try:
        await _check(site, site.log)
    except Unavailable:
        if site.log.replicas is None:
            raise
        await site.log.consult(lambda reader: _check(site, reader))
        return _health("warn")
    return _health("pass")


async def _check(site: Site, reader: Reader) -> None:
    """Raises Unavailable."""
    try:
        async with asyncio.timeout(PATIENCE), reader.connection() as connection:
            revision = await connection.fetchval(_REVISION)
    except TimeoutError:
        raise Unavailable("the database did not answer in time") from None
    if site.revision is not None and (revision or "") < site.revision:
        raise Unavailable(f"the database is at revision {revision}, not {site.revision}")


def _health(status: str) -> Response[bytes]:
    body = msgspec.json.encode(Health(status=status))
    return Response(body, headers={"cache-control": "no-store"}, media_type=JSON)
