"""Why a claim reads differently at two points: events that did it, or time that passed; a new axis belongs here."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from service.domain import edtf
from service.domain.as_of import AsOf, rfc3339
from service.domain.claims import Claim, Recorded, Word, fold, seen
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.events import Fulfil, Reinstate, Retract, action_of
from service.projections.claim import ActionName, Position
from service.projections.expectations import window
from service.projections.lines import MOST_SOURCES, Answer, Instant, ShownSource, shown

Passing = Literal[
    "may-have-begun", "begun", "may-have-ended", "ended", "part-begun", "part-over", "due", "over", "projected"
]
Edge = tuple[Passing, int]


class EventCause(Answer, frozen=True, kw_only=True, tag_field="cause", tag="event"):
    """An event that one of the two points sees, and the other does not."""

    id: str
    claim: str
    action: ActionName
    position: Position
    recorded_at: Instant
    axis: Literal["known", "reported"]
    """It was recorded between the two; or both knew it, and only one stands on a day by which it was reported."""
    by: Literal["source", "curator"] | UnsetType = UNSET
    """Of a retraction: who took the claim back."""
    reason: str | UnsetType = UNSET
    sources: Annotated[tuple[ShownSource, ...], Meta(max_length=MOST_SOURCES)]


class TimeCause(Answer, frozen=True, kw_only=True, tag_field="cause", tag="time"):
    """Time that lies between the two points.

    What a claim tells of may have begun, has begun for certain, may have ended, has ended; a part of what is told of
    several dates has begun or is over; what was expected is due, or its time is over; or it was still to come when it
    was known (`projected`).
    """

    claim: str
    passing: Passing
    at: Instant
    axis: Literal["valid", "known"]


Cause = EventCause | TimeCause


class At:
    """A claim as one point sees it: the events that are visible there, and what they make of it."""

    def __init__(self, history: Sequence[Recorded], as_of: AsOf) -> None:
        known = [recorded for recorded in history if recorded.position <= as_of.position]
        self.as_of, self.known = as_of, bool(known)
        self.seen = seen(known, as_of.reported)
        folded = fold(known, as_of.reported)
        self.claim: Claim | None = next(iter(folded.claims.values()), None)
        self.retraction: Recorded | None = next(iter(folded.retracted.values()), None)


def causes_of(history: Sequence[Recorded], one: AsOf, other: AsOf) -> list[Cause]:
    """Why the claim with that history reads differently at two points, in whichever order; empty where it does not.

    Time first, by instant, then events, by position.
    """
    there, here = At(history, one), At(history, other)
    return [*_times(there, here), *_events(history, there, here)]


def _events(history: Sequence[Recorded], there: At, here: At) -> list[EventCause]:
    apart = {recorded.position for recorded in there.seen} ^ {recorded.position for recorded in here.seen}
    did = apart & {recorded.position for recorded in _that_matter(there, here)}
    return [event_cause(recorded, there.as_of, here.as_of) for recorded in history if recorded.position in did]


def event_cause(recorded: Recorded, one: AsOf, other: AsOf) -> EventCause:
    event = recorded.event
    between = recorded.position > min(one.position, other.position)
    reported_by = None if one.reported is None or other.reported is None else max(one.reported, other.reported)
    return EventCause(
        id=recorded.id,
        claim=recorded.claim,
        action=action_of(event),  # type: ignore[arg-type]  # the names are those of the actions
        position=recorded.position,
        recorded_at=rfc3339(recorded.recorded_at),
        axis="known" if between else "reported",
        by=event.by if isinstance(event, Retract) else UNSET,
        reason=event.reason or UNSET,
        sources=tuple(shown(event.sources, reported_by)[:MOST_SOURCES]),
    )


def _that_matter(one: At, other: At) -> Iterator[Recorded]:
    """Whatever is not among them was overtaken by one of them, or changed nothing."""
    contents = [None if at.claim is None else at.claim.content.position for at in (one, other)]
    for at, there in ((one, other), (other, one)):
        if at.claim is not None and contents[0] != contents[1]:
            yield at.claim.content
        if (at.retraction is None) != (there.retraction is None):
            yield from _last(at, Retract, Reinstate)
        if _fulfilled(at) != _fulfilled(there):
            yield from _last(at, Fulfil)
        said, elsewhere = _words(at), _words(there)
        changed = {w.position for publisher, w in said.items() if _action(elsewhere.get(publisher)) != w.action}
        yield from (recorded for recorded in at.seen if recorded.position in changed)


def _fulfilled(at: At) -> str | None:
    return None if at.claim is None else at.claim.fulfilled_by


def _words(at: At) -> dict[str, Word]:
    return {} if at.claim is None else {word.publisher: word for word in at.claim.words}


def _action(word: Word | None) -> str | None:
    return None if word is None else word.action


def _last(at: At, *kinds: type) -> list[Recorded]:
    return [recorded for recorded in at.seen if isinstance(recorded.event, kinds)][-1:]


def _times(one: At, other: At) -> list[TimeCause]:
    earlier, later = sorted((one.as_of.valid, other.as_of.valid))
    claims = {at.claim.content.position: at.claim for at in (one, other) if at.claim is not None}
    passed = {
        ("valid", edge)
        for claim in claims.values()
        for edge in (edges(claim) if _differs(claim, earlier, later) else parts(claim))
        if earlier < edge[1] <= later
    }
    for claim in claims.values():
        if claim.expectation:
            passed |= {("known", edge) for edge in _known_edges(claim, one.as_of, other.as_of)}
    by_instant = sorted(passed, key=lambda one: (one[1][1], one[1][0], one[0]))
    id_ = next(iter(claims.values())).id if claims else ""
    return [
        TimeCause(claim=id_, passing=passing, at=rfc3339(at), axis="valid" if axis == "valid" else "known")
        for axis, (passing, at) in by_instant
    ]


def _differs(claim: Claim, earlier: int, later: int) -> bool:
    """Whether it would read differently without any event between."""
    if claim.expectation:
        return True
    return edtf.certainty(claim.bounds, earlier) != edtf.certainty(claim.bounds, later)


def edges(claim: Claim) -> Iterator[Edge]:
    """From which instants on it reads differently by its dates alone."""
    if claim.expectation:
        earliest, latest = window(claim)
        found: Iterable[Edge] = (("due", earliest), ("over", FOREVER if latest == FOREVER else latest + 1))
    else:
        bounds = claim.bounds
        found = (
            *((("may-have-begun", bounds.starts_earliest),) if bounds.starts_earliest < bounds.starts_latest else ()),
            ("begun", bounds.starts_latest),
            *((("may-have-ended", bounds.ends_earliest),) if bounds.ends_earliest < bounds.ends_latest else ()),
            ("ended", bounds.ends_latest),
        )
    yield from (edge for edge in found if BEGINNING < edge[1] < FOREVER)


def parts(claim: Claim) -> Iterator[Edge]:
    """Of what is told of several dates, when each of them begins and is over."""
    if not claim.expectation:
        for member in claim.content.members:
            yield "part-begun", member.earliest
            yield "part-over", member.latest


def _known_edges(claim: Claim, one: AsOf, other: AsOf) -> Iterator[Edge]:
    """What hangs on the known time of an expectation: that its window is over, and that it is still to come."""
    knowns = sorted(at.known for at in (one, other) if at.known is not None)
    over = window(claim)[1]
    if len(knowns) == 2 and knowns[0] <= over < knowns[1]:
        yield "over", over + 1
    if one.projected != other.projected:
        yield "projected", next(at.known for at in (one, other) if at.projected and at.known is not None)
