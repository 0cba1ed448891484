"""Examples of the document: real requests of the sample ledger, and the answers that the same folds give to them."""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from service.api import problems, vocabulary
from service.api.answers import JSON
from service.api.bulk import BulkEnd, BulkSummary
from service.api.described import (
    examples_of_across,
    examples_of_changes,
    examples_of_keys,
    examples_of_timelines,
    examples_of_widget,
    imports,
)
from service.api.envelopes import envelope
from service.api.events import StoredEvent
from service.api.feed import Feed
from service.api.health import Health
from service.api.ledgers import Counts, DescribedLedger, Ledgers, NamedLedger, checkpoint
from service.api.links import LINK_FORMAT, Addresses
from service.api.memento import timemap
from service.api.problems import Problem, ProblemKind
from service.api.receipts import Recorded as Receipt
from service.api.receipts import RecordedEvent, WouldBeRecorded
from service.api.refused import Entry
from service.domain.as_of import AsOf, parse_point, rfc3339
from service.domain.claims import Folded, Recorded, fold
from service.domain.names import actors_of
from service.domain.reading import Draft, read_events, relationships_of
from service.domain.refusals import Fault
from service.domain.types import TYPES
from service.domain.versions import Version
from service.history import VersionsPage
from service.history.bulk import Line
from service.projections import CATALOGUE, Question, View
from service.projections.claim import claim_history, claim_state, content_of, dates_of
from service.sample import drones

LEDGER, RELATIONSHIP, CLAIM = "drones", "pak--tur", "sipri-tb2-delivered"
FIRST_START = parse_point("2026-11-22T16:00:00Z").at
EPOCH = "6fd9d5b3-8cb1-4c10-bc80-689c61b52735"
BETWEEN_BATCHES = 20_000  # µs


@cache
def _sample() -> tuple[Recorded, ...]:
    """Its events, as a first start records them."""
    found: list[Recorded] = []
    for number, batch in enumerate(drones().batches):
        drafts = read_events(batch, TYPES, str)
        at = FIRST_START + number * BETWEEN_BATCHES
        found += [_recorded(draft, len(found) + nth, at) for nth, draft in enumerate(drafts, 1)]
    return tuple(found)


def _recorded(draft: Draft, position: int, at: int) -> Recorded:
    return Recorded(
        position=position,
        recorded_at=at,
        id=draft.id,
        claim=draft.claim,
        event=draft.event,
        bounds=draft.bounds,
        members=draft.members,
        reported=draft.reported,
        recorded_by="sample",
    )


def _point(valid: str) -> AsOf:
    known = _sample()[-1].recorded_at
    return AsOf(valid=parse_point(valid).at, known=known, position=len(_sample()), final=True, pinned=True)


def _touching(folded: Folded) -> int:
    """The sample's claims keep to their relationships, so that what touches one is all that acts on its claims."""
    theirs = {id_ for id_, claim in folded.claims.items() if RELATIONSHIP in relationships_of(claim.statement)}
    return sum(recorded.claim in theirs for recorded in _sample())


def _question(valid: str) -> Question:
    folded = fold(_sample())
    claims = [claim for claim in folded.claims.values() if RELATIONSHIP in relationships_of(claim.statement)]
    return Question(
        relationship=RELATIONSHIP,
        as_of=_point(valid),
        claims=claims,
        actors=actors_of(folded.claims.values()),
        known=True,
        revision=_touching(folded),
        types=TYPES,
    )


METRICS = (
    "# HELP tarih_queue_events Events that wait to be recorded.\n# TYPE tarih_queue_events gauge\n"
    "tarih_queue_events 0.0\n"
)


@cache
def requests() -> dict[str, tuple[str, Any]]:
    """By name: what it shows, and the body."""
    batches = [[msgspec.json.decode(event) for event in batch] for batch in drones().batches]
    told = {event["id"]: event for batch in batches for event in batch}
    correction = next(event for event in batches[2] if event["action"] == "correct" and event["claim"] == CLAIM)
    return {
        "Append": ("Two claims of one article", {"events": [told["tb2-acquired"], told["plant-reported"]]}),
        "Correct": (
            "A register's later word, if nobody else wrote meanwhile",
            {"events": [correction], "expect": [{"relationship": RELATIONSHIP, "revision": 6}]},
        ),
        "Expect": ("Something that was to come", {"events": [told["more-announcements"]]}),
        "EventLines": (
            "The same two, a line each",
            "".join(f"{_encoded(told[id_])}\n" for id_ in ("tb2-acquired", "plant-reported")),
        ),
        "IncomingCloudEvent": ("An event in a CloudEvent", _cloudevent(told["tb2-acquired"])),
        "IncomingCloudEvents": (
            "Two, recorded together",
            [_cloudevent(told[id_]) for id_ in ("tb2-acquired", "plant-reported")],
        ),
        "NewLedger": ("A public ledger", {"title": drones().title, "public_read": True}),
        "NewKey": examples_of_keys.REQUEST,
        "NewType": (
            "A type of its own",
            {
                "kind": "occurrence",
                "title": "Visit",
                "schema": {
                    "type": "object",
                    "properties": {"place": {"type": "string"}},
                    "required": ["place"],
                    "additionalProperties": False,
                },
            },
        ),
    }


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _cloudevent(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "https://example.org/articles",
        "id": f"2025-12-05/{event['id']}",
        "type": "org.example.article.read",
        "time": "2025-12-05T09:30:00Z",
        "data": {name: value for name, value in event.items() if name != "id"} | {"claim": event["id"]},
    }


