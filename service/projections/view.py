"""The claims that are so at one point, each with its certainty; and how a line says what it stands on."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from service.domain import edtf
from service.domain.actors import members_of
from service.domain.as_of import boundary, rfc3339
from service.domain.claims import Claim, Standing
from service.domain.edtf import BEGINNING, FOREVER, Bounds
from service.domain.events import Statement
from service.domain.reading import data_of
from service.domain.types import Considered, Data
from service.projections.criteria import sift
from service.projections.lines import (
    MOST_CLAIMS,
    MOST_SOURCES,
    Certainty,
    Dated,
    Ending,
    NamedActor,
    NamedParty,
    NamedPlatform,
    ShownSource,
    shown,
)
from service.projections.question import Question


class Present:
    """A claim that is so, certainly or possibly, at the valid time asked for."""

    def __init__(self, claim: Claim, certainty: Certainty, data: Data | None) -> None:
        self.claim, self.certainty, self.data = claim, certainty, data
        self.certain = certainty == "certain"
        self.denied = claim.standing == "denied"

    @property
    def order(self) -> tuple[int, int, int]:
        return order(self.claim)


def order(claim: Claim) -> tuple[int, int, int]:
    """Of imprecise dates: (earliest, latest, position)."""
    return (claim.bounds.starts_earliest, claim.bounds.starts_latest, claim.content.position)


def by_start(present: Present) -> tuple[int, int, int]:
    """By when it had certainly begun."""
    bounds = present.claim.bounds
    return (bounds.starts_latest, bounds.starts_earliest, present.claim.content.position)


def in_force(group: Iterable[Present]) -> list[Present]:
    """What says how a thing stands, best first: the certain, of these the undenied, of these the latest start."""
    return sorted(group, key=lambda one: (one.certain, not one.denied, by_start(one)), reverse=True)


def standing_together(standings: Iterable[Standing]) -> Standing:
    """What all share; reported and confirmed together are confirmed, and any other mix is disputed."""
    said = set(standings)
    if len(said) == 1:
        return said.pop()
    return "confirmed" if said == {"reported", "confirmed"} else "disputed"


class View:
    """A question with its claims sorted out; one per answer."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.at = question.as_of.valid
        self.members = tuple(members_of(question.relationship))
        sure = {
            claim.id: certainty
            for claim in question.claims
            if not claim.expectation and (certainty := edtf.certainty(claim.bounds, self.at)) is not None
        }
        here = [claim for claim in question.claims if claim.expectation or claim.id in sure]
        self.sifted = sift(here, question.criteria, question.as_of.reported)
        self.expected = sorted((claim for claim in self.sifted.claims if claim.expectation), key=order)
        self.present = [
            Present(claim, sure[claim.id], data_of(claim.statement, question.types))
            for claim in sorted(self.sifted.claims, key=order)
            if not claim.expectation
        ]
        self._labels: dict[str, str] = {}
        self.extent: tuple[int, int] | None = None
        """Between which valid times the answer stays as it is, once that was worked out."""

    @cached_property
    def _platform_labels(self) -> dict[str, str]:
        """As the latest content that names a platform writes it."""
        labels: dict[str, str] = {}
        for present in sorted(self.present, key=lambda one: one.claim.content.position):
            for named in (present.data, *getattr(present.data, "platforms", ())):
                if (name := getattr(named, "platform_name", None)) is not None:
                    labels[getattr(named, "platform", "")] = name
        return labels

    def label(self, slug: str) -> str:
        if slug not in self._labels:
            self._labels[slug] = self.question.actors.label(slug, self.question.lang, self.at)
        return self._labels[slug]

    def platform(self, slug: str) -> str:
        return self._platform_labels.get(slug, slug)

    def platforms(self, considered: Iterable[Considered]) -> tuple[NamedPlatform, ...]:
        return tuple(
            NamedPlatform(platform=one.platform, label=self.platform(one.platform), likelihood=one.likelihood or UNSET)
            for one in considered
        )

    def actor(self, slug: str) -> NamedActor:
        survivor = self.question.actors.survivor(slug)
        return NamedActor(actor=survivor, label=self.label(survivor))

    def parties(self, statement: Statement) -> tuple[NamedParty, ...]:
        return tuple(
            NamedParty(actor=actor, label=self.label(actor), role=role) for actor, role in self.named(statement)
        )

    def named(self, statement: Statement) -> list[tuple[str, str]]:
        """Its parties by actor and role; whom a merge has made one stands once in each role."""
        if not self.question.actors.aliases.survivors:
            return [(party.actor, party.role) for party in statement.parties]
        survivor = self.question.actors.survivor
        return list(dict.fromkeys((survivor(party.actor), party.role) for party in statement.parties))

    def title(self, statement: Statement) -> str | UnsetType:
        """In the language asked for where there is a translation, else as it stands."""
        title, _ = title_in(statement, self.question.lang)
        return title or UNSET

    def evidence(self, group: Sequence[Present], speaking: Iterable[Present] | None = None) -> dict[str, Any]:
        """The fields of a Line. ``group`` in order; the first of ``speaking`` to have an official status gives it."""
        certain = [present for present in group if present.certain]
        statements = (present.claim.statement for present in (reversed(group) if speaking is None else speaking))
        return {
            "certainty": "certain" if certain else "possible",
            "standing": standing_together(present.claim.standing for present in group),
            "official_status": next((one.official_status for one in statements if one.official_status), UNSET),
            "since": self.since(min(certain or group, key=by_start).claim),
            **self.cited([present.claim for present in group]),
        }

    def stated(self, group: Sequence[Present], speaking: Sequence[Present] | None = None) -> dict[str, Any]:
        """The fields of a StatedLine, in the words of the first of ``speaking``."""
        speaking = group if speaking is None else speaking
        claim = speaking[0].claim
        until, ends = self.ending(claim)
        return {
            **self.evidence(group, speaking),
            "title": self.title(claim.statement),
            "parties": self.parties(claim.statement),
            "until": until,
            "ends": ends,
        }

    def cited(self, claims: Sequence[Claim]) -> dict[str, Any]:
        return {
            "claims": tuple(claim.id for claim in claims[:MOST_CLAIMS]),
            "claims_total": len(claims),
            "sources": self._sources(claims),
        }

    def _sources(self, claims: Sequence[Claim]) -> tuple[ShownSource, ...]:
        reported_by = self.question.as_of.reported
        cited = (source for claim in claims for source in shown(claim.statement.sources, reported_by))
        return tuple(islice(_distinct(cited), MOST_SOURCES))

    def since(self, claim: Claim) -> Dated:
        text = claim.statement.occurred
        if self._lasts(claim):
            start, _, _ = text.partition("/")
            text = text if start in ("", "..") else start
        return dated(text, claim.bounds.starts_earliest, claim.bounds.starts_latest)

    def ending(self, claim: Claim) -> tuple[Ending | UnsetType, Literal["open", "unknown"] | UnsetType]:
        return ending_of(claim.statement, claim.bounds) if self._lasts(claim) else (UNSET, UNSET)

    def _lasts(self, claim: Claim) -> bool:
        type_ = self.question.types.get(claim.statement.type)
        return type_ is not None and type_.lasts


