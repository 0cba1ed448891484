"""What can be asked of a relationship: when its answers change on each axis of time, and what its claims are of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain.as_of import AsOf, rfc3339
from service.domain.claims import Claim, Recorded
from service.domain.edtf import BEGINNING, FOREVER, day
from service.domain.events import Expect, Statement
from service.domain.names import Actors
from service.domain.reading import span_of
from service.domain.types import EventType
from service.projections.edges import bounds_edges, edges_of
from service.projections.lines import Answer, Instant, NamedActor, Total
from service.projections.stability import Extent
from service.projections.told import platforms_of

VERSION = 1
MOST_POINTS = 2_000
MOST_FACETS = 200
Precision = Literal["day", "month", "year", "decade", "century"]
LETTERS: Mapping[Precision, int] = {"day": 10, "month": 7, "year": 4, "decade": 3, "century": 2}
"""How much of a day's text names the period that it lies in."""
Point = TypeVar("Point", int, str)
Day = Annotated[str, Meta(description="A full date: the end of that UTC day.", examples=["2024-03-18"])]


class ChangeDay(Answer, frozen=True, kw_only=True):
    """By the end of this day the answer may be another than by the end of the one before it."""

    at: Day
    changes: Annotated[int, Meta(ge=1)]
    """How much changes there, and at the points since the one before that are left out."""


class ChangeInstant(Answer, frozen=True, kw_only=True):
    """When something was recorded that bears on the relationship."""

    at: Instant
    changes: Annotated[int, Meta(ge=1)]
    """How many events, with those at the points since the one before that are left out."""


class DayAxis(Answer, frozen=True, kw_only=True):
    """Days in order. Where there would be too many, the last one of each month, year, decade or century."""

    precision: Precision
    points: tuple[ChangeDay, ...]


class KnownAxis(Answer, frozen=True, kw_only=True):
    """Instants in order, for `known_at`. Where there would be too many, the last of each day, month, year …"""

    precision: Literal["version", "day", "month", "year", "decade", "century"]
    points: tuple[ChangeInstant, ...]


class Axes(Answer, frozen=True, kw_only=True):
    """The three axes of time."""

    valid: DayAxis
    """For `valid_at`: when anything that was ever said begins, may have begun, may end or has ended, as known and
    reported at whatever point; and when names change."""
    known: KnownAxis
    reported: DayAxis
    """For `reported_by`: when sources were published; those of days to come too, which cannot be asked for yet."""


class TypeFacet(Answer, frozen=True, kw_only=True):
    """How many claims are of a type."""

    type: str
    claims: Total


class ActorFacet(NamedActor, frozen=True, kw_only=True):
    """How many claims name an actor."""

    claims: Total


class PlatformFacet(Answer, frozen=True, kw_only=True):
    """How many claims are about a platform."""

    platform: str
    label: str
    claims: Total


class OutlineStand(Answer, frozen=True, kw_only=True):
    """Where an outline stands."""

    valid_at: Instant
    """Whose names are used; nothing else hangs on it."""
    known_at: Instant | UnsetType = UNSET
    """Absent before the ledger knew anything."""
    position: Total
    revision: Total
    final: bool
    """Nothing recorded later can change the outline at this address."""


class Outline(Answer, frozen=True, kw_only=True):
    """What can be asked of a relationship, as known at one point."""

    relationship: str
    as_of: OutlineStand
    known: bool
    """False where nothing at all is visible of this relationship."""
    lang: str
    members: tuple[NamedActor, ...]
    claims: Total
    """How many are visible, whatever their dates."""
    earliest: Day | UnsetType = UNSET
    """The first day that any date of theirs names; absent where none does."""
    latest: Day | UnsetType = UNSET
    """The last one."""
    axes: Axes
    types: Annotated[tuple[TypeFacet, ...], Meta(max_length=MOST_FACETS)]
    """Those of the most claims first, as the two below."""
    actors: Annotated[tuple[ActorFacet, ...], Meta(max_length=MOST_FACETS)]
    platforms: Annotated[tuple[PlatformFacet, ...], Meta(max_length=MOST_FACETS)]


class Outlined(msgspec.Struct, frozen=True, kw_only=True):
    """All that an outline is made of."""

    relationship: str
    members: Sequence[str]
    as_of: AsOf
    revision: int
    events: Sequence[Recorded]
    """Every event by then on a claim that ever belonged to the relationship, in order."""
    claims: Sequence[Claim]
    """Those that are visible."""
    actors: Actors
    types: Mapping[str, EventType]
    lang: str
    most: int
    """How many points of one axis, at most."""


def stand(as_of: AsOf, revision: int) -> OutlineStand:
    return OutlineStand(
        valid_at=rfc3339(as_of.valid),
        known_at=UNSET if as_of.known is None else rfc3339(as_of.known),
        position=as_of.position,
        revision=revision,
        final=as_of.final,
    )