@cache
def answers() -> dict[str, Any]:
    """By name of component."""
    sample = _sample()
    folded, head, end = fold(sample), len(sample), sample[-1].recorded_at
    last = [recorded for recorded in sample if recorded.recorded_at == end]
    acquired = next(recorded for recorded in sample if recorded.id == "tb2-acquired")
    digest = checkpoint(head, hashlib.sha256(b"an example").digest())
    named: dict[str, Any] = {"ledger": LEDGER, "title": drones().title, "public_read": True, "position": head}
    relationships = {one for claim in folded.claims.values() for one in relationships_of(claim.statement)}
    assert acquired.bounds is not None  # noqa: S101 - an assertion has dates
    found: dict[str, msgspec.Struct] = {
        **{one.answer.__name__: one.fold(View(_question("2024-06-30"))) for one in CATALOGUE},
        "WouldBeRecorded": WouldBeRecorded(ledger=LEDGER, events=len(last)),
        "Recorded": Receipt(
            ledger=LEDGER,
            position=head,
            recorded_at=rfc3339(end),
            events=tuple(RecordedEvent(id=one.id, claim=one.claim, position=one.position) for one in last),
            revisions={RELATIONSHIP: _touching(folded)},
            checkpoint=digest,
        ),
        "StoredEvent": StoredEvent(
            id=acquired.id,
            ledger=LEDGER,
            claim=acquired.claim,
            position=acquired.position,
            recorded_at=rfc3339(acquired.recorded_at),
            recorded_by=acquired.recorded_by,
            revisions={"baykar--pak": 1, RELATIONSHIP: 15},
            dates=dates_of(acquired.bounds),
            event=content_of(acquired),
        ),
        "ClaimState": claim_state(folded.claims[CLAIM], None, _point("2024-06-30")),
        "ClaimHistory": claim_history(CLAIM, [one for one in sample if one.claim == CLAIM], _point("2024-06-30")),
        "Ledgers": Ledgers(ledgers=(NamedLedger(**named, recorded_at=rfc3339(end)),)),
        "DescribedLedger": DescribedLedger(
            **named,
            recorded_at=rfc3339(end),
            created_at=rfc3339(FIRST_START - BETWEEN_BATCHES),
            epoch=EPOCH,
            counts=Counts(events=head, claims=len(folded.claims), relationships=len(relationships)),
            checkpoint=digest,
        ),
        "Types": vocabulary.Types(types=tuple(vocabulary.shown(TYPES[name]) for name in ("acquisition", "note"))),
        "Type": vocabulary.shown(TYPES["acquisition"]),
        "Health": Health(status="pass"),
        **examples_of_keys.answers(LEDGER, FIRST_START),
        **imports.answers(LEDGER),
        **examples_of_changes.answers(sample, _question("2021-06-01"), _question("2025-12-31")),
        **examples_of_across.answers(sample, _point("2024-06-30")),
        **examples_of_widget.answers(),
        **examples_of_timelines.answers(RELATIONSHIP, sample, _point("2024-06-30")),
    }
    shown = {name: msgspec.json.decode(msgspec.json.encode(said)) for name, said in found.items()}
    shown["StateStream"] = examples_of_changes.state_stream(found["State"], f"{EPOCH[:8]}-{head}")
    return shown | _feed(sample) | _timemap(sample) | {"BulkLines": _bulk(), "Metrics": METRICS}


def _bulk() -> str:
    fault = Fault("/occurred", "unreadable-date", "there is no 30 February")
    refused = msgspec.json.encode(Line(3, "refused", errors=(fault,)))
    end = msgspec.json.encode(
        BulkEnd(BulkSummary(lines=3, recorded=2, repeated=0, refused=1, stopped=False, position=53))
    )
    return f"{refused.decode()}\n{end.decode()}\n"


