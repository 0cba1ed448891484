"""Examples of a timeline and an outline: what the same folds tell of the sample ledger."""

from collections.abc import Sequence

import msgspec

from service.domain.actors import members_of
from service.domain.as_of import AsOf
from service.domain.claims import Recorded, fold
from service.domain.names import actors_of
from service.domain.reading import relationships_of
from service.domain.types import TYPES
from service.projections import Question
from service.projections.outline import Outlined, outline
from service.projections.picking import Filters
from service.projections.timeline import Layout, Subject, timeline_of

ITEMS, POINTS = 3, 10


def answers(relationship: str, sample: Sequence[Recorded], as_of: AsOf) -> dict[str, msgspec.Struct]:
    """By name of component."""
    folded = fold(sample).claims
    claims = {id_: claim for id_, claim in folded.items() if relationship in relationships_of(claim.statement)}
    # The last event on a claim is the last one that says so.
    updated = {recorded.claim: recorded.recorded_at for recorded in sample}
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
    layout = Layout(group_by="type")
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
    told = {"Outline": outline(outlined)}
    return told | {"Timeline": timeline_of(question, updated, Subject(slug=relationship), Filters(), layout, ITEMS)}
