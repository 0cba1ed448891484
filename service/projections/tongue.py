"""How an answer says what it says: in which language, by which names, citing whom; what lines share is said here."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from service.domain.events import Party, Statement
from service.domain.names import Actors
from service.domain.types import Considered
from service.projections.edges import bounds_edges
from service.projections.lines import (
    MOST_CLAIMS,
    MOST_SOURCES,
    NamedActor,
    NamedParty,
    NamedPlatform,
    ShownSource,
    shown,
)
from service.projections.made import Drawer
from service.projections.present import Present, earliest_of, standing_together


class Tongue:
    """All that lines say alike over a stretch of valid time; it knows no claims, and nothing of the point itself."""

    def __init__(self, actors: Actors, at: int, lang: str, reported_by: int | None, *, whole: bool = False) -> None:
        """``at``: where the stretch begins; ``whole``: lines name all of their claims."""
        self.actors, self.at, self.lang, self.reported_by = actors, at, lang, reported_by
        self.most_claims = None if whole else MOST_CLAIMS
        self._actors: dict[str, NamedActor] = {}
        self._edges: dict[str, Sequence[int]] = {}
        self._several: dict[tuple[str, ...], tuple[NamedActor, ...]] = {}
        self._parties: dict[tuple[Party, ...], tuple[NamedParty, ...]] = {}
        self._among: dict[tuple[str, ...], Among] = {}
        self._drawers: dict[Hashable, Drawer[Any]] = {}

    def drawer(self, which: Hashable) -> Drawer[Any]:
        """For what is said in this tongue, whatever the point."""
        drawer = self._drawers.get(which)
        if drawer is None:
            drawer = self._drawers[which] = {}
        return drawer

    def label(self, slug: str) -> str:
        return self._named(slug).label

    def actor(self, slug: str) -> NamedActor:
        return self._named(self.actors.survivor(slug))

    def actors_named(self, slugs: tuple[str, ...]) -> tuple[NamedActor, ...]:
        found = self._several.get(slugs)
        if found is None:
            found = self._several[slugs] = tuple([self.actor(slug) for slug in slugs])
        return found

    def _named(self, slug: str) -> NamedActor:
        named = self._actors.get(slug)
        if named is None:
            named = NamedActor(actor=slug, label=self.actors.label(slug, self.lang, self.at))
            self._actors[slug] = named
        return named

    def edges_of(self, slug: str) -> Sequence[int]:
        """Every instant from which on that actor may be called, or be part of, something else."""
        edges = self._edges.get(slug)
        if edges is None:
            bounds = self.actors.bounds_of([self.actors.survivor(slug)])
            edges = self._edges[slug] = sorted({edge for one in bounds for edge in bounds_edges(one)})
        return edges

    def among(self, members: tuple[str, ...]) -> "Among":
        """Those of ``members`` that some slugs are or are part of, each once; by these slugs."""
        found = self._among.get(members)
        if found is None:
            found = self._among[members] = Among(self, members)
        return found

    def parties(self, statement: Statement) -> tuple[NamedParty, ...]:
        found = self._parties.get(statement.parties)
        if found is None:
            named = self.named(statement)
            found = tuple([NamedParty(actor=actor, label=self.label(actor), role=role) for actor, role in named])
            self._parties[statement.parties] = found
        return found

    def named(self, statement: Statement) -> list[tuple[str, str]]:
        """Its parties by actor and role; whom a merge has made one stands once in each role."""
        if not self.actors.aliases.survivors:
            return [(party.actor, party.role) for party in statement.parties]
        survivor = self.actors.survivor
        return list(dict.fromkeys((survivor(party.actor), party.role) for party in statement.parties))

    def title(self, statement: Statement) -> str | UnsetType:
        """In the language asked for where there is a translation, else as it stands."""
        title, _ = title_in(statement, self.lang)
        return title or UNSET

    def evidence(self, group: Sequence[Present], speaking: Iterable[Present] | None = None) -> dict[str, Any]:
        """The fields of a Line. ``group`` in order; the first of ``speaking`` to have an official status gives it."""
        statements = (present.claim.statement for present in (reversed(group) if speaking is None else speaking))
        return {
            "certainty": "certain" if any(present.certain for present in group) else "possible",
            "standing": standing_together(present.standing for present in group),
            "official_status": next((one.official_status for one in statements if one.official_status), UNSET),
            "since": earliest_of(group).since,
            "claims": tuple([one.id for one in group[: self.most_claims]]),
            "claims_total": len(group),
            "sources": self._sources(group),
        }

    def stated(self, group: Sequence[Present], speaking: Sequence[Present] | None = None) -> dict[str, Any]:
        """The fields of a StatedLine, in the words of the first of ``speaking``."""
        speaking = group if speaking is None else speaking
        first = speaking[0]
        until, ends = first.ending
        return {
            **self.evidence(group, speaking),
            "title": self.title(first.claim.statement),
            "parties": self.parties(first.claim.statement),
            "until": until,
            "ends": ends,
        }

    def _sources(self, group: Sequence[Present]) -> tuple[ShownSource, ...]:
        """Each once, in the order of the claims."""
        found: dict[ShownSource, None] = {}
        out_by = self.reported_by
        for one in group:
            for source in one.sources if out_by is None else shown(one.claim.statement.sources, out_by):
                found[source] = None
                if len(found) == MOST_SOURCES:
                    return tuple(found)
        return tuple(found)


class Among(dict[tuple[str, ...], tuple[str, ...]]):
    """Worked out when first looked up."""

    def __init__(self, tongue: Tongue, members: tuple[str, ...]) -> None:
        self._tongue, self._members = tongue, members

    def __missing__(self, slugs: tuple[str, ...]) -> tuple[str, ...]:
        actors, at = self._tongue.actors, self._tongue.at
        rolled = (actors.rolled_up(slug, self._members, at) for slug in slugs)
        found = self[slugs] = tuple(dict.fromkeys(member for member in rolled if member is not None))
        return found


def platforms_by(names: Iterable[tuple[str, str]], considered: Iterable[Considered]) -> tuple[NamedPlatform, ...]:
    """By the names that they have in ``names``, else by their slugs."""
    called = dict(names)
    return tuple(
        NamedPlatform(
            platform=one.platform, label=called.get(one.platform, one.platform), likelihood=one.likelihood or UNSET
        )
        for one in considered
    )


def title_in(statement: Statement, lang: str) -> tuple[str | None, str | None]:
    """Its title, and the language that is in: the one asked for where there is a translation, else its own."""
    for tag in (lang, lang.split("-", maxsplit=1)[0]):
        if statement.title is not None and statement.lang == tag:
            return statement.title, tag
        if tag in statement.translations:
            return statement.translations[tag], tag
    return statement.title, statement.lang
