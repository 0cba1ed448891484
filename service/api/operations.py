"""Every operation: its handler, and what the document says of it; a new endpoint is a line here."""

from collections.abc import Sequence
from typing import Any

from service.api import (
    across_described,
    bulk,
    changes_described,
    claims,
    cloudevents,
    envelopes,
    events,
    feed,
    health,
    ledgers,
    memento_described,
    metrics,
    pages,
    relationships,
    timelines_described,
    vocabulary,
)
from service.api.changes_described import LIVE, NOTHING_MORE, STREAM
from service.api.described import HTML, MOVED, OF_LEDGER, UNCHANGED, VALIDATED, Form, Operation, Said
from service.api.live import EVENT_STREAM
from service.api.problems import (
    ANOTHER_EPOCH,
    BEYOND_HEAD,
    CONFLICT,
    FORBIDDEN,
    INVALID,
    KEY_REUSED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    OUTSIDE,
    REVISION_CONFLICT,
    STALE_REVISION,
    TOO_LARGE,
    TYPE_DIFFERS,
    UNAUTHORIZED,
    UNAVAILABLE,
    WRONG_MEDIA,
    ProblemKind,
)
from service.projections import CATALOGUE, Projection

TAGS = {
    "relationships": "What is so between two or more actors, as of any day and as it was known on any day.",
    "versions": "What a relationship was known to be after each change, at addresses that keep (Memento, RFC 7089).",
    "timelines": "What is told of a relationship or an actor, in the order of its dates, in pages or clusters.",
    "across": "Actors, what they hold and who supplies them, over all relationships at one point.",
    "events": "Everything that is recorded: appended as a batch, never changed.",
    "claims": "One statement about the world, through all its versions.",
    "ledgers": "Logs with their own order, access and clock.",
    "types": "The vocabulary of a ledger: what a claim can be about.",
    "service": "For people and for those who run the service.",
}


WRITING = (*OF_LEDGER, FORBIDDEN, TOO_LARGE, WRONG_MEDIA, INVALID)
AS_OF = ("valid_at", "known_at", "known_position", "reported_by")


FORMS = (
    Form(bulk.NDJSON, "EventLines"),
    Form(cloudevents.ONE, "IncomingCloudEvent"),
    Form(cloudevents.BATCH, "IncomingCloudEvents"),
)
LINES = (
    "As application/x-ndjson there may be any number of events, one a line, as `events` has them or as the feed gives "
    "them; they are recorded in batches while the body comes in. A line that is refused does not hold up the others. "
    "The answer comes once the body was read: a line for each that was refused, and a summary. Lines that are sent "
    "again are known by the ids of their events: give them.\n\n"
)
CLOUD_EVENTS = (
    "A CloudEvent 1.0 holds an event, without an id, as its `data`; the event's id is the UUIDv5, in the namespace "
    f"{cloudevents.NAMESPACE}, of its `source` and `id` with a space between, so that it is recorded once however "
    "often it comes. `source`, `id`, `type`, `time` and `subject` are kept, as `cloudevent`; its other attributes are "
    "for its carriers, and are not. Several are one atomic batch. As application/json with the headers "
    "`ce-specversion`, `ce-id`, `ce-source` and `ce-type` the body is the `data`."
)


def _read(said: str, schema: str, *headers: str, forms: tuple[Form, ...] = ()) -> tuple[Said, ...]:
    return (
        Said(description=said, schema=schema, headers=(*VALIDATED, *headers), example=schema, forms=forms),
        UNCHANGED,
    )


def _put(schema: str) -> tuple[Said, ...]:
    return (
        Said(description="It was there.", schema=schema, example=schema),
        Said(status=201, description="It is new.", schema=schema, headers=("Location",), example=schema),
    )


def _appended(*headers: str) -> tuple[Said, ...]:
    return (
        Said(
            description="They are recorded already, by an earlier request; or a dry run found them acceptable. Lines "
            "were read to the end, and the answer says what became of them.",
            schema="RecordedOrAcceptable",
            headers=(*headers, "Idempotency-Replayed"),
            example="WouldBeRecorded",
            forms=(Form(bulk.NDJSON, "BulkLines"),),
        ),
        Said(
            status=201,
            description="They are recorded.",
            schema="Recorded",
            headers=("Location", *headers),
            example="Recorded",
        ),
    )


def _page(handler: Any, path: str, id_: str, summary: str, *problems: ProblemKind) -> Operation:
    said = Said(description="A page.", media_type=HTML, headers=("Cache-Control",))
    return Operation(
        handler=handler, path=path, id=id_, tag="service", summary=summary, answers=(said,), problems=problems
    )