def extent_of(of: Outlined) -> Extent:
    """Between which valid times it stays as it is."""
    edges = {instant for bounds in of.actors.bounds_of(_named(of)) for instant in bounds_edges(bounds)}
    earlier = max((instant for instant in edges if instant <= of.as_of.valid), default=BEGINNING)
    later = min((instant for instant in edges if instant > of.as_of.valid), default=FOREVER)
    return earlier, later


def outline(of: Outlined) -> Outline:
    dated = [day(instant) for claim in of.claims for instant in _dates(claim)]
    types = Counter(claim.statement.type for claim in of.claims)
    named = Counter(actor for claim in of.claims for actor in {party.actor for party in claim.statement.parties})
    actors = Counter[str]()
    for actor, claims in named.items():
        actors[of.actors.survivor(actor)] += claims
    platforms, labels = _platforms(of)

    def name(slug: str) -> str:
        return of.actors.label(slug, of.lang, of.as_of.valid)

    return Outline(
        relationship=of.relationship,
        as_of=stand(of.as_of, of.revision),
        known=bool(of.claims),
        lang=of.lang,
        members=tuple(NamedActor(actor=slug, label=name(slug)) for slug in of.members),
        claims=len(of.claims),
        earliest=min(dated, default=UNSET),
        latest=max(dated, default=UNSET),
        axes=Axes(
            valid=_days(_edges(of), of.most),
            known=_instants([one.recorded_at for one in of.events], of.most),
            reported=_days(_published(of.events), of.most),
        ),
        types=tuple(TypeFacet(type=one, claims=claims) for one, claims in _most(types)),
        actors=tuple(ActorFacet(actor=one, label=name(one), claims=claims) for one, claims in _most(actors)),
        platforms=tuple(
            PlatformFacet(platform=one, label=labels[one], claims=claims) for one, claims in _most(platforms)
        ),
    )


def _edges(of: Outlined) -> Iterator[int]:
    """Of everything that was ever said, and of the names of those of whom it was."""
    expectations = {recorded.claim for recorded in of.events if isinstance(recorded.event, Expect)}
    for recorded in of.events:
        if isinstance(recorded.event, Statement) and recorded.bounds is not None:
            expectation = recorded.claim in expectations
            yield from set(edges_of(recorded.bounds, recorded.members, expectation=expectation))
    for bounds in of.actors.bounds_of(_named(of)):
        yield from set(bounds_edges(bounds))


def _named(of: Outlined) -> set[str]:
    """Whoever was ever named, and the members."""
    parties = (party for one in of.events if isinstance(one.event, Statement) for party in one.event.parties)
    return {*of.members, *(of.actors.survivor(party.actor) for party in parties)}


def _dates(claim: Claim) -> Iterator[int]:
    bounds = claim.bounds
    for instant in (bounds.starts_earliest, bounds.starts_latest, bounds.ends_earliest - 1, bounds.ends_latest - 1):
        if BEGINNING < instant < FOREVER - 1:
            yield instant


def _published(events: Iterable[Recorded]) -> Iterator[int]:
    """From when on each event, and each of its sources, is there for who asks what had been reported."""
    for recorded in events:
        out = set() if recorded.reported is None else {recorded.reported.latest}
        sources = getattr(recorded.event, "sources", ())
        out |= {span_of(source.published).latest for source in sources if source.published is not None}
        yield from out


def _platforms(of: Outlined) -> tuple[Counter[str], dict[str, str]]:
    """How many claims are about each, and what the latest content that names it calls it."""
    claims, labels = Counter[str](), dict[str, str]()
    for claim in sorted(of.claims, key=lambda one: one.content.position):
        for one in platforms_of(claim.statement):
            claims[one.platform] += 1
            if one.label != one.platform or one.platform not in labels:
                labels[one.platform] = one.label
    return claims, labels


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))[:MOST_FACETS]


def _days(instants: Iterable[int], most: int) -> DayAxis:
    counts = Counter(day(instant) for instant in instants if BEGINNING < instant < FOREVER)
    for precision in LETTERS:
        kept = _thinned(counts, {at: at[: LETTERS[precision]] for at in counts})
        if len(kept) <= most:
            break
    return DayAxis(precision=precision, points=tuple(ChangeDay(at=at, changes=changes) for at, changes in kept))


def _instants(instants: Iterable[int], most: int) -> KnownAxis:
    counts = Counter(instants)
    precision: Literal["version"] | Precision = "version"
    kept = sorted(counts.items())
    for coarser in LETTERS:
        if len(kept) <= most:
            break
        precision, kept = coarser, _thinned(counts, {at: day(at)[: LETTERS[coarser]] for at in counts})
    points = tuple(ChangeInstant(at=rfc3339(at), changes=changes) for at, changes in kept)
    return KnownAxis(precision=precision, points=points)


def _thinned(counts: Mapping[Point, int], periods: Mapping[Point, str]) -> list[tuple[Point, int]]:
    """The last point of each period, with the counts of all of that period."""
    last: dict[str, Point] = {}
    sums = Counter[str]()
    for point in sorted(counts):
        last[periods[point]] = point
        sums[periods[point]] += counts[point]
    return [(point, sums[period]) for period, point in last.items()]
