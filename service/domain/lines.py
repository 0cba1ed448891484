"""One line of NDJSON: an event as a client writes it, or a line of our own feed, which holds one as it was recorded."""

from collections.abc import Callable, Mapping

import msgspec

from service.domain.events import Id
from service.domain.reading import Draft, read_event
from service.domain.refusals import Fault, Invalid
from service.domain.types import EventType


class Exported(msgspec.Struct, frozen=True):
    """What counts of a line of the feed; where and when it was recorded is for the ledger that reads it to say."""

    id: Id
    event: msgspec.Raw


_exported = msgspec.json.Decoder(Exported)


def exported_in(raw: bytes) -> Exported | None:
    """None where it is no line of a feed."""
    if b'"event"' not in raw:
        return None
    try:
        return _exported.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def read_line(raw: bytes, types: Mapping[str, EventType], new_id: Callable[[], str]) -> tuple[Draft, str]:
    """The event, and the JSON Pointer at which it stands in the line; raises Invalid with every fault."""
    exported = exported_in(raw)
    if exported is None:
        return read_event(raw, types, new_id), ""
    try:
        draft = read_event(bytes(exported.event), types, lambda: exported.id)
    except Invalid as invalid:
        raise Invalid([fault.below("/event") for fault in invalid.faults]) from None
    if draft.id != exported.id:
        raise Invalid([Fault("/event/id", "differs", f"the line itself has the id `{exported.id}`")])
    return draft, "/event"
