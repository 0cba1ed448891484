"""What each member holds and has on order, by platform."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.types import Delivery, Order
from service.projections.facts import Facts, Parts
from service.projections.lines import Line, NamedActor
from service.projections.present import HELD, Names, Present
from service.projections.quantities import Amount, shared, total
from service.projections.tongue import Tongue
from service.projections.view import Group, View

Key = tuple[str, str]
"""(member, platform)."""
Members = tuple[str, ...]


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


class Stock(msgspec.Struct, frozen=True):
    """Which facts tell of what a member holds or ordered."""

    held: Parts[Key]
    """Those that give existence; an order or a delivery of none does not. Beside them deliveries that carry a count."""
    ordered: Parts[Key]
    """Beside them likewise."""
    listed: int
    """Those that have a line."""


def stock(view: View) -> Stock:
    return view.facts.once(stock_of, view.tongue, view.members)


def stock_of(facts: Facts, tongue: Tongue, members: Members) -> Stock:
    theirs = tongue.among(members)

    def keys(present: Present) -> list[Key]:
        return [(member, present.platforms[0]) for member in theirs[present.holders]]

    held = facts.sets(lambda one: keys(one) if one.held else [], *HELD)
    ordered = facts.sets(keys, Order)
    delivered = facts.sets(lambda one: [] if one.count is None else keys(one), Delivery)
    return Stock(Parts(facts, held, delivered), Parts(facts, ordered, delivered), held.all | ordered.all)


def holding(view: View, platform: str) -> Mapping[Key, Group]:
    """The claims by which each member holds that platform."""
    sets = stock(view).held.sets
    return {key: view.facts.among(sets[key] & view.bits) for key in sets.within(view.bits) if key[1] == platform}


def inventory(view: View, platform: str | None = None) -> tuple[InventoryLine, ...]:
    """Of all platforms, or that one."""
    only = None if platform is None else lambda key: key[1] == platform
    return view.lines(_held, stock(view).held, view.members, only=only)


def orders(view: View) -> tuple[OrderLine, ...]:
    return view.lines(_ordered, stock(view).ordered, view.members)


def _held(tongue: Tongue, group: Group, names: Names, key: Key, members: Members) -> InventoryLine:
    """``group``: what gives existence, and every delivery that carries a count."""
    holding = [present for present in group if present.held]
    evidence, quantity = tongue.evidence(holding), _quantity(tongue, group, Delivery, members)
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
        suppliers=_suppliers(tongue, holding),
    )


def _ordered(tongue: Tongue, group: Group, names: Names, key: Key, members: Members) -> OrderLine:
    """``group``: orders, and every delivery that carries a count."""
    ordered = [present for present in group if present.kind is Order]
    actor, platform = key
    return OrderLine(
        **tongue.evidence(ordered),
        actor=actor,
        actor_label=tongue.label(actor),
        platform=platform,
        label=dict(names).get(platform, platform),
        quantity=_quantity(tongue, group, Order, members),
        delivered=_quantity(tongue, group, Delivery, members),
        suppliers=_suppliers(tongue, ordered),
    )


def _quantity(tongue: Tongue, group: Group, kind: type, members: Members) -> Amount | UnsetType:
    """How many those of that kind tell of which carry a count; who hold a thing together may have any part of it."""
    theirs = tongue.among(members)
    counted = [(one.count, theirs[one.holders]) for one in group if one.kind is kind]
    return total([count if len(some) == 1 else shared(count) for count, some in counted if count is not None])


def _suppliers(tongue: Tongue, group: Iterable[Present]) -> tuple[NamedActor, ...]:
    named = (party for present in group for party in tongue.named(present.claim.statement))
    slugs = dict.fromkeys(actor for actor, role in named if role == "supplier")
    return tuple(tongue.actor(slug) for slug in slugs)
