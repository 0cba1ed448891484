"""Streaming replicas: which of them a question can be asked of, and when it has to be the primary.

A replica's answer is the primary's where it has come as far as the question needs: to the position that this is pinned
to; or, of one about now, to where the primary stands once it is asked.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import asyncpg
import msgspec

from service import metrics
from service.domain.refusals import Refusal, Unavailable
from service.domain.types import EventType
from service.store.pool import Connection, Pool, connection_of, replica_pool
from service.store.readers import Need, Reader
from service.store.servers import PATIENCE, Come, Heads, Server

WAIT = 0.05
"""Seconds that a question waits for a replica that is nearly there."""
MOST_REMEMBERED = 10_000
"""Ledgers of which one replica's place is remembered."""
T = TypeVar("T")
Question = Callable[[Reader], Awaitable[T]]
logger = logging.getLogger(__name__)


class Replica:
    """One of them: how far it has come, at least, and whether it can be asked."""

    def __init__(
        self,
        url: str,
        size: int,
        patience: float,
        primary: Server,
        types: dict[str, Mapping[str, EventType]],
        changed: Callable[[], None],
    ) -> None:
        self.pool = replica_pool(url, size, patience, self._connected)
        self.server, self._primary, self._changed = Server(url, self._seen), primary, changed
        self.reader = Reader(self._connection, types)
        self.in_use: bool | None = None
        """None before the first look at it."""
        self._why = ""
        self._come: dict[str, Come] = {}
        self._heads = Heads(self.pool)
        self._behind: dict[str, Need] = {}
        """What questions waited for in vain. Until it has come so far, none waits for more of that ledger."""
        self._catching_up: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Timeout] = set()
        self.answered = 0
        """Questions, so far."""

    @property
    def asked(self) -> int:
        """How many questions it is answering."""
        return len(self._asked)

    def _seen(self) -> None:
        """Takes it in or leaves it out, by the last looks at it and at the primary."""
        seen, primary = self.server.seen, self._primary.seen
        if seen is None:
            self.leave_out("it does not answer")
        elif not seen.replays:
            self.leave_out("it is no replica, or not any more")
        elif primary is not None and seen.system != primary.system:
            self.leave_out("it is a replica of another server")
        else:
            if not self.in_use:
                logger.info("the replica %s is used", self.server.name)
            self.in_use, self._why = True, ""
            self._changed()
            if self._behind and self._catching_up is None:
                self._catching_up = asyncio.create_task(self._catch_up(), name=f"replica: {self.server.name}")

    def leave_out(self, why: str) -> None:
        """It is not asked until a look at it says otherwise, and what it was asked is asked elsewhere."""
        if self.in_use or why != self._why:
            logger.warning("the replica %s is left out: %s", self.server.name, why)
        self.in_use, self._why = False, why
        self._changed()
        self._come.clear()
        self._behind.clear()
        asked, self._asked = self._asked, set()
        for patience in asked:
            patience.reschedule(asyncio.get_running_loop().time())

    async def _connected(self, _connection: Connection) -> None:
        """What is connected to anew may not be what it was."""
        self._come.clear()

    async def come(self, ledger: str) -> Come | None:
        """How far it is; None where it has no such ledger. Raises Unavailable."""
        found = await self._heads.of(ledger)
        if found is not None:
            if len(self._come) >= MOST_REMEMBERED:
                self._come.clear()
            self._come[ledger] = found
        return found

    def has(self, ledger: str, need: Need) -> bool:
        """By what is known of it without a look."""
        come = self._come.get(ledger)
        return come is not None and meets(come, need)

    async def comes(self, ledger: str, need: Need, wait: float) -> bool:
        """Whether it has what is needed, within that many seconds; no wait for what was waited for in vain."""
        if ledger in self._behind:
            return False
        clock = asyncio.get_running_loop().time
        end, pause = clock() + wait, 0.001
        try:
            while True:
                await self.come(ledger)
                if self.has(ledger, need):
                    return True
                if clock() + pause > end:
                    break
                await asyncio.sleep(pause)
                pause *= 2
        except Unavailable:
            return False
        if len(self._behind) < MOST_REMEMBERED:
            self._behind[ledger] = need
        return False

    async def _catch_up(self) -> None:
        """Looks which of those that it lacked it has by now."""
        try:
            for ledger, need in list(self._behind.items()):
                await self.come(ledger)
                if self.has(ledger, need):
                    self._behind.pop(ledger, None)
        except Unavailable:
            pass
        finally:
            self._catching_up = None

    async def answer(self, question: Question[T]) -> T:
        """Raises Unavailable where it fails, is left out meanwhile, or takes back what it was reading."""
        try:
            async with asyncio.timeout(None) as patience:
                self._asked.add(patience)
                try:
                    answer = await question(self.reader)
                finally:
                    self._asked.discard(patience)
            self.answered += 1
            metrics.REPLICA_ANSWERS.inc()
            return answer
        except TimeoutError:
            raise Unavailable("the replica did not answer") from None
        except asyncpg.PostgresError as error:  # one that replays may cut a reader short, or lack the newest columns
            logger.warning("the replica %s could not answer: %s", self.server.name, error)
            raise Unavailable(f"the replica could not answer: {type(error).__name__}") from None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with connection_of(self.pool) as connection:
            try:
                yield connection
            except asyncio.CancelledError:
                connection.terminate()  # nobody waits until a server that is gone has cancelled what it was asked
                raise


