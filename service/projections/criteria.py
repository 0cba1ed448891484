"""What a question asks of the claims themselves: grades, standing, official status; a new filter is a field here."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from service.domain.claims import Claim, Standing
from service.domain.events import OfficialStatus, Source
from service.projections.lines import out_by

MinReliability = Literal["A", "B", "C", "D", "E"]
MinCredibility = Annotated[int, Meta(ge=1, le=5)]


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """Every one that is given must be met. F and 6 say that a source cannot be judged, and meet no minimum."""

    certain_only: bool = False
    """Of lines and items, not of claims: what is only possible is left out."""
    standing: Standing | None = None
    official_status: OfficialStatus | None = None
    min_reliability: MinReliability | None = None
    """That letter or one before it."""
    min_credibility: MinCredibility | None = None
    """That number or a lesser one."""

    @property
    def of_claims(self) -> bool:
        """Whether anything is asked of claims."""
        return (self.standing, self.official_status, self.min_reliability, self.min_credibility) != (None,) * 4


ANY = Criteria()


class Sifted(msgspec.Struct, frozen=True):
    """The claims that meet the criteria, and how many do not."""

    claims: Sequence[Claim]
    ungraded: int = 0
    """No source of theirs can be judged by what a minimum asks for."""
    filtered: int = 0
    """They are judged lower, or another criterion leaves them out."""


def sift(claims: Sequence[Claim], criteria: Criteria, reported_by: int | None) -> Sifted:
    """Minima are met by one source that meets both, and was out by ``reported_by``."""
    if not criteria.of_claims:
        return Sifted(claims)
    graded = (criteria.min_reliability, criteria.min_credibility) != (None, None)
    kept, ungraded, filtered = [], 0, 0
    for claim in claims:
        sources = out_by(claim.statement.sources, reported_by) if graded else ()
        if not _stands(claim, criteria):
            filtered += 1
        elif not graded:
            kept.append(claim)
        elif not any(_judged(source, criteria) for source in sources):
            ungraded += 1
        elif not any(_meets(source, criteria) for source in sources):
            filtered += 1
        else:
            kept.append(claim)
    return Sifted(kept, ungraded, filtered)


def _stands(claim: Claim, criteria: Criteria) -> bool:
    return (criteria.standing is None or claim.standing == criteria.standing) and (
        criteria.official_status is None or claim.statement.official_status == criteria.official_status
    )


def _judged(source: Source, criteria: Criteria) -> bool:
    return (criteria.min_reliability is None or source.reliability not in (None, "F")) and (
        criteria.min_credibility is None or source.credibility not in (None, 6)
    )


def _meets(source: Source, criteria: Criteria) -> bool:
    return (
        _judged(source, criteria)
        and (criteria.min_reliability is None or (source.reliability or "F") <= criteria.min_reliability)
        and (criteria.min_credibility is None or (source.credibility or 6) <= criteria.min_credibility)
    )