def _feed(sample: Sequence[Recorded]) -> dict[str, Any]:
    """Its four forms, after position 2."""
    events = [_stored(recorded) for recorded in sample[2:4]]
    address, resume = f"http://127.0.0.1:8000/v1/ledgers/{LEDGER}", f"{EPOCH[:8]}-{events[-1].position}"
    page = Feed(
        ledger=LEDGER,
        epoch=EPOCH,
        head=len(sample),
        resume=resume,
        events=tuple(events),
        next=f"{address}/events?after={resume}&limit=2",
    )
    lines = [msgspec.json.encode(event).decode() for event in events]
    blocks = [
        f"id: {EPOCH[:8]}-{event.position}\nevent: event\ndata: {line}\n\n"
        for event, line in zip(events, lines, strict=True)
    ]
    caught_up = f'id: {resume}\nevent: caught-up\ndata: {{"position":{events[-1].position}}}\n\n'
    return {
        "Feed": msgspec.json.decode(msgspec.json.encode(page)),
        "CloudEvents": msgspec.json.decode(msgspec.json.encode([envelope(address, event) for event in events])),
        "Lines": "".join(f"{line}\n" for line in lines),
        "EventStream": "".join(["retry: 1000\n\n", *blocks, caught_up, ":\n\n"]),
    }


def _timemap(sample: Sequence[Recorded]) -> dict[str, Any]:
    """Its two forms."""
    claims = fold(sample).claims.values()
    touching = {claim.id for claim in claims if RELATIONSHIP in relationships_of(claim.statement)}
    batches: dict[int, list[Recorded]] = {}
    for recorded in sample:
        batches.setdefault(recorded.recorded_at, []).append(recorded)
    versions = tuple(
        Version(batch[-1].position, batch[0].position, at)
        for at, batch in batches.items()
        if any(recorded.claim in touching for recorded in batch)
    )
    page = VersionsPage(
        versions=versions, following=(), closed=False, first=versions[0], last=versions[-1], epoch=UUID(EPOCH)
    )
    to = Addresses("http://127.0.0.1:8000", LEDGER, RELATIONSHIP)
    return {
        "TimeMap": msgspec.json.decode(timemap(JSON, to, page, to.timemap, "?format=json")[0]),
        "TimeMapLinks": timemap(LINK_FORMAT, to, page, to.timemap)[0].decode(),
    }


def _stored(recorded: Recorded) -> StoredEvent:
    """Of a claim that touches nothing but its actors' own timelines."""
    return StoredEvent(
        id=recorded.id,
        ledger=LEDGER,
        claim=recorded.claim,
        position=recorded.position,
        recorded_at=rfc3339(recorded.recorded_at),
        recorded_by=recorded.recorded_by,
        revisions={},
        dates=UNSET if recorded.bounds is None else dates_of(recorded.bounds),
        event=content_of(recorded),
    )


def problem(kind: ProblemKind) -> dict[str, Any]:
    """An answer of that kind."""
    detail, more = _PARTICULARS.get(kind.slug, (kind.meaning, {}))
    said = Problem(
        type=f"http://127.0.0.1:8000/problems/{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance="urn:uuid:18cea55a-19ad-4208-805d-071014cf1497",
        **more,
    )
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(said))
    return decoded


_STALE = {"relationship": RELATIONSHIP, "expected": "7", "revision": 28}
_PARTICULARS: dict[str, tuple[str, dict[str, Any]]] = {
    problems.BAD_REQUEST.slug: (
        "`valid_at`: '2024' is not a point in time; give a full date, such as 2024-06-30, or an instant with its zone, "
        "such as 2024-06-30T12:00:00Z",
        {"errors": (Entry(parameter="valid_at", code="unreadable", detail="'2024' is not a point in time"),)},
    ),
    problems.BEYOND_HEAD.slug: ("position 99 is beyond the head, 51", {"head": 51}),
    problems.ANOTHER_EPOCH.slug: ("this ledger has no epoch that begins with 3f2a9c01; its head is 51", {"head": 51}),
    problems.NOT_ACCEPTABLE.slug: (
        "this can be had as application/json, application/x-ndjson, text/event-stream, "
        "application/cloudevents-batch+json",
        {},
    ),
    problems.CONFLICT.slug: (
        "/events/0/claim: the claim `tb2-acquired` is retracted; reinstate it first",
        {
            "errors": (
                Entry(
                    pointer="/events/0/claim",
                    code="claim-retracted",
                    detail="the claim `tb2-acquired` is retracted; reinstate it first",
                ),
            )
        },
    ),
    problems.REVISION_CONFLICT.slug: (
        "pak--tur is at revision 28; the request expects 7",
        {**_STALE, "errors": (Entry(pointer="/expect/0/revision", code="revision", detail="it is at 28"),)},
    ),
    problems.STALE_REVISION.slug: ("pak--tur is at revision 28; the request expects 7", _STALE),
    problems.INVALID.slug: (
        "2 places are at fault; nothing is recorded",
        {
            "errors": (
                Entry(pointer="/events/1/occurred", code="unreadable-date", detail="there is no 30 February"),
                Entry(pointer="/events/2/type", code="unknown-type", detail="this ledger has no type `aquisition`"),
            )
        },
    ),
    problems.OUTSIDE.slug: (
        "/events/0: this event does not touch pak--tur; send it to the ledger's events",
        {"errors": (Entry(pointer="/events/0", code="outside-relationship", detail="it does not touch pak--tur"),)},
    ),
}
