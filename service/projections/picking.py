"""Which claims a timeline is of: a page taken in their order, and what was left out; a filter is a field here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from service.domain.actors import Aliases
from service.domain.as_of import AsOf
from service.domain.claims import Claim, Omitted
from service.domain.edtf import BEGINNING, Span
from service.domain.types import EventType
from service.domain.windows import EVERYTHING, Match, Window
from service.projections import expectations
from service.projections.clusters import LADDER, Bucket, period_of
from service.projections.criteria import Criteria, sift
from service.projections.lines import Answer, Total
from service.projections.stability import Extent
from service.projections.told import InTime, Order, Told, in_time

START: Order = (BEGINNING, BEGINNING, 0)
"""Before anything."""
MOST_LOOKED_AT = 5_000
"""How many claims are looked at for one page of items."""
MOST_PASSED = 20_000
"""How many touches of claims are looked at for one page of what was last acted on."""
NO_CRITERIA = Criteria()
WHY_NOT = ("possible", "not_yet", "over", "expected", "ungraded", "filtered")
WHY: Mapping[InTime, str] = {"possible": "possible", "not-yet": "not_yet", "over": "over"}


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which claims a timeline is of; all that is given must hold."""

    window: Window = EVERYTHING
    match: Match = "possible"
    """Whether what only possibly lies in the window is in it."""
    types: tuple[str, ...] = ()
    """One of them; any where there are none."""
    actor: str | None = None
    platform: str | None = None
    tag: str | None = None
    min_precision: Bucket | None = None
    """Only what is known to have begun, or to begin, in one such period, or in a shorter one."""

    @property
    def of_content(self) -> bool:
        """Whether more must be looked at than dates and types."""
        return (self.actor, self.platform, self.tag) != (None, None, None)


