"""What an export of a register adds to a claim, so that every reported day answers as that day's exports told; pure.

Exports may come in any order: the same two in either order leave the same answers for every reported day. What an
export repeats is not recorded; where a third comes in between two, the later of these, read again, says what it said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from service.domain.claims import Recorded, fold, taken_back
from service.domain.edtf import Span
from service.domain.events import Assert, Correct, Event, Reinstate, Retract, Source, Statement
from service.domain.reading import span_of

Merge = Callable[[Statement, Statement], Statement]
"""What is so once the first was told, and the second before it: a telling may leave out what it does not deal with.
Raises Irreconcilable."""
Outcome = Literal["new", "revised", "late", "unchanged", "withdrawn"]
"""A claim of its own; another content; content of an older export; nothing to say; taken back here by a curator."""
_SAID = ("type", "occurred", "until", "tz", "phrase", "title", "lang", "translations", "official_status")


class Irreconcilable(Exception):
    """Both cannot be told of one claim; the message says why."""


class Revision(msgspec.Struct, frozen=True, gc=False):
    """What to record for one telling, in order."""

    outcome: Outcome
    events: tuple[Event, ...] = ()
    fields: tuple[str, ...] = ()
    """What differs from what was known before, or, of a late one, from what is known since."""


def as_told(told: Statement, _before: Statement) -> Statement:
    """A telling that says all there is to say."""
    return told


def revised(history: Sequence[Recorded], told: Assert, merge: Merge = as_told) -> Revision:
    """``history``: every event on the claim, in order. The day of ``told`` is that of its earliest source."""
    if not history:
        return Revision("new", (told,))
    claim, day = history[0].claim, day_of(told)
    now, then = fold(history), fold(history, day)
    retraction = now.retracted.get(claim)
    if retraction is not None and isinstance(retraction.event, Retract) and retraction.event.by == "curator":
        return Revision("withdrawn")
    before = then.claims.get(claim) or taken_back(history, then, day).get(claim)
    merged = told if before is None else merge(told, before.statement)
    fields = () if before is None else differing(merged, before.statement)
    returned: tuple[Event, ...] = ()
    if claim in then.retracted and retraction is not None:
        returned = (Reinstate(claim=claim, sources=told.sources),)
    if before is not None and not fields:
        return Revision("revised" if returned else "unchanged", returned, ("retracted",) if returned else ())
    later = [] if day is None else sorted({own for one in history if (own := _own_day(one)) is not None and own > day})
    if day is None or not later:
        return Revision("revised", (*returned, _corrected(merged)), fields)
    # What came out since follows from what is told now, as if that had been told first.
    wanted: dict[int, Statement | None] = {day: merged}
    last: Statement = merged
    for at in later:
        content = _on(history, at)
        if content is not None:
            last = msgspec.structs.replace(merge(content, last), sources=_sources_of(history, at) or content.sources)
        wanted[at] = None if content is None else last
    ways = [(*returned, *way) for way in _ways(history, wanted, withdrawn=retraction is not None)]
    events = next((way for way in ways if _leads_to(wanted, history, way)), ways[0])
    since = next((content for content in list(wanted.values())[1:] if content is not None), None)
    return Revision("late", events, fields or (() if since is None else differing(merged, since)))


def _ways(
    history: Sequence[Recorded], wanted: Mapping[int, Statement | None], *, withdrawn: bool
) -> Iterator[tuple[Event, ...]]:
    """How content for the first of these days can be recorded so that the others keep theirs; the shortest first."""
    (_, merged), *rest = wanted.items()
    assert merged is not None  # noqa: S101 - it is what was told
    contents = [content for _, content in rest if content is not None]
    if not withdrawn and len(contents) == len(rest) and not any(differing(merged, content) for content in contents):
        yield (_corrected(merged),)  # it was so from this day on already: this export is the first to say it
    because = "told again: an older export came in"
    changed = [
        _corrected(content, late=True, reason=because)
        for at, content in rest
        if content is not None and ((there := _on(history, at)) is None or differing(content, there))
    ]
    yield (_corrected(merged, late=True), *changed)
    if not withdrawn:  # something older outranks what is late: then all that came out since is told once more
        again, shown = list[Event](), merged
        for content in contents:
            if differing(content, shown):
                again.append(_corrected(content, reason=f"{because} ({_published(merged)})"))
            shown = content
        yield (_corrected(merged), *again)


def _leads_to(wanted: Mapping[int, Statement | None], history: Sequence[Recorded], events: Iterable[Event]) -> bool:
    """Whether each day then has the content that is wanted of it."""
    longer = list(history)
    for event in events:
        own = day_of(event) if isinstance(event, Statement | Reinstate) else None
        span = None if own is None else Span(own, own)
        position = longer[-1].position + 1
        longer.append(
            Recorded(position=position, recorded_at=0, id="", claim=history[0].claim, event=event, reported=span)
        )
    for day, content in wanted.items():
        there = _on(longer, day)
        if (there is None) != (content is None):
            return False
        if there is not None and content is not None and differing(there, content):
            return False
    return True


def _published(statement: Statement) -> str:
    return next((source.published for source in statement.sources if source.published is not None), "")


def day_of(told: Statement | Retract | Reinstate) -> int | None:
    """The last instant of the day on which the earliest of its sources came out; None where none is dated."""
    days = [span_of(source.published).latest for source in told.sources if source.published is not None]
    return min(days, default=None)


def differing(one: Statement, other: Statement) -> tuple[str, ...]:
    """The fields in which two contents differ, sources and reasons apart; fields of ``data`` by their own names."""
    found = [name for name in _SAID if getattr(one, name) != getattr(other, name)]
    if sorted(one.parties, key=_order) != sorted(other.parties, key=_order):
        found.append("parties")
    if sorted(one.relationships) != sorted(other.relationships):
        found.append("relationships")
    if sorted(one.tags) != sorted(other.tags):
        found.append("tags")
    ours, theirs = data_in(one), data_in(other)
    return (*found, *sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)))


def data_in(statement: Statement) -> dict[str, Any]:
    return {} if statement.data is UNSET else msgspec.json.decode(statement.data, type=dict[str, Any])


def _order(party: object) -> str:
    return repr(party)


def _own_day(recorded: Recorded) -> int | None:
    told = isinstance(recorded.event, Statement | Retract | Reinstate) and recorded.reported is not None
    return recorded.reported.latest if told and recorded.reported is not None else None


def _on(history: Sequence[Recorded], day: int) -> Statement | None:
    """What was in force on a reported day; None where the claim was withdrawn, or not told of, by then."""
    return next((claim.statement for claim in fold(history, day).claims.values()), None)


def _sources_of(history: Sequence[Recorded], day: int) -> tuple[Source, ...]:
    """Of what was told on that very day: what is in force then may be older, and said by others first."""
    told = (one.event.sources for one in history if isinstance(one.event, Statement) and _own_day(one) == day)
    return next(told, ())


def _corrected(content: Statement, *, late: bool = False, reason: str | None = None) -> Correct:
    kept = (name for name in Statement.__struct_fields__ if name not in ("id", "reason", "cloudevent"))
    return Correct(**{name: getattr(content, name) for name in kept}, late=late, reason=reason)
