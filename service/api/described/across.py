"""What the document says of questions across relationships: their operations, and the parameters only they have."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from service.api import actors, operators, searching
from service.api.across import LIMIT, MOST
from service.api.described.operation import OF_LEDGER, UNCHANGED, VALIDATED, Operation, Said
from service.api.problems import ANOTHER_EPOCH, BEYOND_HEAD, TOO_BROAD
from service.domain.actors import RelationshipId, Slug
from service.domain.names import Kind
from service.domain.types import Label, TypeName
from service.history.searching import LOOKED_AT, LOOKED_AT_IN_EVENTS
from service.projections.suppliers import Measure

_LEDGER = "/v1/ledgers/{ledger}"
_OWN = {"limit": "page_limit", "platform": "of_platform", "cursor": "timeline_cursor", "from": "timeline_from"}
_OWN |= {"to": "timeline_to"}
_SEARCHED = {name: f"searched_{name}" for name in ("q", "type", "tag", "platform", "source", "actor", "relationship")}
_RELATED = {name: f"related_{name}" for name in ("actor", "type", "platform")}
"""Names of components, where another operation has a parameter of the same name that says something else."""


def _named(parameters: Sequence[str], own: Mapping[str, str] | None = None) -> tuple[str, ...]:
    names = _OWN if own is None else {**_OWN, **own}
    return (*(names.get(name, name) for name in parameters), "If-None-Match")


def _answers(said: str, schema: str, *headers: str) -> tuple[Said, ...]:
    every = (*VALIDATED, "Content-Location", "Tarih-Epoch", "Tarih-Position", *headers)
    return Said(description=said, schema=schema, headers=every, example=schema), UNCHANGED


MOVED_ACTOR = Said(
    status=308, description="The actor was merged into another one by then; the query is kept.", headers=("Location",)
)
_LOOKED_AT = (
    "What had to be passed over takes its part of a page, so that one may hold fewer, and still not be the last."
)
OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=actors.read_actor,
        path=_LEDGER + "/actors/{actor_slug}",
        id="getActor",
        tag="across",
        summary="An actor as of a day and as then known",
        description="What it is called and is at `valid_at`, whom it is part of, who is part of it, and the first of "
        "the relationships that it is a member of. Any well-formed slug has an answer: `known` is false where no "
        "visible claim names it. `first` and `last` are of claims whatever became of them.",
        parameters=_named(actors.OF_AN_ACTOR),
        answers=(*_answers("The actor.", "ActorFound"), MOVED_ACTOR),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
    Operation(
        handler=actors.read_suppliers,
        path=_LEDGER + "/actors/{actor_slug}/suppliers",
        id="listSuppliers",
        tag="across",
        summary="Who supplied an actor within a window, ranked",
        description="By deliveries to the actor, or to a unit that is part of it at `valid_at`; the window is cut at "
        "`valid_at`. A delivery whose dates reach over an edge of the window is only possible, and of its count only "
        "the bounds are told: nine in {2022, 2023, 2024} are one to seven in 2023. Ranks go by what each has at "
        "least, then at most.",
        parameters=_named(actors.OF_SUPPLIERS),
        answers=(*_answers("A page of suppliers.", "Suppliers", "Link"), MOVED_ACTOR),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH, TOO_BROAD),
    ),
    Operation(
        handler=actors.list_actors,
        path=_LEDGER + "/actors",
        id="listActors",
        tag="across",
        summary="Actors that claims name, by slug",
        description="Those that a visible claim names. " + _LOOKED_AT,
        parameters=_named(actors.OF_ACTORS),
        answers=_answers("A page of actors.", "FoundActors", "Link"),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH),
    ),
    Operation(
        handler=searching.list_claims,
        path=_LEDGER + "/claims",
        id="listClaims",
        tag="across",
        summary="Search the claims of a ledger, as then known",
        description="Every visible claim that meets all filters, whatever its dates, the one whose content was "
        f"recorded last first. For one page at most {LOOKED_AT:,} contents are looked at, {LOOKED_AT_IN_EVENTS:,} with "
        "`reported_by`: of the relationship, else of the actor, else about the platform, else of the whole ledger. "
        + _LOOKED_AT,
        parameters=_named(searching.OF_CLAIMS, _SEARCHED),
        answers=_answers("A page of claims.", "ClaimsFound", "Link"),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH),
    ),
    Operation(
        handler=searching.list_relationships,
        path=_LEDGER + "/relationships",
        id="listRelationships",
        tag="across",
        summary="Search the relationships of a ledger, as then known",
        description="By id, those with a visible claim that meets all filters. " + _LOOKED_AT,
        parameters=_named(searching.OF_RELATIONSHIPS, _RELATED),
        answers=_answers("A page of relationships.", "Relationships", "Link"),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH, TOO_BROAD),
    ),
    Operation(
        handler=operators.list_operators,
        path=_LEDGER + "/operators",
        id="listOperators",
        tag="across",
        summary="Who holds a platform, across relationships",
        description="By slug, a line for each actor to which an acquisition, a delivery, an operation or an entry into "
        "service gives the platform; an order does not. A unit counts for the nearest state that it is part of at "
        "`valid_at`, without one for its topmost whole, and is named in the line. What a filter leaves out is counted "
        "by page, so that a page may hold fewer lines than its limit, and still not be the last.",
        parameters=_named(operators.OF_OPERATORS),
        answers=_answers("A page of operators.", "Operators", "Link"),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH, TOO_BROAD),
    ),
)


def _query(name: str, words: str, schema: dict[str, Any], example: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": schema, "example": example, **more}


_SLUG, _LABEL = dict(msgspec.json.schema(Slug)), dict(msgspec.json.schema(Label))
_TYPE = dict(msgspec.json.schema(TypeName))
PARAMETERS: dict[str, Any] = {
    "of_platform": _query("platform", "The platform's slug.", _SLUG, "tb2", required=True),
    "rank": _query(
        "rank",
        "What suppliers are ranked by.",
        {"type": "string", "enum": list(get_args(Measure)), "default": "deliveries"},
        "quantity",
    ),
    "q": _query("q", "Words, each of which is in some name: case and accents do not matter.", _LABEL, "turkiye"),
    "kind": _query("kind", "Only actors of this kind.", {"type": "string", "enum": list(get_args(Kind))}, "state"),
    "part_of": _query("part_of", "Only actors that are part of this one, directly.", _SLUG, "pak"),
    "searched_q": _query(
        "q",
        "Words, each of which is in the title, a translation of it, or the phrase; case and accents do not matter.",
        _LABEL,
        "akinci delivered",
    ),
    "searched_type": _query("type", "Only claims of this type.", _TYPE, "delivery"),
    "searched_tag": _query("tag", "Only claims with this tag.", _LABEL, "sipri"),
    "searched_platform": _query(
        "platform",
        "Only claims that are about this platform as such; what an agreement considers is not.",
        _SLUG,
        "tb2",
    ),
    "searched_source": _query(
        "source", "Only claims of this publisher; case and accents do not matter.", _LABEL, "SIPRI"
    ),
    "searched_actor": _query("actor", "Only claims that this actor is a party to.", _SLUG, "baykar"),
    "searched_relationship": _query(
        "relationship", "Only claims of this relationship.", dict(msgspec.json.schema(RelationshipId)), "pak--tur"
    ),
    "related_actor": _query("actor", "Only those that this actor is a member of.", _SLUG, "tur"),
    "related_type": _query(
        "type",
        "Only those with a claim of this type that is so at `valid_at`, or about something to come.",
        _TYPE,
        "agreement",
    ),
    "related_platform": _query(
        "platform",
        "Only those with a claim about this platform that is so at `valid_at`, or about something to come.",
        _SLUG,
        "tb2",
    ),
    "holds": _query("holds", "Only those of which a member holds this platform.", _SLUG, "tb2"),
    "page_limit": _query(
        "limit",
        "How many at most.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
        20,
    ),
}
