"""Actors, the relationships they tie, and what they were called when; a rule about slugs or names belongs here."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
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


def name_in(names: Mapping[str, str], lang: str, fallback: str) -> str:
    """The name for ``lang``: that tag, its language without region, English, any, ``fallback``."""
    for tag in (lang, lang.split("-", maxsplit=1)[0], "en"):
        if tag in names:
            return names[tag]
    return next(iter(names.values()), fallback)
