"""A relationship at one point: what is held, ordered, agreed, built, discussed, expected; and how far it has come."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import UNSET, UnsetType

from service.domain.types import Agreement, Facility, Negotiation, Programme, Training
from service.projections import dealings
from service.projections.dealings import AgreementLine, FacilityLine, NegotiationLine, ProgrammeLine, TrainingLine
from service.projections.expectations import ExpectationLine, expectations
from service.projections.inventory import InventoryLine, OrderLine, held, inventory, ordered, orders
from service.projections.lines import Answer, Line, NamedActor, StatedLine, Total
from service.projections.phase import Phase, phase
from service.projections.question import Question
from service.projections.stability import StandsOn, standpoint_of
from service.projections.view import View

AnyLine = TypeVar("AnyLine", bound=Line)
ELSEWHERE = (Agreement, Negotiation, Programme, Training, Facility)
"""What always has a line in its own list."""


class OtherLine(StatedLine, frozen=True, kw_only=True):
    """What has no list of its own."""

    type: str
    platform: str | UnsetType = UNSET
    label: str | UnsetType = UNSET
    """Of the platform."""


class LeftOut(Answer, frozen=True, kw_only=True):
    """How much the question's filters left out."""

    possible: Total
    """Lines that are only possible, where only certain ones were asked for."""
    ungraded: Total
    """Claims whose sources cannot be judged, where a grade was asked for."""
    filtered: Total
    """Claims that are judged lower, or stand otherwise, than was asked for."""
    undated: Total
    """Events without a dated source, where a reported day was asked for."""
    reported_possible: Total
    """Events that may have been reported by that day."""


class State(Answer, frozen=True, kw_only=True):
    """A relationship as of one point."""

    relationship: str
    members: tuple[NamedActor, ...]
    as_of: StandsOn
    known: bool
    """False where nothing is recorded of it; that is no denial."""
    phase: Phase
    inventory: tuple[InventoryLine, ...]
    orders: tuple[OrderLine, ...]
    agreements: tuple[AgreementLine, ...]
    facilities: tuple[FacilityLine, ...]
    negotiations: tuple[NegotiationLine, ...]
    programmes: tuple[ProgrammeLine, ...]
    training: tuple[TrainingLine, ...]
    expectations: tuple[ExpectationLine, ...]
    other: tuple[OtherLine, ...]
    retracted: Total
    """Claims that were withdrawn, by their source or as a mistake."""
    omitted: LeftOut


def state(view: View) -> State:
    """Lines stand in the order of their first claim: by earliest start, latest start, position."""
    question = view.question
    holdings, wanted, plants = held(view), ordered(view), dealings.plants(view)
    listed = {present.claim.id for groups in (holdings, wanted) for group in groups.values() for present in group}
    shown = _Shown(question)
    return State(
        relationship=question.relationship,
        members=tuple(view.actor(slug) for slug in view.members),
        as_of=standpoint_of(view),
        known=question.known,
        phase=phase(view, plants),
        inventory=shown.of(inventory(view, holdings)),
        orders=shown.of(orders(view, wanted)),
        agreements=shown.of(dealings.agreements(view)),
        facilities=shown.of(dealings.facilities(view, plants)),
        negotiations=shown.of(dealings.negotiations(view)),
        programmes=shown.of(dealings.programmes(view)),
        training=shown.of(dealings.training(view)),
        expectations=tuple(expectations(view)),
        other=shown.of(_others(view, listed)),
        retracted=question.retracted,
        omitted=LeftOut(
            possible=shown.left_out,
            ungraded=view.sifted.ungraded,
            filtered=view.sifted.filtered,
            undated=question.omitted.undated,
            reported_possible=question.omitted.reported_possible,
        ),
    )


class _Shown:
    """Applies the filter on certainty, and counts what it leaves out."""

    def __init__(self, question: Question) -> None:
        self.certain_only, self.left_out = question.criteria.certain_only, 0

    def of(self, lines: Sequence[AnyLine]) -> tuple[AnyLine, ...]:
        kept = tuple(line for line in lines if line.certainty == "certain" or not self.certain_only)
        self.left_out += len(lines) - len(kept)
        return kept


def _others(view: View, listed: Iterable[str]) -> list[OtherLine]:
    lines = []
    for present in view.present:
        if isinstance(present.data, ELSEWHERE) or present.claim.id in listed:
            continue
        platform = getattr(present.data, "platform", None)
        lines.append(
            OtherLine(
                **view.stated([present]),
                type=present.claim.statement.type,
                platform=platform or UNSET,
                label=UNSET if platform is None else view.platform(platform),
            )
        )
    return lines
