"""The log as the verbs in ``history.py`` see it: a pool, and the little that a process remembers between requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from service.domain.refusals import Refusal
from service.store import appender
from service.store.feed import Filters, Page, Tail, follow, page_of
from service.store.group_commit import GroupCommit
from service.store.pool import PATIENCE, Pool, connection_of
from service.store.readers import Need, Reader
from service.store.replicas import Replicas
from service.store.statements import statement
from service.store.wakeups import Wakeups

_FORGET_KEYS = statement("forget_keys")
T = TypeVar("T")


class Log(Reader):
    """Everything a process needs to record and to answer; safe to share between tasks. As a reader, the primary."""

    def __init__(self, pool: Pool, wakeups: Wakeups | None = None, patience: float = PATIENCE) -> None:
        super().__init__(lambda: connection_of(pool), {})
        self.pool = pool
        self.patience = patience
        """Seconds that the database has to answer; to record, twice as long."""
        self.wakeups = wakeups
        """None where nobody follows: a command that records and ends."""
        self.replicas: Replicas | None = None
        self._tails: dict[str, Tail] = {}
        self._appenders: dict[str, GroupCommit] = {}

    async def ask(self, ledger: str, need: Need, question: Callable[[Reader], Awaitable[T]]) -> T:
        """By whichever database can answer it: a replica, if one has come as far as it needs. Raises the Refusal."""
        if self.replicas is None:
            return await question(self)
        return await self.replicas.ask(self, ledger, need, question)

    async def consult(self, question: Callable[[Reader], Awaitable[T]]) -> T:
        """By the primary; where that does not answer, by a replica. Raises Unavailable."""
        if self.replicas is None:
            return await question(self)
        return await self.replicas.consult(self, question)

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

    async def follow_replicas(self, url: str, urls: Sequence[str], size: int) -> None:
        """From now on ask the replicas at ``urls`` too, of the primary at ``url``."""
        self.replicas = Replicas(url, self.pool, urls, size, self.patience, self._types)
        await self.replicas.start()

    def _recorded(self, ledger: str, position: int) -> None:
        if self.replicas is not None:
            self.replicas.recorded(ledger, position)
        if self.wakeups is not None:
            self.wakeups.recorded(ledger, position)

    def follow(self, ledger: str, after: int, head: int, filters: Filters) -> AsyncIterator[Page]:
        """Page after page, for ever. Raises Stopping."""
        assert self.wakeups is not None, "a log that is followed has its wake-ups"  # noqa: S101
        tail = self._tails.get(ledger)
        if tail is None:
            tail = self._tails[ledger] = Tail(self.pool, self.wakeups, ledger)

        async def read(after: int) -> Page:
            return await self.ask(ledger, Need(position=head), partial(page_of, ledger, after, filters))

        return follow(read, tail, after, head, filters)

    async def forget_keys(self) -> None:
        """Idempotency keys are kept for a day."""
        async with self.connection() as connection:
            await connection.execute(_FORGET_KEYS)

    async def close(self) -> None:
        """Answers what waits to be recorded, and closes the connections."""
        await asyncio.gather(*(group_commit.close() for group_commit in self._appenders.values()))
        if self.wakeups is not None:
            await self.wakeups.stop()
        if self.replicas is not None:
            await self.replicas.stop()
        await self.pool.close()
