"""Recording lines without end: each line an event, recorded in batches; what is refused is told line by line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from service.domain.batches import read_batch
from service.domain.reading import Draft, read_event
from service.domain.refusals import Conflict, Fault, Invalid
from service.domain.types import EventType
from service.history import new_id
from service.store.appender import Request
from service.store.log import Log

BATCH = 500
"""Lines that are recorded together."""
LONGEST_LINE = 1_000_000
"""Bytes."""
BREATH = 32
"""Lines read before other tasks of the process get their turn."""
MOST_ROUNDS = 20
"""Times that a batch is tried again without what was refused of it, before each line is tried alone."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
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


Told = Callable[[Line], Awaitable[None]]
Numbered = tuple[int, Draft]


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
    elif line := bytes(held).strip():
        yield number, line


class _Bulk:
    """One stream on its way into a ledger."""

    def __init__(self, log: Log, ledger: str, by: str, tell: Told, *, stop: bool) -> None:
        self.log, self.ledger, self.by, self.tell, self.stop = log, ledger, by, tell, stop
        self.counts = {"recorded": 0, "repeated": 0, "refused": 0}
        self.lines = 0
        self.stopped_at: int | None = None
        """The first line refused, where nothing after it is wanted."""
        self.types: Mapping[str, EventType] = {}

    async def run(self, chunks: AsyncIterator[bytes]) -> Summary:
        """While one batch is recorded, the next is read; never more than these two are held."""
        self.types = await self.log.types(self.ledger)
        drafts: list[Numbered] = []
        recording: asyncio.Task[None] | None = None
        try:
            async for number, line in lines_of(chunks):
                self.lines += 1
                draft = await self._read(number, line)
                if draft is not None:
                    drafts.append((number, draft))
                if self.lines % BREATH == 0:
                    await asyncio.sleep(0)
                if len(drafts) >= BATCH:
                    if recording is not None:
                        await recording
                    recording, drafts = asyncio.create_task(self._record(drafts)), []
                if self.stopped_at is not None:
                    break
            if recording is not None:
                await recording
            await self._record(drafts)
        finally:
            if recording is not None and not recording.done():
                # The client left: what was begun ends whole.
                await asyncio.shield(recording)
        return Summary(lines=self.lines, stopped=self.stopped_at is not None, **self.counts)

    async def _read(self, number: int, line: bytes | None) -> Draft | None:
        if line is None:
            await self._refused(number, [Fault("", "too-long", f"a line has at most {LONGEST_LINE} bytes")])
            return None
        try:
            return read_event(line, self.types, new_id)
        except Invalid as invalid:
            faults = invalid.faults
        if any(fault.code == "unknown-type" for fault in faults):
            self.types = await self.log.types(self.ledger, afresh=True)
            try:
                return read_event(line, self.types, new_id)
            except Invalid as invalid:
                faults = invalid.faults
        await self._refused(number, faults)
        return None

    async def _record(self, drafts: Sequence[Numbered]) -> None:
        """All of them that can be; each round leaves out what the last one was refused for."""
        for _ in range(MOST_ROUNDS):
            if not drafts:
                return
            drafts = await self._try(drafts)
        for one in drafts:
            await self._try([one])

    async def _try(self, drafts: Sequence[Numbered]) -> Sequence[Numbered]:
        """Records them as one batch, or returns those that are left once what is at fault is told."""
        if self.stopped_at is not None:
            drafts = [one for one in drafts if one[0] < self.stopped_at]
        if not drafts:
            return []
        try:
            batch = read_batch([draft for _, draft in drafts])
            receipt = await self.log.append(self.ledger, Request(batch=batch, by=self.by))
        except (Invalid, Conflict) as refusal:
            faults: dict[int, list[Fault]] = {}
            for fault in refusal.faults:
                _, _, which, *rest = fault.pointer.split("/")
                here = Fault("".join(f"/{step}" for step in rest), fault.code, fault.detail)
                faults.setdefault(int(which), []).append(here)
            for index, found in sorted(faults.items()):
                number, draft = drafts[index]
                if all(fault.code == "event-recorded" for fault in found):
                    await self._told(Line(number, "repeated", draft.id, draft.claim))
                elif self.stopped_at is None:
                    await self._refused(number, found)
            return [one for index, one in enumerate(drafts) if index not in faults]
        status: Literal["repeated", "recorded"] = "repeated" if receipt.repeated else "recorded"
        for (number, _), event in zip(drafts, receipt.events, strict=True):
            await self._told(Line(number, status, event.id, event.claim, event.position))
        return []

    async def _refused(self, number: int, faults: Iterable[Fault]) -> None:
        if self.stop:
            self.stopped_at = number
        await self._told(Line(number, "refused", errors=tuple(faults)))

    async def _told(self, line: Line) -> None:
        self.counts[line.status] += 1
        await self.tell(line)


async def record_lines(
    log: Log, ledger: str, chunks: AsyncIterator[bytes], *, by: str, tell: Told, stop_at_fault: bool = False
) -> Summary:
    """Records every line that can be, in order, at constant memory; ``tell`` hears what became of each, by batches."""
    return await _Bulk(log, ledger, by, tell, stop=stop_at_fault).run(chunks)
