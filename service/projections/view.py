"""The claims that are so at one point, each with its certainty, and the lines that are made of them."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar, TypeVarTuple, cast

from service.domain import edtf
from service.domain.actors import members_of
from service.domain.claims import Claim
from service.domain.edtf import BEGINNING
from service.domain.events import Statement
from service.domain.names import Actors
from service.domain.types import Considered
from service.projections.criteria import Sifted, sift
from service.projections.edges import bounds_edges
from service.projections.facts import TRAITS, WRITES, Facts, Parts
from service.projections.lines import NamedActor, NamedParty, NamedPlatform
from service.projections.made import (
    OVERHEAD,
    OVERHEAD_OF_A_LIST,
    OVERHEAD_OF_A_WHOLE,
    Drawer,
    Kept,
    Made,
    as_it_is,
    as_json,
)
from service.projections.present import Names, Present, order
from service.projections.question import Question
from service.projections.tongue import Tongue, platforms_by

Group = Sequence[Present]
"""What one line stands on, in order."""
More = TypeVarTuple("More")
BYTES_OF_A_PLACE = 8
"""In a list."""
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class View:
    """A question with its claims sorted out; one per answer."""

    def __init__(
        self, question: Question, made: Made | None = None, *, whole: bool = False, to_be_sent: bool = False
    ) -> None:
        """``made``: before, of the same past; ``whole``: its lines name all of their claims.

        ``to_be_sent``: nobody looks at a line before it is encoded, so that its JSON may stand for it.
        """
        self.question, self.made, self.whole, self._to_be_sent = question, made or Made(), whole, to_be_sent
        self._weighed = as_json if to_be_sent else as_it_is
        self.at = question.as_of.valid
        self.members = tuple(members_of(question.relationship))
        self.facts, self.bits = self._so() if question.so is None else question.so
        """``bits``: the set of those that are so, without those that the question's filters leave out."""
        expected = [claim for claim in question.claims if claim.expectation] if question.claims else ()
        self.sifted = Sifted(expected)
        if question.criteria.of_claims:
            so = self.facts.among(self.bits)
            claims = [*[one.claim for one in so], *self.sifted.claims]
            self.sifted = sift(claims, question.criteria, question.as_of.reported)
            kept = {claim.id for claim in self.sifted.claims}
            self.bits = self.facts.set_of(one for one in so if one.id in kept)
        if expected:
            expected = sorted((claim for claim in self.sifted.claims if claim.expectation), key=order)
        self.expected: Sequence[Claim] = expected
        self._names_by_slugs: dict[tuple[str, ...], Names] = {}
        self._once: dict[object, Any] = {}
        self._tongue: Tongue | None = None
        self._called: Hashable = None
        self._lists: list[Kept[Any]] = []
        self.whole_answer: Kept[Any] | None = None
        """What was put together to be the answer, but for where it stands."""
        self._drawers: dict[Hashable, Drawer[Any]] | None = None

    def _so(self) -> tuple[Facts, int]:
        at, types, so = self.at, self.question.types, []
        for claim in self.question.claims:
            certainty = None if claim.expectation else edtf.certainty(claim.bounds, at)
            if certainty is not None:
                so.append(self.made.present(claim, certainty, at, types))
        found = Facts(sorted(so, key=attrgetter("order")))
        return found, found.all

    @property
    def present(self) -> Sequence[Present]:
        """In order."""
        return self.once(_present)

    @property
    def certain(self) -> int:
        """The set of those that are certainly so."""
        return self.facts.by(TRAITS).get("certain", 0) & self.bits

    @property
    def tongue(self) -> Tongue:
        if self._tongue is None:
            self._tongue = _tongue(self)
        return self._tongue

    @property
    def called(self) -> Hashable:
        """Tells how platforms are called here from how they are called where other facts are so."""
        if self._called is None:
            self._called = self.facts.called(self.bits)
        return self._called

    def lines(
        self,
        make: Callable[[Tongue, Group, Names, K, *More], T],
        parts: Parts[K],
        *more: *More,
        only: Callable[[K], bool] | None = None,
    ) -> tuple[T, ...]:
        """What ``make`` says of each part, in the tongue of this answer, and told ``more``; in the order of the first
        fact that tells of each. ``only``: of which things."""
        if only is not None:
            return tuple([kept.thing for kept in self._lines(make, parts, only, *more)])
        key = parts.all & self.bits, None if parts.settled else self.called
        return self._list(lambda: self._lines(make, parts, None, *more), key, make, *more)

    def _lines(
        self,
        make: Callable[[Tongue, Group, Names, K, *More], T],
        parts: Parts[K],
        only: Callable[[K], bool] | None,
        *more: *More,
    ) -> Sequence[Kept[T]]:
        so, drawer = self.bits, self._drawer("line", make, *more)
        found: list[tuple[int, K, Kept[T]]] = []
        for own, thing, group, number, unsettled in parts.rows:
            here = own & so
            if not here or not (only is None or only(thing)):
                continue
            key = number, group & so, self.names(unsettled)
            kept = drawer.get(key)
            if kept is None:
                stands_on, names = self.facts.among(group & so), self.names(parts.sets.platforms[thing])
                kept = self._line(drawer, key, make, stands_on, names, thing, *more)
            kept.used = True
            found.append((here & -here, thing, kept))
        return [kept for _, _, kept in parts.sets.in_order(found)]

    def each(self, make: Callable[[Tongue, Group, Names], T], bits: int) -> tuple[T, ...]:
        """What ``make`` says of each fact of a set alone, in order."""
        return self._list(lambda: self._each(make, bits), (bits, self.called), make) if bits else ()

    def _each(self, make: Callable[[Tongue, Group, Names], T], bits: int) -> Sequence[Kept[T]]:
        drawer = self._drawer("line", make)
        lines: list[Kept[T]] = []
        for one in self.facts.among(bits):
            names = self.names(one.platforms)
            kept = drawer.get((one, names)) or self._line(drawer, (one, names), make, (one,), names)
            kept.used = True
            lines.append(kept)
        return lines

    def _list(self, make: Callable[[], Sequence[Kept[T]]], key: Hashable, *which: Hashable) -> tuple[T, ...]:
        """The lines of a list; ``key``: the set of facts that it stands on, and what tells how platforms are called."""
        if not self.facts.lasting:
            return tuple([line.thing for line in make()])
        drawer = self._drawer(*which)
        kept = drawer.get(key)
        if kept is None:
            lines = make()
            weight = OVERHEAD_OF_A_LIST + 2 * BYTES_OF_A_PLACE * len(lines)
            kept = self.made.put(key, tuple([line.thing for line in lines]), weight, drawer, lines)
        kept.used = True
        self._lists.append(kept)
        return cast("tuple[T, ...]", kept.thing)

    def put_together(self, make: "Callable[[View], T]", *more: Hashable) -> T:
        """What ``make`` says of this view, where that hangs on nothing but its facts, its tongue and ``more``."""
        if not self.facts.lasting:
            return make(self)
        drawer, key = self._drawer(make), (self.bits, *more)
        kept = drawer.get(key)
        if kept is None:
            self._lists = []
            thing = make(self)
            kept = self.made.put(key, thing, OVERHEAD_OF_A_WHOLE, drawer, tuple(self._lists))
        kept.used = True
        self.whole_answer = kept
        return cast("T", kept.thing)

    def _drawer(self, *which: Hashable) -> Drawer[Any]:
        """One that stays empty where nothing is to be gained by it."""
        if self._drawers is None:
            self._drawers = self.facts.drawers((self.tongue, self._to_be_sent)) if self.facts.lasting else {}
        drawer = self._drawers.get(which)
        if drawer is None:
            drawer = self._drawers[which] = {}
        return drawer

    def _line(
        self,
        drawer: Drawer[Any],
        key: Hashable,
        make: Callable[..., T],
        group: Group,
        names: Names,
        *more: Hashable,
    ) -> Kept[T]:
        """Put as ``key`` into the drawer of lasting facts; of others found by its parts, which yet others may share."""
        tongue = self.tongue
        if not self.facts.lasting:
            parts = (self.made, self._to_be_sent, make, tongue, names, *more, *group)
            kept = self.made.look(parts)
            return kept or self.made.put(parts, *self._weighed(make(tongue, group, names, *more)))
        return self.put(drawer, key, lambda: make(tongue, group, names, *more))

    def part(self, make: Callable[..., T], bits: int, *more: Hashable) -> T:
        """What ``make`` makes of a set of facts, in whichever tongue, told ``more``."""
        facts = self.facts
        if not facts.lasting:
            group = facts.among(bits)
            return self.made.by((make, *more, *group), lambda: make(group, *more))
        drawer = facts.drawers(None).setdefault((make, *more), {})
        kept = drawer.get(bits) or self.made.put(bits, make(facts.among(bits), *more), OVERHEAD, drawer)
        kept.used = True
        return cast("T", kept.thing)

    def told(self, of: type[T]) -> Drawer[T]:
        """What was told of that kind in this tongue, and in this form; ``put`` adds to it."""
        return self.tongue.drawer((of, self._to_be_sent))

    def put(self, drawer: Drawer[T], key: Hashable, make: Callable[[], T]) -> Kept[T]:
        thing, weight = self._weighed(make())
        return self.made.put(key, thing, weight, drawer)

    def once(self, make: "Callable[[View], T]") -> T:
        """What ``make`` gives of this view, for whoever asks for it again."""
        found: T | None = self._once.get(make)
        if found is None:
            found = self._once[make] = make(self)
        return found

    def names(self, platforms: tuple[str, ...]) -> Names:
        """As the latest content of all that are so writes them."""
        names = self._names_by_slugs.get(platforms)
        if names is None:
            written = [(slug, name) for slug in platforms if (name := self.facts.name(slug, self.bits)) is not None]
            names = self._names_by_slugs[platforms] = tuple(written)
        return names

    def label(self, slug: str) -> str:
        return self.tongue.label(slug)

    def actor(self, slug: str) -> NamedActor:
        return self.tongue.actor(slug)

    def parties(self, statement: Statement) -> tuple[NamedParty, ...]:
        return self.tongue.parties(statement)

    def named(self, statement: Statement) -> list[tuple[str, str]]:
        return self.tongue.named(statement)

    def platforms(self, considered: Iterable[Considered]) -> tuple[NamedPlatform, ...]:
        return platforms_by(self.names(tuple(self.facts.by(WRITES))), considered)


def _present(view: View) -> Sequence[Present]:
    return view.facts.among(view.bits)


def _tongue(view: View) -> Tongue:
    question, actors = view.question, view.question.actors
    edges = view.made.of(edges_of_all_names, actors)
    after = bisect_right(edges, view.at)
    begins = edges[after - 1] if after else BEGINNING
    parts = (actors, begins, question.lang, question.as_of.reported)
    make = partial(Tongue, *parts, whole=view.whole)
    return view.made.by((Tongue, *parts, view.whole), make)


def edges_of_all_names(actors: Actors) -> tuple[int, ...]:
    """Every instant from which on some actor may be called, or be part of, something else; in order."""
    described = (one for some in actors.descriptions.values() for one in some)
    return tuple(sorted({edge for one in described for edge in bounds_edges(one.bounds)}))
