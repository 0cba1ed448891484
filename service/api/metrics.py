"""Figures for those who run the service, in Prometheus' text format; a new one is a line in ``_read``."""

from litestar import HttpMethod, Response, route
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest

from service.api.refused import Unauthorized
from service.api.site import Request, Site, site_of
from service.domain.refusals import NotFound
from service.store import ledgers

MEDIA_TYPE = "text/plain; version=0.0.4"


@route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_metrics(request: Request) -> Response[bytes]:
    """For keys that administer the whole service; to any other key it looks absent."""
    site = site_of(request)
    key = await site.gate.caller(request.headers.getall("authorization", []))
    if key is None:
        raise Unauthorized("metrics need the key of an administrator: send `Authorization: Bearer tarih_…`")
    if not key.is_admin:
        raise NotFound("page", "there is nothing at this address")
    return Response(generate_latest(await _read(site)), headers={"cache-control": "no-store"}, media_type=MEDIA_TYPE)


async def _read(site: Site) -> CollectorRegistry:
    """As the database tells them, so that every worker answers the same; no ledger is named."""
    registry = CollectorRegistry()
    behind = Gauge(
        "tarih_clock_behind_seconds",
        "How far the database's clock lies behind the last recorded instant of any ledger: it was set back.",
        registry=registry,
    )
    async with site.log.connection() as connection:
        behind.set(max(0.0, await ledgers.clock_behind(connection)))
    return registry
