"""Events in and out: appending a batch to a ledger or to one relationship, and reading one event."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from litestar import HttpMethod, Response, post, route
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from service import history
from service.api.answers import PINNED, answer, done, kept
from service.api.bodies import body_of
from service.api.ledgers import Checkpoint, checkpoint
from service.api.parameters import Parameters, known_id
from service.api.refused import bad_header
from service.api.relationships import canonical, moved
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.actors import RelationshipId, Slug, canonical_relationship
from service.domain.as_of import rfc3339
from service.domain.refusals import Fault, Invalid, Refusal
from service.domain.shape import shape_faults
from service.projections.claim import Content, Dates, Position, dates_of
from service.projections.lines import Instant, Total
from service.store.appender import EXISTS, NONE, Acceptable, Expectation, Receipt

MOST_EVENTS = 10_000
"""Of one request."""
Revision = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Revisions = Annotated[dict[RelationshipId, Revision], Meta(description="By relationship.")]
_MATCH = re.compile(r'"r(0|[1-9][0-9]{0,14})"', re.ASCII)


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a relationship's revision must be before the batch."""

    relationship: RelationshipId
    revision: Revision | Literal["none", "exists", "any"]


class Append(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events that are recorded together, or not at all."""

    events: Annotated[tuple[msgspec.Raw, ...], Meta(min_length=1, max_length=MOST_EVENTS)]
    expect: Annotated[tuple[Expected, ...], Meta(max_length=1000)] = ()


class RecordedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Where an event of the request is recorded."""

    id: str
    claim: str
    position: Position


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """That a batch is recorded: now, or by an earlier request that this one repeats."""

    ledger: Slug
    position: Position
    """Of its last event: what is known with it is what `known_position` with this number answers."""
    recorded_at: Instant
    events: tuple[RecordedEvent, ...]
    """In the order of the request."""
    revisions: Revisions
    """Of every relationship that it touched, after it."""
    checkpoint: Checkpoint


class WouldBeRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a dry run. What would be refused is refused as if it were none."""

    acceptable: Literal[True] = True
    ledger: Slug
    events: Total
    """How many there are."""


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


@post("/v1/ledgers/{ledger:str}/events", status_code=201)
async def append_events(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    key = await site.gate.writer(request.headers.getall("authorization", []), ledger)
    for name in ("if-match", "if-none-match"):
        if name in request.headers:
            raise bad_header(name, "not-here", f"`{name}` goes with events sent to one relationship; use `expect`")
    return await _append(request, ledger, key.key_id)


@post("/v1/ledgers/{ledger:str}/relationships/{relationship:str}/events", status_code=201)
async def append_to_relationship(
    request: Request, ledger: FromPath[str], relationship: FromPath[str]
) -> Response[bytes]:
    site = site_of(request)
    key = await site.gate.writer(request.headers.getall("authorization", []), ledger)
    right = canonical(relationship)
    if right != relationship:
        return moved(request, f"/v1/ledgers/{ledger}/relationships/{right}/events")
    return await _append(request, ledger, key.key_id, right, _precondition(request, right))


async def _append(
    request: Request, ledger: str, by: str, scope: str | None = None, precondition: Expectation | None = None
) -> Response[bytes]:
    parameters = Parameters(request, ["dry_run"])
    dry_run = parameters.choice("dry_run", "true", "false") == "true"
    parameters.check()
    body = await body_of(request)
    append = await _read(request, body, ledger, by)
    expectations = _expectations(append.expect, scope if precondition is not None else None)
    outcome, ids = await history.record(
        site_of(request).log,
        ledger,
        [bytes(event) for event in append.events],
        by=by,
        scope=scope,
        expectations=[precondition, *expectations] if precondition is not None else expectations,
        dry_run=dry_run,
    )
    if isinstance(outcome, Acceptable) or dry_run:
        return done(WouldBeRecorded(ledger=ledger, events=len(append.events)), 200)
    headers = {}
    # A repeat may have been sent to another address the first time.
    if scope is not None and scope in outcome.revisions:
        headers["etag"] = f'"r{outcome.revisions[scope]}"'
    if not outcome.repeated:
        headers["location"] = f"{base_of(request)}/v1/ledgers/{ledger}/events/{ids[0][0]}"
    return done(_recorded(ledger, outcome, ids), 200 if outcome.repeated else 201, headers)


async def _read(request: Request, body: bytes, ledger: str, by: str) -> Append:
    """Raises Invalid with the faults of the envelope, and with those of the events beside them."""
    faults = shape_faults(body, Append)
    if not faults:
        return msgspec.json.decode(body, type=Append)
    try:
        events = msgspec.json.decode(body, type=_EventsAlone).events
        await history.record(site_of(request).log, ledger, [bytes(event) for event in events], by=by, dry_run=True)
    except msgspec.ValidationError:
        pass
    except Invalid as invalid:
        faults += invalid.faults
    except Refusal:
        pass
    raise Invalid(faults)


class _EventsAlone(msgspec.Struct):
    events: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MOST_EVENTS)]


def _precondition(request: Request, relationship: str) -> Expectation | None:
    """What If-Match or If-None-Match ask for; raises BadRequest."""
    given = [(name, value) for name in ("if-match", "if-none-match") for value in request.headers.getall(name, [])]
    if not given:
        return None
    name, value = given[0][0], given[0][1].strip()
    if len(given) > 1:
        raise bad_header(name, "repeated", "send one of `If-Match` and `If-None-Match`, once")
    if name == "if-none-match":
        if value != "*":
            raise bad_header(name, "unreadable", "`If-None-Match` can only be * here: the relationship must not exist")
        return Expectation(relationship, NONE)
    if value == "*":
        return Expectation(relationship, EXISTS)
    match = _MATCH.fullmatch(value)
    if match is None:
        raise bad_header(name, "unreadable", '`If-Match` must be one revision, such as "r7" with its quotes, or *')
    return Expectation(relationship, int(match[1]))


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


def _recorded(ledger: str, receipt: Receipt, ids: Sequence[tuple[str, str]]) -> Recorded:
    return Recorded(
        ledger=ledger,
        position=receipt.last_position,
        recorded_at=rfc3339(receipt.recorded_at),
        events=tuple(
            RecordedEvent(id=id_, claim=claim, position=position)
            for (id_, claim), position in zip(ids, receipt.positions, strict=True)
        ),
        revisions=receipt.revisions,
        checkpoint=checkpoint(receipt.last_position, receipt.digest),
    )


@route("/v1/ledgers/{ledger:str}/events/{event_id:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_event(request: Request, ledger: FromPath[str], event_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.headers.getall("authorization", []), ledger)
    Parameters(request).check()
    stored = await history.event(site.log, ledger, known_id(event_id, "event"))
    recorded = stored.recorded
    said = StoredEvent(
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
    return answer(request, said, kept(passed, PINNED))
