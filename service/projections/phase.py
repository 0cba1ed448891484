"""How far a relationship has come: from first contact to making things together."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import UNSET, UnsetType

from service.domain.claims import Standing
from service.domain.types import Stage
from service.projections.dealings import Plant
from service.projections.lines import Answer, Certainty, Dated, Total
from service.projections.present import PhaseName, Present, earliest_of, standing_together
from service.projections.view import View

RISING: Final[tuple[PhaseName, ...]] = ("contact", "customer", "partner", "co-producer")
MAKING: Final = frozenset({"assembly", "production", "other"})
"""Purposes of facilities that make a co-producer; a base or a school does not."""
STAGES: Final[tuple[Stage, ...]] = ("reported", "planned", "site-selection", "construction", "operating", "closed")


class PossiblePhase(Answer, frozen=True, kw_only=True):
    """A higher phase that is only possible at that point."""

    name: PhaseName
    certainty: Certainty
    standing: Standing
    since: Dated
    claims: tuple[str, ...]
    claims_total: Total


class ProspectivePhase(Answer, frozen=True, kw_only=True):
    """A phase that something under way would bring."""

    name: PhaseName
    certainty: Certainty
    standing: Standing
    stage: Stage
    """How far the furthest facility is that does not operate yet."""
    since: Dated
    claims: tuple[str, ...]
    claims_total: Total


class Phase(Answer, frozen=True, kw_only=True):
    """The highest phase that is certain; `none` where there is none. Denied claims give no phase."""

    name: PhaseName
    certainty: Certainty | UnsetType = UNSET
    standing: Standing | UnsetType = UNSET
    since: Dated | UnsetType = UNSET
    claims: tuple[str, ...]
    claims_total: Total
    possible: PossiblePhase | UnsetType = UNSET
    prospective: ProspectivePhase | UnsetType = UNSET


def phase(view: View, plants: Sequence[Plant]) -> Phase:
    above: tuple[PhaseName, list[Present]] | None = None
    reached: PhaseName = "none"
    for name in reversed(RISING):
        given = _giving(view, plants, name)
        certain = [one for one in given if one.certain]
        if certain:
            reached = name
            break
        if given and above is None:
            above = name, given
    possible: PossiblePhase | UnsetType = UNSET
    if above is not None and not view.question.criteria.certain_only:
        possible = PossiblePhase(name=above[0], **_grounds(view, above[1]))
    prospective = UNSET if reached == "co-producer" else _prospective(view, plants)
    if reached == "none":
        return Phase(name=reached, claims=(), claims_total=0, possible=possible, prospective=prospective)
    return Phase(name=reached, **_grounds(view, certain), possible=possible, prospective=prospective)


def _giving(view: View, plants: Sequence[Plant], name: PhaseName) -> list[Present]:
    """Which claims give that phase, in order."""
    if name == "co-producer":
        making = (present for plant in plants if plant.purpose in MAKING for present in _operating(plant))
        return sorted(making, key=lambda one: one.order)
    return [one for one in view.present if name in one.gives]


def _operating(plant: Plant) -> Iterable[Present]:
    """Claims that it operates; not those that a certain later stage has overtaken."""
    lead = plant.ranked[0][0]
    settled = lead.certain and not lead.denied and plant.stage != "operating"
    for present, said in plant.ranked:
        overtaken = settled and present.by_start < lead.by_start
        if said.stage == "operating" and not present.denied and not overtaken:
            yield present


def _prospective(view: View, plants: Sequence[Plant]) -> ProspectivePhase | UnsetType:
    coming: list[tuple[int, Present]] = []
    for plant in plants:
        undenied = ((present, said.stage) for present, said in plant.ranked if not present.denied)
        lead, stage = next(undenied, (None, "closed"))
        if lead is None or plant.purpose not in MAKING or stage in ("operating", "closed"):
            continue
        if lead.certain or not view.question.criteria.certain_only:
            coming.append((STAGES.index(stage), lead))
    if not coming:
        return UNSET
    grounds = _grounds(view, sorted((present for _, present in coming), key=lambda one: one.order))
    return ProspectivePhase(name="co-producer", stage=STAGES[max(rank for rank, _ in coming)], **grounds)


def _grounds(view: View, group: Sequence[Present]) -> dict[str, Any]:
    earliest = earliest_of(group)
    return {
        "certainty": earliest.certainty,
        "standing": standing_together([one.standing for one in group]),
        "since": earliest.since,
        "claims": tuple([one.id for one in group[: view.tongue.most_claims]]),
        "claims_total": len(group),
    }
