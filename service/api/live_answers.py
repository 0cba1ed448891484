"""The state of a relationship as server-sent events: as it is, and again whenever that answer changes."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, suppress
from typing import Annotated, Any

import msgspec
from litestar import Response
from msgspec import Meta

from service import history
from service.api.access import Pass
from service.api.answers import JSON, VARY
from service.api.events import StoredEvent, stored_event
from service.api.feed import last_event_id, nothing
from service.api.live import Lasting
from service.api.media import preferred
from service.api.refused import NotAcceptable
from service.api.site import Request, Site, site_of
from service.api.streams import EVENT_STREAM, Flowing
from service.domain.refusals import Unavailable
from service.history import Answered, Because, Followed, Place, Step, Watch
from service.projections import Projection
from service.projections.causes import TimeCause
from service.projections.changes import MOST_CAUSES
from service.projections.lines import Total

BEGIN = b"retry: 1000\n\n"


class CausesOfChange(msgspec.Struct, frozen=True, kw_only=True):
    """Why the state that follows is another one than before."""

    after: Total
    """The position of the state before: all events since then stand in the feed after it."""
    position: Total
    """Where that state stands."""
    touched: Total
    """How many events have touched the relationship since the state before."""
    events: Annotated[tuple[StoredEvent, ...], Meta(max_length=MOST_CAUSES)]
    """Those that did it, the last of them, as the feed gives them."""
    times: Annotated[tuple[TimeCause, ...], Meta(max_length=MOST_CAUSES)]
    """What time did."""
    more: bool
    """There are more than are listed."""


def is_wanted(request: Request) -> bool:
    """Whether a stream is what the caller likes best; whoever accepts neither it nor JSON gets JSON."""
    try:
        return preferred(request, (JSON, EVENT_STREAM)) == EVENT_STREAM
    except NotAcceptable:
        return False


async def follow(request: Request, passed: Pass, projection: Projection, followed: Followed) -> Response[Any]:
    """Raises what would be answered to the same question without a stream."""
    site, asked = site_of(request), followed.asked
    caller = site.caller(request, passed)
    site.streams.admit(caller)
    place = last_event_id(request)
    first = await history.answer_as_of(site.log, site.cores, projection, followed.ledger, followed.relationship, asked)
    epoch = first.at.head.epoch
    headers = {
        "tarih-epoch": str(epoch),
        "tarih-revision": str(first.at.revision),
        "cache-control": "no-store",
        "vary": VARY,
        "x-accel-buffering": "no",  # for proxies that would gather it first
    }
    pinned = asked.when.known is not None or asked.when.position is not None
    if pinned and place is not None and place == Place(first.at.as_of.position, epoch.hex[:8]):
        # Whoever listens by EventSource comes back after every end, unless it is told that there is nothing more.
        return Response(b"", status_code=204, headers=headers)
    if request.method == "HEAD":
        return Flowing(nothing(), headers=headers, media_type=EVENT_STREAM)
    if pinned:
        return Flowing(_once(first), headers=headers, media_type=EVENT_STREAM)
    opening = await _opening(site, projection, followed, place, first)
    stream = _Live(site, caller, followed, first, opening)
    authorization = request.given("authorization")

    async def check() -> Pass:
        """Raises what would be answered to the same question now."""
        return await site.gate.reader(authorization, followed.ledger)

    async def blocks() -> AsyncGenerator[bytes, None]:
        async with (
            site.watches.watch(site.log, site.cores, projection, followed) as stream.watch,
            aclosing(stream.blocks(passed, check)) as chunks,
        ):
            async for chunk in chunks:
                yield chunk

    return Flowing(blocks(), headers=headers, media_type=EVENT_STREAM)


async def _once(answered: Answered) -> AsyncGenerator[bytes, None]:
    """What nothing changes any more."""
    final = b"true" if answered.at.as_of.final else b"false"
    yield BEGIN + _state(answered) + b'event: final\ndata: {"final":' + final + b"}\n\n"


async def _opening(
    site: Site, projection: Projection, followed: Followed, place: Place | None, first: Answered
) -> bytes:
    """What is told at once: the state, and why it is another one than at ``place``; nothing, where it is not."""
    if place is None:
        return _state(first)
    then = await history.answered_at(site.log, site.cores, projection, followed, place, first)
    if then is None:
        return _state(first)
    if history.is_still_so(followed, then, first):
        return b""
    because = await history.because_of(site.log, followed, then, first)
    return _causes(followed.ledger, then, first, because) + _state(first)


class _Live(Lasting[Sequence[Step]]):
    """One follower of an answer. It holds nothing but a place: who is slow gets the newest state, and why."""

    watch: Watch

    def __init__(self, site: Site, caller: str, followed: Followed, first: Answered, opening: bytes) -> None:
        super().__init__(site.streams, caller)
        self._site, self._followed, self._ledger, self._opening = site, followed, followed.ledger, opening
        self._has, self._number = _bodiless(first), 0
        """What this follower has, and how far it has come with the watch."""

    def _before(self) -> bytes:
        opening, self._opening = self._opening, b""
        return opening

    async def _next(self) -> Sequence[Step]:
        """Those that are new to it; what it asked itself may be newer than what was watched. Where others were between,
        or none says why, that is asked for this follower."""
        number = self._number
        steps = await self.watch.after(number)
        self._number = steps[-1].number
        new = [step for step in steps if step.answered.at.head.now > self._has.at.head.now]
        if new and new[0].answered.core == self._has.core:
            del new[0]
        elif new and (new[0].because is None or 0 < number < new[0].number - 1):
            with suppress(Unavailable):  # that it changed is worth more than why
                because = await history.because_of(self._site.log, self._followed, self._has, new[0].answered)
                new[0] = msgspec.structs.replace(new[0], because=because)
        return new

    def _chunks(self, found: Sequence[Step]) -> Iterator[bytes]:
        """The newest state, and why it is another than the one before, step by step."""
        if not found or found[-1].answered.core == self._has.core:  # it is as it was
            return
        for step in found:
            if step.because is not None:
                yield _causes(self._ledger, self._has, step.answered, step.because)
            self._has = _bodiless(step.answered)
        yield _state(found[-1].answered)


def _bodiless(answered: Answered) -> Answered:
    """To be kept by each follower."""
    return msgspec.structs.replace(answered, body=b"")


def _id(answered: Answered) -> bytes:
    return f"{answered.at.head.epoch.hex[:8]}-{answered.at.as_of.position}".encode()


def _state(answered: Answered) -> bytes:
    return b"id: %s\nevent: state\ndata: %s\n\n" % (_id(answered), answered.body)


def _causes(ledger: str, had: Answered, answered: Answered, because: Because) -> bytes:
    """Without an id: whoever loses the connection before the state gets both again."""
    after = had.at.as_of.position
    said = CausesOfChange(
        after=after,
        position=answered.at.as_of.position,
        touched=max(0, answered.at.revision - had.at.revision),
        events=tuple(stored_event(ledger, one) for one in because.events if one.recorded.position > after),
        times=because.times,
        more=because.more,
    )
    return b"event: causes\ndata: %s\n\n" % msgspec.json.encode(said)
