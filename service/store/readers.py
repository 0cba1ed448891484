"""What a question is asked of: a database, and the vocabulary that this process remembers; and what it needs of it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

import msgspec

from service.domain.types import TYPES, EventType
from service.store import ledgers
from service.store.pool import Connection, LateConnection


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """How far a database must have come in a ledger, so that its answer is the answer."""

    position: int = 0
    known: int | None = None
    """An instant, in µs, that nothing more can be recorded of there: the last event is no earlier."""
    epoch: str = ""
    """How the ledger's epoch begins there, in hexadecimal."""
    now: bool = False
    """As far as the primary is, once this is asked; of a known instant, where it is not over there."""

    def __or__(self, other: "Need") -> "Need":
        """Of a question that needs both."""
        known = (one.known for one in (self, other) if one.known is not None)
        return Need(
            position=max(self.position, other.position),
            known=max(known, default=None),
            epoch=self.epoch or other.epoch,
            now=self.now or other.now,
        )


NOW = Need(now=True)


class Reader:
    """One database, to be read."""

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[Connection]],
        types: dict[str, Mapping[str, EventType]],
    ) -> None:
        self._connect, self._types = connect, types

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """For the questions of one request; raises Unavailable."""
        return self._connect()

    def late_connection(self) -> AbstractAsyncContextManager[Connection]:
        """The same where nothing may have to be asked: none is taken from the pool until then."""
        return LateConnection(self._connect)

    def types_at_hand(self, ledger: str) -> Mapping[str, EventType] | None:
        """What is remembered of them."""
        return self._types.get(ledger)

    async def types(self, ledger: str, *, afresh: bool = False) -> Mapping[str, EventType]:
        """The vocabulary of a ledger. Types are never changed, so what is remembered can only be too little."""
        known = self._types.get(ledger)
        if known is None or afresh:
            async with self.connection() as connection:
                known = TYPES | await ledgers.own_types(connection, ledger)
            self._types[ledger] = known
        return known
