"""Claims as a timeline tells them: what each says whatever the point, and how it stands at one."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain import edtf
from service.domain.as_of import AsOf, rfc3339
from service.domain.claims import Claim, Recorded, Standing
from service.domain.edtf import BEGINNING, FOREVER, Bounds
from service.domain.events import Correct, OfficialStatus, Statement
from service.domain.reading import named_in, parties_in, relationships_of
from service.domain.types import Considered, EventType, Quantity
from service.projections.expectations import Status, fulfilment_of, status, window
from service.projections.lines import (
    Answer,
    Certainty,
    Dated,
    Ending,
    Instant,
    NamedParty,
    NamedPlatform,
    ShownSource,
    dated,
    ending_of,
    shown,
)
from service.projections.made import Drawer, Kept
from service.projections.tongue import title_in
from service.projections.view import View
from service.projections.wording import display_date

InTime = Literal["certain", "possible", "not-yet", "over"]
Position = Annotated[int, Meta(ge=1)]
Order = tuple[int, int, int]
"""Of imprecise dates: (earliest, latest, position)."""
Groups = tuple[str, ...]
"""The ids of those that a claim is in, where groups were asked for."""


class Expected(Answer, frozen=True, kw_only=True):
    """What has become of an expectation; it never counts as having happened."""

    status: Status
    projected: bool = False
    """The valid time lies after the known one: nobody could know yet."""
    fulfilled_by: str | UnsetType = UNSET
    """The claim that fulfilled it."""
    certainty: Certainty | UnsetType = UNSET
    """Of that claim."""


class Item(Answer, frozen=True, kw_only=True):
    """One claim in its place in time."""

    claim: str
    event: str
    """The event whose content it shows."""
    position: Position
    """Of that event."""
    recorded_at: Instant
    updated: Instant
    """When the last event on the claim was recorded."""
    type: str
    kind: Literal["occurrence", "state"] | UnsetType = UNSET
    """An occurrence holds from its date on; a state from `occurred` until it ends."""
    title: str | UnsetType = UNSET
    lang: str | UnsetType = UNSET
    """The language that the title is in, where that is known."""
    phrase: str | UnsetType = UNSET
    """The source's own words for the date."""
    occurred: Dated
    """As it came in; the bounds are those of the start of a state, and of the whole of an occurrence or a window."""
    display_date: str
    """When it was, in words, in the language asked for if that is English or Turkish: of a state, with its end."""
    tz: str | UnsetType = UNSET
    """The zone whose days the dates mean, where that is not UTC."""
    until: Ending | UnsetType = UNSET
    """Of a state whose end is known."""
    ends: Literal["open", "unknown"] | UnsetType = UNSET
    """Of any other state: it lasted as far as was heard, or nobody says when it ended."""
    certainty: InTime | UnsetType = UNSET
    """At the valid time: certainly so; possibly so; it begins only later; or it has ended. None of an expectation."""
    expected: Expected | UnsetType = UNSET
    """There if it is an expectation."""
    late: bool = False
    """What an older export said, loaded after a newer one."""
    standing: Standing
    official_status: OfficialStatus | UnsetType = UNSET
    parties: tuple[NamedParty, ...]
    platforms: tuple[NamedPlatform, ...] = ()
    quantity: Quantity | UnsetType = UNSET
    tags: tuple[str, ...] = ()
    relationships: tuple[str, ...] = ()
    sources: tuple[ShownSource, ...]
    """Of its content; only what was published by the reported day that was asked for."""
    groups: tuple[str, ...] = ()
    """The ids of the groups that it is in, where groups were asked for."""


class Told(msgspec.Struct, frozen=True):
    """A claim of a timeline at one point."""

    claim: Claim
    updated: int
    """When the last event on it was recorded that is visible there, in µs."""
    plain: Item
    """What it says at whatever point."""
    touched: int
    """The position of that last event: with the reported day it says all of how the claim stands."""
    named: frozenset[str]
    """Everyone whom it may name."""
    parties: frozenset[str]
    edges: tuple[int, ...]
    """Of the valid times between which it stands as it does; none of an expectation, which waits for another."""
    reach: tuple[int, int]
    """The first and the last instant that it may have a part in."""
    withdrawn: bool = False

    @classmethod
    def of(cls, claim: Claim, updated: int, plain: Item, touched: int, **more: Any) -> Self:
        statement, bounds = claim.statement, claim.bounds
        edges = () if claim.expectation else msgspec.structs.astuple(bounds)
        named, parties = named_in(statement), parties_in(statement.parties)
        reach = _reach(claim, lasts=plain.kind == "state")
        withdrawn = more.get("retraction") is not None
        return cls(claim, updated, plain, touched, named, parties, edges, reach, withdrawn, **more)

    @property
    def lasts(self) -> bool:
        return self.plain.kind == "state" and not self.claim.expectation

    @property
    def order(self) -> Order:
        bounds = self.claim.bounds
        return (bounds.starts_earliest, bounds.starts_latest, self.claim.content.position)


def _reach(claim: Claim, *, lasts: bool) -> tuple[int, int]:
    if claim.expectation:
        return window(claim)
    bounds = claim.bounds
    return bounds.starts_earliest, before(bounds.ends_latest) if lasts else bounds.starts_latest


def before(end: int) -> int:
    """The last instant before an end."""
    return end if end in (BEGINNING, FOREVER) else end - 1


class Recent(Told, frozen=True):
    """One in the order of when claims were last acted on, the newest first; it may be retracted."""

    retraction: Recorded | None = None
    """What withdrew it; then it is not told, but that it was."""

    @property
    def order(self) -> Order:
        return (-self.touched, 0, 0)


