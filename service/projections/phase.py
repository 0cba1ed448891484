"""How far a relationship has come: from first contact to making things together."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from service.domain.claims import Standing
from service.domain.types import Acquisition, Delivery, Operation, Order, Programme, Stage
from service.projections.dealings import Plant
from service.projections.lines import Answer, Certainty, Dated, Total
from service.projections.quantities import nothing
from service.projections.view import Present, View, by_start

Name = Literal["none", "contact", "customer", "partner", "co-producer"]
RISING: Final[tuple[Name, ...]] = ("contact", "customer", "partner", "co-producer")
MAKING: Final = frozenset({"assembly", "production", "other"})
"""Purposes of facilities that make a co-producer; a base or a school does not."""
STAGES: Final[tuple[Stage, ...]] = ("reported", "planned", "site-selection", "construction", "operating", "closed")


class PossiblePhase(Answer, frozen=True, kw_only=True):
    """A higher phase that is only possible at that point."""

    name: Name
    certainty: Certainty
    standing: Standing
    since: Dated
    claims: tuple[str, ...]
    claims_total: Total


class ProspectivePhase(Answer, frozen=True, kw_only=True):
    """A phase that something under way would bring."""

    name: Name
    certainty: Certainty
    standing: Standing
    stage: Stage
    """How far the furthest facility is that does not operate yet."""
    since: Dated
    claims: tuple[str, ...]
    claims_total: Total


class Phase(Answer, frozen=True, kw_only=True):
    """The highest phase that is certain; `none` where there is none. Denied claims give no phase."""

    name: Name
    certainty: Certainty | UnsetType = UNSET
    standing: Standing | UnsetType = UNSET
    since: Dated | UnsetType = UNSET
    claims: tuple[str, ...]
    claims_total: Total
    possible: PossiblePhase | UnsetType = UNSET
    prospective: ProspectivePhase | UnsetType = UNSET


def phase(view: View, plants: Sequence[Plant]) -> Phase:
    giving = _giving(view, plants)
    certain = {name: [one for one in giving[name] if one.certain] for name in RISING}
    reached = max((rank for rank, name in enumerate(RISING) if certain[name]), default=-1)
    above = max((rank for rank, name in enumerate(RISING) if rank > reached and giving[name]), default=None)
    possible: PossiblePhase | UnsetType = UNSET
    if above is not None and not view.question.criteria.certain_only:
        possible = PossiblePhase(name=RISING[above], **_grounds(view, giving[RISING[above]]))
    prospective = UNSET if certain["co-producer"] else _prospective(view, plants)
    if reached < 0:
        return Phase(name="none", claims=(), claims_total=0, possible=possible, prospective=prospective)
    name = RISING[reached]
    return Phase(name=name, **_grounds(view, certain[name]), possible=possible, prospective=prospective)


def _giving(view: View, plants: Sequence[Plant]) -> dict[Name, list[Present]]:
    """Which claims give each phase, in order."""
    giving: dict[Name, list[Present]] = {name: [] for name in RISING}
    for present in view.present:
        if present.denied:
            continue
        giving["contact"].append(present)
        match present.data:
            case Delivery(quantity=quantity) if nothing(quantity):
                pass
            case Order(production=production) | Delivery(production=production):
                giving["customer"].append(present)
                if production in ("licensed", "local"):
                    giving["partner"].append(present)
            case Acquisition() | Operation():
                giving["customer"].append(present)
            case Programme(kind="joint" | "licence" | "local-production"):
                giving["partner"].append(present)
            case _:
                pass
    making = (present for plant in plants if plant.purpose in MAKING for present in _operating(plant))
    giving["co-producer"] = sorted(making, key=lambda one: one.order)
    return giving


def _operating(plant: Plant) -> Iterable[Present]:
    """Claims that it operates; not those that a certain later stage has overtaken."""
    lead = plant.ranked[0][0]
    settled = lead.certain and not lead.denied and plant.stage != "operating"
    for present, said in plant.ranked:
        overtaken = settled and by_start(present) < by_start(lead)
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
    evidence = view.evidence(group)
    return {name: evidence[name] for name in ("certainty", "standing", "since", "claims", "claims_total")}
