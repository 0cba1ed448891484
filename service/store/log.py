"""The log as the verbs in ``history.py`` see it: a pool, and the little that a process remembers between requests."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from service.domain.types import TYPES, EventType
from service.store import appender, ledgers
from service.store.pool import Connection, Pool, connection_of


class Log:
    """Everything a process needs to record and to answer; safe to share between tasks."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
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

    async def append(
        self, ledger: str, request: appender.Request, *, dry_run: bool = False
    ) -> appender.Receipt | appender.Acceptable:
        """Raises the Refusal, if it is refused."""
        async with self.connection() as connection:
            [outcome] = await appender.append(connection, ledger, [request], dry_run=dry_run)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