Grouped = tuple[Told, Groups]


class _Named(msgspec.Struct):
    """What may be shown of a claim's data, of whichever type."""

    platform: str | None = None
    platform_name: str | None = None
    platforms: tuple[Considered, ...] = ()
    quantity: Quantity | None = None


_named = msgspec.json.Decoder(_Named)
NOTHING = _Named()


def plain(recorded: Recorded, bounds: Bounds, type_: EventType | None, lang: str, reported_by: int | None) -> Item:
    """An item of some content, before anything is said of one claim at one point."""
    statement = recorded.event
    assert isinstance(statement, Statement)  # noqa: S101 - only these have content
    title, in_lang = title_in(statement, lang)
    lasts = type_ is not None and type_.lasts
    until, ends = ending_of(statement, bounds) if lasts else (UNSET, UNSET)
    named = _named_in(statement)
    at = rfc3339(recorded.recorded_at)
    return Item(
        claim=recorded.claim,
        event=recorded.id,
        position=recorded.position,
        recorded_at=at,
        updated=at,
        type=statement.type,
        kind=UNSET if type_ is None else type_.kind,
        title=title or UNSET,
        lang=UNSET if title is None else in_lang or UNSET,
        phrase=statement.phrase or UNSET,
        occurred=dated(statement.occurred, bounds.starts_earliest, bounds.starts_latest),
        display_date=display_date(statement.occurred, statement.until, lasts=lasts, tz=statement.tz, lang=lang),
        tz=statement.tz or UNSET,
        until=until,
        ends=ends,
        late=isinstance(statement, Correct) and statement.late,
        standing="reported",
        official_status=statement.official_status or UNSET,
        parties=(),
        platforms=_platforms(named),
        quantity=named.quantity or UNSET,
        tags=statement.tags,
        relationships=relationships_of(statement),
        sources=tuple(shown(statement.sources, reported_by)),
    )


def _named_in(statement: Statement) -> _Named:
    """Nothing, where a ledger's own type means something else by these names."""
    if statement.data is UNSET:
        return NOTHING
    try:
        return _named.decode(statement.data)
    except msgspec.ValidationError:
        return NOTHING


def platforms_of(statement: Statement) -> tuple[NamedPlatform, ...]:
    """What a claim is about, by the names that it gives them itself."""
    return _platforms(_named_in(statement))


def _platforms(named: _Named) -> tuple[NamedPlatform, ...]:
    """By the names that the claim itself gives them."""
    if named.platform is not None:
        return (NamedPlatform(platform=named.platform, label=named.platform_name or named.platform),)
    return tuple(
        NamedPlatform(
            platform=one.platform, label=one.platform_name or one.platform, likelihood=one.likelihood or UNSET
        )
        for one in named.platforms
    )


def in_time(bounds: Bounds, at: int) -> InTime:
    """Whether what has these bounds is so at an instant, and if not, on which side of it it lies."""
    return edtf.certainty(bounds, at) or ("not-yet" if at < bounds.starts_earliest else "over")


class Teller:
    """Says the whole of what there is to say of claims at the point of ``view``; one per answer."""

    def __init__(self, view: View) -> None:
        self._view, self._at = view, view.at
        self._merged = bool(view.question.actors.aliases.survivors)
        self._drawer: Drawer[Item] = view.told(Item)

    def kept(self, told: Told, groups: Groups = ()) -> Kept[Item]:
        """Where it is kept: by all that it hangs on besides the tongue, which says the reported day, too."""
        so = self.so(told)
        key = (told.touched, so, groups)
        kept = self._drawer.get(key)
        if kept is None:
            kept = self._view.put(self._drawer, key, lambda: self.item(told, so, groups))
        kept.used = True
        return kept

    def so(self, told: Told) -> InTime | Expected:
        """How it stands at this point; all else that is said of it is the same at any."""
        claim = told.claim
        return _expected(self._view, claim) if claim.expectation else in_time(claim.bounds, self._at)

    def item(self, told: Told, so: InTime | Expected, groups: Groups = ()) -> Item:
        claim, at_first = told.claim, told.plain
        relationships = at_first.relationships
        if self._merged:
            own = self._view.question.actors.aliases.relationship
            relationships = tuple(dict.fromkeys(map(own, relationships)))
        unmoved = told.updated == claim.content.recorded_at
        return msgspec.structs.replace(
            at_first,
            updated=at_first.recorded_at if unmoved else rfc3339(told.updated),
            certainty=UNSET if isinstance(so, Expected) else so,
            expected=so if isinstance(so, Expected) else UNSET,
            standing=claim.standing,
            parties=self._view.parties(claim.statement),
            relationships=relationships,
            groups=groups,
        )


def _expected(view: View, claim: Claim) -> Expected:
    fulfilment = fulfilment_of(view, claim)
    as_of = view.question.as_of
    return Expected(
        status="fulfilled" if fulfilment else status_at(as_of, claim),
        projected=as_of.projected,
        fulfilled_by=fulfilment.claim if fulfilment else UNSET,
        certainty=fulfilment.certainty if fulfilment else UNSET,
    )


def status_at(as_of: AsOf, claim: Claim) -> Status:
    """Of an expectation that nothing fulfilled by then."""
    return status(as_of, *window(claim))


def told_of(claim: Claim, last: Recorded, types: Mapping[str, EventType], lang: str, reported_by: int | None) -> Told:
    """``last`` is the last event on the claim that is visible."""
    item = plain(claim.content, claim.bounds, types.get(claim.statement.type), lang, reported_by)
    return Told.of(claim, last.recorded_at, item, last.position)