class NotTold(Answer, frozen=True, kw_only=True):
    """How many claims the question's filters on certainty, standing and grades left out of this page's stretch."""

    possible: Total
    """Claims that are only possibly so, where only what is certain was asked for."""
    not_yet: Total
    over: Total
    expected: Total
    """Expectations, where only what is certain was asked for."""
    ungraded: Total
    """Claims whose sources cannot be judged, where a grade was asked for."""
    filtered: Total
    """Claims that are judged lower, or stand otherwise, than was asked for."""
    undated: Total
    """Events without a dated source, where a reported day was asked for; of the whole timeline."""
    reported_possible: Total
    """Events that may have been reported by that day; of the whole timeline."""


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a timeline: the claims asked for, what was left out of it, and where to go on."""

    told: Sequence[Told]
    omitted: NotTold
    after: Order | None
    """The place up to which it goes, if there is more after it."""
    bearing: Sequence[Told]
    """All that the page is made of, or would be at another valid time."""
    whole: bool
    """It is all that is asked for."""
    around: Extent | None = None
    """Between which valid times no claim of it changes, where that is known."""


class Picker:
    """Takes the claims of a timeline in their order until a page is full, or enough was looked at for one."""

    def __init__(
        self, as_of: AsOf, criteria: Criteria, filters: Filters, types: Mapping[str, EventType], aliases: Aliases
    ) -> None:
        self._as_of, self._criteria, self._filters, self._aliases = as_of, criteria, filters, aliases
        self._types = types
        self._told: list[Told] = []
        self._bearing: list[Told] = []
        self.takes_all = filters == Filters() and criteria == NO_CRITERIA
        self._left_out: Counter[str] = Counter()
        self._since_last: list[str] = []
        self._last: Told | None = None
        self._after: Order | None = None
        self.looked_at = 0

    def take(self, told: Iterable[Told], limit: int, most: int) -> bool:
        """Up to ``limit`` of them, having looked at up to ``most``; True while more may be taken."""
        if self.takes_all and self._takes_at_once(told, limit, most):
            return True
        for one in told:
            if self.looked_at == most:
                self._after = START if self._last is None else self._last.order
                return False
            self.looked_at += 1
            if self.asks_for(one):
                why = None
                if not one.withdrawn:  # of which nothing hangs on the point but that it is
                    why = self._why_not(one.claim)
                    self._bearing.append(one)
                if why is not None:
                    self._since_last.append(why)
                elif len(self._told) == limit:
                    # What was left out since the last one is counted where the next one is told.
                    self._after, self._since_last = self._told[-1].order, []
                    return False
                else:
                    self._told.append(one)
                    if self._since_last:
                        self._left_out.update(self._since_last)
                        self._since_last = []
            self._last = one
        return True

    def _takes_at_once(self, told: Iterable[Told], limit: int, most: int) -> bool:
        """All of them, where there is room, and each is asked for."""
        if not isinstance(told, list) or len(told) + len(self._told) > limit or len(told) + self.looked_at > most:
            return False
        self._told += told
        self._bearing += [one for one in told if not one.withdrawn]
        self.looked_at += len(told)
        self._last = told[-1] if told else self._last
        return True

    def stop_after(self, place: Order) -> None:
        """However little was taken: up to there nothing more is to be found."""
        self._after = place

    def picked(self, after: Order, omitted: Omitted, around: Extent | None = None) -> Picked:
        """What was taken, of a stretch that begins after ``after``; ``omitted`` is of the whole timeline."""
        self._left_out.update(self._since_last)
        self._since_last = []
        return Picked(
            told=self._told,
            omitted=NotTold(
                **{why: self._left_out[why] for why in WHY_NOT},
                undated=omitted.undated,
                reported_possible=omitted.reported_possible,
            ),
            after=self._after,
            bearing=self._bearing,
            whole=self._after is None and after == START,
            around=around,
        )

    def asks_for(self, told: Told) -> bool:
        """Whether it is of what is asked for, however it stands."""
        filters, claim = self._filters, told.claim
        if filters.types and claim.statement.type not in filters.types:
            return False
        if filters.of_content and not self._says(told):
            return False
        if filters.min_precision is not None and not self._is_known_to(filters.min_precision, claim):
            return False
        return filters.window == EVERYTHING or self._lies_in(claim)

    def _is_known_to(self, precision: Bucket, claim: Claim) -> bool:
        period = period_of(claim.bounds, claim.statement.tz, "day")
        return LADDER.index(period.precision) <= LADDER.index(precision)

    def _says(self, told: Told) -> bool:
        filters, survivor = self._filters, self._aliases.survivor
        if filters.actor is not None:
            wanted = survivor(filters.actor)
            if all(survivor(party.actor) != wanted for party in told.claim.statement.parties):
                return False
        if filters.platform is not None and all(one.platform != filters.platform for one in told.plain.platforms):
            return False
        return filters.tag is None or filters.tag in told.claim.statement.tags

    def _lies_in(self, claim: Claim) -> bool:
        window, match, bounds = self._filters.window, self._filters.match, claim.bounds
        if claim.expectation:
            return window.holds_some_of([Span(*expectations.window(claim))], match)
        type_ = self._types.get(claim.statement.type)
        if type_ is not None and type_.lasts:
            return window.meets(bounds, match)
        spans = claim.content.members or [Span(bounds.starts_earliest, bounds.starts_latest)]
        return window.holds_some_of(spans, match)

    def _why_not(self, claim: Claim) -> str | None:
        """Under which name of NotTold it is left out; None where it is not."""
        if self._criteria == NO_CRITERIA:
            return None
        sifted = sift([claim], self._criteria, self._as_of.reported)
        if not sifted.claims:
            return "ungraded" if sifted.ungraded else "filtered"
        if not self._criteria.certain_only:
            return None
        if claim.expectation:
            return "expected"
        so = in_time(claim.bounds, self._as_of.valid)
        return None if so == "certain" else WHY[so]
