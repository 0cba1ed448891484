"""What a row says: figures of interleaved rounds, their ratio, what must be reached, and whether all was stored."""

import statistics
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from benchmarks.protocol import Json


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured."""

    rounds: int
    """After one to warm up."""
    seconds: float
    """A round's."""
    most: int
    """Events that one round of single appends may take."""
    imported: int
    """Events in one bulk import."""
    followers: int
    followed: int
    """Appends that they follow."""
    events: int
    """In the large ledger; 0 for none."""
    sent: int
    """Bytes of the import during which memory is measured."""


FULL = Scale(
    rounds=5, seconds=2.0, most=30_000, imported=100_000, followers=500, followed=200, events=100_000, sent=300_000_000
)
QUICK = Scale(
    rounds=2, seconds=0.8, most=12_000, imported=30_000, followers=500, followed=40, events=0, sent=50_000_000
)


class Target(msgspec.Struct, frozen=True):
    """What a ratio, or with ``absolute`` our own figure, must be."""

    limit: float
    at_most: bool = False
    absolute: str | None = None

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g} {self.absolute or '×'}"  # noqa: RUF001 - the sign, not a letter

    def reached_by(self, figure: float) -> bool:
        return figure <= self.limit if self.at_most else figure >= self.limit


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of the table."""

    what: str
    row: str = ""
    ours: float | None = None
    unit: str = ""
    beside: str = ""
    """The limit or the peer."""
    theirs: float | None = None
    ratio: float | None = None
    target: str = ""
    reached: bool | None = None
    note: str = ""
    wrong: list[str] = []
    """What the check of the stored rows found."""
    rounds: list[Any] = []
    """Every figure of every round, ours and theirs, the one to warm up left out."""


class Series:
    """The rounds of one contestant: the first warms up, and counts only as stored."""

    def __init__(self) -> None:
        self.all: list[Json] = []

    @property
    def rounds(self) -> list[Json]:
        return self.all[1:]

    @property
    def done(self) -> int:
        """What was acknowledged in all rounds."""
        return sum(one["done"] for one in self.all)


def interleaved(scale: Scale, *contestants: Callable[[float, int], Json]) -> list[Series]:
    """A, B, A, B, …; each is called with the seconds and the events that a round may take."""
    series = [Series() for _ in contestants]
    for number in range(scale.rounds + 1):
        share = 1.0 if number else 0.3
        for contestant, own in zip(contestants, series, strict=True):
            own.all.append(contestant(scale.seconds * share, max(1, int(scale.most * share))))
    return series


def rate(figures: Json) -> float:
    """Events a second."""
    return float(figures["done"] / figures["seconds"])


def field(name: str) -> Callable[[Json], float]:
    return lambda figures: float(figures[name])


def compared(
    what: str,
    ours: Series,
    beside: str,
    theirs: Series | None,
    *,
    by: Callable[[Json], float] = rate,
    unit: str = "events/s",
    target: Target | None = None,
    note: str = "",
    wrong: Sequence[str] = (),
) -> Line:
    """Medians of the rounds; the ratio is the median of the rounds' own ratios, each of neighbours in time."""
    own = [by(figures) for figures in ours.rounds]
    line = Line(
        what=what, ours=statistics.median(own), unit=unit, beside=beside, note=note, wrong=list(wrong),
        rounds=[ours.rounds, theirs.rounds if theirs is not None else []],
    )  # fmt: skip
    if theirs is not None:
        other = [by(figures) for figures in theirs.rounds]
        line.theirs = statistics.median(other)
        line.ratio = statistics.median(a / b for a, b in zip(own, other, strict=True))
    if target is not None:
        line.target = str(target)
        judged = line.ours if target.absolute is not None else line.ratio
        line.reached = target.reached_by(judged) if judged is not None else None
    return line


def left_out(what: str, why: str, target: Target | None = None) -> Line:
    return Line(what=what, note=f"left out: {why}", target=str(target) if target is not None else "")
