"""The claims that are so at one point, each with its certainty, and the lines that are made of them."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
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

        ``to_be_sent``: nobody looks at the answer before it is encoded.
        """
        self.question, self.made, self._whole, self._to_be_sent = question, made or Made(), whole, to_be_sent
        # Where only certain lines are wanted, they are looked at before they are sent.
        self._only_sent = to_be_sent and not question.criteria.certain_only
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
        self._by_kind: dict[type, list[Present]] | None = None
        self._names_of_platforms: dict[str, str] | None = None
        self._names_by_slugs: dict[tuple[str, ...], Names] = {}
        self._once: dict[object, Any] = {}
        self.extent: tuple[int, int] | None = None
        """Between which valid times the answer stays as it is, once that was worked out."""

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
        found = self._by_kind
        if found is None:
            found = self._by_kind = {}
            for present in self.present:
                found.setdefault(present.kind, []).append(present)
        return found.get(kind, ())

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

        The same as ``self.made.of``, with fewer calls: an answer has many lines. Where lines are only sent, it is sent.
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
        return cast("T", kept.sent if self._only_sent else kept.thing)

    def sent(self, lines: Iterable[T]) -> tuple[T, ...]:
        """As they stand in the answer."""
        return tuple(map(self.made.sent, lines)) if self._to_be_sent else tuple(lines)

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
            written = self._written()
            names = self._names_by_slugs[slugs] = tuple([(slug, written[slug]) for slug in slugs if slug in written])
        return names

    def _written(self) -> dict[str, str]:
        """Platforms as the latest content of all that are so writes them."""
        written = self._names_of_platforms
        if written is None:
            written, latest = {}, dict[str, int]()
            for present in self.present:
                for slug, name in present.names:
                    position = present.order[2]
                    if latest.get(slug, 0) <= position:
                        latest[slug], written[slug] = position, name
            self._names_of_platforms = written
        return written

    def label(self, slug: str) -> str:
        return self.tongue.label(slug)

    def actor(self, slug: str) -> NamedActor:
        return self.tongue.actor(slug)

    def parties(self, statement: Statement) -> tuple[NamedParty, ...]:
        return self.tongue.parties(statement)

    def named(self, statement: Statement) -> list[tuple[str, str]]:
        return self.tongue.named(statement)

    def platforms(self, considered: Iterable[Considered]) -> tuple[NamedPlatform, ...]:
        return platforms_by(tuple(self._written().items()), considered)


def edges_of_all_names(actors: Actors) -> tuple[int, ...]:
    """Every instant from which on some actor may be called, or be part of, something else; in order."""
    described = (one for some in actors.descriptions.values() for one in some)
    return tuple(sorted({edge for one in described for edge in bounds_edges(one.bounds)}))
