"""To ask for a timeline, of a relationship or an actor: a page of it, by a core that is kept or by reading on."""

import time
from collections.abc import Hashable, Iterable, Sequence
from typing import cast

import msgspec

from service.domain.as_of import Point
from service.domain.claims import Claim, fold
from service.domain.refusals import AnotherEpoch, BeyondHead, Unavailable
from service.history.answering import Merged
from service.history.cores import Core, Cores, digest_of, digests_of
from service.history.describing import actors_named
from service.history.points import Standpoint, When, needed, stand
from service.history.remembering import Remembered
from service.history.rolls import Whole
from service.history.walks import Pinned, TimelineAsked, walk_of
from service.projections import Question, View
from service.projections.made import Made
from service.projections.picking import MOST_LOOKED_AT, MOST_PASSED, START, Picked, Picker
from service.projections.timeline import (
    MOST_GATHERED,
    VERSION,
    Stance,
    Subject,
    extent_of,
    framed,
    stance,
)
from service.projections.told import Order, Recent, Teller, Told
from service.store import reads, timelines
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Need, Reader

ITEMS = b',"items":[]'
"""As it stands in the JSON of a page without them."""


class TimelineCore(Core, frozen=True, kw_only=True):
    """A page's bytes around where it stands, and where it ends, if there is more."""

    after_this: Order | None


class TimelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page's JSON before and after where it stands; the API puts the way to the next page between."""

    before: bytes
    stands_on: bytes
    after: bytes | memoryview
    digest: bytes
    at: Standpoint
    next: Order | None
    """The place of its last claim, if there is more."""
    asking: float
    folding: float


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page is made of."""

    question: Question
    picked: Picked
    subject: Subject
    retracted: Sequence[Recent]
    """Claims that were withdrawn, besides those of the page."""
    hangs_on_others: bool
    """Events elsewhere bear on it, so that only a position says which page it is."""


async def timeline_page(log: Log, cores: Cores, ledger: str, subject: Subject, asked: TimelineAsked) -> TimelinePage:
    """Raises as ``stand`` does; Merged; and where it is pinned AnotherEpoch, and Unavailable if that is to come."""
    return await log.ask(
        ledger, needed_for(asked), lambda reader: _timeline_page(reader, cores, ledger, subject, asked)
    )


async def _timeline_page(
    log: Reader, cores: Cores, ledger: str, subject: Subject, asked: TimelineAsked
) -> TimelinePage:
    begun = time.perf_counter()
    folding = 0.0
    await log.types(ledger)
    async with log.late_connection() as connection:
        at = await stand_for(connection, ledger, subject, asked, cores.remembered)
        key = key_of(at, ledger, subject, asked)
        core = cores.of(key, at.as_of.position, at.as_of.valid)
        if core is None:
            reading = await read_page(log, cores.remembered, connection, ledger, subject, at, asked)
    middle = time.perf_counter()
    if core is None:
        core = _core(reading, asked, cores.remembered.past(ledger, at.head).made(reading.question.types))
        hangs = reading.hangs_on_others or subject.is_actor
        cores.put((*key, at.as_of.position if hangs else None), core)
        folding = time.perf_counter() - middle
    assert isinstance(core, TimelineCore)  # noqa: S101 - no other has such a key
    where = _stance(at, subject, core)
    return TimelinePage(
        before=core.before,
        stands_on=where,
        after=core.after,
        digest=digest_of(core.digest, where),
        at=at,
        next=core.after_this,
        asking=middle - begun,
        folding=folding,
    )


async def stand_for(
    connection: Connection, ledger: str, subject: Subject, asked: TimelineAsked, remembered: Remembered | None = None
) -> Standpoint:
    """Nothing is asked for it that is ``remembered``."""
    relationship = None if subject.is_actor else subject.slug
    pinned = asked.pinned
    if pinned is None and relationship is not None and remembered is not None:
        at = remembered.recall(ledger, asked.when, relationship) or await remembered.stand(
            connection, ledger, asked.when, relationship
        )
    elif pinned is None:
        at = await stand(connection, ledger, asked.when, relationship)
    else:
        at = await stand_again(connection, ledger, pinned, relationship)
    of = at.aliases.survivor if subject.is_actor else at.aliases.relationship
    if (survivor := of(subject.slug)) != subject.slug:
        raise Merged(survivor)
    return at


def needed_for(asked: TimelineAsked) -> Need:
    """How far a database must have come for ``stand_for``."""
    return needed(asked.when) if asked.pinned is None else needed_again(asked.pinned)


def needed_again(pinned: Pinned) -> Need:
    """How far a database must have come to go on where the pages before stood."""
    return Need(position=pinned.as_of.position, epoch=pinned.epoch)


async def stand_again(connection: Connection, ledger: str, pinned: Pinned, relationship: str | None) -> Standpoint:
    """Where the pages before stood, word for word."""
    when = When(valid=Point(pinned.as_of.valid, whole_day=False), position=pinned.as_of.position)
    try:
        at = await stand(connection, ledger, when, relationship)
        head = at.head
    except BeyondHead as beyond:
        head = await reads.head_of(connection, ledger)
        if head.epoch.hex.startswith(pinned.epoch):  # this database only lags behind the one that said so
            raise Unavailable(f"this database has come to {beyond.head}, not yet to {beyond.position}") from None
        raise AnotherEpoch(pinned.epoch, head.position) from None
    if not head.epoch.hex.startswith(pinned.epoch):
        raise AnotherEpoch(pinned.epoch, head.position)
    return msgspec.structs.replace(at, as_of=pinned.as_of)


def _stance(at: Standpoint, subject: Subject, core: Core) -> bytes:
    return _inner(stance(at.as_of, at.revision, subject, core.since, (core.earlier, core.later)))


def _inner(said: Stance) -> bytes:
    """Its fields, as they stand in the JSON of a page."""
    return msgspec.json.encode(said)[1:-1]


def key_of(at: Standpoint, ledger: str, subject: Subject, asked: TimelineAsked) -> tuple[Hashable, ...]:
    as_of = at.as_of
    return (
        *("timeline", VERSION, ledger, at.head.epoch, subject, at.touched, at.described, as_of.reported),
        *(asked.lang, asked.criteria, asked.filters, asked.layout, asked.limit, asked.after),
        # What lies ahead of the known time is projected, and how hangs on both.
        as_of.known if as_of.projected else None,
    )


def _core(reading: Reading, asked: TimelineAsked, made: Made) -> TimelineCore:
    question = reading.question
    earlier, later = extent = extent_of(question, reading.picked, reading.subject)
    view = View(question, made, to_be_sent=True)
    frame, alone = framed(view, reading.picked, reading.subject, asked.layout, extent)
    teller = Teller(view)
    items = [teller.kept(*one) for one in alone]
    where = _inner(Stance(as_of=frame.as_of, valid_stable=frame.valid_stable, known_stable=frame.known_stable))
    # No text in JSON can hold either, as its quotes would be escaped there.
    before, rest = msgspec.json.encode(frame).split(where)
    begin, end = rest.split(ITEMS, 1)
    told = cast("list[bytes]", [kept.thing for kept in items])  # they are JSON already
    return TimelineCore(
        before=before,
        after=b"".join((begin, ITEMS[:-1], b",".join(told), ITEMS[-1:], end)),
        digest=digest_of(before, begin, end, digests_of(items)),
        earlier=earlier,
        later=later,
        since=question.since,
        after_this=reading.picked.after,
    )


async def read_page(
    log: Reader,
    remembered: Remembered,
    connection: Connection,
    ledger: str,
    subject: Subject,
    at: Standpoint,
    asked: TimelineAsked,
    *,
    retracted: int = 0,
    afresh: bool = False,
) -> Reading:
    """A page; and besides, of so many claims that were retracted last, those that its filters ask for."""
    types = await log.types(ledger)
    if subject.is_actor:
        subject = await _with_units(connection, ledger, subject, at)
    walking = walk_of(asked, at)(remembered.contents, connection, ledger, subject, at, asked, types)
    if walking.by_lives and not subject.is_actor:
        lives = walking.lives = await remembered.lives(connection, ledger, at, subject.slug)
        if lives is not None:
            newest_first = asked.newest_first
            walking.roll = remembered.roll(
                ledger, at, subject.slug, lives, types, asked.lang, newest_first=newest_first
            )
    picker = Picker(at.as_of, asked.criteria, asked.filters, types, at.aliases)
    limit, most = (MOST_GATHERED, MOST_GATHERED) if asked.layout.gathers else (asked.limit, MOST_LOOKED_AT)
    while (some := await walking.some(limit)) is not None:
        if not picker.take(some, limit, most):
            break
        if walking.passed >= MOST_PASSED and walking.place is not None:
            picker.stop_after(walking.place)
            break
    whole, which = walking.at_once if walking.at_once is not None and picker.takes_all else (None, 0)
    around = None if whole is None else whole.around(which, at.as_of.valid)
    picked = picker.picked(asked.after, walking.omitted, around)
    withdrawn = [one for one in await walking.retracted(retracted) if picker.asks_for(one)] if retracted else []
    used, named, bearing = _besides(picked, whole)
    if not used <= types.keys() and not afresh:
        types = await log.types(ledger, afresh=True)  # one that was added since they were read
        return await read_page(
            log, Remembered(), connection, ledger, subject, at, asked, retracted=retracted, afresh=True
        )
    known = picker.looked_at > 0 or asked.after != START or await walking.anything()
    fulfilments, last = await _fulfilments(connection, ledger, at, [one.claim for one in bearing])
    named = named.union(subject.slug.split("--"), subject.near, *[one.named for one in withdrawn])
    return Reading(
        question=Question(
            relationship=subject.slug,
            as_of=at.as_of,
            claims=[],
            actors=await remembered.who_is(connection, ledger, at, subject.slug, named),
            fulfilments=fulfilments,
            known=known,
            revision=at.revision,
            since=await _since(connection, ledger, subject, at, max(last, walking.last)),
            lang=asked.lang,
            criteria=asked.criteria,
            types=types,
        ),
        picked=picked,
        subject=subject,
        retracted=withdrawn,
        hangs_on_others=at.as_of.reported is not None or last > 0,
    )


def _besides(picked: Picked, whole: Whole | None) -> tuple[frozenset[str], frozenset[str], Sequence[Told]]:
    """Of which types a page is, whom it names, and on which of its claims others may bear; at most what all are."""
    if whole is not None:
        return whole.types, whole.named, picked.bearing if whole.fulfilled else ()
    types = frozenset({one.plain.type for one in picked.bearing})
    return types, frozenset().union(*{one.named for one in picked.told}), picked.bearing


async def _with_units(connection: Connection, ledger: str, subject: Subject, at: Standpoint) -> Subject:
    """The actor with what is part of it, through any number of others."""
    survivor = at.aliases.survivor
    pairs = await timelines.parts(connection, ledger, at.head.generation, at.as_of.position)
    below: dict[str, set[str]] = {}
    for part, whole in pairs:
        below.setdefault(survivor(whole), set()).add(survivor(part))
    near, waiting = {subject.slug}, [subject.slug]
    while waiting:
        new = below.get(waiting.pop(), set()) - near
        near |= new
        waiting += new
    near.remove(subject.slug)
    if not near:
        return subject
    actors = await actors_named(connection, ledger, at, [near])
    units = (slug for slug in sorted(near) if actors.rolled_up(slug, {subject.slug}, at.as_of.valid) is not None)
    return msgspec.structs.replace(subject, units=tuple(units), near=tuple(sorted(near)))


async def _fulfilments(
    connection: Connection, ledger: str, at: Standpoint, claims: Iterable[Claim]
) -> tuple[dict[str, Claim], int]:
    """By id, the claims that fulfilled expectations among these; and the last position of an event on them."""
    named = sorted({claim.fulfilled_by for claim in claims if claim.fulfilled_by is not None})
    if not named:
        return {}, 0
    stored = await reads.events_of_claims(connection, ledger, named, at.as_of.position)
    folded = fold((one.recorded for one in stored), at.as_of.reported)
    return folded.claims, stored[-1].recorded.position


async def _since(connection: Connection, ledger: str, subject: Subject, at: Standpoint, last: int) -> int:
    """The end of the last batch that bears on the answer; of an actor, whom nothing counts, the position itself."""
    if not subject.is_actor and last <= max(at.touched, at.described):
        return at.since
    position = at.as_of.position if subject.is_actor else last
    return position and await reads.batch_with(connection, ledger, position)
