"""What goes on between the members: agreements, negotiations, programmes, training, facilities."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.types import Agreement, Considered, Facility, Negotiation, Programme, Stage, Training
from service.projections.lines import Dated, NamedActor, NamedPlatform, StatedLine
from service.projections.present import Names, Present, in_force
from service.projections.tongue import Tongue, platforms_by
from service.projections.view import Group, View

Purpose = Literal["assembly", "production", "maintenance", "training", "basing", "other"]


class AgreementLine(StatedLine, frozen=True, kw_only=True):
    """Something that was agreed or signed."""

    kind: Literal["contract", "treaty", "memorandum", "licence", "other"]
    subject: str | UnsetType = UNSET
    platforms: tuple[NamedPlatform, ...]


class NegotiationLine(StatedLine, frozen=True, kw_only=True):
    """Talks under way."""

    subject: str
    platforms: tuple[NamedPlatform, ...]
    facility: str | UnsetType = UNSET


class ProgrammeLine(StatedLine, frozen=True, kw_only=True):
    """Work that goes on."""

    programme: str
    label: str
    kind: Literal["joint", "licence", "local-production", "modernisation", "supply", "other"]
    platforms: tuple[NamedPlatform, ...]


class TrainingLine(StatedLine, frozen=True, kw_only=True):
    """Training, or exercises."""

    subject: str | UnsetType = UNSET
    joint: bool


class FacilityLine(StatedLine, frozen=True, kw_only=True):
    """A plant, base or school, in its latest stage."""

    facility: str
    label: str
    stage: Stage
    stage_since: Dated
    purpose: Purpose
    platforms: tuple[NamedPlatform, ...]
    host: NamedActor | UnsetType = UNSET
    """The actor on whose ground it stands."""
    place: str | UnsetType = UNSET


class Plant(msgspec.Struct, frozen=True):
    """The claims on one facility."""

    ranked: tuple[tuple[Present, Facility], ...]
    """What says how it stands first."""

    @property
    def stage(self) -> Stage:
        return self.ranked[0][1].stage

    @property
    def purpose(self) -> Purpose:
        return next((said.purpose for _, said in self.ranked if said.purpose != "other"), "other")


def agreement(tongue: Tongue, group: Group, names: Names) -> AgreementLine:
    said = group[0].data
    assert isinstance(said, Agreement)  # noqa: S101 - these are its lines
    return AgreementLine(
        **tongue.stated(group),
        kind=said.kind,
        subject=said.subject or UNSET,
        platforms=platforms_by(names, said.platforms),
    )


def negotiation(tongue: Tongue, group: Group, names: Names) -> NegotiationLine:
    said = group[0].data
    assert isinstance(said, Negotiation)  # noqa: S101 - these are its lines
    return NegotiationLine(
        **tongue.stated(group),
        subject=said.subject,
        platforms=platforms_by(names, said.platforms),
        facility=said.facility or UNSET,
    )


def training(tongue: Tongue, group: Group, names: Names) -> TrainingLine:
    said = group[0].data
    assert isinstance(said, Training)  # noqa: S101 - these are its lines
    return TrainingLine(**tongue.stated(group), subject=said.subject or UNSET, joint=said.joint)


def programmes(view: View) -> tuple[ProgrammeLine, ...]:
    parts = view.facts.parts(_programmes, Programme)
    return view.lines(_programme, parts)


def _programmes(present: Present) -> list[str]:
    return [present.data.programme] if isinstance(present.data, Programme) else []


def _programme(tongue: Tongue, group: Group, names: Names, slug: str) -> ProgrammeLine:
    ranked = in_force(group)
    said = [data for present in ranked if isinstance(data := present.data, Programme)]
    return ProgrammeLine(
        **tongue.stated(group, ranked),
        programme=slug,
        label=_latest_name(zip(ranked, (one.programme_name for one in said), strict=True)) or slug,
        kind=next((one.kind for one in said if one.kind != "other"), "other"),
        platforms=platforms_by(names, _first_platforms(one.platforms for one in said)),
    )


def plants(group: Group) -> list[Plant]:
    """Of claims on facilities."""
    groups: dict[str, list[Present]] = {}
    for present in group:
        for slug in _facilities(present):
            groups.setdefault(slug, []).append(present)
    return [plant(some) for some in groups.values()]


def _facilities(present: Present) -> list[str]:
    return [present.data.facility] if isinstance(present.data, Facility) else []


def plant(group: Group) -> Plant:
    ranked = tuple((one, data) for one in in_force(group) if isinstance(data := one.data, Facility))
    return Plant(ranked)


def facilities(view: View) -> tuple[FacilityLine, ...]:
    """One line each."""
    parts = view.facts.parts(_facilities, Facility)
    return view.lines(_facility, parts)


def _facility(tongue: Tongue, group: Group, names: Names, slug: str) -> FacilityLine:
    """What the claim in force leaves open is filled from the others, except for its official status."""
    one = plant(group)
    host = next((said.host for _, said in one.ranked if said.host is not None), None)
    # A denial of the plans says nothing of what operates later.
    speaking = [present for present, said in one.ranked if said.stage == one.stage]
    return FacilityLine(
        **tongue.stated(group, speaking),
        facility=slug,
        label=_latest_name((present, said.facility_name) for present, said in one.ranked) or slug,
        stage=one.stage,
        stage_since=one.ranked[0][0].since,
        purpose=one.purpose,
        platforms=platforms_by(names, _first_platforms(said.platforms for _, said in one.ranked)),
        host=UNSET if host is None else tongue.actor(host),
        place=next((said.place for _, said in one.ranked if said.place is not None), UNSET),
    )


def _latest_name(named: Iterable[tuple[Present, str | None]]) -> str | None:
    names = [(present.claim.content.position, name) for present, name in named if name is not None]
    return max(names)[1] if names else None


def _first_platforms(named: Iterable[tuple[Considered, ...]]) -> tuple[Considered, ...]:
    return next((platforms for platforms in named if platforms), ())
