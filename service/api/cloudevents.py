"""CloudEvents 1.0 on their way in: one as JSON, a batch of them, or one in headers; each holds an event as its data."""

from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import unquote

import msgspec
from litestar import Response

from service import history
from service.api import receipts
from service.api.bodies import JSON, json_of
from service.api.conditions import Write, idempotency
from service.api.parameters import Parameters
from service.api.refused import BadRequest, Entry, bad_header
from service.api.site import Request, site_of
from service.domain.cloudevents import Held, read_cloudevent
from service.domain.refusals import Conflict, Fault, Invalid, Refusal
from service.domain.shape import shape_faults

ONE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
MEDIA_TYPES = (ONE, BATCH)
MOST_EVENTS = 10_000
"""Of one request."""


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
        found = [read_cloudevent(_from_headers(request, body), "")]
    elif media_type == ONE:
        found = [read_cloudevent(body, "")]
    else:
        found = [read_cloudevent(bytes(one), f"/{index}") for index, one in enumerate(_batch(body))]
    in_header = media_type == JSON
    if any(one.faults for one in found):
        _refuse(Invalid, await _all_faults(request, write, found), in_header=in_header)
    try:
        items = [one.item for one in found]
        return await receipts.record(request, write, items, idempotency=named, dry_run=dry_run)
    except (Invalid, Conflict) as refusal:
        _refuse(type(refusal), [_placed(fault, found) for fault in refusal.faults], in_header=in_header)


async def _all_faults(request: Request, write: Write, found: Sequence[Held]) -> list[Fault]:
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


def _placed(fault: Fault, sound: Sequence[Held]) -> Fault:
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
