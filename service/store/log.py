"""The log as the verbs in ``history.py`` see it: a pool, and the little that a process remembers between requests."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager

from service.domain.refusals import Refusal
from service.domain.types import TYPES, EventType
from service.store import appender, ledgers
from service.store.feed import Filters, Page, Tail, follow
from service.store.group_commit import GroupCommit
from service.store.pool import PATIENCE, Connection, Pool, connection_of, late_connection_of
from service.store.statements import statement
from service.store.wakeups import Wakeups

_FORGET_KEYS = statement("forget_keys")


class Log:
    """Everything a process needs to record and to answer; safe to share between tasks."""

    def __init__(self, pool: Pool, wakeups: Wakeups | None = None, patience: float = PATIENCE) -> None:
        self.pool = pool
        self.patience = patience
        """Seconds that the database has to answer; to record, twice as long."""
        self.wakeups = wakeups
        """None where nobody follows: a command that records and ends."""
        self._tails: dict[str, Tail] = {}
        self._appenders: dict[str, GroupCommit] = {}
        self._types: dict[str, Mapping[str, EventType]] = {}

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """For the questions of one request; raises Unavailable."""
        return connection_of(self.pool)

    def late_connection(self) -> AbstractAsyncContextManager[Connection]:
        """The same where nothing may have to be asked: none is taken from the pool until then."""
        return late_connection_of(self.pool)

    async def types(self, ledger: str, *, afresh: bool = False) -> Mapping[str, EventType]:
        """The vocabulary of a ledger. Types are never changed, so what is remembered can only be too little."""
        known = self._types.get(ledger)
        if known is None or afresh:
            async with self.connection() as connection:
                known = TYPES | await ledgers.own_types(connection, ledger)
            self._types[ledger] = known
        return known

    async def append(self, ledger: str, request: appender.Request) -> appender.Receipt:
        """Records it in the next group. Raises the Refusal, if it is refused."""
        group_commit = self._appenders.get(ledger)
        if group_commit is None:
            group_commit = self._appenders[ledger] = GroupCommit(self.pool, ledger, self._recorded, 2 * self.patience)
        outcome = await group_commit.append(request)
        if isinstance(outcome, Refusal):
            raise outcome
        assert isinstance(outcome, appender.Receipt)  # noqa: S101 - only a dry run gets another answer
        return outcome

    @property
    def events_waiting(self) -> int:
        """To be recorded, in all ledgers."""
        return sum(group_commit.events_waiting for group_commit in self._appenders.values())

    async def check(self, ledger: str, request: appender.Request) -> appender.Acceptable | appender.Receipt:
        """A dry run: what an append would be answered; the receipt where it is recorded. Raises the Refusal."""
        async with self.connection() as connection:
            [outcome] = await appender.append(connection, ledger, [request], dry_run=True, patience=2 * self.patience)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def _recorded(self, ledger: str, position: int) -> None:
        if self.wakeups is not None:
            self.wakeups.recorded(ledger, position)

    def follow(self, ledger: str, after: int, head: int, filters: Filters) -> AsyncIterator[Page]:
        """Page after page, for ever. Raises Stopping."""
        assert self.wakeups is not None, "a log that is followed has its wake-ups"  # noqa: S101
        tail = self._tails.get(ledger)
        if tail is None:
            tail = self._tails[ledger] = Tail(self.pool, self.wakeups, ledger)
        return follow(self.pool, tail, ledger, after, head, filters)

    async def forget_keys(self) -> None:
        """Idempotency keys are kept for a day."""
        async with self.connection() as connection:
            await connection.execute(_FORGET_KEYS)

    async def close(self) -> None:
        """Answers what waits to be recorded, and closes the connections."""
        await asyncio.gather(*(group_commit.close() for group_commit in self._appenders.values()))
        if self.wakeups is not None:
            await self.wakeups.stop()
        await self.pool.close()
