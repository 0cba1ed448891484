"""Between which instants an answer stays as it is, whatever valid time is asked for."""

from collections.abc import Iterator

from msgspec import UNSET, UnsetType, field

from service.domain.as_of import rfc3339
from service.domain.edtf import BEGINNING, FOREVER, Bounds
from service.projections.expectations import window
from service.projections.lines import Answer, Instant
from service.projections.view import View


class Stable(Answer, frozen=True, kw_only=True):
    """Half-open: moving `valid_at` within it changes nothing else. An end that is absent is unbounded."""

    from_: Instant | UnsetType = field(default=UNSET, name="from")
    until: Instant | UnsetType = UNSET


def stable(view: View) -> Stable:
    earlier, later = BEGINNING, FOREVER
    for instant in _changes(view):
        if instant > view.at:
            later = min(later, instant)
        else:
            earlier = max(earlier, instant)
    return Stable(
        from_=UNSET if earlier == BEGINNING else rfc3339(earlier), until=UNSET if later == FOREVER else rfc3339(later)
    )


def _changes(view: View) -> Iterator[int]:
    """Every instant from which on something may be otherwise."""
    question = view.question
    if question.as_of.known is not None:
        yield question.as_of.known + 1
    for claim in question.claims:
        if claim.expectation:
            earliest, latest = window(claim)
            yield earliest
            yield FOREVER if latest == FOREVER else latest + 1
            by = None if claim.fulfilled_by is None else question.fulfilments.get(claim.fulfilled_by)
            if by is not None:
                yield from _bounds(by.bounds)
        else:
            yield from _bounds(claim.bounds)
            for member in claim.content.members:
                yield member.earliest
                yield member.latest
    for bounds in question.actors.bounds_of(_named(view)):
        yield from _bounds(bounds)


def _bounds(bounds: Bounds) -> tuple[int, int, int, int]:
    return bounds.starts_earliest, bounds.starts_latest, bounds.ends_earliest, bounds.ends_latest


def _named(view: View) -> Iterator[str]:
    """Actors whose names and parts the answer shows or hangs on."""
    yield from view.members
    for claim in (*view.expected, *(present.claim for present in view.present)):
        yield from (party.actor for party in claim.statement.parties)
    for present in view.present:
        if (host := getattr(present.data, "host", None)) is not None:
            yield host
