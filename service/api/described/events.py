"""Operations on events and claims: appending, the feed, one by its id; what the document says of them."""

from collections.abc import Sequence

from service.api import bulk, claims, cloudevents, envelopes, events, feed
from service.api.described.operation import MOVED, OF_LEDGER, UNCHANGED, VALIDATED, Form, Operation, Said, read
from service.api.parameters import AS_OF, KNOWN_TIME
from service.api.problems import (
    ANOTHER_EPOCH,
    BEYOND_HEAD,
    CONFLICT,
    FORBIDDEN,
    INVALID,
    KEY_REUSED,
    NOT_ACCEPTABLE,
    OUTSIDE,
    REVISION_CONFLICT,
    STALE_REVISION,
    TOO_LARGE,
    TOO_SLOW,
    WRONG_MEDIA,
)
from service.api.streams import EVENT_STREAM
from service.domain.cloudevents import NAMESPACE

_LEDGER = "/v1/ledgers/{ledger}"
_RELATIONSHIP = _LEDGER + "/relationships/{relationship}"
WRITING = (*OF_LEDGER, FORBIDDEN, TOO_LARGE, TOO_SLOW, WRONG_MEDIA, INVALID)
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
    f"{NAMESPACE}, of its `source` and `id` with a space between, so that it is recorded once however "
    "often it comes. `source`, `id`, `type`, `time` and `subject` are kept, as `cloudevent`; its other attributes are "
    "for its carriers, and are not. Several are one atomic batch. As application/json with the headers "
    "`ce-specversion`, `ce-id`, `ce-source` and `ce-type` the body is the `data`."
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


OPERATIONS: Sequence[Operation] = (
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
        answers=read("The event as it was recorded.", "StoredEvent"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=claims.read_claim,
        path=_LEDGER + "/claims/{claim_id}",
        id="getClaim",
        tag="claims",
        summary="A claim as of a day and as then known",
        description="`event` is its content as recorded, whole; `sources` are those that were out by the reported day.",
        parameters=(*AS_OF, "v", "If-None-Match"),
        answers=read("The claim.", "ClaimState", "Content-Location", "Tarih-Epoch"),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
    Operation(
        handler=claims.read_claim_history,
        path=_LEDGER + "/claims/{claim_id}/history",
        id="getClaimHistory",
        tag="claims",
        summary="Every version of a claim",
        parameters=(*KNOWN_TIME, "v", "If-None-Match"),
        answers=read("Its versions, the first one first.", "ClaimHistory", "Content-Location", "Tarih-Epoch"),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
)
