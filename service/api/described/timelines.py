"""What the document says of timelines: their operations, and the parameters that only they have."""

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from service.api import feeds, timeline_questions, timelines
from service.api.cursors import LONGEST
from service.api.described.examples_of_timelines import name_of
from service.api.described.operation import MOVED, OF_LEDGER, UNCHANGED, VALIDATED, Form, Operation, Said
from service.api.problems import ANOTHER_EPOCH, BEYOND_HEAD, NOT_ACCEPTABLE
from service.domain.actors import Slug
from service.domain.types import Label
from service.domain.windows import Match
from service.feeds import CATALOGUE, Format
from service.projections.clusters import Bucket, GroupBy

_LEDGER = "/v1/ledgers/{ledger}"
_OWN = {
    name: f"timeline_{name}"
    for name in ("type", "actor", "platform", "tag", "from", "to", "match", "limit", "cursor", "certainty")
}
_OF_A_FEED = (
    *(
        f"feed_{name}" if name in ("limit", "min_precision") else _OWN.get(name, name)
        for name in timeline_questions.OF_A_FEED
    ),
    "If-None-Match",
)
"""Names of components, where another operation has a parameter of the same name that says something else."""
_PARAMETERS = (*(_OWN.get(name, name) for name in timeline_questions.OF_A_TIMELINE), "If-None-Match")
_HEADERS = (*VALIDATED, "Content-Location", "Link", "Tarih-Epoch", "Server-Timing")
_PAGES = (
    "A page has at most `limit` items; `next`, and `Link`, lead on. Every page stands at the same point, whatever is "
    "recorded meanwhile. A page for which much had to be passed over may hold fewer items, and still not be the last. "
    "With `bucket` clusters take the place of items; with `max_items` they do where there are more items."
)


_FORMS = tuple(Form(one.media_type, None if one.answer is None else name_of(one), shown=False) for one in CATALOGUE)
_BY_ACCEPT = (
    "\n\nIn another form by `Accept`, or at the address of that form: "
    + ", ".join(f"`timeline.{one.extension}`" for one in CATALOGUE)
    + "."
)


def _said(description: str, *headers: str) -> tuple[Said, ...]:
    all_headers = (*_HEADERS, *headers)
    shown = Said(description=description, schema="Timeline", headers=all_headers, example="Timeline", forms=_FORMS)
    return shown, UNCHANGED, MOVED


def _as(format_: Format, *, of_actor: bool) -> Operation:
    """A format at its own address."""
    relationship, actor = feeds.HANDLERS[format_.name]
    whose = "an actor" if of_actor else "a relationship"
    kind = "actors/{actor_slug}" if of_actor else "relationships/{relationship}"
    limit = f"\n\nUp to {format_.limit:,} claims, where `limit` does not say otherwise; it may be {feeds.MOST:,}. "
    more = "It has a place for the way to the next page." if format_.pages else "`Link` leads to the next page."
    shown = Said(
        description="A page.",
        schema=None if format_.answer is None else name_of(format_),
        media_type=format_.media_type,
        headers=(*_HEADERS, *(() if of_actor else ("Tarih-Revision",))),
        example=None if of_actor else name_of(format_),
    )
    return Operation(
        handler=actor if of_actor else relationship,
        path=f"{_LEDGER}/{kind}/timeline.{format_.extension}",
        id=f"get{'Actor' if of_actor else 'Relationship'}TimelineAs{format_.name.capitalize()}",
        tag="timelines",
        summary=f"The timeline of {whose} {format_.title}",
        description=format_.description + limit + more,
        parameters=_OF_A_FEED,
        answers=(shown, UNCHANGED, MOVED),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH),
    )


OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=timelines.read_timeline,
        path=_LEDGER + "/relationships/{relationship}/timeline",
        id="getRelationshipTimeline",
        tag="timelines",
        summary="The claims of a relationship in the order of their dates, as then known",
        description="Past, present and future of `valid_at`; each says how it stands then.\n\n" + _PAGES + _BY_ACCEPT,
        parameters=_PARAMETERS,
        answers=_said("A page.", "Tarih-Revision"),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH, NOT_ACCEPTABLE),
    ),
    Operation(
        handler=timelines.read_actor_timeline,
        path=_LEDGER + "/actors/{actor_slug}/timeline",
        id="getActorTimeline",
        tag="timelines",
        summary="The claims about an actor in the order of their dates, as then known",
        description="Every claim that it is a party to, or a unit that is part of it at `valid_at`; and what is said "
        "of the actor itself.\n\n" + _PAGES + _BY_ACCEPT,
        parameters=_PARAMETERS,
        answers=_said("A page."),
        problems=(*OF_LEDGER, BEYOND_HEAD, ANOTHER_EPOCH, NOT_ACCEPTABLE),
    ),
    *(_as(format_, of_actor=of_actor) for of_actor in (False, True) for format_ in CATALOGUE),
)


