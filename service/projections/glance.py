"""A relationship at one point, in short: how far it has come, what is held, which facilities, how much of the rest."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from service.domain.claims import Standing
from service.domain.events import OfficialStatus
from service.domain.types import Agreement, Negotiation, Programme, Stage, Training
from service.projections import dealings
from service.projections.dealings import FacilityLine
from service.projections.expectations import fulfilment_of, status, window
from service.projections.inventory import InventoryLine, inventory, stock
from service.projections.lines import Answer, Certainty, Dated, NamedActor, Total
from service.projections.phase import Phase, phase
from service.projections.quantities import Amount
from service.projections.stability import StandsOn, standpoint_of
from service.projections.view import View

MOST_HELD, MOST_FACILITIES = 12, 6


class HeldInShort(Answer, frozen=True, kw_only=True):
    """A platform that a member holds."""

    actor: str
    actor_label: str
    platform: str
    label: str
    quantity: Amount | UnsetType = UNSET
    since: Dated
    certainty: Certainty
    standing: Standing


class FacilityInShort(Answer, frozen=True, kw_only=True):
    """A plant, base or school, in its latest stage."""

    facility: str
    label: str
    title: str | UnsetType = UNSET
    stage: Stage
    since: Dated
    certainty: Certainty
    standing: Standing
    official_status: OfficialStatus | UnsetType = UNSET


class Glance(Answer, frozen=True, kw_only=True):
    """A relationship as of one point, in short; the state says all of it, and what it stands on."""

    relationship: str
    members: tuple[NamedActor, ...]
    as_of: StandsOn
    known: bool
    """False where nothing is recorded of it; that is no denial."""
    phase: Phase
    held: Annotated[tuple[HeldInShort, ...], Meta(max_length=MOST_HELD)]
    """The certain first, and of those the most numerous."""
    facilities: Annotated[tuple[FacilityInShort, ...], Meta(max_length=MOST_FACILITIES)]
    """The latest last."""
    lines: dict[str, Total]
    """How many lines the state has, by list; of expectations, how many by status too: `expectations/due`."""


def glance(view: View) -> Glance:
    question, certain_only = view.question, view.question.criteria.certain_only
    held = [line for line in inventory(view) if line.certainty == "certain" or not certain_only]
    facilities = [line for line in dealings.facilities(view) if line.certainty == "certain" or not certain_only]
    return Glance(
        relationship=question.relationship,
        members=tuple(view.actor(slug) for slug in view.members),
        as_of=standpoint_of(view),
        known=question.known,
        phase=phase(view),
        held=tuple(_held(line) for line in sorted(held, key=_weight)[:MOST_HELD]),
        facilities=tuple(_facility(line) for line in facilities[-MOST_FACILITIES:]),
        lines=_lines(view, held, facilities),
    )


def _weight(line: InventoryLine) -> tuple[bool, int, str]:
    return line.certainty != "certain", -_number(line.quantity), line.label


def _number(amount: Amount | UnsetType) -> int:
    if isinstance(amount, UnsetType):
        return 0
    return amount.low if isinstance(amount.best, UnsetType) else amount.best


def _held(line: InventoryLine) -> HeldInShort:
    return HeldInShort(
        actor=line.actor,
        actor_label=line.actor_label,
        platform=line.platform,
        label=line.label,
        quantity=line.quantity,
        since=line.since,
        certainty=line.certainty,
        standing=line.standing,
    )


def _facility(line: FacilityLine) -> FacilityInShort:
    return FacilityInShort(
        facility=line.facility,
        label=line.label,
        title=line.title,
        stage=line.stage,
        since=line.since,
        certainty=line.certainty,
        standing=line.standing,
        official_status=line.official_status,
    )


def _lines(view: View, held: Sequence[InventoryLine], facilities: Sequence[FacilityLine]) -> dict[str, int]:
    """Counted as the state would list them; nothing of what it would not."""
    certain_only = view.question.criteria.certain_only
    shown = [one for one in view.present if one.certain or not certain_only]
    found = Counter[str](inventory=len(held), facilities=len(facilities))
    found["orders"] = len(stock(view).ordered.sets.within(view.certain if certain_only else view.bits))
    for name, kind in (("agreements", Agreement), ("negotiations", Negotiation), ("training", Training)):
        found[name] = sum(isinstance(one.data, kind) for one in shown)
    found["programmes"] = len({one.data.programme for one in shown if isinstance(one.data, Programme)})
    for claim in view.expected:
        fulfilled = fulfilment_of(view, claim) is not None
        became = "fulfilled" if fulfilled else status(view.question.as_of, *window(claim))
        found.update(("expectations", f"expectations/{became}"))
    return {name: lines for name, lines in sorted(found.items()) if lines}
