"""Recording lines without end: each line an event, recorded in batches; what is refused is told line by line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from service.domain.batches import read_batch
from service.domain.lines import read_line
from service.domain.reading import Draft
from service.domain.refusals import Conflict, CutShort, Fault, Invalid, TooLarge, TooSlow, Unavailable
from service.domain.shape import MOST_FAULTS
from service.domain.types import EventType
from service.history.recording import new_id
from service.store.appender import Acceptable, Receipt
from service.store.log import Log
from service.store.request import Expectation, Request, alone

BATCH = 500
"""Lines that are recorded together."""
LONGEST_LINE = 1_000_000
"""Bytes."""
BREATH = 32
"""Lines read before other tasks of the process get their turn."""
MOST_ROUNDS = 20
"""Times that a batch is tried again without what was refused of it, before each line is tried alone."""
UNTIL_SENT = 6
"""Turns that others need before a batch is on its way to the database, which then works while we do."""
MOST_AT_ONCE, LARGEST_AT_ONCE = 100_000, 64_000_000
"""Lines, and bytes of them, that are recorded all or none."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one line, counted from 1."""

    line: int
    status: Literal["recorded", "repeated", "refused"]
    id: str | None = None
    claim: str | None = None
    position: int | None = None
    errors: tuple[Fault, ...] = ()
    """Pointers into the line."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all of them."""

    lines: int
    recorded: int
    repeated: int
    """Recorded by an earlier request, with the same content."""
    refused: int
    stopped: bool
    """True where the rest was left unread after a refused line."""


class Numbered(msgspec.Struct, frozen=True, gc=False):
    """An event, and the line that it was read from."""

    number: int
    draft: Draft
    place: str
    """Of the event in its line: a JSON Pointer."""


Told = Callable[[Line], Awaitable[None]]
Pause = Callable[[], Awaitable[None]]


async def lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes | None]]:
    """The numbered lines of a stream that are not blank; None for one that is too long to be held."""
    number, held, too_long = 1, bytearray(), False
    async for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            held += end
            if too_long or len(held) > LONGEST_LINE:
                yield number, None
            elif line := bytes(held).removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").strip():
                yield number, line
            number, held, too_long = number + 1, bytearray(), False
        held += rest
        if len(held) > LONGEST_LINE:
            held, too_long = bytearray(), True
    if too_long:
        yield number, None
    elif line := bytes(held).removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").strip():
        yield number, line


class _Reader:
    """From lines to events, by the vocabulary of one ledger."""

    def __init__(self, log: Log, ledger: str) -> None:
        self.log, self.ledger = log, ledger
        self.types: Mapping[str, EventType] = {}
        self.asked = -BATCH

    async def read(self, number: int, line: bytes | None) -> Numbered:
        """Raises Invalid."""
        if line is None:
            raise Invalid([Fault("", "too-long", f"a line has at most {LONGEST_LINE} bytes")])
        try:
            return Numbered(number, *read_line(line, self.types, new_id))
        except Invalid as invalid:
            unknown = any(fault.code == "unknown-type" for fault in invalid.faults)
            if not unknown or number < self.asked + BATCH:  # the database is not asked at every line
                raise
        self.asked = number
        self.types = await self.log.types(self.ledger, afresh=True)
        return Numbered(number, *read_line(line, self.types, new_id))


class _Bulk:
    """One stream on its way into a ledger."""

    def __init__(
        self, log: Log, ledger: str, by: str, scope: str | None, tell: Told, pause: Pause, *, stop: bool
    ) -> None:
        self.log, self.ledger, self.by, self.scope = log, ledger, by, scope
        self.tell, self.pause, self.stop = tell, pause, stop
        self.reader = _Reader(log, ledger)
        self.counts = {"recorded": 0, "repeated": 0, "refused": 0}
        self.lines = 0
        self.stopped_at: int | None = None
        """The first line refused, where nothing after it is wanted."""
        self.recording: asyncio.Task[None] | None = None

    async def run(self, chunks: AsyncIterator[bytes]) -> Summary:
        """While one batch is recorded, the next is read; never more than these two are held."""
        self.reader.types = await self.log.types(self.ledger)
        found: list[Numbered] = []
        try:
            async for number, line in lines_of(chunks):
                self.lines += 1
                try:
                    found.append(await self.reader.read(number, line))
                except Invalid as invalid:
                    await self._refused(number, invalid.faults)
                if self.lines % BREATH == 0:
                    await asyncio.sleep(0)
                if len(found) >= BATCH:
                    await self._begin(found)
                    found = []
                if self.stopped_at is not None:
                    break
            await self._begin(found)
            await self._ended()
        except TooSlow as error:
            await self._begin(found)
            await self._ended()
            raise TooSlow(error.detail, self.counts["recorded"]) from None
        except Unavailable as error:
            raise CutShort(self.counts["recorded"]) from error
        finally:
            if self.recording is not None:
                # The client left: what was begun ends whole, and nobody is told.
                await asyncio.wait([self.recording])
                if not self.recording.cancelled():
                    self.recording.exception()
        return Summary(lines=self.lines, stopped=self.stopped_at is not None, **self.counts)

    async def _begin(self, found: Sequence[Numbered]) -> None:
        """Sends them off, all made ready, as soon as those before are recorded: the database hardly waits."""
        request = self._request(found)
        await self._ended()
        self.recording = asyncio.create_task(self._record(found, request))
        for _ in range(UNTIL_SENT):
            await asyncio.sleep(0)

    async def _ended(self) -> None:
        if self.recording is not None:
            await self.recording
            self.recording = None

    def _request(self, found: Sequence[Numbered]) -> Request | None:
        """None where they contradict one another."""
        try:
            batch = read_batch([one.draft for one in found])
        except Invalid:
            return None
        return alone(Request(batch=batch, by=self.by, scope=self.scope))

    async def _record(self, found: Sequence[Numbered], request: Request | None) -> None:
        """All of them that can be; each round leaves out what the last one was refused for."""
        for _ in range(MOST_ROUNDS):
            found, request = await self._try(found, request), None
            if not found:
                break
        for one in found:
            await self._try([one], None)
        await self.pause()

    async def _try(self, found: Sequence[Numbered], request: Request | None) -> Sequence[Numbered]:
        """Records them as one batch, or returns those that are left once what is at fault is told."""
        if self.stopped_at is not None:
            found, request = [one for one in found if one.number < self.stopped_at], None
        if not found:
            return []
        try:
            if request is None:
                batch = read_batch([one.draft for one in found])
                request = Request(batch=batch, by=self.by, scope=self.scope)
            receipt = await self.log.append(self.ledger, request)
        except (Invalid, Conflict) as refusal:
            at_fault: dict[int, list[Fault]] = {}
            for fault in refusal.faults:
                index, pointer = _within(fault, found)
                at_fault.setdefault(index, []).append(Fault(pointer, fault.code, fault.detail))
            for index, faults in sorted(at_fault.items()):
                number, draft = found[index].number, found[index].draft
                if all(fault.code == "event-recorded" for fault in faults):
                    await self._told(Line(number, "repeated", draft.id, draft.claim))
                elif self.stopped_at is None:
                    await self._refused(number, faults)
            return [one for index, one in enumerate(found) if index not in at_fault]
        status: Literal["repeated", "recorded"] = "repeated" if receipt.repeated else "recorded"
        for one, event in zip(found, receipt.events, strict=True):
            await self._told(Line(one.number, status, event.id, event.claim, event.position))
        return []

    async def _refused(self, number: int, faults: Iterable[Fault]) -> None:
        if self.stop:
            self.stopped_at = number
        await self._told(Line(number, "refused", errors=tuple(faults)))

    async def _told(self, line: Line) -> None:
        self.counts[line.status] += 1
        await self.tell(line)


