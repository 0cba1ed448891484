"""What a history of events says of its claims at one point: the pure fold that every other answer must equal."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from service.domain.edtf import BEGINNING, Bounds, Span
from service.domain.events import Confirm, Correct, Deny, Event, Expect, Fulfil, Reinstate, Retract, Statement
from service.domain.types import OF_ACTORS

Standing = Literal["reported", "confirmed", "denied", "disputed"]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One event as the ledger holds it; its bounds are those computed when it was recorded."""

    position: int
    recorded_at: int
    id: str
    claim: str
    event: Event
    bounds: Bounds | None = None
    members: tuple[Span, ...] = ()
    reported: Span | None = None
    recorded_by: str = ""


class Word(msgspec.Struct, frozen=True):
    """What one publisher last said for or against a claim."""

    publisher: str
    action: Literal["confirm", "deny"]
    position: int


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as it stands at one point, not retracted."""

    id: str
    content: Recorded
    """The event whose content is in force."""
    expectation: bool = False
    words: tuple[Word, ...] = ()
    """By position."""
    fulfilled_by: str | None = None

    @property
    def statement(self) -> Statement:
        assert isinstance(self.content.event, Statement)  # noqa: S101 - only these have content
        return self.content.event

    @property
    def bounds(self) -> Bounds:
        assert self.content.bounds is not None  # noqa: S101 - computed for every content when it was read
        return self.content.bounds

    @property
    def standing(self) -> Standing:
        return standing_of(self.words)


class Omitted(msgspec.Struct, frozen=True):
    """Events that a reported day leaves out though the ledger knew them."""

    undated: int = 0
    reported_possible: int = 0


class Folded(msgspec.Struct, frozen=True):
    """The claims of a history at one point."""

    claims: dict[str, Claim]
    retracted: dict[str, Recorded]
    """By claim: the retraction in force."""
    omitted: Omitted


def standing_of(words: Iterable[Word]) -> Standing:
    said = {word.action for word in words}
    if not said:
        return "reported"
    if len(said) == 2:
        return "disputed"
    return "confirmed" if "confirm" in said else "denied"


def fold(history: Iterable[Recorded], reported_by: int | None = None) -> Folded:
    """``history`` in order of position, cut at the known position. Never raises: what is recorded cannot be refused."""
    by_claim: dict[str, list[Recorded]] = {}
    for recorded in history:
        by_claim.setdefault(recorded.claim, []).append(recorded)
    claims, retracted, undated, possible = {}, {}, 0, 0
    for id_, events in by_claim.items():
        visible = []
        for recorded, reach in _reaches(events, reported_by):
            undated += reach == "undated"
            possible += reach == "possible"
            if reach == "seen":
                visible.append(recorded)
        claim, retraction = _claim(id_, events, visible)
        if retraction is not None:
            retracted[id_] = retraction
        elif claim is not None:
            claims[id_] = claim
    return Folded(claims, retracted, Omitted(undated, possible))


def taken_back(history: Iterable[Recorded], folded: Folded, reported_by: int | None = None) -> dict[str, Claim]:
    """The retracted claims of ``folded``, which is ``history`` folded, as if they had never been retracted."""
    theirs = (recorded for recorded in history if recorded.claim in folded.retracted)
    return fold((recorded for recorded in theirs if not isinstance(recorded.event, Retract)), reported_by).claims


def seen(events: Sequence[Recorded], reported_by: int | None) -> list[Recorded]:
    """Of the events of one claim, those that a reader on that day could have seen; without a day, all."""
    return [recorded for recorded, reach in _reaches(events, reported_by) if reach == "seen"]


def _reaches(
    events: Sequence[Recorded], reported_by: int | None
) -> Iterable[tuple[Recorded, Literal["seen", "possible", "undated", "unseen"]]]:
    """Each event of one claim, and whether a reader on the day ``reported_by`` could have seen it."""
    curators = False
    for recorded in events:
        event = recorded.event
        if isinstance(event, Retract):
            curators = event.by == "curator"
        always = (
            (isinstance(event, Statement) and event.type in OF_ACTORS)
            or (isinstance(event, Retract) and curators)
            # What undoes a curator's mistake reaches as far as the mistake did.
            or (isinstance(event, Reinstate) and curators)
        )
        if reported_by is None or always:
            yield recorded, "seen"
        elif recorded.reported is None:
            yield recorded, "undated"
        elif recorded.reported.latest <= reported_by:
            yield recorded, "seen"
        else:
            yield recorded, "possible" if recorded.reported.earliest <= reported_by else "unseen"


def ranks(events: Iterable[Recorded]) -> dict[int, tuple[int, int]]:
    """The rank of each content of one claim, by its position: (greatest reported day so far, position).

    A late content keeps its own day, and so never displaces what was reported after it.
    """
    day, ranked = BEGINNING, {}
    for recorded in events:
        if not isinstance(recorded.event, Statement):
            continue
        own = BEGINNING if recorded.reported is None else recorded.reported.latest
        day = max(day, own)
        late = isinstance(recorded.event, Correct) and recorded.event.late
        ranked[recorded.position] = (own if late else day, recorded.position)
    return ranked


def _claim(id_: str, events: Sequence[Recorded], visible: Sequence[Recorded]) -> tuple[Claim | None, Recorded | None]:
    ranked = ranks(events)
    contents = [recorded for recorded in visible if isinstance(recorded.event, Statement)]
    if not contents:
        return None, None
    content = max(contents, key=lambda recorded: ranked[recorded.position])
    retraction: Recorded | None = None
    fulfilled_by: str | None = None
    words: dict[str, Word] = {}
    for recorded in visible:
        match recorded.event:
            case Retract():
                retraction = recorded
            case Reinstate():
                retraction = None
            case Fulfil(fulfilled_by=by):
                fulfilled_by = by
            case Confirm() | Deny() if recorded.position > content.position:
                action: Literal["confirm", "deny"] = "confirm" if isinstance(recorded.event, Confirm) else "deny"
                for source in recorded.event.sources:
                    words[source.publisher] = Word(source.publisher, action, recorded.position)
    if retraction is not None:
        return None, retraction
    claim = Claim(
        id=id_,
        content=content,
        expectation=isinstance(events[0].event, Expect),
        words=tuple(sorted(words.values(), key=lambda word: (word.position, word.publisher))),
        fulfilled_by=fulfilled_by,
    )
    return claim, None
