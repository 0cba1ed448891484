"""The point that an answer stands on, and how far around it the answer stays as it is."""

from collections.abc import Iterator, Sequence

from msgspec import UNSET, UnsetType, field

from service.domain.as_of import AsOf, rfc3339
from service.domain.edtf import BEGINNING, FOREVER, Bounds, Span
from service.projections.expectations import window_of
from service.projections.lines import Answer, Instant, Total
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
    if view.extent is not None:
        return view.extent
    earlier, later = view.question.edges
    for instant in _changes(view):
        if instant > view.at:
            later = min(later, instant)
        else:
            earlier = max(earlier, instant)
    view.extent = earlier, later
    return view.extent


def _changes(view: View) -> Iterator[int]:
    """Every instant from which on something may be otherwise."""
    question = view.question
    for claim in question.claims:
        yield from edges_of(claim.bounds, claim.content.members, expectation=claim.expectation)
        by = None if claim.fulfilled_by is None else question.fulfilments.get(claim.fulfilled_by)
        if by is not None:
            yield from bounds_edges(by.bounds)
    for bounds in question.actors.bounds_of(set(_named(view))):
        yield from bounds_edges(bounds)


def edges_of(bounds: Bounds, members: Sequence[Span], *, expectation: bool) -> Iterator[int]:
    """Every instant from which on a claim with these dates may say something else."""
    if expectation:
        earliest, latest = window_of(bounds)
        yield earliest
        yield FOREVER if latest == FOREVER else latest + 1
        return
    yield from bounds_edges(bounds)
    for member in members:
        yield member.earliest
        yield member.latest


def bounds_edges(bounds: Bounds) -> tuple[int, int, int, int]:
    # What may have ended before it must have begun is gone from its end on: then nothing changes any more.
    starts_latest = min(bounds.starts_latest, bounds.ends_latest)
    return bounds.starts_earliest, starts_latest, bounds.ends_earliest, bounds.ends_latest


def _named(view: View) -> Iterator[str]:
    """Actors whose names and parts the answer shows or hangs on."""
    yield from view.members
    for claim in (*view.expected, *(present.claim for present in view.present)):
        yield from (actor for actor, _ in view.named(claim.statement))
    for present in view.present:
        if (host := getattr(present.data, "host", None)) is not None:
            yield view.question.actors.survivor(host)
