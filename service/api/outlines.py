"""What can be asked of a relationship: change points of its axes of time, and what its claims are of."""

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api.answers import IMMUTABLE, answer, kept
from service.api.canonical import address_of, canonical, moved
from service.api.parameters import KNOWN_TIME, Parameters
from service.api.relationships import how_long, pinned
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.refusals import NotFound
from service.history import Merged
from service.projections.outline import MOST_POINTS, VERSION

POINTS = 500
"""Of each axis, where nothing is said."""
OF_AN_OUTLINE = ("valid_at", *KNOWN_TIME, "max_points", "lang", "v")


@route(
    "/v1/ledgers/{ledger:str}/relationships/{relationship:str}/outline",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
)
async def read_outline(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    right = canonical(relationship)
    if right != relationship:
        return moved(request, _address(ledger, right))
    parameters = Parameters(request, OF_AN_OUTLINE)
    when = parameters.when()
    given = parameters.number("max_points", MOST_POINTS)
    lang, version = parameters.language("lang"), parameters.text("v")
    parameters.check()
    try:
        answered = await history.outline_as_of(site.log, site.cores, ledger, right, when, lang, given or POINTS)
    except Merged as merged:
        return moved(request, _address(ledger, merged.relationship))
    at = answered.at
    current = f"{VERSION}.{at.head.epoch.hex[:8]}"
    if version is not None and version != current:
        raise NotFound("version", f"answers here are of version `{current}` now: leave `v` out, or give that")
    filters = ("" if given is None else f"&max_points={given}") + ("" if lang == "en" else f"&lang={lang}")
    headers = {
        "tarih-revision": str(at.revision),
        "tarih-epoch": str(at.head.epoch),
        "content-location": f"{base_of(request)}{_address(ledger, right)}?{pinned(at)}{filters}&v={current}",
        "server-timing": f"db;dur={answered.asking * 1000:.2f}, fold;dur={answered.folding * 1000:.2f}",
    }
    cache = kept(passed, IMMUTABLE if version is not None and at.as_of.final else how_long(at))
    epoch = at.head.epoch.bytes
    return answer(request, answered.body, cache, epoch=epoch, digest=answered.digest, headers=headers)


def _address(ledger: str, relationship: str) -> str:
    return f"{address_of(ledger, relationship)}/outline"
