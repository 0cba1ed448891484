"""Relationships found across a ledger, each told in short: its members, how far it had come, how many claims are so."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain import edtf
from service.domain.actors import RelationshipId, Slug, members_of
from service.domain.as_of import rfc3339
from service.domain.claims import Claim
from service.domain.names import Actors
from service.domain.reading import data_of, relationships_of
from service.domain.types import TYPES, Platform, TypeName
from service.projections.across import AcrossAsOf, LeftOutOfPage
from service.projections.criteria import Criteria
from service.projections.inventory import inventory
from service.projections.lines import Answer, Instant, NamedActor, Total
from service.projections.question import Question
from service.projections.view import View

VERSION = 1
"""Raised whenever the same question gets other bytes than before."""


class Place(Answer, frozen=True, kw_only=True):
    """Where in the ledger something was recorded."""

    position: Annotated[int, Meta(ge=1)]
    recorded_at: Instant


class Numbers(msgspec.Struct, frozen=True):
    """Claims of one type in one relationship."""

    visible: int = 0
    present: int = 0
    certain: int = 0
    expected: int = 0


class CountedClaims(Answer, frozen=True, kw_only=True):
    """How many claims there are."""

    visible: Total
    """Known, reported by then and not retracted, whatever their dates."""
    present: Total
    """Of these, so at the valid time, certainly or possibly."""
    certain: Total
    """Of these, certainly so."""
    expected: Total
    """Of the visible: about something to come."""


class RelationshipFound(Answer, frozen=True, kw_only=True):
    """One relationship, in short."""

    relationship: RelationshipId
    members: tuple[NamedActor, ...]
    revision: Total
    """How many events had touched it by that position."""
    first: Place
    """Of the events that touched it."""
    last: Place
    claims: CountedClaims
    types: dict[TypeName, int]
    """Of the visible claims, by type."""


class Relationships(Answer, frozen=True, kw_only=True):
    """Relationships as of one point, by id."""

    as_of: AcrossAsOf
    relationships: tuple[RelationshipFound, ...]
    omitted: LeftOutOfPage
    next: str | UnsetType = UNSET
    """The address of the next page, while there may be more."""


class Touches(msgspec.Struct, frozen=True):
    """How far a relationship had come; positions, and instants in µs."""

    revision: int
    first: tuple[int, int]
    last: tuple[int, int]
    events: int = 0
    """That touched it under any of its ids; what counting its claims costs."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which relationships are looked for; every filter that is given must be met."""

    actor: Slug | None = None
    """A member."""
    type: TypeName | None = None
    """Of a claim that is so at the valid time, or about something to come; with ``platform`` of one about that."""
    platform: Slug | None = None
    """That such a claim is about."""
    holds: Slug | None = None
    """A platform that a member holds, as the inventory of the relationship tells it."""

    def meets(self, numbers: Mapping[str, Numbers], criteria: Criteria) -> bool:
        """Whether there is a claim to be seen, of the type that is asked for."""
        if self.type is None or self.platform is not None:
            return bool(numbers)
        of_type = numbers.get(self.type, Numbers())
        return (of_type.certain if criteria.certain_only else of_type.present + of_type.expected) > 0


def numbers_of(claims: Iterable[Claim], at: int) -> dict[str, Numbers]:
    """By type, at the valid time ``at``."""
    visible, present, certain, expected = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for claim in claims:
        type_ = claim.statement.type
        visible[type_] += 1
        so = None if claim.expectation else edtf.certainty(claim.bounds, at)
        expected[type_] += claim.expectation
        present[type_] += so is not None
        certain[type_] += so == "certain"
    return {type_: Numbers(n, present[type_], certain[type_], expected[type_]) for type_, n in visible.items()}


def with_platform(question: Question, platform: str, wanted: Wanted) -> set[str]:
    """Relationships of claims about ``platform`` that meet what is wanted of that platform.

    The question's own relationship says nothing here.
    """
    view = View(question)
    relationship = question.actors.aliases.relationship
    found: set[str] = set()
    if platform == wanted.platform:
        claims = [one.claim for one in view.present if one.certain or not question.criteria.certain_only]
        claims += view.expected if not question.criteria.certain_only else []
        for claim in claims:
            if wanted.type in (None, claim.statement.type) and _platform(claim) == platform:
                found.update(map(relationship, relationships_of(claim.statement)))
    if platform == wanted.holds:
        theirs: dict[str, list[Claim]] = {}
        for present in view.present:
            for one in set(map(relationship, relationships_of(present.claim.statement))):
                theirs.setdefault(one, []).append(present.claim)
        holding = {one for one, claims in theirs.items() if _holds(question, one, claims, platform)}
        found = found & holding if platform == wanted.platform else holding
    return found


def _holds(question: Question, relationship: str, claims: Sequence[Claim], platform: str) -> bool:
    view = View(msgspec.structs.replace(question, relationship=relationship, claims=claims, criteria=Criteria()))
    sure = question.criteria.certain_only
    return any(line.certainty == "certain" or not sure for line in inventory(view, platform))


def _platform(claim: Claim) -> str | None:
    data = data_of(claim.statement, TYPES)
    return data.platform if isinstance(data, Platform) else None


def told_in_short(
    relationship: str, touches: Touches, numbers: Mapping[str, Numbers], named: tuple[Actors, str, int]
) -> RelationshipFound:
    """``named``: what actors are called, in which language, at which valid time."""
    actors, lang, at = named
    every: Sequence[Numbers] = list(numbers.values())
    return RelationshipFound(
        relationship=relationship,
        members=tuple(NamedActor(actor=slug, label=actors.label(slug, lang, at)) for slug in members_of(relationship)),
        revision=touches.revision,
        first=Place(position=touches.first[0], recorded_at=rfc3339(touches.first[1])),
        last=Place(position=touches.last[0], recorded_at=rfc3339(touches.last[1])),
        claims=CountedClaims(
            visible=sum(one.visible for one in every),
            present=sum(one.present for one in every),
            certain=sum(one.certain for one in every),
            expected=sum(one.expected for one in every),
        ),
        types={type_: one.visible for type_, one in sorted(numbers.items()) if one.visible},
    )
