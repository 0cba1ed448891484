"""One claim as of a point, and its history."""

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api.access import Pass
from service.api.answers import IMMUTABLE, answer, kept
from service.api.parameters import AS_OF, KNOWN_TIME, Parameters, known_id
from service.api.relationships import how_long, pinned
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.as_of import Point
from service.domain.refusals import NotFound
from service.history import Standpoint
from service.projections.claim import claim_history, claim_state
from service.store.reads import Retracted

VERSION = 1
"""Of what is told of claims; raised whenever the same question gets other bytes than before."""
ANY_DAY = Point(0, whole_day=False)
"""A history stands at no valid time."""


@route("/v1/ledgers/{ledger:str}/claims/{claim_id:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_claim(request: Request, ledger: FromPath[str], claim_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    parameters = Parameters(request, (*AS_OF, "v"))
    when, version = parameters.when(), parameters.text("v")
    parameters.check()
    found, at = await history.claim_at(site.log, ledger, known_id(claim_id, "claim"), when)
    if isinstance(found, Retracted):
        said = claim_state(found.claim, found.retraction, at.as_of)
    else:
        said = claim_state(found, None, at.as_of)
    return _answered(request, passed, said, at, f"/v1/ledgers/{ledger}/claims/{claim_id}?{pinned(at)}", version)


@route(
    "/v1/ledgers/{ledger:str}/claims/{claim_id:str}/history",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
)
async def read_claim_history(request: Request, ledger: FromPath[str], claim_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    parameters = Parameters(request, (*KNOWN_TIME, "v"))
    points, version = parameters.when(), parameters.text("v")
    parameters.check()
    when = msgspec.structs.replace(points, valid=ANY_DAY)
    stored, at = await history.claim_history(site.log, ledger, known_id(claim_id, "claim"), when)
    said = claim_history(claim_id, [one.recorded for one in stored], at.as_of)
    address = f"/v1/ledgers/{ledger}/claims/{claim_id}/history?known_position={at.as_of.position}"
    return _answered(request, passed, said, at, address, version)


def _answered(
    request: Request, passed: Pass, said: msgspec.Struct, at: Standpoint, address: str, version: str | None
) -> Response[bytes]:
    """With the address that repeats it; for ever, where that is what was asked."""
    current = f"{VERSION}.{at.head.epoch.hex[:8]}"
    if version is not None and version != current:
        raise NotFound("version", f"answers here are of version `{current}` now: leave `v` out, or give that")
    headers = {
        "tarih-epoch": str(at.head.epoch),
        "content-location": f"{base_of(request)}{address}&v={current}",
    }
    lasting = IMMUTABLE if version is not None and at.as_of.final else how_long(at)
    return answer(request, said, kept(passed, lasting), epoch=at.head.epoch.bytes, headers=headers)
