"""Answers that are followed: asked again whenever they may have changed, once for all who ask the same."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from functools import partial
from itertools import count

import msgspec

from service import metrics
from service.domain.refusals import AnotherEpoch, Refusal, Unavailable
from service.history.answering import Answered, Asked, answer_as_of
from service.history.causing import causes_of_change
from service.history.changes import Because
from service.history.cores import Cores
from service.history.feeding import Place
from service.history.points import When
from service.projections import Projection
from service.store.log import Log
from service.store.wakeups import Wakeups

LONGEST = 3600.0
"""Seconds of one wait at most: then the database's clock is asked again."""
SOON = 60.0
"""Seconds between two looks, where no single instant says when an answer may change next."""
SHORTEST = 0.001
RETRY = 1.0
"""Seconds until the database is tried again."""
LOOKS_AT_ONCE = 2
LONGEST_PAUSE = 0.25
"""Seconds; both so that others, and who records, get their turn when much is recorded."""
STEPS = 16
"""Changes that are kept with their causes; who takes them more slowly has causes worked out for itself."""
logger = logging.getLogger(__name__)


class Followed(msgspec.Struct, frozen=True):
    """Which answer is followed. Those who ask the same share the work."""

    projection: str
    ledger: str
    relationship: str
    asked: Asked


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that differs from the one before it, and why; of the first one, nothing says why."""

    number: int
    answered: Answered
    because: Because | None = None


class Watch:
    """One answer that is followed by any number of readers. It holds the newest answer, and the causes of the last."""

    def __init__(self, log: Log, cores: Cores, projection: Projection, followed: Followed, looks: asyncio.Semaphore):
        self._log, self._followed, self._looks = log, followed, looks
        self._ask = partial(answer_as_of, log, cores, projection, followed.ledger, followed.relationship, looking=True)
        self._steps: deque[Step] = deque(maxlen=STEPS)
        self._changed = asyncio.Event()
        self.ended: Refusal | None = None
        self.readers = 0
        self._rested = 0.0
        # In a context of its own: it outlasts the request that began it.
        self._task = asyncio.create_task(self._run(), name=f"watch: {followed.relationship}", context=Context())

    async def after(self, number: int) -> list[Step]:
        """The steps after that one that are kept, never none; it waits for the next one. Raises the Refusal that ended
        it."""
        while True:
            found = [step for step in self._steps if step.number > number]
            if found:
                return found
            if self.ended is not None:
                raise self.ended
            await self._changed.wait()

    def end(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        try:
            seen = await self._answer()
            self._tell(Step(number=1, answered=seen))
            for number in count(2):
                seen, newer = await self._that_differs(seen)
                because = await self._because(seen, newer)
                self._tell(Step(number=number, answered=newer, because=because))
                seen = newer
        except Refusal as refusal:
            self.ended = refusal
        except Exception:  # whoever follows must not wait for ever
            logger.exception("an answer of %s is followed no more", self._followed.relationship)
            self.ended = Unavailable("the answer cannot be followed")
        self._wake()

    async def _that_differs(self, seen: Answered) -> tuple[Answered, Answered]:
        """The last look at the same answer, and the first at another one."""
        while True:
            hinted = await self._wait(seen)
            await asyncio.sleep(self._rested - time.perf_counter())
            begun = time.perf_counter()
            newer = await self._answer()
            took = time.perf_counter() - begun
            self._rested = begun + took + min(took, LONGEST_PAUSE)
            if hinted:
                metrics.TOLD_SECONDS.observe(took)
            if newer.at.head.epoch != seen.at.head.epoch:
                raise AnotherEpoch(seen.at.head.epoch.hex[:8], newer.at.head.position)
            if hinted and newer.at.head.position <= seen.at.head.position:
                self._wakeups.not_beyond(self._followed.ledger, newer.at.head.position)
            if newer.core != seen.core:
                return seen, newer
            seen = newer

    async def _wait(self, seen: Answered) -> bool:
        """Until the answer may be another one; True where an event may have been recorded. Raises Stopping."""
        try:
            async with asyncio.timeout(await self._seconds(seen)):
                await self._wakeups.beyond(self._followed.ledger, seen.at.head.position)
        except TimeoutError:
            return False
        return True

    async def _seconds(self, seen: Answered) -> float:
        """Until time alone may change the answer, by the database's clock."""
        when, now = self._followed.asked.when, seen.at.head.now
        due: list[int] = []
        if when.valid is None:
            due.append(seen.later)
        elif when.valid.at > now:  # what is projected hangs on what is over by now, too
            present = msgspec.structs.replace(self._followed.asked, when=msgspec.structs.replace(when, valid=None))
            due += [when.valid.at, (await self._answer(present)).later]
        seconds = min(((at - now) / 1e6 for at in due), default=LONGEST)
        if when.reported is not None and when.reported.at > now:  # today: until now, whenever that is
            seconds = min(seconds, SOON, (when.reported.at - now) / 1e6)
        return min(max(seconds, SHORTEST), LONGEST)

    async def _answer(self, asked: Asked | None = None) -> Answered:
        """However long the database is away."""
        while True:
            try:
                async with self._looks:
                    return await self._ask(asked or self._followed.asked)
            except Unavailable:
                await asyncio.sleep(RETRY)

    async def _because(self, seen: Answered, newer: Answered) -> Because | None:
        try:
            async with self._looks:
                return await because_of(self._log, self._followed, seen, newer)
        except Unavailable:  # that it changed is worth more than why
            return None

    def _tell(self, step: Step) -> None:
        self._steps.append(step)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def _wakeups(self) -> Wakeups:
        assert self._log.wakeups is not None, "a log that is followed has its wake-ups"  # noqa: S101
        return self._log.wakeups


