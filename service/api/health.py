"""Whether the process lives, and whether it is ready to answer."""

import asyncio

import msgspec
from litestar import HttpMethod, Response, route

from service.api.answers import JSON
from service.api.site import Request, Site, site_of
from service.domain.refusals import Unavailable

PATIENCE = 1.0
"""Seconds that the database has to answer."""
_REVISION = "SELECT max(version_num) FROM tarih.alembic_version"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`pass`, or why not."""

    status: str


@route("/health/live", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def live(request: Request) -> Response[bytes]:
    return _health("pass")


@route("/health/ready", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def ready(request: Request) -> Response[bytes]:
    await _check(site_of(request))
    return _health("pass")


async def _check(site: Site) -> None:
    """Raises Unavailable."""
    if not site.is_open or site.leaving:
        raise Unavailable("shutting down")
    try:
        async with asyncio.timeout(PATIENCE), site.log.connection() as connection:
            revision = await connection.fetchval(_REVISION)
    except TimeoutError:
        raise Unavailable("the database did not answer in time") from None
    if site.revision is not None and (revision or "") < site.revision:
        raise Unavailable(f"the database is at revision {revision}, not {site.revision}")


def _health(status: str) -> Response[bytes]:
    body = msgspec.json.encode(Health(status=status))
    return Response(body, headers={"cache-control": "no-store"}, media_type=JSON)
