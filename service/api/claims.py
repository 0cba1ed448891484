"""One claim as of a point, and its history."""

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api.answers import answer, kept
from service.api.parameters import AS_OF, KNOWN_TIME, Parameters, known_id
from service.api.relationships import how_long
from service.api.site import Request, site_of
from service.domain.as_of import Point
from service.history import When
from service.projections.claim import claim_history, claim_state
from service.store.reads import Retracted

ANY_DAY = Point(0, whole_day=False)
"""A history stands at no valid time."""


@route("/v1/ledgers/{ledger:str}/claims/{claim_id:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_claim(request: Request, ledger: FromPath[str], claim_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.headers.getall("authorization", []), ledger)
    parameters = Parameters(request, AS_OF)
    when = parameters.when()
    parameters.check()
    found, at = await history.claim_at(site.log, ledger, known_id(claim_id, "claim"), when)
    if isinstance(found, Retracted):
        said = claim_state(found.claim, found.retraction, at.as_of)
    else:
        said = claim_state(found, None, at.as_of)
    headers = {"tarih-epoch": str(at.head.epoch)}
    return answer(request, said, kept(passed, how_long(at)), epoch=at.head.epoch.bytes, headers=headers)


@route(
    "/v1/ledgers/{ledger:str}/claims/{claim_id:str}/history",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
)
async def read_claim_history(request: Request, ledger: FromPath[str], claim_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.headers.getall("authorization", []), ledger)
    parameters = Parameters(request, KNOWN_TIME)
    points = parameters.when()
    parameters.check()
    when = When(valid=ANY_DAY, known=points.known, position=points.position)
    stored, at = await history.claim_history(site.log, ledger, known_id(claim_id, "claim"), when)
    said = claim_history(claim_id, [one.recorded for one in stored], at.as_of)
    headers = {"tarih-epoch": str(at.head.epoch)}
    return answer(request, said, kept(passed, how_long(at)), epoch=at.head.epoch.bytes, headers=headers)
