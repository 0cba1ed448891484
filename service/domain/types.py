"""The vocabulary: what a claim can be about; a new type is a struct for its ``data`` and a line in ``TYPES``."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from service.domain.actors import LanguageTag, Slug

Label = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=4000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
TypeName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$(?!\n)",
        max_length=64,
        description="A type's name in lower case: ASCII letters and digits, hyphens within it.",
    ),
]


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a type adds to a claim; the base of each type's own struct."""


class Quantity(Data, frozen=True):
    """How many, as far as the source says: a best figure, a range, or both."""

    best: Count | None = None
    low: Count | None = None
    high: Count | None = None
    uncertain: bool = False
    unit: Label | None = None

    def __post_init__(self) -> None:
        known = [n for n in (self.low, self.best, self.high) if n is not None]
        if not known:
            raise ValueError("a quantity needs `best`, or `low`, or `high`")
        if known != sorted(known):
            raise ValueError("a quantity has low <= best <= high")


class Platform(Data, frozen=True):
    """A system that something is about."""

    platform: Slug
    platform_name: Label | None = None
    """As the source writes it, such as "Bayraktar TB2"."""


class Counted(Platform, frozen=True):
    quantity: Quantity | None = None


class Considered(Platform, frozen=True):
    likelihood: Literal["certain", "most-likely", "likely", "potential"] | None = None


class EntryIntoService(Platform, frozen=True):
    """A platform enters service with its operator."""


class Acquisition(Counted, frozen=True):
    """The recipient has acquired a platform; a count here is never added to deliveries."""


Condition = Literal["new", "second-hand", "modernised"]
"""Modernised: second-hand, and brought up to date before delivery."""


class Order(Counted, frozen=True):
    """A platform was ordered; it is not held for that."""

    production: Literal["imported", "licensed", "local"] | None = None
    """Whether the recipient makes any of them, under licence or on its own."""
    tiv: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    """Value of the whole order, in millions of SIPRI trend-indicator values."""
    tiv_unit: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    """Value of one."""
    condition: Condition | None = None
    description: Label | None = None
    """What it is, as the source says it, such as "armed UAV"."""
    remarks: Text | None = None
    """What the source adds in words."""


class Delivery(Counted, frozen=True):
    """A platform was delivered; the count is for the whole of ``occurred``, never per year."""

    production: Literal["imported", "licensed", "local"] | None = None
    tiv: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    """Value of what was delivered, in millions of SIPRI trend-indicator values."""
    condition: Condition | None = None


class Operation(Counted, frozen=True):
    """An actor operates a platform."""


class Agreement(Data, frozen=True):
    """Something was agreed or signed."""

    kind: Literal["contract", "treaty", "memorandum", "licence", "other"] = "other"
    subject: Label | None = None
    platforms: Annotated[tuple[Considered, ...], Meta(max_length=50)] = ()
    step: Literal["signed", "ratified", "in-force", "left"] | None = None
    """What an actor did with it, where it is no more than that."""


class Membership(Data, frozen=True):
    """An actor belongs to something that it can leave: a treaty, an alliance, an organisation."""

    of: Label
    kind: Literal["treaty", "alliance", "organisation", "other"] = "other"


class Dispute(Data, frozen=True):
    """Actors are at odds, up to war."""

    subject: Label | None = None
    hostility: Annotated[int, Meta(ge=1, le=5)] | None = None
    """The highest level reached: 1 none, 2 threat, 3 display, 4 use of force, 5 war."""


class Negotiation(Data, frozen=True):
    """Talks under way."""

    subject: Label
    platforms: Annotated[tuple[Considered, ...], Meta(max_length=50)] = ()
    facility: Slug | None = None


Stage = Literal["reported", "planned", "site-selection", "construction", "operating", "closed"]


class Facility(Data, frozen=True):
    """A plant, base or school, and the stage it is in."""

    facility: Slug
    stage: Stage
    facility_name: Label | None = None
    purpose: Literal["assembly", "production", "maintenance", "training", "basing", "other"] = "other"
    platforms: Annotated[tuple[Considered, ...], Meta(max_length=50)] = ()
    host: Slug | None = None
    """The actor on whose ground it stands."""
    place: Label | None = None


