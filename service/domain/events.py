"""Events: the actions on claims, as clients write them; a new action is a struct here and a rule in ``claims.py``."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain.actors import LanguageTag, RelationshipId, Slug
from service.domain.types import Label, Text, TypeName

Id = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]*$(?!\n)",
        max_length=128,
        description="A client's own id; a UUID where it has none of its own. Case matters.",
        examples=["tb2-acquired", "0193a6f2-7d3c-7c4e-9b61-5f0f3ab8c9d1"],
    ),
]
Date = Annotated[
    str,
    Meta(
        max_length=500,
        description="A date in EDTF (ISO 8601-2), as docs/dates.md says.",
        examples=["2021", "[2018..2025]"],
    ),
]
Role = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$(?!\n)",
        max_length=64,
        description="A word in lower case: ASCII letters and digits, `_` or `-` within it.",
        examples=["supplier", "recipient"],
    ),
]
Url = Annotated[
    str,
    Meta(pattern=r"^https?://[^\s]+$(?!\n)", max_length=2000, description="An http or https address, without spaces."),
]
TIMESTAMP = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$(?!\n)"
_PRINTED = r"^[^\x00-\x1f\x7f]+$(?!\n)"
PRINTED = "A text without control characters."
OfficialStatus = Literal["confirmed", "denied", "no_comment", "not_confirmed", "not_asked"]


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A part of an event; two with equal fields are equal."""


class Party(Value, frozen=True):
    """An actor in a claim, with the role it plays there."""

    actor: Slug
    role: Role


class Source(Value, frozen=True):
    """Who says so, where, and when it was published."""

    publisher: Label
    title: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    url: Url | None = None
    published: Date | None = None
    via: Label | None = None
    """Through whom it reached us, where that is somebody else."""
    reliability: Literal["A", "B", "C", "D", "E", "F"] | None = None
    """Admiralty grade of the source; F is "cannot be judged", not "worst"."""
    credibility: Annotated[int, Meta(ge=1, le=6)] | None = None
    """Admiralty grade of the information; 6 is "cannot be judged", not "worst"."""


Sources = Annotated[tuple[Source, ...], Meta(max_length=50)]


class CloudEventAttributes(Value, frozen=True, kw_only=True):
    """What a CloudEvent said of itself; kept with the event that came in it, and given back."""

    source: Annotated[
        str,
        Meta(pattern=r"^[^\s\x00-\x1f\x7f]+$(?!\n)", max_length=2000, description="A URI reference, without spaces."),
    ]
    """Where it happened: a URI reference."""
    id: Annotated[str, Meta(pattern=_PRINTED, max_length=500, description=PRINTED)]
    """Its own id, unique together with the source."""
    type: Annotated[str, Meta(pattern=_PRINTED, max_length=500, description=PRINTED)]
    time: Annotated[str, Meta(pattern=TIMESTAMP, max_length=40, description="An instant as in RFC 3339.")] | None = None
    subject: Annotated[str, Meta(pattern=_PRINTED, max_length=1000, description=PRINTED)] | None = None

    def __post_init__(self) -> None:
        if self.time is not None:
            try:
                dt.datetime.fromisoformat(f"{self.time[:19]}+00:00")
            except ValueError as error:
                raise ValueError(f"`time` is no instant: {error}") from None


class Action(Value, frozen=True, tag_field="action", kw_only=True):
    """What every event has."""

    id: Id | None = None
    """Given by the server where the client gives none; only then is a retry unsafe."""
    reason: Text | None = None
    """Why it was recorded; stands in the claim's history."""
    cloudevent: CloudEventAttributes | None = None
    """Where it came in a CloudEvent: what that said of itself."""


class Statement(Action, frozen=True, kw_only=True):
    """What a claim says: the content of ``assert``, ``expect`` and ``correct``, complete in itself."""

    claim: Id | None = None
    """The claim's id; the event's own id where none is given."""
    type: TypeName
    occurred: Date
    until: Date | None = None
    """When a state ended; `..` for still so, empty for an unknown end. An occurrence has none."""
    tz: Annotated[str, Meta(max_length=64, examples=["Asia/Karachi"])] | None = None
    """The IANA zone whose days the dates mean; UTC where none is given."""
    phrase: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    """The source's own words for the date."""
    title: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    lang: LanguageTag | None = None
    """The language of the title."""
    translations: Annotated[
        dict[LanguageTag, Annotated[str, Meta(min_length=1, max_length=500)]], Meta(max_length=100)
    ] = {}
    """The title in other languages."""
    parties: Annotated[tuple[Party, ...], Meta(min_length=1, max_length=100)]
    relationships: Annotated[tuple[RelationshipId, ...], Meta(max_length=400)] = ()
    """Needed where three or more actors are parties; two make their own."""
    data: msgspec.Raw | UnsetType = UNSET
    """Typed by ``type``."""
    sources: Sources = ()
    official_status: OfficialStatus | None = None
    tags: Annotated[tuple[Label, ...], Meta(max_length=50)] = ()


class Assert(Statement, frozen=True, tag="assert"):
    """A new claim."""


class Expect(Statement, frozen=True, tag="expect"):
    """A new claim about a future window; it never counts as having happened."""


class Correct(Statement, frozen=True, tag="correct", kw_only=True):
    """Replaces a claim's content as a whole."""

    claim: Id
    late: bool = False
    """True for what an older export said, loaded after a newer one: it never displaces what was reported later."""


class Retract(Action, frozen=True, tag="retract", kw_only=True):
    """Takes a claim back, for every valid time."""

    claim: Id
    by: Literal["source", "curator"]
    """A source withdrew it (it counts from that source's day on), or it was a mistake of ours."""
    reason: Text
    sources: Sources = ()


class Reinstate(Action, frozen=True, tag="reinstate", kw_only=True):
    """Undoes a retraction; the last content returns."""

    claim: Id
    sources: Sources = ()


class Confirm(Action, frozen=True, tag="confirm", kw_only=True):
    """A source stands behind a claim; no date moves."""

    claim: Id
    sources: Annotated[tuple[Source, ...], Meta(min_length=1, max_length=50)]


class Deny(Action, frozen=True, tag="deny", kw_only=True):
    """A source denies a claim; no date moves."""

    claim: Id
    sources: Annotated[tuple[Source, ...], Meta(min_length=1, max_length=50)]


class Fulfil(Action, frozen=True, tag="fulfil", kw_only=True):
    """Names the claim that fulfilled an expectation."""

    claim: Id
    fulfilled_by: Id
    sources: Sources = ()


Event = Assert | Expect | Correct | Retract | Reinstate | Confirm | Deny | Fulfil
ACTIONS: dict[str, type[Event]] = {
    str(action.__struct_config__.tag): action
    for action in (Assert, Expect, Correct, Retract, Reinstate, Confirm, Deny, Fulfil)
}


_NAMES = {action: name for name, action in ACTIONS.items()}


def action_of(event: Event) -> str:
    return _NAMES[type(event)]
