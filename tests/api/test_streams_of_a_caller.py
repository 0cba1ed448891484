"""How many live streams one caller may have: counted by key, or by address without one, and given back at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import cast
from uuid import uuid4

import pytest

from service.api.limiting import Limits
from service.api.live import Live
from service.api.quotas import Quotas
from service.api.refused import TooManyRequests
from service.api.streams import Streams
from service.store.feed import EVERYTHING
from service.store.log import Log
from service.store.reads import Head
from tests.api.conftest import SAMPLE, STATE, Api, note, running
from tests.api.streams import SSE, Stream, following
from tests.conftest import Database

pytestmark = pytest.mark.anyio
MOST = 3
FEED = f"{SAMPLE}/events"


@pytest.fixture
async def bounded(own_database: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    async with running(own_database, founded[1], limits=Limits(Quotas.alone(), None, None, streams=MOST)) as api:
        yield api


async def test_what_is_too_many_for_an_address_is_refused_and_others_follow_on(bounded: Api) -> None:
    async with AsyncExitStack() as stack:
        paths = (FEED, STATE, f"{STATE}?lang=tr")
        streams = [await stack.enter_async_context(following(bounded, path)) for path in paths]
        assert [stream.status for stream in streams] == [200] * MOST
        for path in (FEED, STATE):
            refused = await bounded.get(path, headers=SSE)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
            assert refused.json()["type"] == "http://tarih.test/problems/too-many-requests"
            assert refused.json()["detail"].startswith("at most 3 live streams")
        assert (await bounded.get(STATE)).status_code == 200, "it may still ask"
        key, other = await bounded.key(drones="read"), await bounded.key(drones="read")
        for secret in (key, key, other):
            stream = await stack.enter_async_context(following(bounded, STATE, Authorization=f"Bearer {secret}"))
            assert stream.status == 200
        await streams[1].state()
        await bounded.append(note("for-those-who-follow"))
        await streams[1].state()
        await streams[0].leave()
        again = await stack.enter_async_context(following(bounded, FEED))
        assert again.status == 200


async def test_of_many_that_come_at_once_no_more_are_let_in(bounded: Api) -> None:
    streams = [Stream(bounded, path, {}) for path in (FEED, STATE) * 5]
    await asyncio.gather(*(stream.begin() for stream in streams))
    assert sorted(stream.status for stream in streams) == [200] * MOST + [429] * 7
    assert bounded.site.streams.open == MOST
    await asyncio.gather(*(stream.leave() for stream in streams))
    assert bounded.site.streams.open == 0


def test_a_stream_whose_answer_never_began_is_not_counted_for_long() -> None:
    streams = Streams(1)
    head = Head(position=0, recorded_at=None, digest=b"", generation=0, epoch=uuid4(), now=0)
    live = Live(cast("Log", _Quiet()), streams, "a caller", "quiet", 0, head, EVERYTHING)
    with pytest.raises(TooManyRequests):
        streams.admit("a caller")
    streams.admit("another")
    del live  # as the answer that holds it would be
    streams.admit("a caller")


class _Quiet:
    def follow(self, *_: object) -> None:
        return None


async def test_a_stream_that_has_just_ended_keeps_no_other_from_looking_at_its_access() -> None:
    streams = Streams(1)
    looks = [streams.until_access_changes() for _ in range(8)]
    for look in looks[::3]:
        look.cancel()
    streams.access_changed()
    assert [look.cancelled() for look in looks] == [number % 3 == 0 for number in range(8)]
    assert all(look.done() for look in looks)