class Replicas:
    """All of them, and the primary that they follow; one per process."""

    def __init__(
        self,
        url: str,
        primary: Pool,
        urls: Sequence[str],
        size: int,
        patience: float,
        types: dict[str, Mapping[str, EventType]],
    ) -> None:
        self.primary = Server(url)
        self._heads = Heads(primary)
        self.all = [Replica(url, size, patience, self.primary, types, self._counted) for url in urls]
        self._known: dict[str, Come] = {}
        """Where ledgers stood by the primary's own word."""
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Looks for them; none needs to be there."""
        for one in self.all:
            await one.pool
        self._tasks = [
            asyncio.create_task(server.watch(), name=f"watch: {server.name}")
            for server in (self.primary, *(one.server for one in self.all))
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in self.all:
            one.pool.terminate()

    def _counted(self) -> None:
        metrics.REPLICAS_LEFT_OUT.set(sum(not one.in_use for one in self.all))

    @property
    def in_use(self) -> list[Replica]:
        """Those that can be asked, whichever has least to do first."""
        return sorted((one for one in self.all if one.in_use), key=lambda one: one.asked)

    def recorded(self, ledger: str, position: int) -> None:
        """This process has recorded up to there."""
        known = self._known.get(ledger)
        if known is not None and position > known.position:
            self._known[ledger] = msgspec.structs.replace(known, position=position)

    async def ask(self, primary: Reader, ledger: str, need: Need, question: Question[T]) -> T:
        """By a replica that has what is needed, else by the primary. Raises the Refusal; Unavailable where neither can.

        A replica's refusal is not the last word while the primary can be asked.
        """
        replica, sure = await self._that_has(ledger, need)
        refusal: Refusal | None = None
        if replica is not None:
            try:
                return await replica.answer(question)
            except Unavailable:
                replica.server.look_again()
            except Refusal as said:
                refusal = said
        try:
            if self.primary.is_away:
                raise Unavailable("the primary does not answer, and no replica has come so far")
            return await question(primary)
        except Unavailable:
            if refusal is not None and sure:
                raise refusal from None
            raise

    async def consult(self, primary: Reader, question: Question[T]) -> T:
        """By the primary; where that does not answer, by the replica that is asked least. Raises Unavailable."""
        if not self.primary.is_away:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await question(primary)
            except TimeoutError:
                pass
            except Unavailable:
                if not self.in_use:
                    raise
        for replica in self.in_use:
            try:
                return await replica.answer(question)
            except Unavailable:
                continue
        raise Unavailable("neither the primary nor a replica answers")

    async def _that_has(self, ledger: str, need: Need) -> tuple[Replica | None, bool]:
        """A replica for this question, if there is one; and whether what it says of the ledger is as good as the
        primary's word."""
        in_use = self.in_use
        if not in_use:
            return None, False
        if ledger in self._known and not need.epoch:
            need = msgspec.structs.replace(need, epoch=self._known[ledger].epoch)
        if not need.now:
            for one in in_use:
                if one.has(ledger, need):
                    return one, True
        if need.now or need.known is not None:
            try:
                head = await self._head(ledger)
            except Unavailable:
                return await self._furthest(in_use, ledger, need)
            if head is None:
                return None, True
            need = Need(position=max(need.position, head.position), epoch=head.epoch)
            for one in in_use:
                if one.has(ledger, need):
                    return one, True
        for number, one in enumerate(in_use):
            if await one.comes(ledger, need, 0 if number else WAIT):
                return one, True
        return None, True

    async def _head(self, ledger: str) -> Come | None:
        """By the primary. Raises Unavailable."""
        if self.primary.is_away:
            raise Unavailable("the primary does not answer")
        head = await self._heads.of(ledger)
        if head is not None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[ledger] = head
        return head

    async def _furthest(self, in_use: Sequence[Replica], ledger: str, need: Need) -> tuple[Replica | None, bool]:
        """While the primary is away: one that is over the known instant; of now, whichever has come furthest, if that
        is as far as this process knows of."""
        least = max(need.position, self._known[ledger].position if ledger in self._known else 0)
        found: list[tuple[int, Replica]] = []
        for one in in_use:
            with suppress(Unavailable):
                come = await one.come(ledger)
                if come is None or come.position < least or not come.epoch.startswith(need.epoch):
                    continue
                if need.now:
                    found.append((come.position, one))
                elif meets(come, need):
                    return one, True
        return (max(found, key=lambda it: it[0])[1] if found else None), False


def meets(come: Come, need: Need) -> bool:
    """Whether a database that has come there can answer what needs that."""
    return (
        come.position >= need.position
        and come.epoch.startswith(need.epoch)
        and (need.known is None or (come.recorded_at is not None and come.recorded_at >= need.known))
    )
