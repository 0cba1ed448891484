"""A relationship at one point: what is held, ordered, agreed, built, discussed, expected; and how far it has come."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import UNSET, UnsetType, field, structs

from service.domain.types import Agreement, Facility, Negotiation, Programme, Training
from service.projections import dealings
from service.projections.criteria import ANY
from service.projections.dealings import AgreementLine, FacilityLine, NegotiationLine, ProgrammeLine, TrainingLine
from service.projections.expectations import ExpectationLine, expectation
from service.projections.facts import TRAITS, Facts
from service.projections.inventory import InventoryLine, OrderLine, inventory, orders, stock_of
from service.projections.lines import Answer, Line, NamedActor, StatedLine, Total
from service.projections.phase import Phase, phase
from service.projections.present import Names, same
from service.projections.stability import NOWHERE, StandsOn, standpoint_of
from service.projections.tongue import Tongue
from service.projections.view import Group, View

T = TypeVar("T")
AnyEvidence = TypeVar("AnyEvidence", bound=Line)
MOST_LINES = 500
"""Of one list; the timeline has all claims."""
_NO_MORE: dict[str, int] = {}
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
    if view.expected or question.criteria != ANY:
        made = _state(view)
    else:
        made = view.put_together(_state, question.known, question.retracted, question.omitted)
    return structs.replace(made, as_of=standpoint_of(view))


def _state(view: View) -> State:
    """But for where it stands."""
    question, traits, shown = view.question, view.facts.by(TRAITS), _Shown(view)
    return State(
        relationship=question.relationship,
        members=view.tongue.actors_named(view.members),
        as_of=NOWHERE,
        known=question.known,
        phase=phase(view),
        inventory=shown.of("inventory", inventory(view)),
        orders=shown.of("orders", orders(view)),
        agreements=shown.each("agreements", dealings.agreement, traits.get(Agreement, 0)),
        facilities=shown.of("facilities", dealings.facilities(view)),
        negotiations=shown.each("negotiations", dealings.negotiation, traits.get(Negotiation, 0)),
        programmes=shown.of("programmes", dealings.programmes(view)),
        training=shown.each("training", dealings.training, traits.get(Training, 0)),
        expectations=tuple([expectation(view, claim) for claim in shown.last("expectations", tuple(view.expected))]),
        other=shown.each("other", _other, view.facts.once(_others, view.tongue, view.members)),
        retracted=question.retracted,
        omitted=same(
            LeftOut(
                possible=shown.left_out,
                ungraded=view.sifted.ungraded,
                filtered=view.sifted.filtered,
                undated=question.omitted.undated,
                reported_possible=question.omitted.reported_possible,
            )
        ),
        more=shown.more or _NO_MORE,
    )


class _Shown:
    """Applies the filter on certainty and the bound of lists, and counts what they leave out."""

    def __init__(self, view: View) -> None:
        self.view, self.certain_only = view, view.question.criteria.certain_only
        self.left_out = 0
        self.more: dict[str, int] = {}

    def of(self, name: str, lines: tuple[AnyEvidence, ...]) -> tuple[AnyEvidence, ...]:
        if not self.certain_only:  # then they may be JSON, and are not looked at
            return self.last(name, lines)
        kept = tuple([line for line in lines if line.certainty == "certain"])
        self.left_out += len(lines) - len(kept)
        return self.last(name, kept)

    def each(
        self, name: str, line: Callable[[Tongue, Group, Names], AnyEvidence], bits: int
    ) -> tuple[AnyEvidence, ...]:
        """A line for each of a set that is so."""
        view, found = self.view, bits & self.view.bits
        if self.certain_only:
            self.left_out += (found & ~view.certain).bit_count()
            found &= view.certain
        shown = view.facts.last(found, MOST_LINES)
        if shown != found:
            self.more[name] = (found ^ shown).bit_count()
        return view.each(line, shown)

    def last(self, name: str, found: tuple[T, ...]) -> tuple[T, ...]:
        if len(found) <= MOST_LINES:
            return found
        self.more[name] = len(found) - MOST_LINES
        return found[-MOST_LINES:]


def _others(facts: Facts, tongue: Tongue, members: tuple[str, ...]) -> int:
    """The set of those that no list of another kind has."""
    by_kind, listed = facts.by(TRAITS), facts.once(stock_of, tongue, members).listed
    for kind in ELSEWHERE:
        listed |= by_kind.get(kind, 0)
    return facts.all & ~listed


def _other(tongue: Tongue, group: Group, names: Names) -> OtherLine:
    [present] = group
    platform = getattr(present.data, "platform", None)
    return OtherLine(
        **tongue.stated(group),
        type=present.claim.statement.type,
        platform=platform or UNSET,
        label=UNSET if platform is None else dict(names).get(platform, platform),
    )