def _within(fault: Fault, found: Sequence[Numbered]) -> tuple[int, str]:
    """Which of them is at fault, and where in its line."""
    _, _, which, *steps = fault.pointer.split("/")
    index = int(which)
    place = "" if steps == ["id"] else found[index].place  # a line of a feed has the id beside the event
    return index, place + "".join(f"/{step}" for step in steps)


async def _no_pause() -> None:
    pass


async def record_lines(
    log: Log,
    ledger: str,
    chunks: AsyncIterator[bytes],
    *,
    by: str,
    tell: Told,
    pause: Pause = _no_pause,
    scope: str | None = None,
    stop_at_fault: bool = False,
) -> Summary:
    """Records every line that can be, in order, at constant memory; ``tell`` hears what became of each, by batches.

    ``pause`` is called where there is no more to tell until more lines have come. With a ``scope``, every event must
    touch that relationship. Raises CutShort where the store becomes unavailable.
    """
    return await _Bulk(log, ledger, by, scope, tell, pause, stop=stop_at_fault).run(chunks)


async def record_at_once(
    log: Log,
    ledger: str,
    chunks: AsyncIterator[bytes],
    *,
    by: str,
    scope: str | None = None,
    expectations: Sequence[Expectation] = (),
    dry_run: bool = False,
) -> tuple[Receipt | Acceptable, list[int]]:
    """Records all lines as one batch, and returns the number of each event's line; or raises the Refusal, or TooLarge.

    A fault's pointer begins ``/events/{n}``, n being the place of its event among them, as in a batch; beside it stands
    the number of its line.
    """
    reader, found, faults, size = _Reader(log, ledger), list[Numbered](), list[Fault](), 0
    reader.types = await log.types(ledger)
    numbers: list[int] = []
    async for number, line in lines_of(chunks):
        size += len(line or b"")
        if len(numbers) >= MOST_AT_ONCE or size > LARGEST_AT_ONCE:
            raise TooLarge(f"at once at most {MOST_AT_ONCE:,} lines of {LARGEST_AT_ONCE:,} bytes are recorded")
        numbers.append(number)
        try:
            found.append(await reader.read(number, line))
        except Invalid as invalid:
            faults += [_numbered(fault.below(f"/events/{len(numbers) - 1}"), numbers) for fault in invalid.faults]
            if len(faults) >= MOST_FAULTS:
                break
        if len(numbers) % BREATH == 0:
            await asyncio.sleep(0)
    if not numbers:
        raise Invalid([Fault("/events", "missing", "there is no event")])
    if faults:
        raise Invalid(faults)
    try:
        batch = read_batch([one.draft for one in found])
        request = Request(batch=batch, by=by, scope=scope, expectations=tuple(expectations))
        return await (log.check(ledger, request) if dry_run else log.append(ledger, request)), numbers
    except (Invalid, Conflict) as refusal:
        placed = []
        for fault in refusal.faults[:MOST_FAULTS]:
            index, pointer = _within(fault, found)
            placed.append(_numbered(Fault(f"/events/{index}{pointer}", fault.code, fault.detail), numbers))
        raise type(refusal)(placed) from None


def _numbered(fault: Fault, numbers: Sequence[int]) -> Fault:
    return Fault(fault.pointer, fault.code, fault.detail, numbers[int(fault.pointer.split("/")[2])])
