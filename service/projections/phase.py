"""How far a relationship has come: from first contact to making things together."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.claims import Standing
from service.domain.types import Facility, Stage
from service.projections import dealings
from service.projections.dealings import Plant
from service.projections.facts import GIVES, TRAITS
from service.projections.lines import Answer, Certainty, Dated, Total
from service.projections.present import PhaseName, Present, earliest_of, standing_together
from service.projections.view import Group, View

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


class Sites(msgspec.Struct, frozen=True):
    """What the facilities say at which things are made."""

    operating: tuple[Present, ...]
    """That one operates."""
    coming: tuple[tuple[int, Present], ...]
    """How far each is that does not operate yet, by the place among STAGES, and what says so."""


def phase(view: View) -> Phase:
    certain_only, facilities = view.question.criteria.certain_only, view.facts.by(TRAITS).get(Facility, 0) & view.bits
    above: tuple[PhaseName, int] | None = None
    reached: PhaseName = "none"
    for name in reversed(RISING):
        given = _giving(view, facilities, name)
        certain = given and given & view.certain
        if certain:
            reached = name
            break
        if given and above is None:
            above = name, given
    possible: PossiblePhase | UnsetType = UNSET
    if above is not None and not certain_only:
        possible = PossiblePhase(name=above[0], **_grounds(view, above[1]))
    prospective: ProspectivePhase | UnsetType = UNSET
    if facilities and reached != "co-producer":
        prospective = view.part(_prospective, facilities, certain_only, view.tongue.most_claims)
    if reached == "none":
        return Phase(name=reached, claims=(), claims_total=0, possible=possible, prospective=prospective)
    return Phase(name=reached, **_grounds(view, certain), possible=possible, prospective=prospective)


def _giving(view: View, facilities: int, name: PhaseName) -> int:
    """The set of claims that give that phase."""
    if name == "co-producer":
        return facilities and view.facts.set_of(view.part(_sites, facilities).operating)
    return view.facts.by(GIVES).get(name, 0) & view.bits


def _sites(group: Group) -> Sites:
    """Of all claims on facilities that are so."""
    operating, coming = list[Present](), list[tuple[int, Present]]()
    for plant in dealings.plants(group):
        if plant.purpose in MAKING:
            operating += _operating(plant)
            undenied = ((present, said.stage) for present, said in plant.ranked if not present.denied)
            lead, stage = next(undenied, (None, "closed"))
            if lead is not None and stage not in ("operating", "closed"):
                coming.append((STAGES.index(stage), lead))
    return Sites(tuple(operating), tuple(coming))


def _operating(plant: Plant) -> Iterable[Present]:
    """Claims that it operates; not those that a certain later stage has overtaken."""
    lead = plant.ranked[0][0]
    settled = lead.certain and not lead.denied and plant.stage != "operating"
    for present, said in plant.ranked:
        overtaken = settled and present.by_start < lead.by_start
        if said.stage == "operating" and not present.denied and not overtaken:
            yield present


def _prospective(group: Group, certain_only: bool, most_claims: int | None) -> ProspectivePhase | UnsetType:  # noqa: FBT001
    """Of all claims on facilities that are so; ``most_claims``: to be named."""
    coming = [(rank, lead) for rank, lead in _sites(group).coming if lead.certain or not certain_only]
    if not coming:
        return UNSET
    leads = {lead for _, lead in coming}
    by = [present for present in group if present in leads]
    earliest = earliest_of(by)
    return ProspectivePhase(
        name="co-producer",
        certainty=earliest.certainty,
        standing=standing_together(present.standing for present in by),
        stage=STAGES[max(rank for rank, _ in coming)],
        since=earliest.since,
        claims=tuple([present.id for present in by[:most_claims]]),
        claims_total=len(by),
    )


def _grounds(view: View, bits: int) -> dict[str, Any]:
    facts = view.facts
    earliest = facts.earliest(bits)
    return {
        "certainty": earliest.certainty,
        "standing": facts.standing(bits),
        "since": earliest.since,
        "claims": facts.ids_among(bits, view.tongue.most_claims),
        "claims_total": bits.bit_count(),
    }
