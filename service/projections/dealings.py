"""What goes on between the members: agreements, negotiations, programmes, training, facilities."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.types import Agreement, Considered, Facility, Negotiation, Programme, Stage, Training
from service.projections.lines import Dated, NamedActor, NamedPlatform, StatedLine
from service.projections.view import Present, View, in_force

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

    slug: str
    group: tuple[Present, ...]
    """In order."""
    ranked: tuple[tuple[Present, Facility], ...]
    """What says how it stands first."""

    @property
    def stage(self) -> Stage:
        return self.ranked[0][1].stage

    @property
    def purpose(self) -> Purpose:
        return next((said.purpose for _, said in self.ranked if said.purpose != "other"), "other")


def agreement(view: View, present: Present, said: Agreement) -> AgreementLine:
    return AgreementLine(
        **view.stated([present]),
        kind=said.kind,
        subject=said.subject or UNSET,
        platforms=view.platforms(said.platforms),
    )


def negotiation(view: View, present: Present, said: Negotiation) -> NegotiationLine:
    return NegotiationLine(
        **view.stated([present]),
        subject=said.subject,
        platforms=view.platforms(said.platforms),
        facility=said.facility or UNSET,
    )


def training(view: View, present: Present, said: Training) -> TrainingLine:
    return TrainingLine(**view.stated([present]), subject=said.subject or UNSET, joint=said.joint)


def programmes(view: View) -> list[ProgrammeLine]:
    groups: dict[str, list[Present]] = {}
    said_by: dict[str, Programme] = {}
    for present in view.present:
        if isinstance(present.data, Programme):
            groups.setdefault(present.data.programme, []).append(present)
            said_by[present.claim.id] = present.data
    lines = []
    for slug, group in groups.items():
        ranked = in_force(group)
        said = [said_by[present.claim.id] for present in ranked]
        lines.append(
            ProgrammeLine(
                **view.stated(group, ranked),
                programme=slug,
                label=_latest_name((one, said_by[one.claim.id].programme_name) for one in group) or slug,
                kind=next((one.kind for one in said if one.kind != "other"), "other"),
                platforms=view.platforms(_first_platforms(one.platforms for one in said)),
            )
        )
    return lines


def plants(view: View) -> list[Plant]:
    groups: dict[str, list[Present]] = {}
    said_by: dict[str, Facility] = {}
    for present in view.present:
        if isinstance(present.data, Facility):
            groups.setdefault(present.data.facility, []).append(present)
            said_by[present.claim.id] = present.data
    return [
        Plant(slug, tuple(group), tuple((one, said_by[one.claim.id]) for one in in_force(group)))
        for slug, group in groups.items()
    ]


def facilities(view: View, found: Sequence[Plant]) -> list[FacilityLine]:
    """One line each; what the claim in force leaves open is filled from the others, except for its official status."""
    lines = []
    for plant in found:
        host = next((said.host for _, said in plant.ranked if said.host is not None), None)
        # A denial of the plans says nothing of what operates later.
        speaking = [present for present, said in plant.ranked if said.stage == plant.stage]
        lines.append(
            FacilityLine(
                **view.stated(plant.group, speaking),
                facility=plant.slug,
                label=_latest_name((present, said.facility_name) for present, said in plant.ranked) or plant.slug,
                stage=plant.stage,
                stage_since=view.since(plant.ranked[0][0].claim),
                purpose=plant.purpose,
                platforms=view.platforms(_first_platforms(said.platforms for _, said in plant.ranked)),
                host=UNSET if host is None else view.actor(host),
                place=next((said.place for _, said in plant.ranked if said.place is not None), UNSET),
            )
        )
    return lines


def _latest_name(named: Iterable[tuple[Present, str | None]]) -> str | None:
    names = [(present.claim.content.position, name) for present, name in named if name is not None]
    return max(names)[1] if names else None


def _first_platforms(named: Iterable[tuple[Considered, ...]]) -> tuple[Considered, ...]:
    return next((platforms for platforms in named if platforms), ())
