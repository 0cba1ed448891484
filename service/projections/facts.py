"""The claims that are so at some point, in order, each with a number; sets of them are integers: quick to cut and keep.

Bit n of a set says whether number n is in it. What a part of an answer stands on is then found by an operation or two
on whole sets, however many claims there are, and what was made of a set is found by it.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, islice
from operator import attrgetter, itemgetter
from typing import Any, Final, Generic, TypeVar, get_args

from service.domain.claims import Standing
from service.projections.present import PhaseName, Present, same, standing_together

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
Facet = Callable[[Present], Collection[K]]
"""What is said of a fact; each thing once."""
TRAITS: Facet[Hashable] = attrgetter("traits")
ACTORS: Facet[str] = attrgetter("actors")
GIVES: Facet[PhaseName] = attrgetter("gives")
WRITES: Facet[str] = attrgetter("writes")
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
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
        said, several = dict[K, list[int]](), False
        for number in numbers(bits):
            things = facet(presents[number])
            for thing in things:
                if thing in said:
                    said[thing].append(number)
                else:
                    said[thing] = [number]
            several = several or len(things) > 1
        found = {thing: set_of(some) for thing, some in said.items()}
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
        found = [(here & -here, thing, None) for thing, own in self.items() if (here := own & bits)]
        return [thing for _, thing, _ in self.in_order(found)]

    def in_order(self, found: list[tuple[int, K, T]]) -> list[tuple[int, K, T]]:
        """Of each, the set of the first fact alone that says it, the thing, and whatever goes with it: sorted."""
        found.sort(key=itemgetter(0))
        if self._several and len({first for first, _, _ in found}) < len(found):  # of these, as that one says them
            found.sort(key=self._place)
        return found

    def _place(self, found: tuple[int, K, T]) -> tuple[int, int]:
        first, thing, _ = found
        return first, list(self._facet(self._presents[first.bit_length() - 1])).index(thing)


class _Platforms(dict[K, tuple[str, ...]]):
    """Worked out when first looked up."""

    def __init__(self, sets: Mapping[K, int], presents: Sequence[Present]) -> None:
        self._sets, self._presents = sets, presents

    def __missing__(self, thing: K) -> tuple[str, ...]:
        slugs = (slug for number in numbers(self._sets[thing]) for slug in self._presents[number].platforms)
        found = self[thing] = tuple(dict.fromkeys(slugs))
        return found


class Parts(Generic[K]):
    """Parts of an answer that are made of sets of facts, by what each is about."""

    def __init__(self, facts: "Facts", sets: Sets[K], besides: Mapping[K, int] | None = None) -> None:
        """There is a part where any of one of ``sets`` is so; it is made of these, and of those ``besides``."""
        self.sets = sets
        besides = besides or {}
        self.rows = [
            (own, thing, own | besides.get(thing, 0), number, facts.unsettled(sets.platforms[thing], own))
            for number, (thing, own) in enumerate(sets.items())
        ]
        """Of each part: where it is, what it is about, what it is made of, its number, and which of the platforms that
        it names may be called otherwise for other facts."""
        self.settled = not any(row[-1] for row in self.rows)
        self.all = sets.all
        for row in self.rows:
            self.all |= row[2]


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
        self._drawers: dict[Hashable, dict[Hashable, dict[Hashable, Any]]] = {}

    @property
    def all(self) -> int:
        return (1 << len(self.presents)) - 1

    def among(self, bits: int) -> list[Present]:
        """Those of the set, in order."""
        if _is_dense(bits):
            return list(compress(self.presents, digits(bits)))
        return [self.presents[number] for number in numbers(bits)]

    def ids_among(self, bits: int, most: int | None) -> tuple[str, ...]:
        """Of the claims of the first of the set, in order."""
        ids: tuple[str, ...] = same(tuple(islice(compress(self._ids, digits(bits)), most)))
        return ids

    def last(self, bits: int, most: int) -> int:
        """So many of the set, or fewer where it has no more: those that come last."""
        if bits.bit_count() <= most:
            return bits
        first = list(numbers(bits))[-most]
        return bits >> first << first

    def earliest(self, bits: int) -> Present:
        """Whose start is that of a whole set that is not empty: the earliest, as they are certain."""
        bits = bits & self.by(TRAITS).get("certain", 0) or bits
        if not self.lasting or not _is_dense(bits):
            return min(self.among(bits), key=attrgetter("by_first"))
        for alone, present in self._by_first:
            if bits & alone:  # soon, as there are many
                return present
        raise ValueError("the set is empty")

    def standing(self, bits: int) -> Standing:
        """Of a whole set that is not empty."""
        return standing_together([standing for standing, own in self._standings if own & bits])

    @cached_property
    def _standings(self) -> Sequence[tuple[Standing, int]]:
        traits = self.by(TRAITS)
        return [(standing, traits[standing]) for standing in STANDINGS if standing in traits]

    @cached_property
    def _by_first(self) -> Sequence[tuple[int, Present]]:
        """By when they had certainly begun; each with the set of it alone."""
        alone = [(1 << number, present) for number, present in enumerate(self.presents)]
        return sorted(alone, key=lambda one: one[1].by_first)

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
        """Of those whose data are of ``kinds``, each part of these alone."""
        return self.once(_parts, facet, *kinds)

    def name(self, platform: str, bits: int) -> str | None:
        """As the latest content in a set writes it, where any does."""
        writers = self.by(WRITES).get(platform, 0)
        so = writers & bits
        if not so:
            return None
        return self._only_name(platform, writers) or dict(max(self.among(so), key=_position).names)[platform]

    def unsettled(self, platforms: tuple[str, ...], own: int) -> tuple[str, ...]:
        """Those of ``platforms`` that may be called otherwise, by what else is so, where any of the set ``own`` is."""
        if not self.lasting:  # then nothing is gained by knowing
            return platforms
        by = self.by(WRITES)
        written = ((slug, by[slug]) for slug in platforms if slug in by)
        return tuple(slug for slug, some in written if own & ~some or self._only_name(slug, some) is None)

    def called(self, bits: int) -> Hashable:
        """Equal of two sets where all platforms are called the same by them."""
        called = 0
        for writers, alone in self._called_always:
            if writers & bits:
                called |= alone
        if not self._called_by_turns:
            return called
        return (called, *[self.name(platform, bits) for platform in self._called_by_turns])

    @cached_property
    def _called_always(self) -> Sequence[tuple[int, int]]:
        """Of platforms with one name: who write it, and a bit for each."""
        by = self.by(WRITES).items()
        writers = [writers for platform, writers in by if self._only_name(platform, writers) is not None]
        return [(some, 1 << number) for number, some in enumerate(writers)]

    @cached_property
    def _called_by_turns(self) -> Sequence[str]:
        """Platforms with several names."""
        return [platform for platform, writers in self.by(WRITES).items() if self._only_name(platform, writers) is None]

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

    def drawers(self, which: Hashable) -> dict[Hashable, dict[Hashable, Any]]:
        """For what was made of sets of facts that last."""
        found = self._drawers.get(which)
        if found is None:
            if len(self._drawers) == MOST_WORKED_OUT:
                self._drawers.clear()
            found = self._drawers[which] = {}
        return found


def numbers(bits: int) -> Iterable[int]:
    """Those in the set, in order."""
    if _is_dense(bits):
        return compress(range(bits.bit_length()), digits(bits))
    found = []
    while bits:
        first = bits & -bits
        found.append(first.bit_length() - 1)
        bits ^= first
    return found


def _parts(facts: Facts, facet: Facet[K], *kinds: type) -> Parts[K]:
    return Parts(facts, facts.sets(facet, *kinds))


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


def digits(bits: int) -> bytes:
    """By number: whether it is in the set, up to its last one; for ``compress``."""
    return bin(bits)[:1:-1].encode().translate(_DIGITS)
