"""The claims that are so at some point, in order, each with a number; sets of them are integers: quick to cut and keep.

Bit n of a set says whether number n is in it. What a part of an answer stands on is then found by an operation or two
on whole sets, however many claims there are, and what was made of a set is found by it.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, islice
from operator import attrgetter, itemgetter
from typing import Any, Final, Generic, TypeVar

from service.projections.present import PhaseName, Present

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
Facet = Callable[[Present], Collection[K]]
"""What is said of a fact; each thing once."""
TRAITS: Facet[Hashable] = attrgetter("traits")
ACTORS: Facet[str] = attrgetter("actors")
GIVES: Facet[PhaseName] = attrgetter("gives")
WRITES: Facet[str] = attrgetter("writes")
MOST_WORKED_OUT = 64
FEW, SPARSE, SMALL = 8, 32, 1024
"""Of a set: how many, and one of how many, are taken out one by one; and the numbers up to which copies cost little."""
ONE: Final = ord("1")
_DIGITS: Final = bytes(byte == ONE for byte in range(256))
"""By a binary digit: whether it is set."""


class Sets(dict[K, int]):
    """The facts that a thing is said of, by that thing."""

    def __init__(self, facet: Facet[K], presents: Sequence[Present], bits: int) -> None:
        """Of those that are in the set ``bits``."""
        numbers, several = dict[K, list[int]](), False
        for number in _numbers(bits):
            things = facet(presents[number])
            for thing in things:
                if thing in numbers:
                    numbers[thing].append(number)
                else:
                    numbers[thing] = [number]
            several = several or len(things) > 1
        found = {thing: set_of(some) for thing, some in numbers.items()}
        super().__init__(found)
        self._facet, self._presents, self._several = facet, presents, several
        self.platforms = _Platforms(found, presents)
        """Those that these facts are about, by the same things."""

    @property
    def all(self) -> int:
        bits = 0
        for own in self.values():
            bits |= own
        return bits

    def within(self, bits: int) -> list[K]:
        """What is said of any of a set, in the order of the first that each is said of."""
        found = [(here & -here, thing) for thing, own in self.items() if (here := own & bits)]
        found.sort(key=itemgetter(0))
        if self._several and len({first for first, _ in found}) < len(found):  # of these, as that one says them
            found.sort(key=self._in_order)
        return [thing for _, thing in found]

    def _in_order(self, said: tuple[int, K]) -> tuple[int, int]:
        first, thing = said
        return first, list(self._facet(self._presents[first.bit_length() - 1])).index(thing)


class _Platforms(dict[K, tuple[str, ...]]):
    """Worked out when first looked up."""

    def __init__(self, sets: Mapping[K, int], presents: Sequence[Present]) -> None:
        self._sets, self._presents = sets, presents

    def __missing__(self, thing: K) -> tuple[str, ...]:
        slugs = (slug for number in _numbers(self._sets[thing]) for slug in self._presents[number].platforms)
        found = self[thing] = tuple(dict.fromkeys(slugs))
        return found


class Parts(Generic[K]):
    """Parts of an answer that are made of sets of facts, by what each is about."""

    def __init__(self, sets: Sets[K], besides: Mapping[K, int] | None = None) -> None:
        """There is a part where any of one of ``sets`` is so; it is made of these, and of those ``besides``."""
        self.sets = sets
        self.groups: Mapping[K, int] = sets
        if besides is not None:
            self.groups = {thing: bits | besides.get(thing, 0) for thing, bits in sets.items()}


class Facts:
    """Of one relationship, whichever of them are so at a point."""

    def __init__(self, presents: Sequence[Present], *, lasting: bool = False) -> None:
        """``presents`` in their order, each once; ``lasting``: more questions will be asked of these very facts."""
        self.presents, self.lasting = presents, lasting
        self._ids = [present.id for present in presents]
        self._sets: dict[Facet[Any], Sets[Any]] = {}
        self._names: dict[str, str | None] = {}
        """Of platforms; None where not all write the same."""
        self._worked_out: dict[Hashable, Any] = {}
        self._drawers: dict[Hashable, dict[Hashable, Any]] = {}

    @property
    def all(self) -> int:
        return (1 << len(self.presents)) - 1

    def among(self, bits: int) -> list[Present]:
        """Those of the set, in order."""
        if _is_dense(bits):
            return list(compress(self.presents, _digits(bits)))
        return [self.presents[number] for number in _numbers(bits)]

    def ids_among(self, bits: int, most: int | None) -> tuple[str, ...]:
        """Of the claims of the first of the set, in order."""
        return tuple(islice(compress(self._ids, _digits(bits)), most))

    def last(self, bits: int, most: int) -> int:
        """So many of the set, or fewer where it has no more: those that come last."""
        if bits.bit_count() <= most:
            return bits
        first = list(_numbers(bits))[-most]
        return bits >> first << first

    def earliest(self, bits: int) -> Present:
        """Whose start is that of a whole set that is not empty: the earliest, as they are certain."""
        bits = bits & self.by(TRAITS).get("certain", 0) or bits
        if not self.lasting:
            return min(self.among(bits), key=attrgetter("by_first"))
        in_order, ranks = self._by_first
        return in_order[min(compress(ranks, _digits(bits)))]

    @cached_property
    def _by_first(self) -> tuple[Sequence[Present], Sequence[int]]:
        """By when they had certainly begun; and by number, which each of them is in that order."""
        in_order = sorted(self.presents, key=attrgetter("by_first"))
        ranks = {present: rank for rank, present in enumerate(in_order)}
        return in_order, [ranks[present] for present in self.presents]

    def set_of(self, presents: Iterable[Present]) -> int:
        return set_of([self._numbers[present] for present in presents])

    @cached_property
    def _numbers(self) -> Mapping[Present, int]:
        return {present: number for number, present in enumerate(self.presents)}

    def by(self, facet: Facet[K]) -> Sets[K]:
        found: Sets[K] | None = self._sets.get(facet)
        if found is None:
            found = self._sets[facet] = self.sets(facet)
        return found

    def sets(self, facet: Facet[K], *kinds: type) -> Sets[K]:
        """Of those whose data are of ``kinds``, or of all."""
        bits = 0
        for kind in kinds:
            bits |= self.by(TRAITS).get(kind, 0)
        return Sets(facet, self.presents, bits if kinds else self.all)

    def parts(self, facet: Facet[K], *kinds: type) -> Parts[K]:
        """Of these alone."""
        return self.once(_parts, facet, *kinds)

    def written(self, bits: int) -> dict[str, str]:
        """Platforms as the latest content in a set writes their names, where any does."""
        found = {}
        for slug, writers in self.by(WRITES).items():
            if so := writers & bits:
                found[slug] = self._only_name(slug, writers) or dict(max(self.among(so), key=_position).names)[slug]
        return found

    def _only_name(self, platform: str, writers: int) -> str | None:
        """That all of these write; None where they do not write the same."""
        if platform not in self._names:
            names = {dict(present.names)[platform] for present in self.among(writers)}
            self._names[platform] = names.pop() if len(names) == 1 else None
        return self._names[platform]

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


def _numbers(bits: int) -> Iterable[int]:
    """Those in the set, in order."""
    if _is_dense(bits):
        return compress(range(bits.bit_length()), _digits(bits))
    numbers = []
    while bits:
        first = bits & -bits
        numbers.append(first.bit_length() - 1)
        bits ^= first
    return numbers


def _parts(facts: Facts, facet: Facet[K], *kinds: type) -> Parts[K]:
    return Parts(facts.sets(facet, *kinds) if kinds else facts.by(facet))


def _position(present: Present) -> int:
    position: int = present.order[2]
    return position


def set_of(numbers: Sequence[int]) -> int:
    last = max(numbers, default=0)
    if last < SMALL:
        bits = 0
        for number in numbers:
            bits |= 1 << number
        return bits
    digits = bytearray(b"0") * (last + 1)  # else each step would copy the whole
    for number in numbers:
        digits[last - number] = ONE
    return int(digits, 2)


def _is_dense(bits: int) -> bool:
    """Whether it takes longer to take them out one by one than to look at all numbers."""
    return bits.bit_count() > FEW + bits.bit_length() // SPARSE


def _digits(bits: int) -> bytes:
    """By number: whether it is in the set, up to its last one."""
    return bin(bits)[:1:-1].encode().translate(_DIGITS)
