"""From a client's JSON to events fit to be recorded: every rule that needs no look at the ledger is here."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from jsonschema.protocols import Validator
from msgspec import UNSET

from service.domain import edtf
from service.domain.actors import canonical_relationship, pairs_of, relationship_of
from service.domain.edtf import Bounds, Span
from service.domain.events import ACTIONS, Correct, Event, Expect, Fulfil, Retract, Source, Statement, action_of
from service.domain.refusals import Fault, Invalid
from service.domain.shape import (
    canonical,
    canonical_json,
    nfc,
    nul_faults,
    schema_faults,
    schema_validator,
    shape_faults,
)
from service.domain.types import OF_ACTORS, Actor, Data, EventType

_events = msgspec.json.Decoder(Event)
_cached_validator = lru_cache(maxsize=256)(schema_validator)
_STAND_INS = {
    "type": b'"note"',
    "occurred": b'"2000"',
    "parties": b'[{"actor":"a","role":"a"}]',
    "claim": b'"a"',
    "fulfilled_by": b'"b"',
    "by": b'"curator"',
    "reason": b'"a"',
    "sources": b'[{"publisher":"a"}]',
}
"""Sound values for required fields, put where a client's are not, so that the rest can be judged."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event read and found sound, in the one form in which it will be kept."""

    id: str
    event: Event
    action: str
    claim: str
    content: str
    """Canonical JSON (RFC 8785, NFC) of everything but the id."""
    bounds: Bounds | None = None
    members: tuple[Span, ...] = ()
    """The periods of an all-members set."""
    reported: Span | None = None
    """When its earliest-published source came out; None where no source is dated."""
    relationships: tuple[str, ...] = ()
    """Those its content belongs to; a confirmation and its like have none of their own."""

    @property
    def statement(self) -> Statement | None:
        return self.event if isinstance(self.event, Statement) else None


def read_events(items: Sequence[bytes], types: Mapping[str, EventType], new_id: Callable[[], str]) -> list[Draft]:
    """One draft per item, in order; raises Invalid with the faults of all of them, ``/events/{index}`` before each."""
    drafts, faults = [], []
    for index, item in enumerate(items):
        try:
            drafts.append(read_event(item, types, new_id))
        except Invalid as invalid:
            faults += [fault.below(f"/events/{index}") for fault in invalid.faults]
    if faults:
        raise Invalid(faults)
    return drafts


def read_event(raw: bytes, types: Mapping[str, EventType], new_id: Callable[[], str]) -> Draft:
    """One event from its JSON; raises Invalid with every fault it has."""
    try:
        raw = nfc(raw)
        event = _events.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid(_faults_of_unread(raw, types)) from None
    if b"\\u0000" in raw and (faults := nul_faults(raw)):
        raise Invalid(faults)
    faults, data = _judged(event, types)
    if faults:
        raise Invalid(faults)
    return _draft(event, types, new_id, data)


def _judged(event: Event, types: Mapping[str, EventType]) -> tuple[list[Fault], bytes]:
    """Every fault, and the canonical form of its ``data``, if that has none."""
    faults, data = list(_source_faults(event.sources)), b"{}"
    if isinstance(event, Statement):
        faults += _statement_faults(event, types)
        of_data, data = _judged_data(event, types)
        faults += of_data
    faults += _action_faults(event)
    return faults, data


def _draft(event: Event, types: Mapping[str, EventType], new_id: Callable[[], str], data: bytes) -> Draft:
    id_ = event.id or new_id()
    claim = event.claim or id_
    reported = _reported(event.sources)
    if not isinstance(event, Statement):
        short = msgspec.structs.replace(event, id=None, claim=claim)
        content = canonical(short).decode()
        return Draft(id=id_, event=short, action=action_of(event), claim=claim, content=content, reported=reported)
    type_ = types[event.type]
    kept = UNSET if data == b"{}" else msgspec.Raw(data)
    filled = msgspec.structs.replace(event, id=None, claim=claim, data=kept)
    occurred = edtf.parse(event.occurred)
    return Draft(
        id=id_,
        event=filled,
        action=action_of(event),
        claim=claim,
        # Inside, `data` is canonical already, and nothing outside it has a fraction.
        content=msgspec.json.encode(filled, order="sorted").decode(),
        bounds=_bounds(event, type_),
        members=edtf.members(occurred, event.tz or "UTC") if not type_.lasts else (),
        reported=reported,
        relationships=relationships_of(event),
    )


def data_of(event: Statement, types: Mapping[str, EventType]) -> Data | None:
    """The typed ``data``; None for a ledger's own types."""
    type_ = types.get(event.type)
    if type_ is None or type_.data is None:
        return None
    return msgspec.json.decode(b"{}" if event.data is UNSET else event.data, type=type_.data)


