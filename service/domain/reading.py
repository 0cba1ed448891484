"""From a client's JSON to events fit to be recorded; what is wrong with one is for ``judging.py`` to say."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec
from msgspec import UNSET

from service.domain import edtf
from service.domain.actors import relationship_of
from service.domain.edtf import Bounds, Span
from service.domain.events import ACTIONS, Event, Party, Source, Statement, action_of
from service.domain.judging import bounds_of, judged
from service.domain.refusals import Fault, Invalid
from service.domain.shape import canonical, nfc, nul_faults, shape_faults
from service.domain.types import OF_ACTORS, TYPES, Data, EventType

_events = msgspec.json.Decoder(Event)
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
HOSTED = {type_.name for type_ in TYPES.values() if "host" in getattr(type_.data, "__struct_fields__", ())}
"""Types whose data may name an actor that is no party."""


class Draft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


def read_events(
    items: Sequence[bytes], types: Mapping[str, EventType], new_id: Callable[[], str], first: int = 0
) -> list[Draft]:
    """One draft per item, in order; raises Invalid with the faults of all of them, ``/events/{index}`` before each.

    ``first`` is the index of the first.
    """
    drafts, faults = [], []
    for index, item in enumerate(items, first):
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
    faults, data = judged(event, types)
    if faults:
        raise Invalid(faults)
    return _draft(event, types, new_id, data)


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
    in_members = event.occurred.startswith("{") and not type_.lasts
    return Draft(
        id=id_,
        event=filled,
        action=action_of(event),
        claim=claim,
        # Inside, `data` is canonical already, and nothing outside it has a fraction.
        content=msgspec.json.encode(filled, order="sorted").decode(),
        bounds=bounds_of(event, type_),
        members=edtf.members(edtf.parse(event.occurred), event.tz or "UTC") if in_members else (),
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
    return _relationship_between(*actors) if len(actors) == 2 else ()


@lru_cache(maxsize=8192)
def _relationship_between(one: str, other: str) -> tuple[str]:
    return (relationship_of((one, other)),)


def timelines_of(event: Statement) -> tuple[str, ...]:
    """Where a claim stands: its relationships; without any, its actors' own timelines."""
    return relationships_of(event) or tuple(sorted({party.actor for party in event.parties}))


def named_in(statement: Statement) -> frozenset[str]:
    """Everyone whom a line may name for it: its parties, and who hosts it without being one."""
    named = parties_in(statement.parties)
    if statement.type in HOSTED and (host := getattr(data_of(statement, TYPES), "host", None)) is not None:
        return named | {host}
    return named


@lru_cache(maxsize=8192)
def parties_in(parties: tuple[Party, ...]) -> frozenset[str]:
    """Their actors."""
    return frozenset(party.actor for party in parties)


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
    sound = rest.keys() - ({"data", "until", "relationships"} if unsound & {"type", "parties"} else set())
    return faults + [fault for fault in judged(event, types)[0] if fault.pointer.split("/")[1] in sound]


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
