"""The claims that are so at some point, in order, each with a number; sets of them are integers: quick to cut and keep.

Bit n of a set says whether number n is in it. What a part of an answer stands on is then found by an operation or two
on whole sets, however many claims there are, and what was made of a set is found by it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, islice
from operator import attrgetter, itemgetter
from typing import Any, Final, Generic, TypeVar

from service.projections.present import Present

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
Facet = Callable[[Present], Iterable[K]]
"""What is said of a fact; each thing once."""
MOST_WORKED_OUT = 64
FEW = 8
"""Facts of a set up to which they are taken out one by one."""
_DIGITS: Final = bytes(byte == ord("1") for byte in range(256))
"""By a binary digit: whether it is set."""


class Sets(dict[K, int]):
    """The facts that a thing is said of, by that thing."""

    def __init__(self, facet: Facet[K], presents: Iterable[Present]) -> None:
        numbers, platforms = dict[K, list[int]](), dict[K, dict[str, None]]()
        several = False
        for number, present in enumerate(presents):
            things = list(facet(present))
            several = several or len(things) > 1
            for thing in things:
                numbers.setdefault(thing, []).append(number)
                platforms.setdefault(thing, {}).update(dict.fromkeys(present.platforms))
        super().__init__((thing, _set_of(some)) for thing, some in numbers.items())
        self._facet, self._several = facet, several
        self.platforms = {thing: tuple(some) for thing, some in platforms.items()}
        """Those that these facts are about."""

    @property
    def all(self) -> int:
        bits = 0
        for own in self.values():
            bits |= own
        return bits

    def within(self, facts: "Facts", bits: int) -> list[K]:
        """What is said of any of a set, in the order of the first that each is said of."""
        found = [(here & -here, thing) for thing, own in self.items() if (here := own & bits)]
        found.sort(key=itemgetter(0))
        if self._several and len({first for first, _ in found}) < len(found):  # of these, as that one says them
            found.sort(key=lambda one: (one[0], list(self._facet(facts.first(one[0]))).index(one[1])))
        return [thing for _, thing in found]


class Parts(Generic[K]):
    """Parts of an answer that are made of sets of facts, by what each is about."""

    def __init__(self, facts: "Facts", facet: Facet[K], besides: Facet[K] = lambda _: ()) -> None:
        """There is a part for what ``facet`` says of any that is so; it is made of these, and of those ``besides``."""
        sets, besides_ = Sets(facet, facts.presents), Sets(besides, facts.presents)
        self.sets = sets
        self.groups = {thing: bits | besides_.get(thing, 0) for thing, bits in sets.items()}


class Facts:
    """Of one relationship, whichever of them are so at a point."""

    def __init__(self, presents: Sequence[Present], *, lasting: bool = False) -> None:
        """``presents`` in their order, each once; ``lasting``: more questions will be asked of these very facts."""
        self.presents, self.lasting = presents, lasting
        self._ids = [present.id for present in presents]
        self._sets: dict[Facet[Any], Sets[Any]] = {}
        self._worked_out: dict[Hashable, Any] = {}
        self._drawers: dict[Hashable, dict[Hashable, Any]] = {}

    @property
    def all(self) -> int:
        return (1 << len(self.presents)) - 1

    def among(self, bits: int) -> list[Present]:
        """Those of the set, in order."""
        if bits.bit_count() > FEW:
            return list(compress(self.presents, _digits(bits)))
        found, presents = [], self.presents
        while bits:
            first = bits & -bits
            found.append(presents[first.bit_length() - 1])
            bits ^= first
        return found

    def ids_among(self, bits: int, most: int | None) -> tuple[str, ...]:
        """Of the claims of the first of the set, in order."""
        return tuple(islice(compress(self._ids, _digits(bits)), most))

    def first(self, bits: int) -> Present:
        """Of a set that is not empty."""
        return self.presents[(bits & -bits).bit_length() - 1]

    def earliest(self, bits: int) -> Present:
        """Whose start is that of a whole set that is not empty: the earliest, as they are certain."""
        in_order, ranks = self._by_first
        return in_order[min(compress(ranks, _digits(bits & self.by(certain).get(True, 0) or bits)))]

    @cached_property
    def _by_first(self) -> tuple[Sequence[Present], Sequence[int]]:
        """By when they had certainly begun; and by number, which each of them is in that order."""
        in_order = sorted(self.presents, key=attrgetter("by_first"))
        ranks = {present: rank for rank, present in enumerate(in_order)}
        return in_order, [ranks[present] for present in self.presents]

    def set_of(self, presents: Iterable[Present]) -> int:
        return _set_of([self._numbers[present] for present in presents])

    @cached_property
    def _numbers(self) -> Mapping[Present, int]:
        return {present: number for number, present in enumerate(self.presents)}

    def by(self, facet: Facet[K]) -> Sets[K]:
        found: Sets[K] | None = self._sets.get(facet)
        if found is None:
            found = self._sets[facet] = Sets(facet, self.presents)
        return found

    @cached_property
    def writers(self) -> Mapping[str, int]:
        """By platform: those that write its name."""
        return self.by(_named)

    @cached_property
    def names(self) -> Mapping[str, str | None]:
        """Of platforms; None where not all write the same."""
        found: dict[str, str | None] = {}
        for slug, bits in self.writers.items():
            names = {dict(present.names)[slug] for present in self.among(bits)}
            found[slug] = names.pop() if len(names) == 1 else None
        return found

    def once(self, make: Callable[..., T], *parts: Hashable) -> T:
        """``make(self, *parts)``, for whoever asks for it again; never None."""
        key = (make, *parts)
        found: T | None = self._worked_out.get(key)
        if found is None:
            if len(self._worked_out) == MOST_WORKED_OUT:
                self._worked_out.clear()
            found = self._worked_out[key] = make(self, *parts)
        return found

    def drawer(self, which: Hashable) -> dict[Hashable, Any]:
        """For what was made of sets of facts that last."""
        found = self._drawers.get(which)
        if found is None:
            if len(self._drawers) == MOST_WORKED_OUT:
                self._drawers.clear()
            found = self._drawers[which] = {}
        return found


def certain(present: Present) -> tuple[bool, ...]:
    return (present.certain,)


def _named(present: Present) -> Iterable[str]:
    return dict(present.names)


def _digits(bits: int) -> bytes:
    """By number: whether it is in the set, up to its last one."""
    return bin(bits)[:1:-1].encode().translate(_DIGITS)


def _set_of(numbers: Iterable[int]) -> int:
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits
