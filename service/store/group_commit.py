"""Group commit: the requests that wait while one call runs share the next; no timer, so a lone request goes at once."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Any

import msgspec

from service import metrics, traces
from service.domain.refusals import NotFound, Unavailable
from service.store.appender import Outcome, Receipt, Request, append, is_cluster
from service.store.pool import Connection, Pool, TimedOut, connection_of

logger = logging.getLogger(__name__)

LARGEST_GROUP = 256
"""Events in one call, unless one request alone has more."""
MOST_WAITING = 10_000
"""Events that wait; a request beyond them is refused and may be sent again."""


class Busy(Unavailable):
    """More waits to be recorded than is worth waiting for."""


_BECAME = {name: metrics.APPENDS.labels(name) for name in ("recorded", "repeated", "refused", "unavailable", "busy")}


class _Waiting(msgspec.Struct, frozen=True):
    request: Request
    outcome: asyncio.Future[Outcome]
    since: float
    caller: Any
    """The span that waits, if any."""

    @property
    def events(self) -> int:
        return len(self.request.batch.drafts)


class GroupCommit:
    """The one appender of a ledger in this process; several processes queue on the ledger's row."""

    def __init__(self, pool: Pool, ledger: str, recorded: Callable[[str, int], None], patience: float) -> None:
        """``patience`` is in seconds: of a request, and of a group in the database."""
        self._pool, self._ledger, self._recorded, self._patience = pool, ledger, recorded, patience
        self._queue: deque[_Waiting] = deque()
        self._events = 0
        self._runner: asyncio.Task[None] | None = None
        self._closing = False
        self._on_cluster: bool | None = None

    async def append(self, request: Request) -> Outcome:
        """Waits for the group it falls into. Raises NotFound, Unavailable; Busy where too much waits already."""
        if self._closing:
            raise Unavailable("the service is stopping")
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(request, outcome, time.perf_counter(), traces.here())
        if self._queue and self._events + waiting.events > MOST_WAITING:
            _BECAME["busy"].inc()
            raise Busy(f"{self._events} events wait to be recorded")
        self._queue.append(waiting)
        self._events += waiting.events
        if self._runner is None:
            # In a context of its own: it works for more than the request that started it.
            self._runner = asyncio.create_task(self._run(), name=f"appender of {self._ledger}", context=Context())
        try:
            async with asyncio.timeout(self._patience):
                return await outcome
        except TimeoutError:
            # If it is being recorded just now it will be found by its ids, else it is left out when its turn comes.
            raise TimedOut("it could not be recorded in time") from None

    @property
    def events_waiting(self) -> int:
        return self._events

    async def close(self) -> None:
        """Takes nothing more, and returns once all that waited has its answer."""
        self._closing = True
        if self._runner is not None:
            await self._runner

    async def _run(self) -> None:
        try:
            while group := self._next_group():
                await self._record(group)
        finally:
            self._runner = None

    def _next_group(self) -> list[_Waiting]:
        """As many of those that wait as may share a call: what one does must not bear on the checks of another."""
        group: list[_Waiting] = []
        events, ids, claims = 0, set[str](), set[str]()
        touched, keys = set[str](), set[tuple[str, str | None]]()
        while self._queue:
            waiting = self._queue[0]
            batch = waiting.request.batch
            own_ids = {draft.id for draft in batch.drafts}
            own_expected = {expectation.relationship for expectation in waiting.request.expectations}
            own_touched = {relationship for _, relationship in batch.touches}
            # What a claim belonged to before only the database knows: an expectation and such a touch stay apart.
            if group and (
                events + waiting.events > LARGEST_GROUP
                or batch.merges
                or (waiting.request.by, waiting.request.idempotency_key) in keys
                or not ids.isdisjoint(own_ids)
                or not claims.isdisjoint(batch.claims)
                or (own_expected and ("" in touched or not touched.isdisjoint(own_expected)))
            ):
                break
            self._queue.popleft()
            self._events -= waiting.events
            if waiting.outcome.done():  # its client left while it waited
                continue
            group.append(waiting)
            events += waiting.events
            ids |= own_ids
            claims |= batch.claims
            if waiting.request.idempotency_key is not None:
                keys.add((waiting.request.by, waiting.request.idempotency_key))
            touched |= own_touched | ({""} if batch.prior else set())
            if batch.merges:
                break
        return group

    async def _record(self, group: Sequence[_Waiting]) -> None:
        begun, events = time.perf_counter(), sum(waiting.events for waiting in group)
        metrics.QUEUE_SECONDS.observe(begun - group[0].since)
        try:
            with traces.group(events, [waiting.caller for waiting in group]):
                outcomes = await self._call(group)
        except (NotFound, Unavailable) as refusal:
            outcomes = [refusal] * len(group)
        except Exception:
            if len(group) > 1:
                # One of them is at fault; the others must not pay for it.
                logger.exception("a group of %d requests failed and is recorded one by one", len(group))
                for waiting in group:
                    await self._record([waiting])
                return
            logger.exception("a request could not be recorded")
            outcomes = [Unavailable("the event store failed")]
        metrics.GROUP_SECONDS.observe(time.perf_counter() - begun)
        metrics.GROUP_REQUESTS.observe(len(group))
        metrics.GROUP_EVENTS.observe(events)
        new = [one for one in outcomes if isinstance(one, Receipt) and not one.repeated]
        if new:
            self._recorded(self._ledger, new[-1].last_position)
            metrics.EVENTS.inc(sum(len(one.events) for one in new))
        for waiting, outcome in zip(group, outcomes, strict=True):
            _BECAME[_became(outcome)].inc()
            if not waiting.outcome.done():
                waiting.outcome.set_result(outcome)

    async def _call(self, group: Sequence[_Waiting]) -> list[Outcome]:
        """Once more where the connection broke: what was committed is then found by its ids, not recorded twice."""
        requests = [waiting.request for waiting in group]
        try:
            async with connection_of(self._pool) as connection:
                return await self._append(connection, requests)
        except TimedOut:
            raise
        except Unavailable:
            async with connection_of(self._pool) as connection:
                return await self._append(connection, requests)

    async def _append(self, connection: Connection, requests: Sequence[Request]) -> list[Outcome]:
        if self._on_cluster is None:
            self._on_cluster = await is_cluster(connection)
        return await append(connection, self._ledger, requests, patience=self._patience, on_cluster=self._on_cluster)


def _became(outcome: Outcome) -> str:
    if isinstance(outcome, Receipt):
        return "repeated" if outcome.repeated else "recorded"
    return "unavailable" if isinstance(outcome, Unavailable) else "refused"