def _projection(projection: Projection) -> Operation:
    name = projection.answer.__name__
    headers = ["Content-Location", "Tarih-Revision", "Tarih-Epoch", "Server-Timing"]
    headers += ["Link"] if name == "State" else []
    return Operation(
        handler=relationships.READERS[projection.name],
        path=_RELATIONSHIP + projection.path,
        id=f"getRelationship{name}",
        tag="relationships",
        summary=projection.title,
        description=f"{projection.description}\n\n{LIVE}" if name == "State" else projection.description,
        parameters=(*relationships.OF_A_PROJECTION, *(("Last-Event-ID",) if name == "State" else ()), "If-None-Match"),
        answers=(
            *_read("As of that point.", name, *headers, forms=STREAM if name == "State" else ()),
            *((NOTHING_MORE,) if name == "State" else ()),
            MOVED,
        ),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    )


_LEDGER = "/v1/ledgers/{ledger}"
_RELATIONSHIP = _LEDGER + "/relationships/{relationship}"
OPERATIONS: Sequence[Operation] = (
    *(_projection(projection) for projection in CATALOGUE),
    *changes_described.OPERATIONS,
    *memento_described.OPERATIONS,
    *timelines_described.OPERATIONS,
    *across_described.OPERATIONS,
    Operation(
        handler=feed.read_feed,
        path=_LEDGER + "/events",
        id="readFeed",
        tag="events",
        summary="The feed: events after a place, in order, as a page, as lines, or live",
        description="The header `Accept` chooses: application/json is a page; application/x-ndjson without `limit` is "
        "everything up to now; application/cloudevents-batch+json is a page of CloudEvents; text/event-stream is what "
        "was there and then what comes, without an end, and can be resumed with `Last-Event-ID`. No event is ever left "
        "out or told twice. Access is looked at again while a stream lasts.",
        parameters=("after", "limit", "type", "actor", "feed_relationship", "Last-Event-ID", "If-None-Match"),
        answers=(
            Said(
                description="The events. A stream has no `ETag`; `Link` is there while there is more.",
                schema="Feed",
                headers=(*VALIDATED, "Tarih-Epoch", "Tarih-Position", "Link"),
                example="Feed",
                forms=(
                    Form(feed.NDJSON, "Lines"),
                    Form(EVENT_STREAM, "EventStream"),
                    Form(envelopes.MEDIA_TYPE, "CloudEvents"),
                ),
            ),
            UNCHANGED,
            MOVED,
        ),
        problems=(*OF_LEDGER, BEYOND_HEAD, NOT_ACCEPTABLE, ANOTHER_EPOCH),
    ),
    Operation(
        handler=events.append_events,
        method="post",
        path=_LEDGER + "/events",
        id="appendEvents",
        tag="events",
        summary="Append events to a ledger",
        description="One atomic batch: all of it is recorded, or nothing. Events with ids of their own make a retry "
        "safe: the same ones are stored once. All faults of a batch are named at once.\n\n" + LINES + CLOUD_EVENTS,
        parameters=("dry_run", "on_error", "results", "atomic", "Idempotency-Key"),
        body="Append",
        requests=("Append", "Correct", "Expect"),
        forms=FORMS,
        answers=_appended(),
        problems=(*WRITING, KEY_REUSED, CONFLICT, REVISION_CONFLICT),
        writes=True,
    ),
    Operation(
        handler=events.append_to_relationship,
        method="post",
        path=_RELATIONSHIP + "/events",
        id="appendRelationshipEvents",
        tag="events",
        summary="Append events to one relationship, if it is as expected",
        description="Each event must touch this relationship, and may touch others. With `If-Match` nothing is "
        "recorded unless the relationship is at that revision, as a state's `Tarih-Revision` gives it; lines need "
        "`atomic` for it.\n\n" + LINES + CLOUD_EVENTS,
        parameters=(
            *("dry_run", "on_error", "results", "atomic"),
            *("Idempotency-Key", "If-Match", "If-None-Match-Any"),
        ),
        body="Append",
        requests=("Append",),
        forms=FORMS,
        answers=(*_appended("ETag"), MOVED),
        problems=(*WRITING, KEY_REUSED, CONFLICT, REVISION_CONFLICT, STALE_REVISION, OUTSIDE),
        writes=True,
    ),
    Operation(
        handler=events.read_event,
        path=_LEDGER + "/events/{event_id}",
        id="getEvent",
        tag="events",
        summary="One event",
        parameters=("If-None-Match",),
        answers=_read("The event as it was recorded.", "StoredEvent"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=claims.read_claim,
        path=_LEDGER + "/claims/{claim_id}",
        id="getClaim",
        tag="claims",
        summary="A claim as of a day and as then known",
        description="`event` is its content as recorded, whole; `sources` are those that were out by the reported day.",
        parameters=(*AS_OF, "If-None-Match"),
        answers=_read("The claim.", "ClaimState", "Tarih-Epoch"),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
    Operation(
        handler=claims.read_claim_history,
        path=_LEDGER + "/claims/{claim_id}/history",
        id="getClaimHistory",
        tag="claims",
        summary="Every version of a claim",
        parameters=("known_at", "known_position", "If-None-Match"),
        answers=_read("Its versions, the first one first.", "ClaimHistory", "Tarih-Epoch"),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
    Operation(
        handler=ledgers.list_ledgers,
        path="/v1/ledgers",
        id="listLedgers",
        tag="ledgers",
        summary="The ledgers that the caller may read",
        parameters=("If-None-Match",),
        answers=_read("The ledgers, by name.", "Ledgers"),
        problems=(UNAUTHORIZED,),
    ),
    Operation(
        handler=ledgers.describe_ledger,
        path=_LEDGER,
        id="getLedger",
        tag="ledgers",
        summary="One ledger: where it stands, and how much it holds",
        parameters=("If-None-Match",),
        answers=_read("The ledger.", "DescribedLedger", "Tarih-Epoch"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=ledgers.put_ledger,
        method="put",
        path=_LEDGER,
        id="putLedger",
        tag="ledgers",
        summary="Make a ledger, or give it another title or access",
        description="For keys that administer the whole service; to any other it looks absent.",
        body="NewLedger",
        requests=("NewLedger",),
        answers=_put("DescribedLedger"),
        problems=(*OF_LEDGER, TOO_LARGE, WRONG_MEDIA, INVALID),
        writes=True,
    ),
    Operation(
        handler=vocabulary.list_types,
        path=_LEDGER + "/types",
        id="listTypes",
        tag="types",
        summary="The types of a ledger",
        parameters=("If-None-Match",),
        answers=_read("The types, by name.", "Types"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=vocabulary.describe_type,
        path=_LEDGER + "/types/{type_name}",
        id="getType",
        tag="types",
        summary="One type, with the schema of its data",
        parameters=("If-None-Match",),
        answers=_read("The type.", "Type"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=vocabulary.put_type,
        method="put",
        path=_LEDGER + "/types/{type_name}",
        id="putType",
        tag="types",
        summary="Add a type to a ledger",
        description="A type never changes: the same again is 200, anything else 409. It needs the right `admin` there.",
        body="NewType",
        requests=("NewType",),
        answers=_put("Type"),
        problems=(*WRITING, TYPE_DIFFERS),
        writes=True,
    ),
    Operation(
        handler=pages.problems,
        path="/problems",
        id="listProblems",
        tag="service",
        summary="Every kind of problem",
        answers=(Said(description="As a page or as JSON.", schema="ProblemKinds", headers=("Cache-Control", "Vary")),),
    ),
    Operation(
        handler=pages.problem,
        path="/problems/{slug}",
        id="getProblem",
        tag="service",
        summary="What a kind of problem means",
        answers=(Said(description="As a page or as JSON.", schema="ProblemKind", headers=("Cache-Control", "Vary")),),
        problems=(NOT_FOUND,),
    ),
    Operation(
        handler=health.live,
        path="/health/live",
        id="checkAlive",
        tag="service",
        summary="Whether the process lives",
        answers=(Said(description="It does.", schema="Health", headers=("Cache-Control",), example="Health"),),
    ),
    Operation(
        handler=health.ready,
        path="/health/ready",
        id="checkReady",
        tag="service",
        summary="Whether it can answer",
        answers=(Said(description="It can.", schema="Health", headers=("Cache-Control",), example="Health"),),
        problems=(UNAVAILABLE,),
    ),
    Operation(
        handler=metrics.read_metrics,
        path="/metrics",
        id="readMetrics",
        tag="service",
        summary="Figures for monitoring, in Prometheus' text format",
        description="For keys that administer the whole service; to any other it looks absent.",
        answers=(
            Said(
                description="The figures.",
                schema="Metrics",
                media_type="text/plain",
                headers=("Cache-Control",),
                example="Metrics",
            ),
        ),
        problems=(UNAUTHORIZED, NOT_FOUND, UNAVAILABLE),
    ),
    Operation(
        handler=pages.openapi,
        path="/openapi.json",
        id="getOpenApi",
        tag="service",
        summary="This document",
        answers=(Said(description="OpenAPI 3.1.", schema="OpenApi", headers=("Cache-Control", "ETag")),),
    ),
    _page(pages.home, "/", "getHome", "What this is, and where to begin"),
    _page(pages.docs, "/docs", "getDocs", "This document, to read"),
    Operation(
        handler=pages.favicon,
        path="/favicon.ico",
        id="getFavicon",
        tag="service",
        summary="No icon",
        answers=(Said(status=204, description="There is none.", headers=("Cache-Control",)),),
    ),
)
HANDLERS = [operation.handler for operation in OPERATIONS]
