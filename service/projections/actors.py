"""An actor at one point: what it is called and is, whom it is part of and who is part of it, and what it is tied by."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain.actors import LanguageTag, Slug
from service.domain.as_of import AsOf
from service.domain.folding import says
from service.domain.names import Actors, Kind
from service.domain.types import Label, TypeName
from service.projections.across import AcrossAsOf, across_as_of
from service.projections.lines import Answer, NamedActor, Total
from service.projections.relationships import Place, RelationshipFound

VERSION = 1
"""Raised whenever the same question gets other bytes than before."""
MOST_PARTS = 100
MOST_RELATIONSHIPS = 20


class Described(Answer, frozen=True, kw_only=True):
    """An actor, as the claim in force about it says; without one it is its own name."""

    actor: Slug
    label: str
    kind: Kind | UnsetType = UNSET
    names: dict[LanguageTag, Label]
    """By language, at the valid time."""
    codes: dict[TypeName, Label]
    part_of: NamedActor | UnsetType = UNSET
    claim: str | UnsetType = UNSET
    """The claim that says so."""
    merged: tuple[Slug, ...] = ()
    """Whose claims are read as this actor's."""
    first: Place | UnsetType = UNSET
    """Where a claim first named it."""
    last: Place | UnsetType = UNSET


class ActorFound(Answer, frozen=True, kw_only=True):
    """An actor as of one point."""

    actor: Slug
    label: str
    as_of: AcrossAsOf
    known: bool
    """False where no visible claim names it; that is no denial."""
    kind: Kind | UnsetType = UNSET
    names: dict[LanguageTag, Label]
    """By language, at the valid time."""
    codes: dict[TypeName, Label]
    part_of: NamedActor | UnsetType = UNSET
    claim: str | UnsetType = UNSET
    """The claim that says so."""
    merged: tuple[Slug, ...] = ()
    """Whose claims are read as this actor's."""
    parts: Annotated[tuple[NamedActor, ...], Meta(max_length=MOST_PARTS)]
    """Who is part of it at the valid time, by slug."""
    parts_total: Total
    relationships: Annotated[tuple[RelationshipFound, ...], Meta(max_length=MOST_RELATIONSHIPS)]
    """The first that it is a member of, by id."""
    all_relationships: str = ""
    """The address that lists all of them."""
    first: Place | UnsetType = UNSET
    """Where a claim first named it."""
    last: Place | UnsetType = UNSET


class FoundActors(Answer, frozen=True, kw_only=True):
    """Actors as of one point, by slug."""

    as_of: AcrossAsOf
    actors: tuple[Described, ...]
    next: str | UnsetType = UNSET
    """The address of the next page, while there may be more."""


def parts_of(whole: str, slugs: Sequence[str], actors: Actors, at: int) -> list[str]:
    """Those of ``slugs`` that are part of ``whole`` at ``at``, directly, by slug."""
    survivor = actors.survivor
    return sorted(
        slug
        for slug in set(slugs)
        if survivor(slug) == slug
        and (above := actors.part_of(slug, at)) is not None
        and survivor(above) == whole != slug
    )


def described(slug: str, actors: Actors, seen: tuple[Place, Place] | None, lang: str, at: int) -> Described:
    first, last = seen or (UNSET, UNSET)
    claim = actors.at(slug, at)
    above = None if claim is None else claim.said.part_of
    return Described(
        actor=slug,
        label=actors.label(slug, lang, at),
        kind=UNSET if claim is None else claim.said.kind,
        names={} if claim is None else dict(sorted(claim.said.names.items())),
        codes={} if claim is None else dict(sorted(claim.said.codes.items())),
        part_of=UNSET if above is None else _named(actors, above, lang, at),
        claim=UNSET if claim is None else claim.claim,
        merged=tuple(actors.aliases.merged_into(slug)[1:]),
        first=first,
        last=last,
    )


def actor_found(
    slug: str,
    as_of: AsOf,
    actors: Actors,
    *,
    lang: str,
    known: bool,
    seen: tuple[Place, Place] | None,
    parts: Sequence[str],
    relationships: Sequence[RelationshipFound],
) -> ActorFound:
    """``parts``: whoever may be part of it."""
    at = as_of.valid
    said = described(slug, actors, seen, lang, at)
    theirs = parts_of(slug, parts, actors, at)
    return ActorFound(
        **{name: getattr(said, name) for name in Described.__struct_fields__},
        as_of=across_as_of(as_of),
        known=known,
        parts=tuple(_named(actors, part, lang, at) for part in theirs[:MOST_PARTS]),
        parts_total=len(theirs),
        relationships=tuple(relationships[:MOST_RELATIONSHIPS]),
    )


class ActorFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which actors are looked for; every one that is given must be met."""

    words: tuple[str, ...] = ()
    """Folded; each in one of its names, or its slug."""
    kind: Kind | None = None
    part_of: Slug | None = None

    def meets(self, said: Described) -> bool:
        if self.kind is not None and said.kind != self.kind:
            return False
        if self.part_of is not None and (isinstance(said.part_of, UnsetType) or said.part_of.actor != self.part_of):
            return False
        return says((said.actor, *said.names.values()), self.words)


def _named(actors: Actors, slug: str, lang: str, at: int) -> NamedActor:
    survivor = actors.survivor(slug)
    return NamedActor(actor=survivor, label=actors.label(survivor, lang, at))
