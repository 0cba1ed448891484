"""A CloudEvent 1.0 as JSON, which holds an event as its data.

What one says of itself is kept with its event (``CloudEventAttributes``), and ``cloudevent_of`` gives it back.
"""

import hashlib
import re
from contextlib import suppress
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.events import CloudEventAttributes
from service.domain.lines import exported_in
from service.domain.refusals import Fault
from service.domain.shape import nfc, shape_faults

NAMESPACE = "bb029af4-db24-5ccf-92da-7e3ecfc5d29a"
"""An event's id is the UUIDv5, in this namespace, of its CloudEvent's source and id with a space between."""
_JSON = re.compile(r"(application|text)/([\w.-]+\+)?json(;.*)?", re.ASCII | re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9]+", re.ASCII)


class IncomingCloudEvent(CloudEventAttributes, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """One as it comes in; what else it says of itself is for its carriers, and not kept."""

    specversion: Literal["1.0"]
    datacontenttype: str | None = None
    data: msgspec.Raw
    data_base64: msgspec.Raw | UnsetType = UNSET


class _Kept(msgspec.Struct):
    cloudevent: CloudEventAttributes | None = None


class Held(msgspec.Struct, frozen=True):
    """An event as its CloudEvent brings it, or why there is none."""

    place: str
    """Of the CloudEvent in the body, as a JSON Pointer."""
    item: bytes = b""
    data: str = "/data"
    """Where the event stands in the CloudEvent."""
    faults: tuple[Fault, ...] = ()


def cloudevent_of(content: bytes | msgspec.Raw) -> CloudEventAttributes | None:
    """What the CloudEvent said of itself in which an event came, given the event's content; None if it came in none."""
    return msgspec.json.decode(content, type=_Kept).cloudevent if b'"cloudevent"' in bytes(content) else None


def read_cloudevent(raw: bytes, place: str) -> Held:
    """One, which stands at ``place``."""
    with suppress(msgspec.DecodeError, RecursionError):  # of what is no JSON the faults are told next
        raw = nfc(raw)
    faults = _attribute_faults(raw)
    if faults:
        return Held(place, faults=tuple(faults))
    read = msgspec.json.decode(raw, type=IncomingCloudEvent)
    exported = exported_in(bytes(read.data))
    data, where = (read.data, "/data") if exported is None else (exported.event, "/data/event")
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        return Held(place, faults=(Fault(where, "invalid", f"the data must be an event: {error}"),))
    if exported is not None:
        # The feed gave it in an envelope that says this again.
        fields.pop("cloudevent", None)
    given = [
        Fault(f"{where}/{name}", "not-here", "this follows from the CloudEvent's `source` and `id`: leave it out")
        for name in ("id", "cloudevent")
        if name in fields
    ]
    if given:
        return Held(place, faults=tuple(given))
    kept = CloudEventAttributes(source=read.source, id=read.id, type=read.type, time=read.time, subject=read.subject)
    id_ = _uuid5(f"{read.source} {read.id}")
    fields |= {"id": msgspec.Raw(msgspec.json.encode(id_)), "cloudevent": msgspec.Raw(msgspec.json.encode(kept))}
    return Held(place, msgspec.json.encode(fields), where)


def _attribute_faults(raw: bytes) -> list[Fault]:
    faults = [fault for fault in shape_faults(raw, IncomingCloudEvent) if fault.code != "unknown-field"]
    if faults:
        return faults
    names = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).keys() - {"data", "data_base64"}
    faults = [
        Fault(f"/{name}", "unknown-field", "an attribute's name is of lower-case letters and digits")
        for name in sorted(names)
        if not _NAME.fullmatch(name)
    ]
    read = msgspec.json.decode(raw, type=IncomingCloudEvent)
    if read.data_base64 is not UNSET or not _JSON.fullmatch(read.datacontenttype or "application/json"):
        faults.append(Fault("/data", "invalid", "the data must be JSON: an event"))
    return faults


def _uuid5(name: str) -> str:
    """RFC 9562, in our namespace."""
    digest = hashlib.sha1(bytes.fromhex(NAMESPACE.replace("-", "")) + name.encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest[:16], "big") & ~(0xF << 76) & ~(3 << 62) | 5 << 76 | 2 << 62
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
