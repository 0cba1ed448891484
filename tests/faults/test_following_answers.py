"""Five hundred who follow one answer: each is told once of each change, and they cost one look at it."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.streams import LEDGER, Block, Follower, Writer, following
from tests.serving import Serving, free_port

pytestmark = pytest.mark.anyio
FOLLOWERS = 500
STATE = f"{LEDGER}/relationships/pak--tur"


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with tempfile.TemporaryDirectory(prefix="tarih-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        serving = Serving(Path(folder), free_port())
        try:
            yield serving.until_it_answers()
        finally:
            assert serving.end(signal.SIGTERM) == 0, serving.output


async def told(follower: Follower, event: str = "state") -> Block:
    """The next block of that name."""
    async with asyncio.timeout(60):
        async for block in follower.blocks():
            if block.get("event") == event:
                return block
    raise AssertionError("the stream ended")


@asynccontextmanager
async def many(serving: Serving, count: int) -> AsyncIterator[list[Follower]]:
    """All of them, each with its first state."""
    async with AsyncExitStack() as stack:
        followers: list[Follower] = []
        for _ in range(0, count, 50):  # no more at once than wait to be accepted
            opening = [stack.enter_async_context(following(serving, path=STATE)) for _ in range(min(50, count))]
            followers += [await one for one in opening]
        await asyncio.gather(*(told(follower) for follower in followers))
        yield followers


async def test_five_hundred_followers_of_one_answer_are_told_of_each_change(serving: Serving) -> None:
    async with Writer(serving) as writer, asyncio.timeout(120), many(serving, FOLLOWERS) as followers:
        for number in range(3):
            [position] = await writer.append(f"for-all-{number}")
            blocks = await asyncio.gather(*(told(follower) for follower in followers))
            assert {block["id"].rpartition("-")[2] for block in blocks} == {str(position)}
            assert len({block["data"] for block in blocks}) == 1
        before = [follower.last_id for follower in followers]
        elsewhere = [{"actor": "aze", "role": "side_a"}, {"actor": "tur", "role": "side_b"}]
        await writer.append("elsewhere", parties=elsewhere)
        [position] = await writer.append("for-all-at-last")
        blocks = await asyncio.gather(*(told(follower) for follower in followers))
        assert {block["id"].rpartition("-")[2] for block in blocks} == {str(position)}
        assert len(set(before)) == 1


async def test_the_end_of_the_service_ends_the_followers_of_answers(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    serving.until_it_answers()
    async with many(serving, 50) as followers:
        serving.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert all(await asyncio.gather(*(follower.ended() for follower in followers)))
        assert await asyncio.to_thread(serving.end) == 0
    assert "ERROR" not in serving.output
