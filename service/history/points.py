"""Points that questions stand on, resolved to one position of a ledger; a new axis is a field of ``When``."""

import msgspec

from service.domain.actors import Aliases
from service.domain.as_of import AsOf, Point
from service.domain.edtf import FOREVER
from service.domain.refusals import BeyondHead, Refusal
from service.history.feeding import Place, reached
from service.store import reads
from service.store.pool import Connection
from service.store.readers import NOW, Need
from service.store.reads import Head


class UnusablePoint(Refusal):
    """A point that can be read, but that this question cannot stand on."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


class When(msgspec.Struct, frozen=True, kw_only=True):
    """The points a question gives; what is left out has its default."""

    valid: Point | None = None
    known: Point | None = None
    position: int | None = None
    reported: Point | None = None
    at_least: Place | None = None
    """Where the ledger must have come, in an answer as of now; its head is enough where that is given."""


class Standpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where an answer stands, and what the ledger was when it was given."""

    as_of: AsOf
    head: Head
    aliases: Aliases = Aliases()
    """Whom merges in force at that position have made one."""
    revision: int = 0
    """How many events had touched the relationship that was asked for."""
    touched: int = 0
    """The last position by then that did; with merged members, of any relationship that reads as this one."""
    described: int = 0
    """The last position by then that changed what any actor is called or part of, or whom it is merged into."""
    since: int = 0
    """The end of the batch that holds the last of these two; 0 where there is none."""
    merged: int = 0
    """The last position by then that merged actors or undid that."""
    recalled: bool = False
    """No database was asked: the one that will be for the rest has come to this point, and maybe no further."""


def needed(when: When) -> Need:
    """How far a database must have come to resolve these points as the primary would."""
    if when.position is not None:
        return Need(position=when.position)
    if when.known is not None:
        return Need(known=when.known.at)
    if when.at_least is not None:
        return Need(position=when.at_least.position, epoch=when.at_least.epoch or "")
    return NOW


async def stand(
    connection: Connection, ledger: str, when: When, relationship: str | None = None, *, now: int | None = None
) -> Standpoint:
    """Resolves the points to one position. Raises NotFound, BeyondHead, UnusablePoint; AnotherEpoch and Unavailable of
    the place that is given.

    Of ``relationship`` it tells how far it had come by then. ``now`` is what another point of the same snapshot took
    for now, where there is one.
    """
    if when.known is not None and when.position is not None:
        raise UnusablePoint("known_position", "give `known_at` or `known_position`, not both")
    known_at = None if when.known is None else when.known.at
    # No ledger comes so far, and bigint does not either.
    position = None if when.position is None else min(when.position, FOREVER)
    point = await reads.point(connection, ledger, known_at, position, relationship)
    head = point.head if now is None else msgspec.structs.replace(point.head, now=now)
    if when.position is not None and when.position > head.position:
        raise BeyondHead(when.position, head.position)
    if when.at_least is not None:
        reached(head, when.at_least)
    reported = _past(when.reported, head.now, "reported_by")
    end = point.end
    if when.position is not None:
        if end is None and when.valid is None:
            raise UnusablePoint("known_position", "nothing was known then, so no day follows from it: give `valid_at`")
        known, final = (end.recorded_at if end else None), True
    elif when.known is not None:
        known = _past(when.known, head.now, "known_at")
        assert known is not None  # noqa: S101 - a point was given
        final = head.recorded_at is not None and known <= head.recorded_at
    else:
        known, final = head.now, False
    valid = when.valid.at if when.valid is not None else known
    assert valid is not None  # noqa: S101 - only position 0 has no known instant, and it was refused without a valid one
    as_of = AsOf(
        valid=valid,
        known=known,
        position=end.position if end else 0,
        reported=reported,
        final=final,
        pinned=when.position is not None or when.known is not None,
    )
    at = Standpoint(
        as_of=as_of,
        head=head,
        revision=point.revision,
        touched=point.touched,
        described=max(point.described, point.merged),
        since=point.since,
        merged=point.merged,
    )
    return await _merged(connection, ledger, at, relationship) if point.merged else at


async def _merged(connection: Connection, ledger: str, at: Standpoint, relationship: str | None) -> Standpoint:
    """With the merges in force, and with what touched the other relationships that read as this one."""
    survivors = await reads.merges(connection, ledger, at.head.generation, at.as_of.position)
    aliases = Aliases(survivors)
    touched = at.touched
    for other in aliases.timelines(relationship)[1:] if relationship is not None else ():
        touched = max(touched, (await reads.touched(connection, ledger, other, at.as_of.position)).position)
    since = (
        at.since if touched == at.touched else await reads.batch_with(connection, ledger, max(touched, at.described))
    )
    return msgspec.structs.replace(at, aliases=aliases, touched=touched, since=since)


def _past(point: Point | None, now: int, parameter: str) -> int | None:
    """Today's date means now; anything later cannot be known yet."""
    if point is None:
        return None
    cut = point.no_later_than(now)
    if cut is None:
        raise UnusablePoint(parameter, f"`{parameter}` lies in the future: nothing can be known of it yet")
    return cut.at
