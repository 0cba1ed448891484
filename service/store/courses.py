"""The course of a ledger in memory: its batches, and where anything was said of actors; to find points without asking.

It must say what ``point.sql`` says; tests hold them together.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right

import msgspec

from service.domain.edtf import BEGINNING
from service.store.pool import Connection
from service.store.statements import statement

MOST = 2**20
"""Batches of a ledger; of one that has more, nothing is held."""
_COURSE = statement("course")


class Place(msgspec.Struct, frozen=True):
    """A point of a ledger, whatever is asked there: the end of a batch, or the beginning of all."""

    position: int
    recorded_at: int | None
    """None at the beginning."""
    described: int
    """The last position by then that changed what any actor is called or part of, or whom it is merged into."""
    described_until: int
    """The end of the batch that holds it."""
    merged: int
    """The last position by then that merged actors or undid that."""


class Course:
    """Complete through one position; 64-bit numbers in order."""

    def __init__(self) -> None:
        self.through = 0
        self._ends, self._times, self._described, self._merged = array("q"), array("q"), array("q"), array("q")

    @property
    def weight(self) -> int:
        """In bytes."""
        return 8 * sum(map(len, (self._ends, self._times, self._described, self._merged)))

    @property
    def latest(self) -> int:
        """When its last batch was recorded, in µs."""
        return self._times[-1] if self._times else BEGINNING

    def at_position(self, position: int) -> Place:
        """By then; it is complete through there."""
        return self._place(bisect_right(self._ends, position))

    def at_time(self, known: int) -> Place:
        """By an instant that is none later than the last batch of which it knows."""
        return self._place(bisect_right(self._times, known))

    def _place(self, batches: int) -> Place:
        if not batches:
            return Place(0, None, 0, 0, 0)
        end = self._ends[batches - 1]
        merged = _last(self._merged, end)
        described = max(merged, _last(self._described, end))
        until = self._ends[bisect_left(self._ends, described)] if described else 0
        return Place(end, self._times[batches - 1], described, until, merged)

    async def go_on(self, connection: Connection, ledger: str, generation: int, until: int) -> bool:
        """Through that position; False where it would be too long."""
        after = self.through
        row = await connection.fetchrow(_COURSE, ledger, generation, after, until, MOST + 1)
        assert row is not None  # noqa: S101 - it is an aggregate
        if after != self.through:  # somebody else was faster
            return self.through >= until
        for numbers, read in zip((self._described, self._merged, self._ends, self._times), row.values(), strict=True):
            numbers.extend(_numbers(read or b""))
        self.through = until
        return len(self._ends) <= MOST and len(self._described) <= MOST


def _last(numbers: "array[int]", by: int) -> int:
    after = bisect_right(numbers, by)
    return numbers[after - 1] if after else 0


def _numbers(read: bytes) -> "array[int]":
    numbers = array("q")
    numbers.frombytes(read)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
