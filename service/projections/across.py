"""What answers across relationships share: the point they stand on, what is left out, and who counts for whom."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from service.domain.as_of import AsOf, rfc3339
from service.domain.claims import Omitted
from service.domain.names import Actors
from service.projections.criteria import Sifted
from service.projections.lines import Answer, Instant, Total


class AcrossAsOf(Answer, frozen=True, kw_only=True):
    """The point that an answer stands on, resolved; all its pages stand on the same position."""

    valid_at: Instant
    known_at: Instant | UnsetType = UNSET
    """Absent before the ledger knew anything."""
    position: Total
    reported_by: Instant | UnsetType = UNSET
    final: bool
    """Nothing recorded later can change the answer at this address."""
    projected: bool
    """The valid time lies after the known one."""


class LeftOutOfPage(Answer, frozen=True, kw_only=True):
    """How much the question's filters left out of this page."""

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


def across_as_of(as_of: AsOf) -> AcrossAsOf:
    return AcrossAsOf(
        valid_at=rfc3339(as_of.valid),
        known_at=UNSET if as_of.known is None else rfc3339(as_of.known),
        position=as_of.position,
        reported_by=UNSET if as_of.reported is None else rfc3339(as_of.reported),
        final=as_of.final,
        projected=as_of.projected,
    )


def left_out(possible: int, sifted: Sifted, omitted: Omitted) -> LeftOutOfPage:
    return LeftOutOfPage(
        possible=possible,
        ungraded=sifted.ungraded,
        filtered=sifted.filtered,
        undated=omitted.undated,
        reported_possible=omitted.reported_possible,
    )


def whole_of(slug: str, actors: Actors, at: int) -> str:
    """Whom ``slug`` counts for at ``at``: the nearest state that it is, or is part of; without one, its topmost whole.

    Itself where what it is part of goes round in a circle.
    """
    first = current = actors.survivor(slug)
    seen = {current}
    while actors.kind(current, at) != "state" and (above := actors.part_of(current, at)) is not None:
        current = actors.survivor(above)
        if current in seen:
            return first
        seen.add(current)
    return current


def units_of(slugs: Iterable[str], whole: str, actors: Actors) -> list[str]:
    """Those of ``slugs`` that are not ``whole`` itself, each once, by slug."""
    return sorted({actors.survivor(slug) for slug in slugs} - {whole})
