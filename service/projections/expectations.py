"""What was expected, and what has become of it."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from service.domain import edtf
from service.domain.as_of import AsOf
from service.domain.claims import Claim, Standing
from service.domain.events import OfficialStatus
from service.projections.edges import window_of
from service.projections.lines import (
    MOST_CLAIMS,
    MOST_SOURCES,
    Answer,
    Certainty,
    Dated,
    NamedParty,
    ShownSource,
    Total,
    dated,
    shown,
)
from service.projections.view import View

Status = Literal["upcoming", "due", "fulfilled", "lapsed"]


class Fulfilment(Answer, frozen=True, kw_only=True):
    """The claim that fulfilled it, which is so at that point."""

    claim: str
    certainty: Certainty


class ExpectationLine(Answer, frozen=True, kw_only=True):
    """Something that was to come in a window of time; it never counts as having happened."""

    type: str
    title: str | UnsetType = UNSET
    status: Status
    projected: bool = False
    """The valid time lies after the known one: nobody could know yet."""
    window: Dated
    fulfilled_by: Fulfilment | UnsetType = UNSET
    standing: Standing
    official_status: OfficialStatus | UnsetType = UNSET
    parties: tuple[NamedParty, ...]
    claims: Annotated[tuple[str, ...], Meta(max_length=MOST_CLAIMS)]
    claims_total: Total
    sources: Annotated[tuple[ShownSource, ...], Meta(max_length=MOST_SOURCES)]


def window(claim: Claim) -> tuple[int, int]:
    """Its first and its last microsecond."""
    return window_of(claim.bounds)


def expectation(view: View, claim: Claim) -> ExpectationLine:
    statement = claim.statement
    fulfilment = fulfilment_of(view, claim)
    earliest, latest = window(claim)
    return ExpectationLine(
        type=statement.type,
        title=view.tongue.title(statement),
        status="fulfilled" if fulfilment else status(view.question.as_of, earliest, latest),
        projected=view.question.as_of.projected,
        window=dated(statement.occurred, earliest, latest),
        fulfilled_by=fulfilment or UNSET,
        standing=claim.standing,
        official_status=statement.official_status or UNSET,
        parties=view.parties(statement),
        claims=(claim.id,),
        claims_total=1,
        sources=tuple(dict.fromkeys(shown(statement.sources, view.question.as_of.reported)))[:MOST_SOURCES],
    )


def status(as_of: AsOf, earliest: int, latest: int) -> Status:
    """Of one that nothing has fulfilled by then, by the edges of its window."""
    if as_of.valid < earliest:
        return "upcoming"
    if as_of.valid <= latest:
        return "due"
    return "lapsed" if as_of.known is not None and as_of.known > latest else "upcoming"


def fulfilment_of(view: View, claim: Claim) -> Fulfilment | None:
    by = None if claim.fulfilled_by is None else view.question.fulfilments.get(claim.fulfilled_by)
    certainty = None if by is None else edtf.certainty(by.bounds, view.at)
    return None if by is None or certainty is None else Fulfilment(claim=by.id, certainty=certainty)
