"""What each member holds and has on order, by platform."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from service.domain.types import Delivery, Order
from service.projections.lines import Line, NamedActor
from service.projections.present import Names, Present
from service.projections.quantities import Amount, Count, shared, so_far, total
from service.projections.tongue import Tongue
from service.projections.view import Group, View

Key = tuple[str, str]
"""(member, platform)."""
Counts = tuple[Count, ...]
Groups = dict[Key, list[Present]]
Counted = tuple[dict[Key, Counts], dict[Key, Counts]]
"""What was ordered, and what was delivered."""


class InventoryLine(Line, frozen=True, kw_only=True):
    """A platform that a member of the relationship holds."""

    actor: str
    actor_label: str
    platform: str
    label: str
    quantity: Amount | UnsetType = UNSET
    """Delivered by then: the sum of the deliveries that carry a count. Absent where none does."""
    suppliers: tuple[NamedActor, ...]


class OrderLine(Line, frozen=True, kw_only=True):
    """A platform that a member of the relationship has ordered; it is not held for that."""

    actor: str
    actor_label: str
    platform: str
    label: str
    quantity: Amount | UnsetType = UNSET
    """Ordered, where any order carries a count."""
    delivered: Amount | UnsetType = UNSET
    """Delivered so far, where any delivery carries a count."""
    suppliers: tuple[NamedActor, ...]


def held(view: View) -> Groups:
    """The claims that give existence; an order or a delivery of none does not."""
    return _grouped(view, [present for present in view.present if present.held])


def ordered(view: View) -> Groups:
    return _grouped(view, view.of_kind(Order))


def _grouped(view: View, found: Iterable[Present]) -> Groups:
    groups: Groups = {}
    members = view.tongue.among(view.members)
    for present in found:
        for member in members[present.holders]:
            groups.setdefault((member, present.platforms[0]), []).append(present)
    return groups


def inventory(view: View, groups: Groups) -> list[InventoryLine]:
    _, delivered = view.once(counts)
    return [view.line(_held, tuple(group), key, delivered.get(key, ())) for key, group in groups.items()]


def _held(tongue: Tongue, group: Group, names: Names, key: Key, delivered: Counts) -> InventoryLine:
    evidence, quantity = tongue.evidence(group), total(delivered)
    # Part of a delivery over several years may be certain before the whole of it is.
    if not isinstance(quantity, UnsetType) and quantity.low >= 1:
        evidence["certainty"] = "certain"
    actor, platform = key
    return InventoryLine(
        **evidence,
        actor=actor,
        actor_label=tongue.label(actor),
        platform=platform,
        label=dict(names).get(platform, platform),
        quantity=quantity,
        suppliers=_suppliers(tongue, group),
    )


def orders(view: View, groups: Groups) -> list[OrderLine]:
    wanted, delivered = view.once(counts)
    return [
        view.line(_ordered, tuple(group), key, wanted.get(key, ()), delivered.get(key, ()))
        for key, group in groups.items()
    ]


def _ordered(tongue: Tongue, group: Group, names: Names, key: Key, wanted: Counts, delivered: Counts) -> OrderLine:
    actor, platform = key
    return OrderLine(
        **tongue.evidence(group),
        actor=actor,
        actor_label=tongue.label(actor),
        platform=platform,
        label=dict(names).get(platform, platform),
        quantity=total(wanted),
        delivered=total(delivered),
        suppliers=_suppliers(tongue, group),
    )


def counts(view: View) -> Counted:
    """How many of each platform each member ordered and how many came so far, by the claims that carry a count."""
    return _counted(view, view.of_kind(Order)), _counted(view, view.of_kind(Delivery))


def _counted(view: View, found: Iterable[Present]) -> dict[Key, Counts]:
    by_key: dict[Key, list[Count]] = {}
    members = view.tongue.among(view.members)
    for present in found:
        count = present.count
        if count is None:
            data = present.data
            if not isinstance(data, Order | Delivery) or data.quantity is None:
                continue
            count = so_far(data.quantity, present.claim.content, view.at)
        theirs, platform = members[present.holders], present.platforms[0]
        for member in theirs:
            own = count if len(theirs) == 1 else shared(count)
            by_key.setdefault((member, platform), []).append(own)
    return {key: tuple(some) for key, some in by_key.items()}


def _suppliers(tongue: Tongue, group: Group) -> tuple[NamedActor, ...]:
    named = (party for present in group for party in tongue.named(present.claim.statement))
    slugs = dict.fromkeys(actor for actor, role in named if role == "supplier")
    return tuple(tongue.actor(slug) for slug in slugs)