def relationships_of(event: Statement) -> tuple[str, ...]:
    """Those it names; with two parties and none named, theirs; claims about actors themselves belong to none."""
    if event.relationships or event.type in OF_ACTORS:
        return event.relationships
    actors = {party.actor for party in event.parties}
    return (relationship_of(actors),) if len(actors) == 2 else ()


def timelines_of(event: Statement) -> tuple[str, ...]:
    """Where a claim stands: its relationships; without any, its actors' own timelines."""
    return relationships_of(event) or tuple(sorted({party.actor for party in event.parties}))


def _bounds(event: Statement, type_: EventType) -> Bounds:
    """Raises ValueError where the period is impossible or the zone unknown, and UnreadableDate."""
    lasts = type_.lasts and not isinstance(event, Expect)
    return _cached_bounds(event.occurred, event.until if lasts else None, event.tz or "UTC", lasts)


@lru_cache(maxsize=8192)  # a register has many events of few dates
def _cached_bounds(occurred: str, until: str | None, tz: str, lasts: bool) -> Bounds:  # noqa: FBT001 - a cache's key
    if not lasts:
        return edtf.occurrence_bounds(edtf.parse(occurred), tz)
    ended: edtf.Edtf | Literal["..", ""] | None
    ended = None if until is None else "" if until == "" else ".." if until == ".." else edtf.parse(until)
    return edtf.state_bounds(edtf.parse(occurred), ended, tz)


@lru_cache(maxsize=8192)
def span_of(published: str) -> Span:
    """When it was published; of a text that was read once already."""
    return edtf.span(edtf.parse(published))


def _reported(sources: Iterable[Source]) -> Span | None:
    """The earliest-published source's span: the least of the first bounds, and the least of the last."""
    spans = [span_of(source.published) for source in sources if source.published is not None]
    if len(spans) < 2:
        return spans[0] if spans else None
    return Span(min(s.earliest for s in spans), min(s.latest for s in spans))


def _faults_of_unread(raw: bytes, types: Mapping[str, EventType]) -> list[Fault]:
    """The faults of shape, and those that the sound fields have besides: a client mends all of them in one go."""
    faults = _shape_faults(raw)
    unsound = {fault.pointer.split("/")[1] for fault in faults if fault.pointer}
    if not unsound or "action" in unsound:
        return faults
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    rest = {name: value for name, value in fields.items() if name not in unsound}
    action = ACTIONS[msgspec.json.decode(fields["action"])]
    required = {field.encode_name for field in msgspec.structs.fields(action) if field.required}
    stand_ins = {name: msgspec.Raw(value) for name, value in _STAND_INS.items() if name in required}
    try:
        event = _events.decode(msgspec.json.encode(stand_ins | rest))
    except msgspec.DecodeError:
        return faults
    # What hangs on an unsound field cannot be judged without it.
    judged = rest.keys() - ({"data", "until", "relationships"} if unsound & {"type", "parties"} else set())
    return faults + [fault for fault in _judged(event, types)[0] if fault.pointer.split("/")[1] in judged]


def _shape_faults(raw: bytes) -> list[Fault]:
    try:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return shape_faults(raw, dict[str, msgspec.Raw])
    known = ", ".join(f"`{name}`" for name in ACTIONS)
    if "action" not in fields:
        return [Fault("/action", "missing", f"`action` is required: one of {known}")]
    action = bytes(fields["action"]).decode(errors="replace").strip('"')
    if action not in ACTIONS:
        return [Fault("/action", "unknown-action", f"there is no such action; known are {known}")]
    return shape_faults(raw, ACTIONS[action])


def _statement_faults(event: Statement, types: Mapping[str, EventType]) -> Iterator[Fault]:
    type_ = types.get(event.type)
    if type_ is None:
        known = ", ".join(sorted(types))
        yield Fault("/type", "unknown-type", f"this ledger has no type `{event.type}`; it has {known}")
    yield from _date_faults(event, type_)
    parties = [(party.actor, party.role) for party in event.parties]
    for index, party in enumerate(parties):
        if party in parties[:index]:
            yield Fault(f"/parties/{index}", "repeated", f"{party[0]} is there as {party[1]} already")
    yield from _relationship_faults(event)
    if event.type in OF_ACTORS:
        yield from _actor_faults(event)


