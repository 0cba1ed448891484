"""The facts of one relationship over each stretch of valid time, whatever was known when, for who asks of it often."""

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise

from service.domain.claims import Claim
from service.domain.edtf import BEGINNING, FOREVER, certainty
from service.projections.edges import edges_of
from service.projections.facts import Facts
from service.projections.lines import Certainty
from service.projections.present import Present, order

MOST_BYTES = 4 * 2**20
"""Of the sets that one relationship is held by."""
MOST_LOOKS = 100_000
"""At members of all-members sets."""
Life = tuple[int, int, Claim]
"""From one position until another: a claim as it stood."""
Lasting = tuple[int, int, int]
"""From where until where on an axis something stays in the set, by its bits."""


class Axis:
    """Sets that change along an axis: one for each stretch between two edges."""

    def __init__(self, lasting: Iterable[Lasting]) -> None:
        enters, leaves = dict[int, int](), dict[int, int]()
        for begins, ends, bits in lasting:
            enters[begins] = enters.get(begins, 0) | bits
            leaves[ends] = leaves.get(ends, 0) | bits
        self.edges = sorted(enters.keys() | leaves.keys())
        self._sets, here = [0], 0
        for edge in self.edges:
            here = (here & ~leaves.get(edge, 0)) | enters.get(edge, 0)
            self._sets.append(here)

    def at(self, point: int) -> int:
        return self._sets[bisect_right(self.edges, point)]

    @property
    def weight(self) -> int:
        """In bytes."""
        return sum(map(sys.getsizeof, self._sets))


class Stretches:
    """A fact is so at a point where it is in the sets of both axes there."""

    def __init__(self, lives: Iterable[Life], present: Callable[[Claim, Certainty, int], Present]) -> None:
        """Of ``lives``, none retracted and no expectation, ``present`` makes what stands in answers, from an instant on
        at which it may be otherwise."""
        in_order = sorted(lives, key=lambda life: (order(life[2]), life[0]))
        edges = [sorted(set(edges_of(one.bounds, one.content.members, expectation=False))) for _, _, one in in_order]
        # At an edge there are two sets, with a bit or two for each fact; at one of members all of them are looked at.
        bytes_ = sum(map(len, edges)) * len(in_order) // 2
        looks = sum(len(own) * len(life[2].content.members) for own, life in zip(edges, in_order, strict=True))
        self.whole = bytes_ <= MOST_BYTES and looks <= MOST_LOOKS
        """False where that would be too much, and there are none."""
        if not self.whole:
            in_order = []
        numbers: dict[Present, int] = {}
        valid, known, turning = list[Lasting](), list[Lasting](), dict[int, int]()
        for (since, until, claim), own in zip(in_order, edges, strict=False):
            bits, found = 0, dict[Certainty, Present]()
            for begins, ends in pairwise((*own, FOREVER + 1)):
                certain = certainty(claim.bounds, begins)
                if certain is not None:
                    one = found.get(certain)
                    if one is None or (one.count is not None and claim.content.members):  # of which more are over now
                        one = found[certain] = present(claim, certain, begins)
                    bit = 1 << numbers.setdefault(one, len(numbers))
                    valid.append((begins, ends, bit))
                    bits |= bit
            known.append((since, until, bits))
            for edge in own:
                turning[edge] = turning.get(edge, 0) | bits
        self.facts = Facts(list(numbers), lasting=True)
        self._valid, self._known = Axis(valid), Axis(known)
        self._edges = sorted(turning)
        self._turning = [turning[edge] for edge in self._edges]
        """By edge: those that may be otherwise from it on."""

    @property
    def weight(self) -> int:
        """In bytes, without the facts themselves."""
        return self._valid.weight + self._known.weight + sum(map(sys.getsizeof, self._turning))

    def at(self, position: int, valid: int) -> tuple[int, tuple[int, int]]:
        """The set of those that were so; and between which instants all that was known stays as it is."""
        known, edges, turning = self._known.at(position), self._edges, self._turning
        after = bisect_right(edges, valid)
        before, last = after - 1, len(edges)
        while before >= 0 and not turning[before] & known:
            before -= 1
        while after < last and not turning[after] & known:
            after += 1
        stable = BEGINNING if before < 0 else edges[before], FOREVER if after == last else edges[after]
        return known & self._valid.at(valid), stable
