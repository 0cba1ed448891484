"""Who holds a platform at one point, across relationships: a line for each state, with the units that hold it."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from service.domain.actors import RelationshipId
from service.domain.events import Party
from service.domain.names import Actors
from service.domain.reading import relationships_of
from service.domain.types import Platform
from service.projections.across import AcrossAsOf, LeftOutOfPage, across_as_of, left_out, units_of, whole_of
from service.projections.inventory import InventoryLine, holding, inventory
from service.projections.lines import Answer, Line, NamedActor
from service.projections.present import HOLDING, Present
from service.projections.quantities import Amount
from service.projections.question import Question
from service.projections.view import View

VERSION = 1
"""Raised whenever the same question gets other bytes than before."""
MOST_NAMED = 20
"""Units of a line, and relationships."""
OPERATING = {
    "acquisition": HOLDING,
    "delivery": HOLDING,
    "operation": HOLDING,
    "entry-into-service": frozenset({"operator"}),
}
"""By type of claim: the roles of those who hold what it is about."""


class OperatorLine(Line, frozen=True, kw_only=True):
    """An actor that holds the platform, itself or by its units."""

    actor: str
    label: str
    quantity: Amount | UnsetType = UNSET
    """Delivered by then: the sum of the deliveries that carry a count. Absent where none does."""
    units: Annotated[tuple[NamedActor, ...], Meta(max_length=MOST_NAMED)]
    """Whom the claims name instead of the actor: what is part of it at that time."""
    suppliers: tuple[NamedActor, ...]
    relationships: Annotated[tuple[RelationshipId, ...], Meta(max_length=MOST_NAMED)]
    """Those that its claims belong to."""


class HeldPlatform(Answer, frozen=True, kw_only=True):
    """The platform that was asked for."""

    platform: str
    label: str
    """As the latest claim that names it writes it."""


class Operators(Answer, frozen=True, kw_only=True):
    """Who holds a platform as of one point, by slug."""

    platform: HeldPlatform
    as_of: AcrossAsOf
    known: bool
    """False where nothing at all is recorded of the platform; that is no denial."""
    operators: tuple[OperatorLine, ...]
    omitted: LeftOutOfPage
    next: str | UnsetType = UNSET
    """The address of the next page, while there is more."""


def holders_of(type_: str, parties: Iterable[Party]) -> list[str]:
    """Whom such a claim says to hold what it is about, each once, as the claim names them."""
    roles = OPERATING.get(type_, frozenset())
    return list(dict.fromkeys(party.actor for party in parties if party.role in roles))


def operators(question: Question, platform: str, label: str, wanted: Iterable[str] | None = None) -> Operators:
    """From claims that may tell of any platform, of ``wanted`` actors only; all claims on these must be there.

    The question's relationship says nothing here.
    """
    view = View(question)
    about = [present for present in view.present if _platform(present) == platform]
    actors, at = question.actors, view.at
    view.members = tuple(sorted({whole_of(slug, actors, at) for present in about for slug in _holders(present)}))
    groups = holding(view, platform)
    wholes = None if wanted is None else set(wanted)
    lines = [
        _line(view, line, groups[line.actor, platform])
        for line in sorted(inventory(view, platform), key=lambda line: line.actor)
        if wholes is None or line.actor in wholes
    ]
    kept = [line for line in lines if line.certainty == "certain" or not question.criteria.certain_only]
    return Operators(
        platform=HeldPlatform(platform=platform, label=label),
        as_of=across_as_of(question.as_of),
        known=question.known,
        operators=tuple(kept),
        omitted=left_out(len(lines) - len(kept), view.sifted, question.omitted),
    )


def _platform(present: Present) -> str | None:
    return present.data.platform if isinstance(present.data, Platform) else None


def _holders(present: Present) -> list[str]:
    statement = present.claim.statement
    return holders_of(statement.type, statement.parties)


def _line(view: View, line: InventoryLine, group: Sequence[Present]) -> OperatorLine:
    actors: Actors = view.question.actors
    named = {slug for present in group for slug in _holders(present)}
    theirs = [slug for slug in named if whole_of(slug, actors, view.at) == line.actor]
    shared = {name: getattr(line, name) for name in Line.__struct_fields__}
    tied = {
        actors.aliases.relationship(relationship)
        for present in group
        for relationship in relationships_of(present.claim.statement)
    }
    return OperatorLine(
        **shared,
        actor=line.actor,
        label=line.actor_label,
        quantity=line.quantity,
        units=tuple(view.actor(slug) for slug in units_of(theirs, line.actor, actors)[:MOST_NAMED]),
        suppliers=line.suppliers,
        relationships=tuple(sorted(tied)[:MOST_NAMED]),
    )
