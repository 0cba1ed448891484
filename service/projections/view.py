"""The claims that are so at one point, each with its certainty, and the lines that are made of them."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from service.domain import edtf
from service.domain.actors import members_of
from service.domain.edtf import BEGINNING
from service.domain.events import Statement
from service.domain.names import Actors
from service.domain.types import Considered, Data
from service.projections.criteria import sift
from service.projections.edges import bounds_edges
from service.projections.lines import NamedActor, NamedParty, NamedPlatform
from service.projections.made import Made
from service.projections.present import Names, Present, order
from service.projections.question import Question
from service.projections.tongue import Tongue, platforms_by

Group = tuple[Present, ...]
"""What one line stands on, in order."""
More = ParamSpec("More")
T = TypeVar("T")


class View:
    """A question with its claims sorted out; one per answer."""

    def __init__(
        self, question: Question, made: Made | None = None, *, whole: bool = False, to_be_sent: bool = False
    ) -> None:
        """``made``: before, of the same past; ``whole``: its lines name all of their claims.

        ``to_be_sent``: nobody looks at a line before it is encoded, so that its JSON may stand for it.
        """
        self.question, self.made, self._whole, self._to_be_sent = question, made or Made(), whole, to_be_sent
        self.at = question.as_of.valid
        self.members = tuple(members_of(question.relationship))
        self.so = self._so() if question.so is None else question.so
        """Also those that the question's filters leave out."""
        claims = [*[one.claim for one in self.so], *[claim for claim in question.claims if claim.expectation]]
        self.sifted = sift(claims, question.criteria, question.as_of.reported)
        self.present = self.so
        if self.sifted.claims is not claims:
            kept = {claim.id for claim in self.sifted.claims}
            self.present = [one for one in self.so if one.id in kept]
        self.expected = sorted((claim for claim in self.sifted.claims if claim.expectation), key=order)
        self._names_by_slugs: dict[tuple[str, ...], Names] = {}
        self._once: dict[object, Any] = {}

    def _so(self) -> list[Present]:
        facts = (claim for claim in self.question.claims if not claim.expectation)
        certainties = ((claim, edtf.certainty(claim.bounds, self.at)) for claim in facts)
        so = [
            self.made.present(claim, certainty, self.question.types)
            for claim, certainty in certainties
            if certainty is not None
        ]
        return sorted(so, key=attrgetter("order"))

    def of_kind(self, kind: type[Data]) -> Sequence[Present]:
        """Those whose data are of that kind, in order."""
        return self.once(_by_kind).get(kind, ())

    @cached_property
    def tongue(self) -> Tongue:
        question, actors = self.question, self.question.actors
        edges = self.made.of(edges_of_all_names, actors)
        after = bisect_right(edges, self.at)
        begins = edges[after - 1] if after else BEGINNING
        parts = (actors, begins, question.lang, question.as_of.reported)
        make = partial(Tongue, *parts, whole=self._whole)
        return self.made.by((Tongue, *parts, self._whole), make)

    def line(
        self,
        make: Callable[Concatenate[Tongue, Group, Names, More], T],
        group: Group,
        *more: More.args,
        **none: More.kwargs,
    ) -> T:
        """What ``make`` says of ``group`` in the tongue of this answer; ``more`` are values that hang on the point.

        The same as ``told``, with fewer calls: an answer has many lines.
        """
        made, tongue = self.made, self.tongue
        names = self._names_by_slugs.get(group[0].platforms) if len(group) == 1 else None
        if names is None:
            names = self._names(group)
        key = (made, make, tongue, group, names, *more)
        kept = made.look(key)
        if kept is None:
            kept = made.keep(key, make(tongue, group, names, *more, **none))
        kept.used = True
        return cast("T", kept.sent if self._to_be_sent else kept.thing)

    def told(self, which: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """A part of this answer that is made of what cannot be compared; ``which`` tells it from all others."""
        kept = self.made.kept(which, make)
        return cast("T", kept.sent if self._to_be_sent else kept.thing)

    def once(self, make: "Callable[[View], T]") -> T:
        """What ``make`` gives of this view, for whoever asks for it again."""
        if make not in self._once:
            self._once[make] = make(self)
        found: T = self._once[make]
        return found

    def _names(self, group: Group) -> Names:
        """Of the platforms that it is about, as the latest content of all that are so writes them."""
        slugs = group[0].platforms
        for present in group[1:]:
            if present.platforms != slugs:
                slugs = tuple(dict.fromkeys([slug for one in group for slug in one.platforms]))
                break
        names = self._names_by_slugs.get(slugs)
        if names is None:
            written = self.once(_names_written)
            names = self._names_by_slugs[slugs] = tuple([(slug, written[slug]) for slug in slugs if slug in written])
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
        return platforms_by(tuple(self.once(_names_written).items()), considered)


def _by_kind(view: View) -> dict[type, list[Present]]:
    found: dict[type, list[Present]] = {}
    for present in view.present:
        found.setdefault(present.kind, []).append(present)
    return found


def _names_written(view: View) -> dict[str, str]:
    """Platforms as the latest content of all that are so writes them."""
    written, latest = dict[str, str](), dict[str, int]()
    for present in view.present:
        for slug, name in present.names:
            position = present.order[2]
            if latest.get(slug, 0) <= position:
                latest[slug], written[slug] = position, name
    return written


def edges_of_all_names(actors: Actors) -> tuple[int, ...]:
    """Every instant from which on some actor may be called, or be part of, something else; in order."""
    described = (one for some in actors.descriptions.values() for one in some)
    return tuple(sorted({edge for one in described for edge in bounds_edges(one.bounds)}))
