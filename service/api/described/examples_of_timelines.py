"""Examples of a timeline, in all its forms, and of an outline: what the same folds tell of the sample ledger."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.domain.actors import members_of
from service.domain.as_of import AsOf
from service.domain.claims import Recorded, fold
from service.domain.names import actors_of
from service.domain.reading import relationships_of
from service.domain.types import TYPES
from service.feeds import CATALOGUE, Addresses, Format, Frame
from service.feeds.page import page_of
from service.projections import Question, View
from service.projections.outline import Outlined, outline
from service.projections.picking import Filters
from service.projections.timeline import Layout, Subject, picked_of, timeline_of

ITEMS, POINTS = 3, 10


def answers(relationship: str, sample: Sequence[Recorded], as_of: AsOf) -> dict[str, Any]:
    """By name of component."""
    folded = fold(sample).claims
    claims = {id_: claim for id_, claim in folded.items() if relationship in relationships_of(claim.statement)}
    last = {recorded.claim: recorded for recorded in sample}
    question = Question(
        relationship=relationship,
        as_of=as_of,
        claims=list(claims.values()),
        actors=actors_of(folded.values()),
        fulfilments=folded,
        known=True,
        revision=sum(recorded.claim in claims for recorded in sample),
        types=TYPES,
    )
    outlined = Outlined(
        relationship=relationship,
        members=members_of(relationship),
        as_of=as_of,
        revision=question.revision,
        events=[recorded for recorded in sample if recorded.claim in claims],
        claims=list(claims.values()),
        actors=question.actors,
        types=TYPES,
        lang="en",
        most=POINTS,
    )
    subject, filters = Subject(slug=relationship), Filters()
    found: dict[str, Any] = {
        "Outline": outline(outlined),
        "Timeline": timeline_of(question, last, subject, filters, Layout(group_by="type"), ITEMS),
    }
    addresses = Addresses(base="", ledger="drones", subject=subject)
    picked = picked_of(question, last, filters, ITEMS)
    for format_ in CATALOGUE:
        page = page_of(View(question), picked, addresses, Layout(group_by=format_.group_by))
        itself = f"{addresses.of_subject}/timeline.{format_.extension}"
        frame = Frame(
            addresses=addresses,
            lang=page.lang,
            title=page.title,
            updated=page.updated,
            itself=itself,
            series=itself,
            timeline=f"{addresses.of_subject}/timeline",
            next=None,
        )
        whole = format_.whole(frame, bytes(format_.body(page)))
        found[name_of(format_)] = whole.decode() if format_.answer is None else msgspec.json.decode(whole)
    return found


def name_of(format_: Format) -> str:
    """Of its example, and of its component where it has one."""
    return format_.name if format_.answer is None else format_.answer.__name__
