"""To record: what comes in is read whole before any of it is sent down; the store answers with a receipt."""

from collections.abc import Sequence

import uuid_utils

from service.domain.batches import read_batch
from service.domain.reading import read_events
from service.domain.refusals import Invalid
from service.store.appender import Acceptable, Expectation, Receipt, Request
from service.store.log import Log


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
        drafts = read_events(items, await log.types(ledger), new_id)
    except Invalid as invalid:
        if all(fault.code != "unknown-type" for fault in invalid.faults):
            raise
        drafts = read_events(items, await log.types(ledger, afresh=True), new_id)
    request = Request(
        batch=read_batch(drafts),
        by=by,
        scope=scope,
        expectations=tuple(expectations),
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
    )
    return await (log.check(ledger, request) if dry_run else log.append(ledger, request))


def new_id() -> str:
    """In the order of time, which keeps the index of ids small."""
    return str(uuid_utils.uuid7())