class Programme(Data, frozen=True):
    """Work that goes on: building, modernising, developing."""

    programme: Slug
    programme_name: Label | None = None
    kind: Literal["joint", "licence", "local-production", "modernisation", "supply", "other"] = "other"
    platforms: Annotated[tuple[Considered, ...], Meta(max_length=50)] = ()


class Training(Data, frozen=True):
    """Training, or exercises."""

    subject: Label | None = None
    joint: bool = False


class CombatUse(Platform, frozen=True):
    """A platform was used in combat."""

    place: Label | None = None


class Unveiling(Platform, frozen=True):
    """A platform was shown for the first time."""


class FlightTrial(Platform, frozen=True):
    """A platform is in flight trials."""


class Statement(Data, frozen=True):
    """An actor said something."""

    topic: Label | None = None


class Report(Data, frozen=True):
    """Somebody reported something."""

    topic: Label | None = None


class Assessment(Data, frozen=True):
    """Somebody's judgement, with a rank where it gives one."""

    measure: Label | None = None
    rank: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class Note(Data, frozen=True):
    """Anything else worth keeping."""

    text: Text | None = None


class Actor(Data, frozen=True):
    """What an actor is called and what it is, while ``occurred`` to ``until`` lasts."""

    names: Annotated[dict[LanguageTag, Label], Meta(min_length=1, max_length=100)]
    kind: Literal["state", "firm", "armed-force", "organisation", "person", "other"]
    codes: Annotated[dict[TypeName, Label], Meta(max_length=50)] = {}
    part_of: Slug | None = None


class ActorMerge(Data, frozen=True):
    """Two slugs turned out to be one actor; the parties say which survives."""


DEEPEST = 32
"""Arrays and objects within one another, in the schema of a ledger's own type and in ``data`` of that type."""
MOST_OBJECTS = 500
"""In such a schema: each of its subschemas is one, and so is each list of properties."""


class EventType(msgspec.Struct, frozen=True):
    """One word of the vocabulary."""

    name: str
    kind: Literal["occurrence", "state"]
    title: str
    data: type[Data] | None = None
    """The struct of ``data``; None where a ledger's own JSON Schema says what it holds."""
    schema: str | None = None
    """JSON Schema 2020-12, as text."""

    @property
    def lasts(self) -> bool:
        return self.kind == "state"


TYPES: dict[str, EventType] = {
    type_.name: type_
    for type_ in (
        EventType("entry-into-service", "occurrence", "Entry into service", EntryIntoService),
        EventType("acquisition", "occurrence", "Acquisition", Acquisition),
        EventType("order", "occurrence", "Order", Order),
        EventType("delivery", "occurrence", "Delivery", Delivery),
        EventType("operation", "state", "Operation", Operation),
        EventType("agreement", "occurrence", "Agreement", Agreement),
        EventType("membership", "state", "Membership", Membership),
        EventType("dispute", "state", "Dispute", Dispute),
        EventType("negotiation", "state", "Negotiation", Negotiation),
        EventType("facility", "state", "Facility", Facility),
        EventType("programme", "state", "Programme", Programme),
        EventType("training", "state", "Training", Training),
        EventType("combat-use", "occurrence", "Use in combat", CombatUse),
        EventType("unveiling", "occurrence", "Unveiling", Unveiling),
        EventType("flight-trial", "state", "Flight trials", FlightTrial),
        EventType("statement", "occurrence", "Statement", Statement),
        EventType("report", "occurrence", "Report", Report),
        EventType("assessment", "occurrence", "Assessment", Assessment),
        EventType("note", "occurrence", "Note", Note),
        EventType("actor", "state", "Actor", Actor),
        EventType("actor-merge", "occurrence", "Merge of actors", ActorMerge),
    )
}
OF_ACTORS = frozenset({"actor", "actor-merge"})
"""Types about actors themselves: their claims belong to no relationship, and hold at every reported day."""
