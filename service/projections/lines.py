"""What the lines of an answer are made of: dates, names, sources, and the evidence that every line carries."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain.as_of import boundary, rfc3339
from service.domain.claims import Standing
from service.domain.edtf import BEGINNING, FOREVER, Bounds
from service.domain.events import OfficialStatus, Source, Statement
from service.domain.reading import span_of

Certainty = Literal["certain", "possible"]
Likelihood = Literal["certain", "most-likely", "likely", "potential"]
Instant = Annotated[str, Meta(description="RFC 3339, UTC.", examples=["2024-06-30T23:59:59.999999Z"])]
DayOrInstant = Annotated[
    str, Meta(description="A day; an instant where it lies on no edge of a UTC day.", examples=["2023-12-31"])
]
Total = Annotated[int, Meta(ge=0)]
MOST_CLAIMS = 20
MOST_SOURCES = 20


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of an answer; what does not apply is absent, and never null."""


class Dated(Answer, frozen=True, kw_only=True):
    """A period in which something began, or may lie: the text as it came in, and its first and last day."""

    edtf: str
    earliest: DayOrInstant | UnsetType = UNSET
    """Absent where nothing bounds it."""
    latest: DayOrInstant | UnsetType = UNSET


class Ending(Answer, frozen=True, kw_only=True):
    """When a state ended: from ``earliest`` on it may have, from ``latest`` on it has."""

    edtf: str
    earliest: Instant | UnsetType = UNSET
    latest: Instant | UnsetType = UNSET


Ended = tuple[Ending | UnsetType, Literal["open", "unknown"] | UnsetType]
"""When a state ended, or how it goes on; neither of an occurrence."""


class ShownSource(Answer, frozen=True, kw_only=True, cache_hash=True):
    """Who says so; only what was published by the reported day that was asked for."""

    publisher: str
    title: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    published: str | UnsetType = UNSET
    """EDTF."""
    via: str | UnsetType = UNSET
    """Through whom it reached us, where that is somebody else."""
    reliability: Literal["A", "B", "C", "D", "E", "F"] | UnsetType = UNSET
    credibility: Annotated[int, Meta(ge=1, le=6)] | UnsetType = UNSET


def out_by(sources: Sequence[Source], reported_by: int | None) -> Sequence[Source]:
    """Those that were out by ``reported_by``, or all of them; an undated one is with whichever event it came."""
    if reported_by is None:
        return sources
    return [one for one in sources if one.published is None or span_of(one.published).latest <= reported_by]


def shown(sources: Sequence[Source], reported_by: int | None) -> list[ShownSource]:
    """Of those that were out by ``reported_by``."""
    return [
        ShownSource(
            publisher=source.publisher,
            title=source.title or UNSET,
            url=source.url or UNSET,
            published=source.published or UNSET,
            via=source.via or UNSET,
            reliability=source.reliability or UNSET,
            credibility=source.credibility or UNSET,
        )
        for source in out_by(sources, reported_by)
    ]


class NamedActor(Answer, frozen=True, kw_only=True):
    """An actor, by the name it had at the valid time asked for."""

    actor: str
    label: str


class NamedParty(NamedActor, frozen=True, kw_only=True):
    """An actor in a claim."""

    role: str


class NamedPlatform(Answer, frozen=True, kw_only=True):
    """A system that something may be about."""

    platform: str
    label: str
    likelihood: Likelihood | UnsetType = UNSET


class Line(Answer, frozen=True, kw_only=True):
    """One thing that was so, and what it stands on."""

    certainty: Certainty
    """The best of its claims."""
    standing: Standing
    """What all its claims share; reported and confirmed together are confirmed, any other mix is disputed."""
    official_status: OfficialStatus | UnsetType = UNSET
    since: Dated
    """The earliest of its claims' starts, as they are certain."""
    claims: Annotated[tuple[str, ...], Meta(max_length=MOST_CLAIMS)]
    claims_total: Total
    sources: Annotated[tuple[ShownSource, ...], Meta(max_length=MOST_SOURCES)]
    """Distinct, in the order of the claims."""


class StatedLine(Line, frozen=True, kw_only=True):
    """A line in the words of one claim; where several stand behind it, of the one in force."""

    title: str | UnsetType = UNSET
    parties: tuple[NamedParty, ...]
    until: Ending | UnsetType = UNSET
    """Of a state whose end is known."""
    ends: Literal["open", "unknown"] | UnsetType = UNSET
    """Of any other state: it lasted as far as was heard, or nobody says when it ended."""


def since_of(statement: Statement, bounds: Bounds, *, lasts: bool) -> Dated:
    text = statement.occurred
    if lasts:
        start, _, _ = text.partition("/")
        text = text if start in ("", "..") else start
    return dated(text, bounds.starts_earliest, bounds.starts_latest)


def ending_of(statement: Statement, bounds: Bounds) -> Ended:
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
