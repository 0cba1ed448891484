"""Every version of the claims of one relationship in memory, to be looked at as of any point without asking again.

It must say what ``claims_at.sql``, ``timeline_of_timelines.sql`` and ``point.sql`` say; tests hold them together.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate, islice

import asyncpg
import msgspec

from service.domain.edtf import BEGINNING, FOREVER
from service.domain.windows import EVERYTHING
from service.store.pool import Connection
from service.store.reads import Around, Placed, words_of
from service.store.statements import statement
from service.store.timelines import Reach

MOST = 20_000
"""Versions of the claims of a relationship, and likewise events that touched it; what has more is not held."""
BLOCK = 64
MOST_IN_A_WINDOW = 1_000
_VERSIONS, _TOUCHES = statement("versions_of_timelines"), statement("touches")


class Life(Placed, frozen=True, kw_only=True):
    """A claim as it stood from one position until another."""

    since: int
    until: int
    type: str
    starts_earliest: int
    starts_latest: int
    ends_latest: int

    @property
    def retracted(self) -> bool:
        return self.retraction is not None


class Touch(msgspec.Struct, frozen=True):
    """A batch that touched a relationship, or another that reads as it."""

    position: int
    """The last in it that did."""
    revision: int
    """How often the relationship itself had been touched by then; 0 where it was another."""
    end: int
    """Of the batch."""


class TooLarge(Exception):
    """There is more than is held in memory."""


_Row = tuple[int, int, int, int, int, int, Life]
"""Where it stands among claims: (earliest, latest, position); from and until which position; its end; itself."""
NEVER = Touch(0, 0, 0)


class Lives:
    """Of one relationship, by all timelines that read as it, complete through one position."""

    def __init__(self, lives: Iterable[Life], touches: Iterable[Touch], through: int) -> None:
        self.through = through
        self.asked = Counter[int]()
        """How often anybody looked, by window."""
        self.touches = sorted(touches, key=lambda one: (one.position, one.revision))
        self._touched = [one.position for one in self.touches]
        revisions = accumulate((one.revision for one in self.touches), max)
        self._by_then = [
            Touch(one.position, revision, one.end) for one, revision in zip(self.touches, revisions, strict=True)
        ]
        rows: list[_Row] = sorted(
            (one.starts_earliest, one.starts_latest, one.position, one.since, one.until, one.ends_latest, one)
            for one in lives
        )
        self._rows = [row for row in rows if not row[-1].retracted]
        self._retracted = [row[-1] for row in rows if row[-1].retracted]
        self._expected = [row[-1] for row in self._rows if row[-1].expectation]
        self._facts = [row for row in self._rows if not row[-1].expectation]
        self._ends = sorted((row[5], row[3], row[4]) for row in self._facts)
        blocks = (self._facts[at : at + BLOCK] for at in range(0, len(self._facts), BLOCK))
        self._blocks = [(max(row[5] for row in block), block) for block in blocks]
        self.types = frozenset(row[-1].type for row in rows)

    def __len__(self) -> int:
        return len(self._rows) + len(self._retracted) + len(self.touches)

    def extended(self, lives: Iterable[Life], touches: Iterable[Touch], through: int) -> "Lives":
        """With what began or ended after ``through``; it stands for what is known of it so far."""
        known = {(one.claim, one.since): one for one in (*(row[-1] for row in self._rows), *self._retracted)}
        known |= {(one.claim, one.since): one for one in lives}
        return Lives(known.values(), [*self.touches, *touches], through)

    def touched(self, position: int) -> Touch:
        """The last time by then, with the revision at that time."""
        after = bisect_right(self._touched, position)
        return NEVER if after == 0 else self._by_then[after - 1]

    def window(self, valid: int) -> int | None:
        """The number of the stretch of valid time around an instant to which not too many facts reach; None where too
        many are so at once for there to be any."""
        return None if self._windows is None else bisect_right(self._windows, valid)

    @property
    def has_windows(self) -> bool:
        """Else one has all facts."""
        return bool(self._windows)

    def within(self, window: int) -> list[Life]:
        """All that are neither retracted nor expectations and reach into that window, whenever they were known."""
        windows = self._windows or []
        begins = windows[window - 1] if window else BEGINNING
        ends = windows[window] if window < len(windows) else FOREVER + 1
        return [row[-1] for row in self._facts if row[0] < ends and row[5] > begins]

    @cached_property
    def _windows(self) -> list[int] | None:
        """Where each but the first begins, in µs."""
        begins, reaching = list[int](), list[int]()
        for row in self._facts:
            if len(reaching) == MOST_IN_A_WINDOW:
                begins.append(row[0])
                reaching = [ends for ends in reaching if ends > row[0]]
                if len(reaching) > MOST_IN_A_WINDOW // 2:
                    return None
            reaching.append(row[5])
        return begins

    def edges_around(self, position: int, valid: int, near: tuple[int, int]) -> tuple[int, int]:
        """Between which instants all facts that were known stay as they are; ``near``: those of the window."""
        if not self.has_windows:
            return near
        ceased, begins = self._ceased(position, valid), self._begins(position, valid)
        earlier, later = near
        return (
            earlier if ceased is None else max(earlier, ceased),
            later if begins is None else min(later, begins),
        )

    def at(self, position: int, valid: int) -> tuple[list[Life], Around]:
        """As ``reads.claims_at``: facts in the order of their dates, then expectations."""
        here = [
            row[-1]
            for latest, block in self._blocks
            if latest > valid and block[0][0] <= valid
            for row in block
            if row[0] <= valid < row[5] and row[3] <= position < row[4]
        ]
        here += self.expected(position)
        ceased, begins = self._ceased(position, valid), self._begins(position, valid)
        return here, Around(
            others=ceased is not None or begins is not None,
            ceased=BEGINNING if ceased is None else ceased,
            begins=FOREVER if begins is None else begins,
            retracted=self.retracted(position),
        )

    def expected(self, position: int) -> list[Life]:
        return [one for one in self._expected if one.since <= position < one.until]

    def retracted(self, position: int) -> int:
        """How many claims."""
        return len({one.claim for one in self._retracted if one.since <= position < one.until})

    def _ceased(self, position: int, valid: int) -> int | None:
        for at in range(bisect_right(self._ends, (valid, FOREVER, FOREVER)) - 1, -1, -1):
            end, since, until = self._ends[at]
            if since <= position < until:
                return end
        return None

    def _begins(self, position: int, valid: int) -> int | None:
        for at in range(bisect_left(self._facts, (valid + 1,)), len(self._facts)):
            row = self._facts[at]
            if row[3] <= position < row[4]:
                return row[0]
        return None

    def recent(self, position: int, before: int, limit: int, *, retracted: bool = False) -> list[Life]:
        """Those that were last touched before a position, the newest first, the retracted ones too; or these alone."""
        by_touch = self._retracted_by_touch if retracted else self._by_touch
        first = bisect_left(by_touch, 1 - before, key=lambda life: -life.since)
        here = (life for life in islice(by_touch, first, None) if life.since <= position < life.until)
        return list(islice(here, limit))

    def every(self, *, newest_first: bool) -> Sequence[Life]:
        """In the order of their dates, none that is retracted; or all as they were last touched."""
        return self._by_touch if newest_first else self._by_date

    @cached_property
    def _by_date(self) -> list[Life]:
        return [row[-1] for row in self._rows]

    @cached_property
    def _by_touch(self) -> list[Life]:
        return sorted((*self._by_date, *self._retracted), key=lambda life: -life.since)

    @cached_property
    def _retracted_by_touch(self) -> list[Life]:
        return sorted(self._retracted, key=lambda life: -life.since)

    def placed(self, position: int, reach: Reach, after: tuple[int, int, int], limit: int) -> list[Life]:
        """As ``timelines.placed``."""
        first = bisect_left(self._rows, (*after[:2], after[2] + 1))
        begins, ends, types = reach.window.begins, reach.window.ends, reach.types
        if reach.window == EVERYTHING and not types:
            rows = islice(self._rows, first, None)
            return list(islice((row[-1] for row in rows if row[3] <= position < row[4]), limit))
        found: list[Life] = []
        for at in range(first, len(self._rows)):
            earliest, latest, _, since, until, end, life = self._rows[at]
            if not since <= position < until or earliest >= ends or (types and life.type not in types):
                continue
            if latest >= begins or (life.type in reach.lasting and end > begins):
                found.append(life)
                if len(found) == limit:
                    break
        return found


async def lives_of(
    connection: Connection, ledger: str, generation: int, timelines: Sequence[str], through: int, known: Lives | None
) -> Lives:
    """All by the position ``through``; what was ``known`` is not read again. Raises TooLarge."""
    after = 0 if known is None else known.through
    rows = await connection.fetch(_VERSIONS, ledger, generation, timelines, after, MOST + 1)
    touches = await connection.fetch(_TOUCHES, ledger, timelines, after, MOST + 1)
    size = 0 if known is None else len(known)
    if size + max(len(rows), sum(row["touches"] for row in touches)) > MOST:
        raise TooLarge
    lives = {(one.claim, one.since): one for one in map(_life, rows) if one.since <= through}
    itself = timelines[0]
    touched = [
        Touch(position, revision if relationship == itself else 0, end)
        for relationship, position, revision, end, _ in touches
        if position <= through
    ]
    if known is None:
        return Lives(lives.values(), touched, through)
    return known.extended(lives.values(), touched, through)


def _life(row: asyncpg.Record) -> Life:
    claim, content, expectation, by, words, updated, since, until, type_, retraction, *bounds = row
    starts_earliest, starts_latest, ends_latest = bounds
    return Life(
        claim, content, expectation, by, words_of(words), updated, since, retraction,
        since=since, until=until, type=type_,
        starts_earliest=starts_earliest, starts_latest=starts_latest, ends_latest=ends_latest,
    )  # fmt: skip
