"""CloudEvents 1.0 on their way in: one as JSON, a batch of them, or one in headers; each holds an event as its data.

What one says of itself is kept with its event (``CloudEventAttributes``), and ``cloudevent_of`` gives it back.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal, NoReturn
from urllib.parse import unquote
from uuid import UUID, uuid5

import msgspec
from litestar import Response
from msgspec import UNSET, UnsetType

from service import history
from service.api import receipts
from service.api.bodies import JSON, json_of
from service.api.conditions import Write, idempotency
from service.api.parameters import Parameters
from service.api.refused import BadRequest, Entry, bad_header
from service.api.site import Request, site_of
from service.domain.events import CloudEventAttributes
from service.domain.lines import exported_in
from service.domain.refusals import Conflict, Fault, Invalid, Refusal
from service.domain.shape import nfc, shape_faults

ONE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
MEDIA_TYPES = (ONE, BATCH)
NAMESPACE = UUID("bb029af4-db24-5ccf-92da-7e3ecfc5d29a")
"""An event's id is the UUIDv5, in this namespace, of its CloudEvent's source and id with a space between."""
MOST_EVENTS = 10_000
"""Of one request."""
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


class _Read(msgspec.Struct, frozen=True):
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


def in_headers(request: Request) -> bool:
    """Whether the body is the data of a CloudEvent whose attributes are headers."""
    return any(name.startswith("ce-") for name in request.headers)


async def append(request: Request, write: Write, media_type: str) -> Response[bytes]:
    """As one batch; raises the Refusal, its pointers leading into the body."""
    parameters = Parameters(request, ["dry_run"])
    dry_run = parameters.choice("dry_run", "true", "false") == "true"
    parameters.check()
    body = await json_of(request)
    named = idempotency(request, write, media_type, body)
    if media_type == JSON:
        found = [_read(_from_headers(request, body), "")]
    elif media_type == ONE:
        found = [_read(body, "")]
    else:
        found = [_read(bytes(one), f"/{index}") for index, one in enumerate(_batch(body))]
    in_header = media_type == JSON
    if any(one.faults for one in found):
        _refuse(Invalid, await _all_faults(request, write, found), in_header=in_header)
    try:
        items = [one.item for one in found]
        return await receipts.record(request, write, items, idempotency=named, dry_run=dry_run)
    except (Invalid, Conflict) as refusal:
        _refuse(type(refusal), [_placed(fault, found) for fault in refusal.faults], in_header=in_header)


async def _all_faults(request: Request, write: Write, found: Sequence[_Read]) -> list[Fault]:
    """Those of the CloudEvents, and those of the events in the sound ones."""
    faults = [fault.below(one.place) for one in found for fault in one.faults]
    sound = [one for one in found if not one.faults]
    try:
        if sound:
            items = [one.item for one in sound]
            await history.record(site_of(request).log, write.ledger, items, by=write.by, dry_run=True)
    except Invalid as invalid:
        faults += [_placed(fault, sound) for fault in invalid.faults]
    except Refusal:
        pass
    return faults


def _refuse(kind: type[Invalid] | type[Conflict], faults: Sequence[Fault], *, in_header: bool) -> NoReturn:
    """Attributes in headers have no pointer; the data then is the body."""
    if not in_header:
        raise kind(faults) from None
    of_headers = [fault for fault in faults if not fault.pointer.startswith("/data")]
    if of_headers and kind is Invalid:
        entries = [
            # Only the time can be at fault in a way that is seen of the whole.
            Entry(header=f"ce-{fault.pointer[1:] or 'time'}", code=fault.code, detail=fault.detail)
            for fault in of_headers
        ]
        raise BadRequest(entries) from None
    raise kind([Fault(_in_body(fault.pointer), fault.code, fault.detail) for fault in faults]) from None


def _in_body(pointer: str) -> str:
    return pointer.removeprefix("/data") if pointer.startswith("/data") else ""


def _placed(fault: Fault, sound: Sequence[_Read]) -> Fault:
    """From the events of a batch to the body that they came in."""
    _, _, index, *steps = fault.pointer.split("/")
    one = sound[int(index)]
    inside = "/id" if steps == ["id"] else one.data + "".join(f"/{step}" for step in steps)
    return Fault(one.place + inside, fault.code, fault.detail)


def _batch(body: bytes) -> list[msgspec.Raw]:
    """Raises Invalid."""
    if faults := shape_faults(body, list[msgspec.Raw]):
        raise Invalid(faults)
    items = msgspec.json.decode(body, type=list[msgspec.Raw])
    if not 1 <= len(items) <= MOST_EVENTS:
        raise Invalid([Fault("", "invalid", f"a batch has 1 to {MOST_EVENTS:,} CloudEvents")])
    return items


def _from_headers(request: Request, body: bytes) -> bytes:
    """The same CloudEvent as JSON; raises BadRequest."""
    attributes: dict[str, Any] = {}
    for name, value in ((str(name), value) for name, value in request.headers.multi_items()):
        if name.startswith("ce-"):
            if name[3:] in attributes:
                raise bad_header(name, "repeated", f"send `{name}` once")
            attributes[name[3:]] = _unquoted(name, value)
    for name in ("data", "data_base64", "datacontenttype"):
        if name in attributes:
            raise bad_header(f"ce-{name}", "unreadable", "this is no attribute that a header can carry")
    return msgspec.json.encode(attributes | {"data": msgspec.Raw(body)})


def _unquoted(name: str, value: str) -> str:
    """Raises BadRequest."""
    try:
        return unquote(value.strip().strip('"'), errors="strict")
    except UnicodeDecodeError:
        raise bad_header(name, "unreadable", f"`{name}` must be percent-encoded UTF-8") from None


def _read(raw: bytes, place: str) -> _Read:
    raw = nfc(raw)
    faults = _attribute_faults(raw)
    if faults:
        return _Read(place, faults=tuple(faults))
    read = msgspec.json.decode(raw, type=IncomingCloudEvent)
    exported = exported_in(bytes(read.data))
    data, where = (read.data, "/data") if exported is None else (exported.event, "/data/event")
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        return _Read(place, faults=(Fault(where, "invalid", f"the data must be an event: {error}"),))
    if exported is not None:
        # The feed gave it in an envelope that says this again.
        fields.pop("cloudevent", None)
    given = [
        Fault(f"{where}/{name}", "not-here", "this follows from the CloudEvent's `source` and `id`: leave it out")
        for name in ("id", "cloudevent")
        if name in fields
    ]
    if given:
        return _Read(place, faults=tuple(given))
    kept = CloudEventAttributes(source=read.source, id=read.id, type=read.type, time=read.time, subject=read.subject)
    id_ = str(uuid5(NAMESPACE, f"{read.source} {read.id}"))
    fields |= {"id": msgspec.Raw(msgspec.json.encode(id_)), "cloudevent": msgspec.Raw(msgspec.json.encode(kept))}
    return _Read(place, msgspec.json.encode(fields), where)


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
    if read.data_base64 is not UNSET or not _JSON.fullmatch(read.datacontenttype or JSON):
        faults.append(Fault("/data", "invalid", "the data must be JSON: an event"))
    return faults
