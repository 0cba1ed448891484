"""Events in and out: appending a batch to a ledger or to one relationship, and reading one event."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import HttpMethod, Response, post, route
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from service import history
from service.api import cloudevents, receipts
from service.api.answers import PINNED, answer, kept
from service.api.bodies import JSON, json_of, media_type_of
from service.api.bulk import NDJSON, append_lines
from service.api.canonical import canonical, moved
from service.api.conditions import Write, idempotency, no_precondition, precondition
from service.api.parameters import Parameters, known_id
from service.api.receipts import Revision, Revisions
from service.api.refused import bad_header
from service.api.site import Request, site_of
from service.domain.actors import RelationshipId, Slug, canonical_relationship
from service.domain.as_of import rfc3339
from service.domain.refusals import Fault, Invalid, Refusal
from service.domain.shape import shape_faults
from service.projections.claim import Content, Dates, Position, dates_of
from service.projections.lines import Instant
from service.store.appender import EXISTS, NONE, Expectation
from service.store.reads import Stored

MOST_EVENTS = 10_000
"""Of one request with JSON."""
TAKEN = (JSON, NDJSON, *cloudevents.MEDIA_TYPES)


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a relationship's revision must be before the batch."""

    relationship: RelationshipId
    revision: Revision | Literal["none", "exists", "any"]


class Append(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events that are recorded together, or not at all."""

    events: Annotated[tuple[msgspec.Raw, ...], Meta(min_length=1, max_length=MOST_EVENTS)]
    expect: Annotated[tuple[Expected, ...], Meta(max_length=1000)] = ()


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as the ledger holds it."""

    id: str
    ledger: Slug
    claim: str
    """The claim that it acts on."""
    position: Position
    recorded_at: Instant
    recorded_by: str
    """The key that wrote it."""
    revisions: Revisions
    """Those it made."""
    dates: Dates | UnsetType = UNSET
    """As understood when it was recorded; absent where the event says nothing of dates."""
    event: Content


@post("/v1/ledgers/{ledger:str}/events", status_code=201, request_max_body_size=None)
async def append_events(request: Request, ledger: FromPath[str]) -> Response[Any]:
    site = site_of(request)
    key = await site.gate.writer(request.given("authorization"), ledger)
    no_precondition(request, "use `expect`")
    return await _append(request, Write(ledger=ledger, by=key.key_id))


@post("/v1/ledgers/{ledger:str}/relationships/{relationship:str}/events", status_code=201, request_max_body_size=None)
async def append_to_relationship(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[Any]:
    site = site_of(request)
    key = await site.gate.writer(request.given("authorization"), ledger)
    right = canonical(relationship)
    if right != relationship:
        return moved(request, f"/v1/ledgers/{ledger}/relationships/{right}/events")
    expected = precondition(request, right)
    return await _append(request, Write(ledger=ledger, by=key.key_id, scope=right, precondition=expected))


async def _append(request: Request, write: Write) -> Response[Any]:
    """As the kind of body wants it; only that of lines has no limit."""
    match media_type_of(request, TAKEN):
        case "application/x-ndjson":
            return await append_lines(request, write)
        case "application/json" if not cloudevents.in_headers(request):
            return await _append_batch(request, write)
        case media_type:
            return await cloudevents.append(request, write, media_type)


async def _append_batch(request: Request, write: Write) -> Response[bytes]:
    parameters = Parameters(request, ["dry_run"])
    dry_run = parameters.choice("dry_run", "true", "false") == "true"
    parameters.check()
    body = await json_of(request)
    named = idempotency(request, write, JSON, body)
    append = await _read(request, body, write)
    expectations = _expectations(append.expect, write.scope if write.precondition is not None else None)
    items = [bytes(event) for event in append.events]
    return await receipts.record(request, write, items, expectations=expectations, idempotency=named, dry_run=dry_run)


async def _read(request: Request, body: bytes, write: Write) -> Append:
    """Raises Invalid with the faults of the envelope, and with those of the events beside them."""
    faults = shape_faults(body, Append)
    if not faults:
        return msgspec.json.decode(body, type=Append)
    try:
        events = [bytes(event) for event in msgspec.json.decode(body, type=_EventsAlone).events]
        await history.record(site_of(request).log, write.ledger, events, by=write.by, dry_run=True)
    except msgspec.ValidationError:
        pass
    except Invalid as invalid:
        faults += invalid.faults
    except Refusal:
        pass
    raise Invalid(faults)


class _EventsAlone(msgspec.Struct):
    events: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MOST_EVENTS)]


def _expectations(expect: Sequence[Expected], in_header: str | None) -> list[Expectation]:
    """Raises Invalid, and BadRequest where a header expects something of the same relationship."""
    faults: list[Fault] = []
    found: dict[str, Expectation] = {}
    for index, one in enumerate(expect):
        pointer = f"/expect/{index}"
        try:
            right = canonical_relationship(one.relationship)
        except ValueError as error:
            faults.append(Fault(f"{pointer}/relationship", "not-a-relationship", str(error)))
            continue
        if right != one.relationship:
            detail = f"the id of this relationship is {right}"
            faults.append(Fault(f"{pointer}/relationship", "not-a-relationship", detail))
        elif right in found:
            faults.append(Fault(f"{pointer}/relationship", "repeated", f"{right} is expected something of already"))
        elif right == in_header:
            raise bad_header(
                "if-match", "twice", f"a header says already what is expected of {right}; leave `expect` out"
            )
        else:
            number = {"none": NONE, "exists": EXISTS, "any": None}.get(str(one.revision), one.revision)
            if isinstance(number, int):
                found[right] = Expectation(right, number, f"{pointer}/revision")
    if faults:
        raise Invalid(faults)
    return list(found.values())


@route("/v1/ledgers/{ledger:str}/events/{event_id:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_event(request: Request, ledger: FromPath[str], event_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    Parameters(request).check()
    stored = await history.event(site.log, ledger, known_id(event_id, "event"))
    return answer(request, stored_event(ledger, stored), kept(passed, PINNED))


def stored_event(ledger: str, stored: Stored) -> StoredEvent:
    recorded = stored.recorded
    return StoredEvent(
        id=recorded.id,
        ledger=ledger,
        claim=recorded.claim,
        position=recorded.position,
        recorded_at=rfc3339(recorded.recorded_at),
        recorded_by=recorded.recorded_by,
        revisions=stored.revisions,
        dates=UNSET if recorded.bounds is None else dates_of(recorded.bounds),
        event=msgspec.Raw(stored.content.encode()),
    )