def _date_faults(event: Statement, type_: EventType | None) -> Iterator[Fault]:
    readable = True
    for name, text in (("occurred", event.occurred), ("until", event.until)):
        if text is None or (name == "until" and text in ("", "..")):
            continue
        try:
            edtf.parse(text)
        except edtf.UnreadableDate as error:
            readable = False
            yield Fault(f"/{name}", "unreadable-date", _advice(error))
    if event.tz is not None:
        try:
            edtf.span(edtf.parse("2000"), event.tz)
        except edtf.UnknownZone as error:
            yield Fault("/tz", "unknown-zone", str(error))
            return
    if type_ is None or not readable:
        return
    if event.until is not None and not type_.lasts:
        yield Fault(
            "/until", "not-a-state", f"`{event.type}` is an occurrence; it has no end: put its whole span in `occurred`"
        )
    elif event.until is not None and isinstance(event, Expect):
        yield Fault("/until", "not-a-state", "an expectation's window stands whole in `occurred`")
    else:
        try:
            _bounds(event, type_)
        except ValueError as error:
            yield Fault("/until" if event.until is not None else "/occurred", "impossible-period", str(error))


def _relationship_faults(event: Statement) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, relationship in enumerate(event.relationships):
        pointer = f"/relationships/{index}"
        try:
            right = canonical_relationship(relationship)
        except ValueError as error:
            yield Fault(pointer, "not-a-relationship", str(error))
            continue
        if right != relationship:
            yield Fault(pointer, "not-a-relationship", f"the id of this relationship is {right}")
        elif right in seen:
            yield Fault(pointer, "repeated", f"{right} is named already")
        seen.add(right)
    actors = {party.actor for party in event.parties}
    if len(actors) > 2 and not event.relationships and event.type not in OF_ACTORS:
        pairs = ", ".join(pairs_of(sorted(actors))[:20])
        yield Fault(
            "/relationships", "which-relationship", f"with three or more actors, name those it belongs to, of {pairs}"
        )


def _actor_faults(event: Statement) -> Iterator[Fault]:
    if event.relationships:
        yield Fault(
            "/relationships", "of-an-actor", f"an `{event.type}` claim is about actors themselves and belongs to none"
        )
    if isinstance(event, Expect):
        yield Fault("/type", "of-an-actor", f"an `{event.type}` claim cannot be an expectation")
    roles = sorted(party.role for party in event.parties)
    wanted = ["subject"] if event.type == "actor" else ["merged", "survivor"]
    if roles != wanted:
        yield Fault("/parties", "of-an-actor", f"an `{event.type}` claim has exactly these roles: {', '.join(wanted)}")
    elif len({party.actor for party in event.parties}) < len(wanted):
        yield Fault("/parties", "of-an-actor", "an actor cannot be merged with itself")


def _judged_data(event: Statement, types: Mapping[str, EventType]) -> tuple[list[Fault], bytes]:
    """The faults of ``data``, and its canonical form."""
    type_ = types.get(event.type)
    raw = b"{}" if event.data is UNSET else bytes(event.data)
    if type_ is None:
        return [], raw
    if type_.data is None:
        try:
            data = canonical_json(raw)
        except (ValueError, RecursionError) as error:
            return [Fault("/data", "invalid", str(error))], raw
        return schema_faults(_validator(type_), raw, "/data"), data
    try:
        typed = msgspec.json.decode(raw, type=type_.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return shape_faults(raw, type_.data, "/data"), raw
    if isinstance(typed, Actor) and typed.part_of == event.parties[0].actor:
        return [Fault("/data/part_of", "of-an-actor", "an actor cannot be part of itself")], raw
    return [], canonical(typed)


def _validator(type_: EventType) -> Validator:
    assert type_.schema is not None, "a type without a struct has a schema"  # noqa: S101 - holds by construction
    return _cached_validator(type_.schema)


def _action_faults(event: Event) -> Iterator[Fault]:
    if isinstance(event, Correct) and event.late and all(source.published is None for source in event.sources):
        yield Fault("/late", "undated", "a late correction counts by its source's day: give a source with `published`")
    if isinstance(event, Retract) and event.by == "source" and not event.sources:
        yield Fault("/sources", "missing", "which source withdrew it? Give it in `sources`")
    if isinstance(event, Fulfil) and event.claim == event.fulfilled_by:
        yield Fault("/fulfilled_by", "itself", "an expectation cannot fulfil itself")


def _source_faults(sources: Sequence[Source]) -> Iterator[Fault]:
    for index, source in enumerate(sources):
        if source.published is None:
            continue
        try:
            edtf.parse(source.published)
        except edtf.UnreadableDate as error:
            yield Fault(f"/sources/{index}/published", "unreadable-date", _advice(error))


def _advice(error: edtf.UnreadableDate) -> str:
    return f"{error.reason.removesuffix('.')} (reading stopped at character {error.offset})"