class Watches:
    """Those of one process."""

    def __init__(self) -> None:
        self._watches: dict[Followed, Watch] = {}
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)

    def __len__(self) -> int:
        return len(self._watches)

    @asynccontextmanager
    async def watch(self, log: Log, cores: Cores, projection: Projection, followed: Followed) -> AsyncIterator[Watch]:
        """The one for that question; it ends with its last reader."""
        watch = self._watches.get(followed)
        if watch is None or watch.ended is not None:
            watch = self._watches[followed] = Watch(log, cores, projection, followed, self._looks)
        watch.readers += 1
        try:
            yield watch
        finally:
            watch.readers -= 1
            if watch.readers == 0:
                watch.end()
                if self._watches.get(followed) is watch:
                    del self._watches[followed]


async def because_of(log: Log, followed: Followed, seen: Answered, newer: Answered) -> Because:
    """Why one answer followed another."""
    return await causes_of_change(log, followed.ledger, followed.relationship, followed.asked, seen, newer)


async def answered_at(
    log: Log, cores: Cores, projection: Projection, followed: Followed, place: Place, now: Answered
) -> Answered | None:
    """What was answered by ``place`` to the same question; None where there is no telling."""
    when = followed.asked.when
    epoch, head = now.at.head.epoch.hex[:8], now.at.head.position
    if place.epoch not in (None, epoch) or not 0 < place.position <= head:
        return None
    asked = msgspec.structs.replace(
        followed.asked, when=When(valid=when.valid, position=place.position, reported=when.reported)
    )
    try:
        return await answer_as_of(log, cores, projection, followed.ledger, followed.relationship, asked)
    except Unavailable:
        raise
    except Refusal:
        return None


def is_still_so(followed: Followed, then: Answered, now: Answered) -> bool:
    """Whether the answer was certainly the same all the while, from when ``then`` was recorded until ``now``."""
    when = followed.asked.when
    if when.reported is not None and when.reported.at > now.at.head.now:
        return False
    if when.valid is None:
        return then.core == now.core and now.at.as_of.valid < then.later
    return then.core == now.core and not then.at.as_of.projected
