"""Receipts: what is answered to a batch that is recorded, was recorded before, or would be."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from litestar import Response
from msgspec import Meta

from service import history
from service.api.answers import done
from service.api.conditions import Idempotency, Write
from service.api.ledgers import Checkpoint, checkpoint
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.actors import RelationshipId, Slug
from service.domain.as_of import rfc3339
from service.projections.claim import Position
from service.projections.lines import Instant, Total
from service.store.appender import Acceptable, Expectation, Receipt

Revision = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Revisions = Annotated[dict[RelationshipId, Revision], Meta(description="By relationship.")]


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


async def record(
    request: Request,
    write: Write,
    items: Sequence[bytes],
    *,
    expectations: Sequence[Expectation] = (),
    idempotency: Idempotency | None = None,
    dry_run: bool = False,
) -> Response[bytes]:
    """Records the events as one batch, and answers its receipt; raises the Refusal."""
    key = None if dry_run else idempotency  # a dry run is no request that could be repeated
    outcome = await history.record(
        site_of(request).log,
        write.ledger,
        items,
        by=write.by,
        scope=write.scope,
        expectations=[*filter(None, [write.precondition]), *expectations],
        idempotency_key=None if key is None else key.key,
        fingerprint=None if key is None else key.fingerprint,
        dry_run=dry_run,
    )
    if isinstance(outcome, Acceptable) or dry_run:
        return would_be_recorded(write, len(items))
    headers = {}
    # A repeat may have been sent to another address the first time.
    if write.scope is not None and write.scope in outcome.revisions:
        headers["etag"] = f'"r{outcome.revisions[write.scope]}"'
    if not outcome.repeated:
        headers["location"] = f"{base_of(request)}/v1/ledgers/{write.ledger}/events/{outcome.events[0].id}"
    elif key is not None:
        headers["idempotency-replayed"] = "true"
    return done(_recorded(write.ledger, outcome), 200 if outcome.repeated else 201, headers)


def would_be_recorded(write: Write, events: int) -> Response[bytes]:
    return done(WouldBeRecorded(ledger=write.ledger, events=events), 200)


def _recorded(ledger: str, receipt: Receipt) -> Recorded:
    return Recorded(
        ledger=ledger,
        position=receipt.last_position,
        recorded_at=rfc3339(receipt.recorded_at),
        events=tuple(
            RecordedEvent(id=event.id, claim=event.claim, position=event.position) for event in receipt.events
        ),
        revisions=dict(sorted(receipt.revisions.items())),
        checkpoint=checkpoint(receipt.last_position, receipt.digest),
    )
