"""Actors across relationships: one of them as of a point, who supplied it, and a search for actors."""

from typing import cast, get_args

import msgspec
from litestar import Response, route
from litestar.params import FromPath

from service import history
from service.api.across import METHODS, OF_A_LIST, actor_at, answered, listed, one
from service.api.canonical import moved
from service.api.parameters import AS_OF, Parameters
from service.api.relationships import pinned
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.api.timeline_questions import window_of
from service.domain.actors import Slug
from service.domain.folding import words_of
from service.domain.names import Kind
from service.domain.types import Label
from service.history import Merged
from service.projections import suppliers
from service.projections.actors import VERSION, ActorFilters
from service.projections.suppliers import Measure

OF_AN_ACTOR = (*AS_OF, "lang", "v")
OF_SUPPLIERS = ("from", "to", "rank", *OF_A_LIST)
OF_ACTORS = ("q", "kind", "part_of", *AS_OF, "lang", "limit", "cursor", "v")


@route("/v1/ledgers/{ledger:str}/actors/{actor_slug:str}", http_method=METHODS, status_code=200)
async def read_actor(request: Request, ledger: FromPath[str], actor_slug: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    slug = actor_at(actor_slug)
    parameters = Parameters(request, OF_AN_ACTOR)
    addressed = one(f"/v1/ledgers/{ledger}/actors/{slug}", VERSION, parameters)
    parameters.check()
    asked = addressed.asked
    try:
        said, at = await history.actor_at(site.log, ledger, slug, asked.when, asked.lang)
    except Merged as merged:
        return moved(request, f"/v1/ledgers/{ledger}/actors/{merged.relationship}")
    lang = "" if asked.lang == "en" else f"&lang={asked.lang}"
    all_ = f"{base_of(request)}/v1/ledgers/{ledger}/relationships?actor={slug}&{pinned(at)}{lang}"
    said = msgspec.structs.replace(said, all_relationships=all_)
    return await answered(request, passed, said, at, addressed)


@route("/v1/ledgers/{ledger:str}/actors/{actor_slug:str}/suppliers", http_method=METHODS, status_code=200)
async def read_suppliers(request: Request, ledger: FromPath[str], actor_slug: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    slug = actor_at(actor_slug)
    parameters = Parameters(request, OF_SUPPLIERS)
    window = window_of(parameters)
    by = cast(Measure, parameters.choice("rank", *get_args(Measure)) or "deliveries")
    given = {name: parameters.text(name) for name in ("from", "to", "rank")}
    path = f"/v1/ledgers/{ledger}/actors/{slug}/suppliers"
    addressed = await listed(request, path, suppliers.VERSION, parameters, given)
    parameters.check()
    try:
        found = await history.suppliers_of(site.log, ledger, slug, window, by, addressed.asked, addressed.page)
    except Merged as merged:
        return moved(request, f"/v1/ledgers/{ledger}/actors/{merged.relationship}/suppliers")
    return await answered(request, passed, found.said, found.at, addressed, found.after)


@route("/v1/ledgers/{ledger:str}/actors", http_method=METHODS, status_code=200)
async def list_actors(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    parameters = Parameters(request, OF_ACTORS)
    filters = ActorFilters(
        words=words_of(parameters.named("q", Label, "words to look for: 1 to 200 characters") or ""),
        kind=cast(Kind | None, parameters.choice("kind", *get_args(Kind))),
        part_of=parameters.named("part_of", Slug, "an actor's slug, such as pak"),
    )
    given = {name: parameters.text(name) for name in ("q", "kind", "part_of")}
    addressed = await listed(request, f"/v1/ledgers/{ledger}/actors", VERSION, parameters, given)
    parameters.check()
    found = await history.find_actors(site.log, ledger, addressed.asked, filters, addressed.page)
    return await answered(request, passed, found.said, found.at, addressed, found.after)
