"""Actors, the relationships they tie, and what they were called when; a rule about slugs or names belongs here."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import Annotated

import msgspec
from msgspec import Meta

# `$` alone would let a trailing newline through: Python matches before it.
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)"
Slug = Annotated[
    str, Meta(pattern=SLUG, max_length=64, description="A stable ASCII name: lower case, digits, hyphens.")
]
RelationshipId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(--[a-z0-9]+(-[a-z0-9]+)*)+$(?!\n)",
        max_length=526,
        description="Two or more actors' slugs, sorted, joined by `--`.",
    ),
]
LARGEST_RELATIONSHIP = 8
LanguageTag = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)", max_length=35, description="A BCP 47 language tag.")
]


def relationship_of(actors: Iterable[str]) -> str:
    """The id of the relationship that ties ``actors``: distinct slugs in byte order, joined by ``--``."""
    return "--".join(sorted(set(actors)))


def members_of(relationship: str) -> list[str]:
    return relationship.split("--")


@lru_cache(maxsize=8192)
def canonical_relationship(text: str) -> str:
    """``text`` with its members in their order; raises ValueError, saying what is wrong with it."""
    try:
        msgspec.convert(text, RelationshipId)
        members = [msgspec.convert(member, Slug) for member in members_of(text)]
    except msgspec.ValidationError:
        raise ValueError(
            "a relationship's id is the slugs of two or more actors, joined by `--`, such as pak--tur"
        ) from None
    if len(set(members)) < len(members):
        raise ValueError("a relationship ties distinct actors; one is named twice")
    if len(members) > LARGEST_RELATIONSHIP:
        raise ValueError(f"a relationship ties at most {LARGEST_RELATIONSHIP} actors")
    return relationship_of(members)


def pairs_of(actors: Sequence[str]) -> list[str]:
    return [relationship_of(pair) for pair in combinations(sorted(set(actors)), 2)]


class Aliases(msgspec.Struct, frozen=True):
    """Who had been merged into whom at one position; reading a merged slug reads its survivor."""

    survivors: Mapping[str, str] = {}
    """By merged slug: the slug its merge names, which may itself be merged."""

    def survivor(self, actor: str) -> str:
        """Itself where it is not merged. A circle, which recording refuses, ends where it began."""
        seen = {actor}
        while (into := self.survivors.get(actor)) is not None and into not in seen:
            actor = into
            seen.add(into)
        return actor

    def merged_into(self, actor: str) -> list[str]:
        """Every slug that reads as ``actor``, itself first."""
        return [actor, *sorted(slug for slug in self.survivors if slug != actor and self.survivor(slug) == actor)]

    def relationship(self, relationship: str) -> str:
        """Its id with survivors for members; itself where its members would become one."""
        if not self.survivors:
            return relationship
        members = {self.survivor(member) for member in members_of(relationship)}
        return relationship_of(members) if len(members) > 1 else relationship

    def timelines(self, timeline: str) -> list[str]:
        """Every timeline, of an actor or a relationship, that reads as this one; itself first."""
        if not self.survivors:
            return [timeline]
        each = [self.merged_into(member) for member in members_of(timeline)]
        found = dict.fromkeys([timeline, *(relationship_of(some) for some in product(*each))])
        return [one for one in found if len(members_of(one)) == len(each)]


def name_in(names: Mapping[str, str], lang: str, fallback: str) -> str:
    """The name for ``lang``: that tag, its language without region, English, any, ``fallback``."""
    for tag in (lang, lang.split("-", maxsplit=1)[0], "en"):
        if tag in names:
            return names[tag]
    return next(iter(names.values()), fallback)
