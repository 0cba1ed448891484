"""One claim: as it stands at one point, and how it came to; more about a claim is a field here."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain import edtf
from service.domain.as_of import AsOf, rfc3339
from service.domain.claims import Claim, Recorded, Standing, fold
from service.domain.edtf import BEGINNING, FOREVER, Bounds
from service.domain.events import action_of
from service.projections.lines import Answer, Certainty, Instant, ShownSource, Total, shown

Position = Annotated[int, Meta(ge=1)]
ActionName = Literal["assert", "expect", "correct", "retract", "reinstate", "confirm", "deny", "fulfil"]
Content = Annotated[msgspec.Raw, Meta(description="The event as it was recorded, without its id.")]


class Edges(Answer, frozen=True, kw_only=True):
    """When something began or ended: from ``earliest`` on it may have, from ``latest`` on it has."""

    earliest: Instant | UnsetType = UNSET
    """Absent where nothing bounds it."""
    latest: Instant | UnsetType = UNSET


class Dates(Answer, frozen=True, kw_only=True):
    """The dates of a claim as they were understood when it was recorded."""

    starts: Edges
    ends: Edges | UnsetType = UNSET
    """Absent for what has happened, and for what lasted as far as was heard."""


class ClaimAsOf(Answer, frozen=True, kw_only=True):
    """The point that a claim is seen from, resolved."""

    valid_at: Instant
    known_at: Instant
    position: Total
    reported_by: Instant | UnsetType = UNSET
    final: bool
    """Nothing recorded later can change the answer at this address."""
    projected: bool
    """The valid time lies after the known one."""


class KnownAsOf(Answer, frozen=True, kw_only=True):
    """The point up to which a history is known."""

    known_at: Instant
    position: Total
    final: bool
    """Nothing recorded later can change the answer at this address."""


class SaidBy(Answer, frozen=True, kw_only=True):
    """What one publisher last said for or against a claim's content."""

    publisher: str
    action: Literal["confirm", "deny"]
    position: Position


class Version(Answer, frozen=True, kw_only=True):
    """Where a claim's content was recorded."""

    id: str
    position: Position
    recorded_at: Instant
    recorded_by: str


class ClaimState(Answer, frozen=True, kw_only=True):
    """A claim as of one point."""

    id: str
    as_of: ClaimAsOf
    status: Literal["held", "retracted"]
    retraction: Position | UnsetType = UNSET
    """The position of the retraction in force."""
    expectation: bool
    """It is about something to come, and never counts as having happened."""
    fulfilled_by: str | UnsetType = UNSET
    """The claim that fulfilled the expectation."""
    certainty: Certainty | UnsetType = UNSET
    """Absent where it is not so at the valid time: not yet, no more, retracted, or only expected."""
    standing: Standing
    words: tuple[SaidBy, ...]
    dates: Dates
    sources: tuple[ShownSource, ...]
    """Of its content; only what was published by the reported day that was asked for."""
    version: Version
    event: Content


class ClaimVersion(Answer, frozen=True, kw_only=True):
    """One event that acted on a claim."""

    id: str
    position: Position
    recorded_at: Instant
    recorded_by: str
    action: ActionName
    in_force: bool
    """Its content is what the claim says at that known point."""
    reason: str | UnsetType = UNSET
    dates: Dates | UnsetType = UNSET
    sources: tuple[ShownSource, ...]
    event: Content


class ClaimHistory(Answer, frozen=True, kw_only=True):
    """Every version of a claim, the first one first."""

    id: str
    as_of: KnownAsOf
    versions: tuple[ClaimVersion, ...]


def claim_state(claim: Claim, retraction: int | None, as_of: AsOf) -> ClaimState:
    """``claim`` with the content it has, or had when the event at ``retraction`` took it back."""
    so = None if retraction is not None or claim.expectation else edtf.certainty(claim.bounds, as_of.valid)
    assert as_of.known is not None  # noqa: S101 - the ledger knew the claim
    return ClaimState(
        id=claim.id,
        as_of=ClaimAsOf(
            valid_at=rfc3339(as_of.valid),
            known_at=rfc3339(as_of.known),
            position=as_of.position,
            reported_by=UNSET if as_of.reported is None else rfc3339(as_of.reported),
            final=as_of.final,
            projected=as_of.projected,
        ),
        status="held" if retraction is None else "retracted",
        retraction=UNSET if retraction is None else retraction,
        expectation=claim.expectation,
        fulfilled_by=claim.fulfilled_by or UNSET,
        certainty=so or UNSET,
        standing=claim.standing,
        words=tuple(SaidBy(publisher=w.publisher, action=w.action, position=w.position) for w in claim.words),
        dates=dates_of(claim.bounds),
        sources=tuple(shown(claim.statement.sources, as_of.reported)),
        version=Version(
            id=claim.content.id,
            position=claim.content.position,
            recorded_at=rfc3339(claim.content.recorded_at),
            recorded_by=claim.content.recorded_by,
        ),
        event=content_of(claim.content),
    )


def claim_history(claim: str, history: Sequence[Recorded], as_of: AsOf) -> ClaimHistory:
    """``history``: all events of one claim up to the known position."""
    folded = fold(history)
    in_force = folded.claims[claim].content.position if claim in folded.claims else None
    assert as_of.known is not None  # noqa: S101 - the ledger knew the claim
    return ClaimHistory(
        id=claim,
        as_of=KnownAsOf(known_at=rfc3339(as_of.known), position=as_of.position, final=as_of.final),
        versions=tuple(_version(recorded, in_force=recorded.position == in_force) for recorded in history),
    )


def _version(recorded: Recorded, *, in_force: bool) -> ClaimVersion:
    event = recorded.event
    return ClaimVersion(
        id=recorded.id,
        position=recorded.position,
        recorded_at=rfc3339(recorded.recorded_at),
        recorded_by=recorded.recorded_by,
        action=action_of(event),  # type: ignore[arg-type]  # the names are those of the actions
        in_force=in_force,
        reason=event.reason or UNSET,
        dates=dates_of(recorded.bounds) if recorded.bounds is not None else UNSET,
        sources=tuple(shown(event.sources, None)),
        event=content_of(recorded),
    )


def content_of(recorded: Recorded) -> msgspec.Raw:
    """The bytes that were recorded: sorted fields, without defaults, is the form they were brought into then."""
    return msgspec.Raw(msgspec.json.encode(recorded.event, order="sorted"))


def dates_of(bounds: Bounds) -> Dates:
    # A bound that starts is its period's last microsecond; one that ends is the first after it.
    starts = _edges(bounds.starts_earliest, bounds.starts_latest)
    ends = _edges(bounds.ends_earliest, bounds.ends_latest)
    return Dates(starts=starts, ends=UNSET if ends == Edges() else ends)


def _edges(earliest: int, latest: int) -> Edges:
    return Edges(earliest=_instant(earliest), latest=_instant(latest))


def _instant(at: int) -> Instant | UnsetType:
    return UNSET if at in (BEGINNING, FOREVER) else rfc3339(at)
