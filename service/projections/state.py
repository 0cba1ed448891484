"""A relationship at one point: what is held, ordered, agreed, built, discussed, expected; and how far it has come."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from msgspec import UNSET, UnsetType, field

from service.domain.types import Agreement, Facility, Negotiation, Programme, Training
from service.projections import dealings
from service.projections.dealings import AgreementLine, FacilityLine, NegotiationLine, ProgrammeLine, TrainingLine
from service.projections.expectations import ExpectationLine, expectation
from service.projections.inventory import InventoryLine, OrderLine, held, inventory, ordered, orders
from service.projections.lines import Answer, Line, NamedActor, StatedLine, Total
from service.projections.phase import Phase, phase
from service.projections.present import Names, Present
from service.projections.stability import StandsOn, standpoint_of
from service.projections.tongue import Tongue
from service.projections.view import Group, View

T = TypeVar("T")
AnyEvidence = TypeVar("AnyEvidence", bound=Line)
MOST_LINES = 500
"""Of one list; the timeline has all claims."""
ELSEWHERE = frozenset({Agreement, Negotiation, Programme, Training, Facility})
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
    more: dict[str, Total] = field(default_factory=dict)
    """By list: how many lines it has before those it shows, which are its last; the timeline has all claims."""


def state(view: View) -> State:
    """Lines stand in the order of their first claim: by earliest start, latest start, position."""
    question = view.question
    holdings, wanted, plants = held(view), ordered(view), dealings.plants(view)
    listed = {present for groups in (holdings, wanted) for group in groups.values() for present in group}
    shown = _Shown(view)
    return State(
        relationship=question.relationship,
        members=tuple(view.actor(slug) for slug in view.members),
        as_of=standpoint_of(view),
        known=question.known,
        phase=phase(view, plants),
        inventory=shown.of("inventory", inventory(view, holdings)),
        orders=shown.of("orders", orders(view, wanted)),
        agreements=shown.each("agreements", view.of_kind(Agreement), dealings.agreement),
        facilities=shown.of("facilities", dealings.facilities(view, plants)),
        negotiations=shown.each("negotiations", view.of_kind(Negotiation), dealings.negotiation),
        programmes=shown.of("programmes", dealings.programmes(view)),
        training=shown.each("training", view.of_kind(Training), dealings.training),
        expectations=tuple(expectation(view, claim) for claim in shown.last("expectations", view.expected)),
        other=shown.each("other", _others(view, listed), _other),
        retracted=question.retracted,
        omitted=LeftOut(
            possible=shown.left_out,
            ungraded=view.sifted.ungraded,
            filtered=view.sifted.filtered,
            undated=question.omitted.undated,
            reported_possible=question.omitted.reported_possible,
        ),
        more=shown.more,
    )


class _Shown:
    """Applies the filter on certainty and the bound of lists, and counts what they leave out."""

    def __init__(self, view: View) -> None:
        self.view, self.certain_only = view, view.question.criteria.certain_only
        self.left_out = 0
        self.more: dict[str, int] = {}

    def of(self, name: str, lines: Sequence[AnyEvidence]) -> tuple[AnyEvidence, ...]:
        if not self.certain_only:  # then they may be JSON, and are not looked at
            return tuple(self.last(name, lines))
        kept = [line for line in lines if line.certainty == "certain"]
        self.left_out += len(lines) - len(kept)
        return tuple(self.last(name, kept))

    def each(
        self, name: str, found: Sequence[Present], line: Callable[[Tongue, Group, Names], AnyEvidence]
    ) -> tuple[AnyEvidence, ...]:
        """A line for each of those that were found."""
        kept = [one for one in found if one.certain] if self.certain_only else found
        self.left_out += len(found) - len(kept)
        make = self.view.line
        return tuple([make(line, (one,)) for one in self.last(name, kept)])

    def last(self, name: str, found: Sequence[T]) -> Sequence[T]:
        if len(found) > MOST_LINES:
            self.more[name] = len(found) - MOST_LINES
        return found[-MOST_LINES:]


def _others(view: View, listed: Collection[Present]) -> list[Present]:
    return [one for one in view.present if one.kind not in ELSEWHERE and one not in listed]


def _other(tongue: Tongue, group: Group, names: Names) -> OtherLine:
    [present] = group
    platform = getattr(present.data, "platform", None)
    return OtherLine(
        **tongue.stated(group),
        type=present.claim.statement.type,
        platform=platform or UNSET,
        label=UNSET if platform is None else dict(names).get(platform, platform),
    )
