"""A relationship as of a point: its state, with validators, and the one address that each has."""

import time

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api.answers import NOW, PINNED, answer, kept
from service.api.parameters import AS_OF, Parameters
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.actors import canonical_relationship
from service.domain.as_of import rfc3339
from service.domain.refusals import NotFound
from service.history import Standpoint
from service.projections import PROJECTIONS

STATE = PROJECTIONS["state"]


@route(
    "/v1/ledgers/{ledger:str}/relationships/{relationship:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
)
async def read_state(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.headers.getall("authorization", []), ledger)
    address = f"/v1/ledgers/{ledger}/relationships/{canonical(relationship)}"
    if not address.endswith(f"/{relationship}"):
        return moved(request, address)
    parameters = Parameters(request, [*AS_OF, "certainty", "lang"])
    when, lang = parameters.when(), parameters.language("lang")
    certain_only = parameters.choice("certainty", "certain") is not None
    parameters.check()
    begun = time.perf_counter()
    question, at = await history.ask(site.log, ledger, relationship, when, lang=lang, certain_only=certain_only)
    asked = time.perf_counter()
    body = msgspec.json.encode(STATE.fold(question))
    folded = time.perf_counter()
    filters = ("&certainty=certain" if certain_only else "") + (f"&lang={lang}" if lang != "en" else "")
    headers = {
        "tarih-revision": str(question.revision),
        "tarih-epoch": str(at.head.epoch),
        "content-location": f"{base_of(request)}{address}?{pinned(at)}{filters}",
        "server-timing": f"db;dur={(asked - begun) * 1000:.2f}, fold;dur={(folded - asked) * 1000:.2f}",
    }
    return answer(request, body, kept(passed, how_long(at)), epoch=at.head.epoch.bytes, headers=headers)


def canonical(relationship: str) -> str:
    """Raises NotFound for what can be no relationship's id."""
    try:
        return canonical_relationship(relationship)
    except ValueError as error:
        raise NotFound("relationship", f"this is no relationship's address: {error}") from None


def moved(request: Request, path: str) -> Response[bytes]:
    """To the address with the members in their order, whatever is asked of it."""
    query = request.scope["query_string"].decode("latin-1")
    location = f"{base_of(request)}{path}{'?' if query else ''}{query}"
    return Response(b"", status_code=308, headers={"location": location, "cache-control": "no-store"})


def pinned(at: Standpoint) -> str:
    """The points of an answer as parameters that give the same points whenever they are asked."""
    as_of = at.as_of
    reported = "" if as_of.reported is None else f"&reported_by={rfc3339(as_of.reported)[:10]}"
    return f"valid_at={rfc3339(as_of.valid)}&known_position={as_of.position}{reported}"


def how_long(at: Standpoint) -> str:
    return PINNED if at.as_of.pinned and at.as_of.final else NOW