def title_in(statement: Statement, lang: str) -> tuple[str | None, str | None]:
    """Its title, and the language that is in: the one asked for where there is a translation, else its own."""
    for tag in (lang, lang.split("-", maxsplit=1)[0]):
        if statement.title is not None and statement.lang == tag:
            return statement.title, tag
        if tag in statement.translations:
            return statement.translations[tag], tag
    return statement.title, statement.lang


def ending_of(
    statement: Statement, bounds: Bounds
) -> tuple[Ending | UnsetType, Literal["open", "unknown"] | UnsetType]:
    """When a state ended; or that it goes on as far as was heard, or that nobody says."""
    _, slash, end = statement.occurred.partition("/")
    text = statement.until if statement.until is not None else end if slash else statement.occurred
    if bounds.ends_latest == FOREVER and text == "..":
        return UNSET, "open"
    if bounds.ends_latest == FOREVER:
        return UNSET, "unknown"
    earliest = UNSET if bounds.ends_earliest == BEGINNING else rfc3339(bounds.ends_earliest)
    return Ending(edtf=text, earliest=earliest, latest=rfc3339(bounds.ends_latest)), UNSET


def dated(text: str, earliest: int, latest: int) -> Dated:
    return Dated(edtf=text, earliest=boundary(earliest) or UNSET, latest=boundary(latest, last=True) or UNSET)


def _distinct(sources: Iterable[ShownSource]) -> Iterable[ShownSource]:
    seen = set()
    for source in sources:
        if source not in seen:
            seen.add(source)
            yield source
