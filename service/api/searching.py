"""Searching a ledger as of a point: its claims, and its relationships."""

from litestar import Response, route
from litestar.params import FromPath

from service import history
from service.api.across import METHODS, OF_A_LIST, answered, listed
from service.api.parameters import Parameters
from service.api.site import Request, site_of
from service.domain.actors import Slug
from service.domain.folding import words_of
from service.domain.types import Label, TypeName
from service.projections import relationships, searching
from service.projections.relationships import Wanted
from service.projections.searching import Sought

OF_CLAIMS = ("q", "type", "tag", "platform", "source", "actor", "relationship", *OF_A_LIST)
OF_RELATIONSHIPS = ("actor", "type", "platform", "holds", *OF_A_LIST)


@route("/v1/ledgers/{ledger:str}/claims", http_method=METHODS, status_code=200)
async def list_claims(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    parameters = Parameters(request, OF_CLAIMS)
    sought = Sought(
        words=words_of(parameters.named("q", Label, "words to look for: 1 to 200 characters") or ""),
        type=parameters.named("type", TypeName, "a type's name, such as acquisition"),
        tag=parameters.named("tag", Label, "a tag: 1 to 200 characters"),
        platform=parameters.named("platform", Slug, "a platform's slug, such as tb2"),
        source=parameters.named("source", Label, "a publisher: 1 to 200 characters"),
        actor=parameters.named("actor", Slug, "an actor's slug, such as tur"),
        relationship=parameters.relationship("relationship"),
    )
    given = {name: parameters.text(name) for name in OF_CLAIMS[:7]}
    addressed = await listed(request, f"/v1/ledgers/{ledger}/claims", searching.VERSION, parameters, given)
    parameters.check()
    found = await history.claims_found(site.log, ledger, sought, addressed.asked, addressed.page)
    return await answered(request, passed, found.said, found.at, addressed, found.after)


@route("/v1/ledgers/{ledger:str}/relationships", http_method=METHODS, status_code=200)
async def list_relationships(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    parameters = Parameters(request, OF_RELATIONSHIPS)
    wanted = Wanted(
        actor=parameters.named("actor", Slug, "an actor's slug, such as tur"),
        type=parameters.named("type", TypeName, "a type's name, such as acquisition"),
        platform=parameters.named("platform", Slug, "a platform's slug, such as tb2"),
        holds=parameters.named("holds", Slug, "a platform's slug, such as tb2"),
    )
    given = {name: parameters.text(name) for name in OF_RELATIONSHIPS[:4]}
    path = f"/v1/ledgers/{ledger}/relationships"
    addressed = await listed(request, path, relationships.VERSION, parameters, given)
    parameters.check()
    found = await history.relationships_found(site.log, ledger, wanted, addressed.asked, addressed.page)
    return await answered(request, passed, found.said, found.at, addressed, found.after)
