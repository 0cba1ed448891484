"""What each member holds and has on order, by platform."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import UNSET, UnsetType

from service.domain.types import Acquisition, Delivery, EntryIntoService, Operation, Order
from service.projections.lines import Line, NamedActor
from service.projections.quantities import Amount, Count, nothing, shared, so_far, total
from service.projections.view import Present, View

HOLDING = frozenset({"recipient", "operator", "user", "buyer"})
"""Roles of those who come to hold what is acquired, delivered, operated or ordered."""

Key = tuple[str, str]
"""(member, platform)."""
Groups = dict[Key, list[Present]]
Holding = TypeVar("Holding", Order, Delivery)


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
    groups: Groups = {}
    for present in view.present:
        match present.data:
            case Delivery(quantity=quantity) if nothing(quantity):
                continue
            case Acquisition() | Delivery() | Operation():
                roles = HOLDING
            case EntryIntoService():
                roles = frozenset({"operator"})
            case _:
                continue
        for member in _holders(view, present, roles):
            groups.setdefault((member, present.data.platform), []).append(present)
    return groups


def ordered(view: View) -> Groups:
    groups: Groups = {}
    for present in view.present:
        if isinstance(present.data, Order):
            for member in _holders(view, present, HOLDING):
                groups.setdefault((member, present.data.platform), []).append(present)
    return groups


def inventory(view: View, groups: Groups) -> list[InventoryLine]:
    delivered = amounts(view, Delivery)
    return [_held(view, key, group, delivered.get(key, UNSET)) for key, group in groups.items()]


def _held(view: View, key: Key, group: Sequence[Present], quantity: Amount | UnsetType) -> InventoryLine:
    evidence = view.evidence(group)
    # Part of a delivery over several years may be certain before the whole of it is.
    if not isinstance(quantity, UnsetType) and quantity.low >= 1:
        evidence["certainty"] = "certain"
    actor, platform = key
    return InventoryLine(
        **evidence,
        actor=actor,
        actor_label=view.label(actor),
        platform=platform,
        label=view.platform(platform),
        quantity=quantity,
        suppliers=_suppliers(view, group),
    )


def orders(view: View, groups: Groups) -> list[OrderLine]:
    wanted, delivered = amounts(view, Order), amounts(view, Delivery)
    return [
        OrderLine(
            **view.evidence(group),
            actor=actor,
            actor_label=view.label(actor),
            platform=platform,
            label=view.platform(platform),
            quantity=wanted.get((actor, platform), UNSET),
            delivered=delivered.get((actor, platform), UNSET),
            suppliers=_suppliers(view, group),
        )
        for (actor, platform), group in groups.items()
    ]


def amounts(view: View, kind: type[Holding]) -> dict[Key, Amount | UnsetType]:
    """How many of each platform have come to each member so far, where any claim of ``kind`` carries a count."""
    counts: dict[Key, list[Count]] = {}
    for present in view.present:
        data = present.data
        if isinstance(data, kind) and data.quantity is not None:
            count = so_far(data.quantity, present.claim.content, view.at)
            members = _holders(view, present, HOLDING)
            for member in members:
                own = count if len(members) == 1 else shared(count)
                counts.setdefault((member, data.platform), []).append(own)
    return {key: total(some) for key, some in counts.items()}


def _holders(view: View, present: Present, roles: frozenset[str]) -> list[str]:
    """The members that hold it, each once, whichever of its parts the claim names."""
    parties = (party.actor for party in present.claim.statement.parties if party.role in roles)
    rolled = (view.question.actors.rolled_up(actor, view.members, view.at) for actor in parties)
    return list(dict.fromkeys(member for member in rolled if member is not None))


def _suppliers(view: View, group: Sequence[Present]) -> tuple[NamedActor, ...]:
    named = (party for present in group for party in view.named(present.claim.statement))
    slugs = dict.fromkeys(actor for actor, role in named if role == "supplier")
    return tuple(view.actor(slug) for slug in slugs)
