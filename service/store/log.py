"""The log as the verbs in ``history.py`` see it: a pool, and the little that a process remembers between requests."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from service.domain.refusals import Refusal
from service.domain.types import TYPES, EventType
from service.store import appender, ledgers
from service.store.group_commit import GroupCommit
from service.store.pool import Connection, Pool, connection_of


class Log:
    """Everything a process needs to record and to answer; safe to share between tasks."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._appenders: dict[str, GroupCommit] = {}
        self._types: dict[str, Mapping[str, EventType]] = {}

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """For the questions of one request; raises Unavailable."""
        return connection_of(self.pool)

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
            group_commit = self._appenders[ledger] = GroupCommit(self.pool, ledger)
        outcome = await group_commit.append(request)
        if isinstance(outcome, Refusal):
            raise outcome
        assert isinstance(outcome, appender.Receipt)  # noqa: S101 - only a dry run gets another answer
        return outcome

    async def check(self, ledger: str, request: appender.Request) -> appender.Acceptable | appender.Receipt:
        """A dry run: what an append would be answered; the receipt where it is recorded. Raises the Refusal."""
        async with self.connection() as connection:
            [outcome] = await appender.append(connection, ledger, [request], dry_run=True)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Answers what waits to be recorded, and closes the connections."""
        await asyncio.gather(*(group_commit.close() for group_commit in self._appenders.values()))
        await self.pool.close()
