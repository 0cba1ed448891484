"""To record: what comes in is read whole before any of it is sent down; the store answers with a receipt."""

import asyncio
from collections.abc import Mapping, Sequence

import uuid_utils

from service.domain.batches import read_batch
from service.domain.reading import Draft, read_events
from service.domain.refusals import Fault, Invalid
from service.domain.shape import MOST_FAULTS
from service.domain.types import EventType
from service.store.appender import Acceptable, Expectation, Receipt, Request
from service.store.log import Log

BREATH = 64
"""Events that are read before other tasks of the process get their turn."""


async def record(
    log: Log,
    ledger: str,
    items: Sequence[bytes],
    *,
    by: str,
    scope: str | None = None,
    expectations: Sequence[Expectation] = (),
    idempotency_key: str | None = None,
    fingerprint: bytes | None = None,
    dry_run: bool = False,
) -> Receipt | Acceptable:
    """Records the events as one batch. Raises Refusal; then nothing is recorded.

    A request that repeats an idempotency key of this writer with the same fingerprint gets the first one's receipt,
    whose events may have other ids than this one's would have been given.
    """
    try:
        drafts = await _read(items, await log.types(ledger))
    except Invalid as invalid:
        if all(fault.code != "unknown-type" for fault in invalid.faults):
            raise
        drafts = await _read(items, await log.types(ledger, afresh=True))
    request = Request(
        batch=read_batch(drafts),
        by=by,
        scope=scope,
        expectations=tuple(expectations),
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
    )
    return await (log.check(ledger, request) if dry_run else log.append(ledger, request))


async def _read(items: Sequence[bytes], types: Mapping[str, EventType]) -> list[Draft]:
    """Raises Invalid with every fault, up to ``MOST_FAULTS``."""
    if len(items) <= BREATH:
        return read_events(items, types, new_id)
    drafts, faults = list[Draft](), list[Fault]()
    for first in range(0, len(items), BREATH):
        try:
            drafts += read_events(items[first : first + BREATH], types, new_id, first)
        except Invalid as invalid:
            faults += invalid.faults
            if len(faults) >= MOST_FAULTS:
                break
        await asyncio.sleep(0)
    if faults:
        raise Invalid(faults[:MOST_FAULTS])
    return drafts


def new_id() -> str:
    """In the order of time, which keeps the index of ids small."""
    return str(uuid_utils.uuid7())
