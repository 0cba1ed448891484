"""Claims as timelines told them before, by their lives; and once all of a relationship were told, what that says."""

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from itertools import compress, islice

from service.domain.edtf import BEGINNING, FOREVER
from service.projections.facts import digits
from service.projections.stability import Extent
from service.projections.stretches import Axis
from service.projections.told import Told
from service.store.lives import Life, Lives

OFTEN = 3
"""How often a relationship is asked about, since it was touched last, before all of it is told at once."""
MOST = 1_000
"""Versions of claims of which that is done."""


class Roll(dict[int, Told]):
    """Of a relationship, told in one way: by the identity of the life of each, as far as they were told."""

    def __init__(self, lives: Lives, *, newest_first: bool, before: "Roll | None" = None) -> None:
        """``before``: the same of fewer lives, most of which are still what they were."""
        super().__init__()
        self.lives, self.every, self._asked = lives, lives.every(newest_first=newest_first), 0
        self._whole: Whole | None = None
        if before:
            self.update({id(one): before[id(one)] for one in lives.every(newest_first=True) if id(one) in before})

    async def whole(self, tell: Callable[[Sequence[Life]], Awaitable[Sequence[Told]]]) -> "Whole | None":
        """All of them; None where they are too many, or were not asked for often enough for that."""
        self._asked += 1
        if self._whole is None and self._asked >= OFTEN and len(self.every) <= MOST:
            self._whole = Whole(await tell(self.every))
        return self._whole

    def which(self, position: int) -> int:
        """The set of those that stand at a position."""
        return self._known.at(position)

    @cached_property
    def _known(self) -> Axis:
        return Axis((one.since, one.until, 1 << number) for number, one in enumerate(self.every))


class Whole:
    """All claims of a relationship in one order. A set of them is an integer with a bit for each."""

    def __init__(self, told: Sequence[Told]) -> None:
        self._told = told
        self.named: frozenset[str] = frozenset().union(*{one.named for one in told})
        """By any."""
        self.types = frozenset({one.plain.type for one in told})
        self.fulfilled = any(one.claim.fulfilled_by is not None for one in told)
        self._expected = 0
        at_edge: dict[int, int] = {}
        for number, one in enumerate(told):
            if one.withdrawn:  # of which nothing hangs on a point
                continue
            bit = 1 << number
            self._expected |= 0 if one.edges else bit
            for edge in one.edges:
                at_edge[edge] = at_edge.get(edge, 0) | bit
        self._edges = sorted(at_edge)
        self._changing = [at_edge[edge] for edge in self._edges]
        """Which change at each edge."""

    def first(self, which: int, most: int) -> list[Told]:
        """Of the set ``which``."""
        return list(islice(compress(self._told, digits(which)), most))

    def around(self, which: int, at: int) -> Extent | None:
        """From when until when none of a set changes around an instant; None where expectations are among them."""
        if which & self._expected:
            return None
        after = bisect_right(self._edges, at)
        changing = self._changing
        earlier = next((self._edges[n] for n in range(after - 1, -1, -1) if changing[n] & which), BEGINNING)
        later = next((self._edges[n] for n in range(after, len(changing)) if changing[n] & which), FOREVER)
        return earlier, later
