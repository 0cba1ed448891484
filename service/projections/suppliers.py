"""Who supplied one actor within a window, ranked by deliveries, by how many, or by trend-indicator value."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from service.domain.as_of import rfc3339
from service.domain.claims import Claim
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.names import Actors
from service.domain.types import Considered, Delivery
from service.domain.windows import Window
from service.projections.across import AcrossAsOf, LeftOutOfPage, across_as_of, left_out
from service.projections.lines import Answer, Instant, Line, NamedActor, NamedPlatform, Total
from service.projections.present import HOLDING, Present
from service.projections.quantities import Amount, members_within, nothing, shared, total, wholly, within
from service.projections.question import Question
from service.projections.view import View

VERSION = 1
"""Raised whenever the same question gets other bytes than before."""
Measure = Literal["deliveries", "quantity", "tiv"]
MOST_NAMED = 20
"""Platforms of a line, and recipients."""
Share = Annotated[float, Meta(ge=0, le=1)]
Bounds = tuple[float, float]
"""At least, and at most."""


class Deliveries(Answer, frozen=True, kw_only=True):
    """How many deliveries lie in the window."""

    certain: Total
    possible: Total
    """Further ones that may: their dates reach over an edge."""


class Value(Answer, frozen=True, kw_only=True):
    """Of what was delivered, in millions of SIPRI trend-indicator values; at least, and at most."""

    low: Annotated[float, Meta(ge=0)]
    high: Annotated[float, Meta(ge=0)]


class ShareOfAll(Answer, frozen=True, kw_only=True):
    """Of all suppliers together, by what they are ranked by: at least, and at most."""

    low: Share
    high: Share


class SupplierLine(Line, frozen=True, kw_only=True):
    """One supplier, and all it delivered in the window."""

    actor: str
    label: str
    rank: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    """From 1; those that have as much share one. Absent where nothing tells what the ranking is by."""
    share: ShareOfAll | UnsetType = UNSET
    deliveries: Deliveries
    quantity: Amount | UnsetType = UNSET
    """Of the deliveries that carry a count. Absent where none does, or their units differ."""
    uncounted: Total
    """Deliveries without a count."""
    tiv: Value | UnsetType = UNSET
    """Of the deliveries that carry a value."""
    unvalued: Total
    """Deliveries without a value."""
    platforms: Annotated[tuple[NamedPlatform, ...], Meta(max_length=MOST_NAMED)]
    """By slug."""


class ShownWindow(Answer, frozen=True, kw_only=True):
    """Half-open, and cut at the valid time; an end that is absent is unbounded."""

    from_: Instant | UnsetType = field(default=UNSET, name="from")
    until: Instant


class Suppliers(Answer, frozen=True, kw_only=True):
    """Who supplied an actor, or a unit that is part of it, as of one point."""

    actor: NamedActor
    as_of: AcrossAsOf
    known: bool
    """False where no visible claim names the actor; that is no denial."""
    window: ShownWindow
    ranked_by: Measure
    recipients: Annotated[tuple[NamedActor, ...], Meta(max_length=MOST_NAMED)]
    """Whom the deliveries name: the actor, and its units; by slug."""
    suppliers: tuple[SupplierLine, ...]
    """The first in rank first."""
    suppliers_total: Total
    omitted: LeftOutOfPage
    next: str | UnsetType = UNSET
    """The address of the next page, while there is more."""


class _Supplied(msgspec.Struct, frozen=True, kw_only=True):
    """What one supplier delivered."""

    actor: str
    group: list[Present]
    deliveries: Deliveries
    quantity: Amount | UnsetType
    uncounted: int
    tiv: Value | UnsetType
    unvalued: int


def suppliers(
    question: Question, actor: str, window: Window, ranked_by: Measure, page: tuple[int, int] | None = None
) -> Suppliers:
    """From claims that may tell of any actor; ``page``: how many suppliers to pass over, and to tell of at most.

    The question's relationship says nothing here.
    """
    at = question.as_of.valid
    first, last = span = span_of(window, at)
    claims = [claim for claim in question.claims if _may_be_theirs(claim, question.actors, actor, span, at)]
    view = View(msgspec.structs.replace(question, claims=claims))
    groups: dict[str, list[Present]] = {}
    recipients: set[str] = set()
    for present in view.present:
        if isinstance(present.data, Delivery) and not nothing(present.data.quantity):
            recipients.update(_recipients(view, present, actor)[0])
            for supplier in _suppliers(view, present):
                groups.setdefault(supplier, []).append(present)
    supplied = [_supplied(view, actor, name, group, span) for name, group in groups.items()]
    kept = [one for one in supplied if one.deliveries.certain or not question.criteria.certain_only]
    ranks = _ranked(kept, ranked_by)
    begin, most = page or (0, len(ranks))
    return Suppliers(
        actor=view.actor(actor),
        as_of=across_as_of(question.as_of),
        known=question.known,
        window=ShownWindow(from_=UNSET if first == BEGINNING else rfc3339(first), until=rfc3339(max(first, last + 1))),
        ranked_by=ranked_by,
        recipients=tuple(view.actor(slug) for slug in sorted(recipients)[:MOST_NAMED]),
        suppliers=tuple(_line(view, one, rank, share) for one, rank, share in ranks[begin : begin + most]),
        suppliers_total=len(ranks),
        omitted=left_out(len(supplied) - len(kept), view.sifted, question.omitted),
    )


def span_of(window: Window, valid: int) -> tuple[int, int]:
    """The first and the last instant of ``window``, as far as the valid time; the last before the first: none."""
    return window.begins, min(window.ends - 1 if window.ends < FOREVER else FOREVER, valid)


def _may_be_theirs(claim: Claim, actors: Actors, actor: str, span: tuple[int, int], at: int) -> bool:
    """Whether it tells of a delivery to ``actor``, or to what is part of it, that may lie in ``span``."""
    first, last = span
    if claim.statement.type != "delivery" or not first <= last:
        return False
    if claim.bounds.starts_earliest > last or claim.bounds.starts_latest < first:
        return False
    holders = (party.actor for party in claim.statement.parties if party.role in HOLDING)
    return any(actors.rolled_up(slug, (actor,), at) is not None for slug in holders)


def _recipients(view: View, present: Present, actor: str) -> tuple[list[str], int]:
    """Those who received it that are ``actor`` or part of it; and how many others did."""
    named = list(dict.fromkeys(slug for slug, role in view.named(present.claim.statement) if role in HOLDING))
    actors = view.question.actors
    ours = [slug for slug in named if actors.rolled_up(slug, (actor,), view.at) is not None]
    return ours, len(named) - len(ours)


def _suppliers(view: View, present: Present) -> list[str]:
    return list(dict.fromkeys(slug for slug, role in view.named(present.claim.statement) if role == "supplier"))


def _supplied(view: View, actor: str, name: str, group: list[Present], span: tuple[int, int]) -> _Supplied:
    certain, counts, values = 0, [], []
    for present in group:
        assert isinstance(present.data, Delivery)  # noqa: S101 - only these have recipients here
        quantity, tiv, content = present.data.quantity, present.data.tiv, present.claim.content
        whole = wholly(content, *span)
        count = None if quantity is None else within(quantity, content, *span)
        inside = bool(members_within(content, *span)) if count is None else count.low > 0 and bool(content.members)
        certain += whole or inside
        alone = len(_suppliers(view, present)) == 1 and _recipients(view, present, actor)[1] == 0
        if count is not None:
            counts.append(count if alone else shared(count))
        if tiv is not None:
            values.append((tiv if whole and alone else 0.0, tiv))
    return _Supplied(
        actor=name,
        group=group,
        deliveries=Deliveries(certain=certain, possible=len(group) - certain),
        quantity=total(counts),
        uncounted=len(group) - len(counts),
        tiv=Value(low=_sum(low for low, _ in values), high=_sum(high for _, high in values)) if values else UNSET,
        unvalued=len(group) - len(values),
    )


def _sum(values: Iterable[float]) -> float:
    return round(sum(values), 6)


def _measured(one: _Supplied, by: Measure) -> Bounds | None:
    if by == "deliveries":
        return (one.deliveries.certain, one.deliveries.certain + one.deliveries.possible)
    if by == "quantity":
        amount = one.quantity
        return None if amount is UNSET else (amount.low, inf if amount.high is UNSET else amount.high)
    return None if one.tiv is UNSET else (one.tiv.low, one.tiv.high)


def _ranked(
    supplied: Sequence[_Supplied], by: Measure
) -> list[tuple[_Supplied, int | UnsetType, ShareOfAll | UnsetType]]:
    """By what each has at least, then at most; those without a measure come last, by slug."""
    measured: Mapping[str, Bounds] = {
        one.actor: bounds for one in supplied if (bounds := _measured(one, by)) is not None
    }
    ordered = sorted(measured.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    ranks: dict[str, int] = {}
    for number, (actor, bounds) in enumerate(ordered, 1):
        before = ordered[number - 2] if number > 1 else None
        ranks[actor] = ranks[before[0]] if before is not None and before[1] == bounds else number
    every = list(measured.values())
    without = sorted(one.actor for one in supplied if one.actor not in measured)
    by_actor = {one.actor: one for one in supplied}
    return [
        *((by_actor[actor], ranks[actor], _share(bounds, every)) for actor, bounds in ordered),
        *((by_actor[actor], UNSET, UNSET) for actor in without),
    ]


def _share(own: Bounds, every: Sequence[Bounds]) -> ShareOfAll | UnsetType:
    """Of what all have, this one among them: the least where all others have the most they may, and the other way."""
    low, high = own
    boundless = sum(most == inf for _, most in every) - (high == inf)
    others_most = (
        inf if boundless else max(0.0, sum(most for _, most in every if most < inf) - (high if high < inf else 0))
    )
    others_least = max(0.0, sum(least for least, _ in every) - low)
    if high + others_most == 0:
        return UNSET
    least = low / (low + others_most) if low else 0.0
    most = 1.0 if high == inf else high / (high + others_least) if high else 0.0
    return ShareOfAll(low=round(least, 4), high=round(most, 4))


def _line(view: View, one: _Supplied, rank: int | UnsetType, share: ShareOfAll | UnsetType) -> SupplierLine:
    evidence = view.tongue.evidence(one.group)
    evidence["certainty"] = "certain" if one.deliveries.certain else "possible"
    slugs = sorted({present.data.platform for present in one.group if isinstance(present.data, Delivery)})
    return SupplierLine(
        **evidence,
        actor=one.actor,
        label=view.label(one.actor),
        rank=rank,
        share=share,
        deliveries=one.deliveries,
        quantity=one.quantity,
        uncounted=one.uncounted,
        tiv=one.tiv,
        unvalued=one.unvalued,
        platforms=view.platforms(Considered(platform=slug) for slug in slugs[:MOST_NAMED]),
    )