def _query(name: str, words: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": schema, "example": example}


def _one_of(choices: Any, **more: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(get_args(choices)), **more}


_SLUG = dict(msgspec.json.schema(Slug))
_DATE = {"type": "string", "maxLength": 200}
_PRECISION = {"type": "string", "enum": [*get_args(Bucket), timeline_questions.ANY]}
PARAMETERS: dict[str, Any] = {
    "actor_slug": {
        "name": "actor_slug",
        "in": "path",
        "required": True,
        "description": "The actor's slug. One that was merged into another is answered 308.",
        "schema": _SLUG,
        "example": "pak",
    },
    "timeline_certainty": _query(
        "certainty",
        "Only what is certainly so at `valid_at`; what is left out is counted, expectations too.",
        {"type": "string", "enum": ["certain"]},
        "certain",
    ),
    "timeline_from": _query("from", "Only what lies from the earliest bound of this date on: EDTF.", _DATE, "2021"),
    "timeline_to": _query("to", "Only what lies up to the latest bound of this date: EDTF.", _DATE, "2023-06~"),
    "timeline_match": _query(
        "match",
        "Whether what only possibly lies between `from` and `to` is told.",
        _one_of(Match, default="possible"),
        "certain",
    ),
    "timeline_type": _query(
        "type",
        f"Only claims of these types: names with commas between, at most {timeline_questions.MOST_TYPES}.",
        {"type": "string", "pattern": r"^[a-z][a-z0-9]*(-[a-z0-9]+)*(,[a-z][a-z0-9]*(-[a-z0-9]+)*)*$"},
        "delivery,order",
    ),
    "timeline_actor": _query("actor", "Only claims that this actor is a party to.", _SLUG, "baykar"),
    "timeline_platform": _query("platform", "Only claims about this platform.", _SLUG, "tb2"),
    "timeline_tag": _query("tag", "Only claims with this tag.", dict(msgspec.json.schema(Label)), "sipri"),
    "group_by": _query(
        "group_by",
        "Each item says which groups it is in, and the answer lists them with their counts; items keep their order.",
        _one_of(GroupBy),
        "type",
    ),
    "bucket": _query(
        "bucket",
        "Clusters of such periods in place of items; what is known less precisely stands in a cluster of its own "
        "precision. With `max_items`: the shortest period that is tried.",
        _one_of(Bucket),
        "year",
    ),
    "max_items": _query(
        "max_items",
        "At most so many items and clusters together: where there are more items, those that lie in one period "
        "become a cluster, of the shortest periods with which there are no more.",
        {"type": "integer", "minimum": 1, "maximum": timeline_questions.MOST},
        50,
    ),
    "timeline_limit": _query(
        "limit",
        "How many items at most; not with `bucket` or `max_items`.",
        {"type": "integer", "minimum": 1, "maximum": timeline_questions.MOST, "default": timeline_questions.LIMIT},
        20,
    ),
    "min_precision": _query(
        "min_precision",
        "Only claims whose date is known to one such period of the calendar or to a shorter one, of a state its start.",
        _PRECISION,
        "month",
    ),
    "feed_min_precision": _query(
        "min_precision",
        "Only claims whose date is known to one such period of the calendar or to a shorter one, of a state its start. "
        "Where nothing is said, `any`; in a calendar, `month`.",
        _PRECISION,
        "day",
    ),
    "feed_limit": _query(
        "limit", "How many claims at most.", {"type": "integer", "minimum": 1, "maximum": feeds.MOST}, 500
    ),
    "timeline_cursor": _query(
        "cursor",
        "Where the page begins: as `next` has it, with the same filters. It holds the points; give none beside it.",
        {"type": "string", "maxLength": LONGEST},
        "wD6pdmJgU2vo0iHOYLbDqA",
    ),
}
