"""A claim that is so at a point, with all that follows from it alone; what lines need of claims is worked out here."""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final, Literal, TypeVar

from msgspec import UNSET

from service.domain.claims import Claim, Standing
from service.domain.types import (
    Acquisition,
    Actor,
    Data,
    Delivery,
    EntryIntoService,
    EventType,
    Operation,
    Order,
    Programme,
    Quantity,
)
from service.projections.lines import Certainty, Ended, ending_of, shown, since_of
from service.projections.quantities import Count, nothing, so_far

T = TypeVar("T", bound=Hashable)
Names = tuple[tuple[str, str], ...]
"""Platforms by slug, each with its name."""
PhaseName = Literal["none", "contact", "customer", "partner", "co-producer"]
HOLDING: Final = frozenset({"recipient", "operator", "user", "buyer"})
"""Roles of those who come to hold what is acquired, delivered, operated or ordered."""
OPERATING: Final = frozenset({"operator"})
"""Of those with whom something enters service."""
HELD = (Acquisition, Delivery, Operation, EntryIntoService)


class Present:
    """A claim that is so, certainly or possibly, at the valid time asked for; wherever it is, the same."""

    __slots__ = (
        *("actors", "certain", "certainty", "claim", "count", "data", "denied", "ending"),
        *("gives", "held", "holders", "id", "kind", "names", "order", "platforms", "since", "sources", "standing"),
        *("traits", "writes"),
    )

    def __init__(self, claim: Claim, certainty: Certainty, type_: EventType | None, data: Data | None, at: int) -> None:
        """``at``: an instant of the stretch in which it is so, and as many of its members are over."""
        self.claim, self.certainty, self.kind = claim, certainty, type(data)
        self.data = data if isinstance(data, Actor) else same(data)  # an actor's names are a mapping, without a hash
        self.id, self.certain = claim.id, certainty == "certain"
        self.standing: Standing = claim.standing
        self.denied = self.standing == "denied"
        self.order = order(claim)
        bounds, parties = claim.bounds, claim.statement.parties
        self.sources = same(tuple(shown(claim.statement.sources, None)))
        lasts = type_ is not None and type_.lasts
        self.since = same(since_of(claim.statement, bounds, lasts=lasts))
        self.ending: Ended = ending_of(claim.statement, bounds) if lasts else (UNSET, UNSET)
        named = (data, *getattr(data, "platforms", ()))
        self.platforms = same(tuple(dict.fromkeys(one.platform for one in named if hasattr(one, "platform"))))
        """Those that it is about."""
        self.names: Names = same(
            tuple((slug, name) for slug in self.platforms for one in named if (name := _name_in(one, slug)) is not None)
        )
        """As it writes them, where it does."""
        self.writes = same(tuple(dict(self.names)))
        """The platforms whose names it writes."""
        host = getattr(data, "host", None)
        self.actors = same(frozenset(party.actor for party in parties).union(() if host is None else (host,)))
        """Whoever it names."""
        roles = OPERATING if isinstance(data, EntryIntoService) else HOLDING
        self.holders = same(tuple(party.actor for party in parties if party.role in roles))
        """Who holds or ordered what it is about, if it is of such a kind."""
        self.held = isinstance(data, HELD) and not (isinstance(data, Delivery) and nothing(data.quantity))
        """It gives existence; an order does not, nor does a delivery of none."""
        self.count = _count(claim, certainty, data, at)
        """How many it tells of by then; None where it does not say."""
        self.gives = () if self.denied else phases_of(data)
        self.traits: tuple[Hashable, ...] = same((self.kind, certainty, self.standing))
        """What tells most facts apart; no two of these ever mean another."""

    @property
    def by_start(self) -> tuple[int, int, int]:
        """By when it had certainly begun."""
        bounds = self.claim.bounds
        return bounds.starts_latest, bounds.starts_earliest, self.claim.content.position

    @property
    def by_first(self) -> tuple[int, int, str, int]:
        """The same, where those that began alike come as they are written: what is recorded in another order is the
        same."""
        latest, earliest, position = self.by_start
        return latest, earliest, self.since.edtf, position


@lru_cache(maxsize=8192)
def same(value: T) -> T:
    """The first of those that are equal: what is looked at for every answer should lie in few places of memory."""
    return value


def _count(claim: Claim, certainty: Certainty, data: Data | None, at: int) -> Count | None:
    quantity: Quantity | None = getattr(data, "quantity", None)
    if quantity is None:
        return None
    bounds = claim.bounds
    if not claim.content.members:  # then it hangs on nothing but its certainty
        at = bounds.starts_latest if certainty == "certain" else bounds.starts_earliest
    return so_far(quantity, claim.content, at)


def _name_in(named: object, slug: str) -> str | None:
    name: str | None = getattr(named, "platform_name", None)
    return name if getattr(named, "platform", None) == slug else None


def phases_of(data: Data | None) -> tuple[PhaseName, ...]:
    """Those that an undenied claim gives by itself."""
    match data:
        case Delivery(quantity=quantity) if nothing(quantity):
            return ("contact",)
        case Order(production="licensed" | "local") | Delivery(production="licensed" | "local"):
            return ("contact", "customer", "partner")
        case Order() | Delivery() | Acquisition() | Operation():
            return ("contact", "customer")
        case Programme(kind="joint" | "licence" | "local-production"):
            return ("contact", "partner")
        case _:
            return ("contact",)


def order(claim: Claim) -> tuple[int, int, int]:
    """Of imprecise dates: (earliest, latest, position)."""
    return (claim.bounds.starts_earliest, claim.bounds.starts_latest, claim.content.position)


def in_force(group: Iterable[Present]) -> list[Present]:
    """What says how a thing stands, best first: the certain, of these the undenied, of these the latest start."""
    return sorted(group, key=lambda one: (one.certain, not one.denied, one.by_start), reverse=True)


def standing_together(standings: Iterable[Standing]) -> Standing:
    """What all share; reported and confirmed together are confirmed, and any other mix is disputed."""
    said = set(standings)
    if len(said) == 1:
        return said.pop()
    return "confirmed" if said == {"reported", "confirmed"} else "disputed"


def earliest_of(group: Sequence[Present]) -> Present:
    """Whose start that of all is: the earliest, as they are certain."""
    return min([one for one in group if one.certain] or group, key=attrgetter("by_first"))
