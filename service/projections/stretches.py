"""The facts of one relationship over each stretch of valid time, whatever was known when, for who asks of it often."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import cast

from service.domain import edtf
from service.domain.claims import Claim
from service.domain.edtf import BEGINNING, FOREVER
from service.projections.edges import edges_of
from service.projections.lines import Certainty
from service.projections.present import Present, order

MOST = 400_000
"""Places of facts in stretches, all together."""
MOST_CELLS = 64
Life = tuple[int, int, Claim]
"""From one position until another: a claim as it stood."""


class Stretches:
    """What is certain and what is possible is worked out once for each stretch in which no date changes that.

    Facts stand there by their numbers, as there are many places, and few cells: stretches of known positions between
    which nothing changed.
    """

    def __init__(self, lives: Iterable[Life], present: Callable[[Claim, Certainty], Present]) -> None:
        """Of ``lives``, none retracted and no expectation, ``present`` makes what stands in answers."""
        in_order = sorted(lives, key=lambda life: (order(life[2]), life[0]))
        edges = [sorted(set(edges_of(one.bounds, one.content.members, expectation=False))) for _, _, one in in_order]
        self._edges = sorted({edge for some in edges for edge in some})
        self._turning = [array("H") for _ in self._edges]
        """By edge: those that it is one of."""
        self._so = [array("H") for _ in self._edges]
        """By the edge at which a stretch begins: those that are so in it, in order."""
        self._presents: list[Present | None] = []
        """By number: of each fact first the possible, then the certain, where it ever is."""
        self._known: list[tuple[int, int]] = []
        """By number: from one position until which other it is known."""
        self._positions = sorted({position for since, until, _ in in_order for position in (since, until)})
        self._cells: dict[int, bytes] = {}
        self.size = 0
        """In how many places facts stand; if they are more than ``MOST``, it is not to be used."""
        for (since, until, claim), own in zip(in_order, edges, strict=True):
            first = len(self._presents)
            self._presents += [None, None]
            self._known += [(since, until), (since, until)]
            at = [bisect_left(self._edges, edge) for edge in own]
            for begins, ends, edge in zip(at, [*at[1:], len(self._edges)], own, strict=True):
                self._turning[begins].append(first)
                certainty = edtf.certainty(claim.bounds, edge)
                self.size += ends - begins
                if certainty is None or self.size > MOST:
                    continue
                number = first + (certainty == "certain")
                self._presents[number] = self._presents[number] or present(claim, certainty)
                for stretch in self._so[begins:ends]:
                    stretch.append(number)
        self.actors = frozenset[str]().union(*[one.actors for one in self._presents if one is not None])
        """Whoever any of them names."""

    def at(self, position: int, valid: int) -> tuple[list[Present], tuple[int, int]]:
        """Those that were so, in order; and between which instants all that was known stays as it is."""
        known, presents, after = self._cell(position), self._presents, bisect_right(self._edges, valid)
        so = [presents[number] for number in self._so[after - 1] if known[number]] if after else []
        earlier = next((self._edges[at] for at in range(after - 1, -1, -1) if self._turns(at, known)), BEGINNING)
        later = next((self._edges[at] for at in range(after, len(self._edges)) if self._turns(at, known)), FOREVER)
        return cast("list[Present]", so), (earlier, later)

    def _turns(self, at: int, known: bytes) -> bool:
        """Whether that is an edge of anything known."""
        turning = self._turning[at]
        return bool(known[turning[0]]) or any(known[number] for number in turning)

    def _cell(self, position: int) -> bytes:
        """By number: whether it is known."""
        which = bisect_right(self._positions, position)
        found = self._cells.get(which)
        if found is None:
            if len(self._cells) >= MOST_CELLS:
                self._cells.clear()
            found = self._cells[which] = bytes(since <= position < until for since, until in self._known)
        return found
