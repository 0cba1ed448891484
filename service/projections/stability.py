"""The point that an answer stands on, and how far around it the answer stays as it is."""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET, UnsetType, field

from service.domain.as_of import AsOf, rfc3339
from service.domain.edtf import BEGINNING, FOREVER
from service.projections.edges import bounds_edges, edges_of
from service.projections.facts import ACTORS, Facts
from service.projections.lines import Answer, Instant, Total
from service.projections.tongue import Tongue
from service.projections.view import View

Extent = tuple[int, int]
"""From an instant, and until one, in µs."""


class Stable(Answer, frozen=True, kw_only=True):
    """Half-open: moving `valid_at` within it changes nothing else. An end that is absent is unbounded."""

    from_: Instant | UnsetType = field(default=UNSET, name="from")
    until: Instant | UnsetType = UNSET


class KnownStable(Answer, frozen=True, kw_only=True):
    """From which position through this one the same question at the same `valid_at` has had this answer."""

    from_: Total = field(name="from")
    through: Total


class StandsOn(Answer, frozen=True, kw_only=True):
    """The point an answer stands on, resolved."""

    valid_at: Instant
    known_at: Instant | UnsetType = UNSET
    """Absent before the ledger knew anything."""
    position: Total
    revision: Total
    reported_by: Instant | UnsetType = UNSET
    final: bool
    """Nothing recorded later can change the answer at this address."""
    projected: bool
    """The valid time lies after the known one."""
    valid_stable: Stable
    known_stable: KnownStable


NOWHERE: Final = StandsOn(
    valid_at="", position=0, revision=0, final=False, projected=False, valid_stable=Stable(),
    known_stable=KnownStable(from_=0, through=0),
)  # fmt: skip
"""In the place of a point that is not known yet."""


def stands_on(as_of: AsOf, revision: int, since: int, extent: Extent) -> StandsOn:
    """``since`` is the end of the last batch that bears on the answer; ``extent`` is what ``extent_of`` says."""
    earlier, later = extent
    if as_of.known is not None and as_of.known < as_of.valid:  # what lies after the known time is projected
        earlier = max(earlier, as_of.known + 1)
    elif as_of.known is not None:
        later = min(later, as_of.known + 1)
    return StandsOn(
        valid_at=rfc3339(as_of.valid),
        known_at=UNSET if as_of.known is None else rfc3339(as_of.known),
        position=as_of.position,
        revision=revision,
        reported_by=UNSET if as_of.reported is None else rfc3339(as_of.reported),
        final=as_of.final,
        projected=as_of.projected,
        valid_stable=Stable(
            from_=UNSET if earlier == BEGINNING else rfc3339(earlier),
            until=UNSET if later == FOREVER else rfc3339(later),
        ),
        known_stable=KnownStable(from_=since, through=as_of.position),
    )


def standpoint_of(view: View) -> StandsOn:
    question = view.question
    return stands_on(question.as_of, question.revision, question.since, extent_of(view))


def extent_of(view: View) -> Extent:
    """Between which valid times the answer stays as it is, as long as it remains projected or not."""
    return view.once(_extent)


def _extent(view: View) -> Extent:
    question, at = view.question, view.at
    always, named = view.facts.once(_edges_of_names, view.tongue, view.members)
    edges = [*question.edges, *always]
    for bits, own in named:
        if bits & view.bits:
            edges += own
    for claim in view.expected:
        for party in claim.statement.parties:
            edges += view.tongue.edges_of(party.actor)
    for claim in question.claims:
        edges += edges_of(claim.bounds, claim.content.members, expectation=claim.expectation)
        by = None if claim.fulfilled_by is None else question.fulfilments.get(claim.fulfilled_by)
        if by is not None:
            edges += bounds_edges(by.bounds)
    return max([edge for edge in edges if edge <= at]), min([edge for edge in edges if edge > at])


def _edges_of_names(
    facts: Facts, tongue: Tongue, members: Sequence[str]
) -> tuple[Sequence[int], Sequence[tuple[int, Sequence[int]]]]:
    """Of the members; and of whom facts name, with the sets of the facts that do, where there are any."""
    named = [(bits, edges) for slug, bits in facts.by(ACTORS).items() if (edges := tongue.edges_of(slug))]
    return [edge for member in members for edge in tongue.edges_of(member)], named
