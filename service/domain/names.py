"""What actors were called, and what they were and were part of, at any instant: from the visible `actor` claims."""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

import msgspec

from service.domain.actors import Aliases, name_in
from service.domain.claims import Claim
from service.domain.edtf import Bounds, certainty
from service.domain.events import Statement
from service.domain.types import Actor

Kind = Literal["state", "firm", "armed-force", "organisation", "person", "other"]


class Description(msgspec.Struct, frozen=True):
    """What one claim says of an actor, and while when."""

    actor: str
    claim: str
    position: int
    bounds: Bounds
    said: Actor


class Actors(msgspec.Struct, frozen=True, eq=False):
    """Every actor that some claim describes; a slug that none describes at an instant is its own name.

    Equal to itself alone, so that what is made of it can be found again by it.
    """

    descriptions: Mapping[str, tuple[Description, ...]] = {}
    """By slug."""
    aliases: Aliases = Aliases()
    """Who reads as whom."""

    def at(self, slug: str, at: int) -> Description | None:
        """The description that holds at ``at``: a certain one before a possible, then the latest start and position."""
        best, rank = None, None
        for description in self.descriptions.get(slug, ()):
            sure = certainty(description.bounds, at)
            if sure is None:
                continue
            bounds = description.bounds
            own = (sure == "certain", bounds.starts_latest, bounds.starts_earliest, description.position)
            if rank is None or own > rank:
                best, rank = description, own
        return best

    def label(self, slug: str, lang: str, at: int) -> str:
        described = self.at(slug, at)
        return slug if described is None else name_in(described.said.names, lang, slug)

    def survivor(self, slug: str) -> str:
        """Itself, or whom it was merged into."""
        return self.aliases.survivor(slug)

    def kind(self, slug: str, at: int) -> Kind | None:
        described = self.at(slug, at)
        return None if described is None else described.said.kind

    def part_of(self, slug: str, at: int) -> str | None:
        described = self.at(slug, at)
        return None if described is None else described.said.part_of

    def rolled_up(self, slug: str, members: Collection[str], at: int) -> str | None:
        """The one of ``members`` that ``slug`` is, or is part of at ``at`` through any number of others."""
        seen: set[str] = set()
        current: str | None = self.survivor(slug)
        while current is not None and current not in seen:
            if current in members:
                return current
            seen.add(current)
            above = self.part_of(current, at)
            current = None if above is None else self.survivor(above)
        return None

    def bounds_of(self, slugs: Iterable[str]) -> list[Bounds]:
        """Of all descriptions of ``slugs`` and of what these were ever part of: what any answer about them hangs on."""
        found, seen, waiting = [], set(), sorted(set(slugs))
        while waiting:
            slug = waiting.pop()
            if slug in seen:
                continue
            seen.add(slug)
            for description in self.descriptions.get(slug, ()):
                found.append(description.bounds)
                if description.said.part_of is not None:
                    waiting.append(self.survivor(description.said.part_of))
        return found


def actors_of(claims: Iterable[Claim], aliases: Aliases | None = None) -> Actors:
    """From the visible claims of type `actor`; any others among ``claims`` are passed over.

    What was said of a merged actor as such is not said of its survivor.
    """
    found: dict[str, list[Description]] = {}
    for claim in claims:
        if claim.statement.type == "actor":
            slug = claim.statement.parties[0].actor
            said = _said(claim.statement)
            found.setdefault(slug, []).append(Description(slug, claim.id, claim.content.position, claim.bounds, said))
    descriptions = {slug: tuple(sorted(some, key=lambda one: one.position)) for slug, some in sorted(found.items())}
    return Actors(descriptions, aliases or Aliases())


def _said(statement: Statement) -> Actor:
    assert isinstance(statement.data, msgspec.Raw)  # noqa: S101 - read_event asks for names and a kind
    return msgspec.json.decode(statement.data, type=Actor)
