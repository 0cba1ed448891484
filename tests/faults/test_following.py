"""Whoever follows sees every event once and in order: many at a time, over several processes, and through restarts."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest

from tests.faults.clients import Writers, resend
from tests.faults.streams import Writer, following, many
from tests.serving import CHECKOUT, Serving, free_port

pytestmark = pytest.mark.anyio
FOLLOWERS = 500


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """One for all tests that leave it as it is."""
    with tempfile.TemporaryDirectory(prefix="tarih-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        serving = Serving(Path(folder), free_port())
        try:
            yield serving.until_it_answers()
        finally:
            assert serving.end(signal.SIGTERM) == 0, serving.output


@pytest.fixture
async def writer(serving: Serving) -> AsyncIterator[Writer]:
    async with Writer(serving) as writer:
        yield writer


async def test_a_stream_begins_with_what_is_there_and_goes_on_with_what_comes(serving: Serving, writer: Writer) -> None:
    head = await writer.head()
    async with following(serving) as follower:
        assert follower.headers["content-type"].startswith("text/event-stream")
        assert follower.headers["cache-control"] == "no-store"
        assert "content-encoding" not in follower.headers
        backlog = await follower.until()
        assert [event["position"] for event in backlog] == list(range(1, head + 1))
        new = await writer.append("live-1", "live-2")
        assert [event["id"] for event in await follower.until(2)] == ["live-1", "live-2"]
    assert follower.positions == list(range(1, head + 1)) + new
    page = (await writer.client.get("/v1/ledgers/drones/events?limit=1000")).json()
    assert page["events"][:head] == backlog


async def test_a_stream_is_resumed_without_a_gap_and_without_a_repeat(serving: Serving, writer: Writer) -> None:
    head = await writer.head()
    seen: list[int] = []
    last_event_id = ""
    for turn in range(4):
        async with following(serving, "after=1", last_event_id=last_event_id) as follower:
            await follower.until(12)
        seen, last_event_id = seen + follower.positions, follower.last_id
        await writer.append(f"while-away-{turn}")
    async with following(serving, "after=1", last_event_id=last_event_id) as follower:
        await follower.until()
    assert seen + follower.positions == list(range(2 if not seen else seen[0], head + 5))
    assert seen[0] == 2


async def test_a_filtered_stream_holds_what_passes_and_moves_on_past_the_rest(serving: Serving, writer: Writer) -> None:
    async with following(serving, "relationship=pak--tur&type=acquisition") as follower:
        backlog = await follower.until()
        assert {event["event"].get("type") for event in backlog} <= {"acquisition", None}
        assert all("pak--tur" in event["revisions"] for event in backlog)
        assert follower.last_id.endswith(f"-{await writer.head()}")
        parties = [{"actor": "aze", "role": "party"}, {"actor": "tur", "role": "party"}]
        await writer.append("elsewhere", parties=parties)
        [here] = await writer.append("here")
        assert [event["position"] for event in await follower.until(1)] == [here]
    async with following(serving, "actor=nobody") as follower:
        await follower.until()
        positions = await writer.append(*(f"passed-by-{n}" for n in range(500)))
        async for block in follower.blocks():
            assert "data" not in block
            break
        assert follower.last_id.endswith(f"-{positions[-1]}")


async def test_a_follower_far_behind_gets_all_of_it(serving: Serving, writer: Writer) -> None:
    for batch in range(4):
        await writer.append(*(f"far-{batch}-{n}" for n in range(1000)))
    async with following(serving) as follower:
        # It does not read, and the backlog is larger than what is held for it.
        transport = cast(asyncio.Transport, follower.writer.transport)
        await until(lambda: not transport.is_reading())
        await follower.until()
    assert follower.positions == list(range(1, await writer.head() + 1))


async def test_five_hundred_followers_see_every_event_once_and_in_order(serving: Serving, writer: Writer) -> None:
    head = await writer.head()
    async with asyncio.timeout(60), many(serving, FOLLOWERS, f"after={head}") as followers:
        expected: list[int] = []
        for n in range(10):
            expected += await writer.append(f"for-all-{n}")
        expected += await writer.append(*(f"for-all-at-once-{n}" for n in range(40)))
        await asyncio.gather(*(follower.until(50) for follower in followers))
        assert all(follower.positions == expected for follower in followers)
        assert expected == list(range(head + 1, head + 51))


def workers_of(serving: Serving) -> list[int]:
    children = Path(f"/proc/{serving.process.pid}/task/{serving.process.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"service" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def seconds_of(pid: int) -> float:
    """Of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.05)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_whoever_leaves_costs_nothing_more(serving: Serving, writer: Writer) -> None:
    head = await writer.head()
    [worker] = workers_of(serving)
    before = open_files_of(worker)
    async with many(serving, 50, f"after={head}"):
        assert open_files_of(worker) >= before + 50
    async with following(serving):
        pass  # in the midst of its backlog
    await writer.append("after-they-left")
    await until(lambda: open_files_of(worker) <= before + 1)

    def idle() -> bool:
        begun = seconds_of(worker)
        time.sleep(0.5)
        return seconds_of(worker) - begun < 0.1

    await until(idle)


async def test_a_service_with_followers_ends_them_and_itself(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    serving.until_it_answers()
    async with many(serving, FOLLOWERS, "after=40") as followers:
        begun = time.monotonic()
        serving.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert all(await asyncio.gather(*(follower.ended() for follower in followers)))
        assert await asyncio.to_thread(serving.end) == 0
        assert time.monotonic() - begun < 10
    assert "Killing" not in serving.output
    assert "ERROR" not in serving.output


async def head_of(serving: Serving) -> int:
    async with Writer(serving) as writer:
        return await writer.head()


async def test_two_processes_feed_each_others_followers(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port(), TARIH_WORKERS="2")
    started.append(serving)
    serving.until_it_answers()

    async def write(number: int) -> None:
        async with Writer(serving) as writer:  # each on a connection of its own: they fall to both
            for n in range(10):
                await writer.append(f"{number}-{n}")

    head = await head_of(serving)
    async with asyncio.timeout(40), many(serving, 40, f"after={head}") as followers:
        await asyncio.gather(*(write(number) for number in range(8)))
        await asyncio.gather(*(follower.until(80) for follower in followers))
        assert all(follower.positions == list(range(head + 1, head + 81)) for follower in followers)
    assert await asyncio.to_thread(serving.end, signal.SIGTERM) == 0


def tarih_follow(serving: Serving, *arguments: str, output: Path | None = None) -> subprocess.Popen[str]:
    """Into a file, or else into a pipe."""
    command = [sys.executable, "-m", "service", "follow", "--ledger", "drones"]
    command += ["--url", f"http://127.0.0.1:{serving.port}", *arguments]
    if output is None:
        return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with output.open("ab") as file:
        return subprocess.Popen(command, cwd=CHECKOUT, stdout=file, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str], number: signal.Signals | None = None) -> tuple[int, str]:
    if number is not None:
        process.send_signal(number)
    words = process.communicate(timeout=30)[1]
    return process.returncode, words


def positions_in(output: Path) -> list[int]:
    text = output.read_bytes()
    return [json.loads(line)["position"] for line in text.split(b"\n")[:-1]]


async def test_tarih_follow_prints_each_event_once_though_the_service_is_killed(
    data_dir: Path, started: list[Serving], tmp_path: Path
) -> None:
    killed = Serving(data_dir, free_port())
    started.append(killed)
    killed.until_it_answers()
    output, place = tmp_path / "events", tmp_path / "place"
    follower = tarih_follow(killed, "--file", str(place), output=output)
    writers = Writers(killed).run_until(100)
    await until(lambda: len(positions_in(output)) > 0)
    assert ended(follower, signal.SIGTERM) == (0, "")
    follower = tarih_follow(killed, "--file", str(place), output=output)
    await until(lambda: len(positions_in(output)) > 100)
    killed.end(signal.SIGKILL)
    writers.stop()
    again = Serving(data_dir, killed.port)
    started.append(again)
    again.until_it_answers()
    resend(again, writers.unanswered)
    head = await head_of(again)
    await until(lambda: len(positions_in(output)) >= head)
    status, words = ended(follower, signal.SIGINT)
    assert status == 0
    assert words.count("trying again") == 1
    assert positions_in(output) == list(range(1, head + 1))
    assert place.read_text().strip().endswith(f"-{head}")
    assert again.end(signal.SIGTERM) == 0


def test_tarih_follow_once_prints_what_is_there(serving: Serving, tmp_path: Path) -> None:
    output = tmp_path / "events"
    arguments = ["--once", "--after", "10", "--type", "acquisition", "--relationship", "tur--pak"]
    assert ended(tarih_follow(serving, *arguments, output=output)) == (0, "")
    address = f"http://127.0.0.1:{serving.port}/v1/ledgers/drones/events?after=10&type=acquisition"
    expected = httpx.get(f"{address}&relationship=pak--tur", headers={"Accept": "application/x-ndjson"}).content
    assert output.read_bytes() == expected


async def test_tarih_follow_ends_quietly_when_nobody_reads(serving: Serving, writer: Writer) -> None:
    follower = tarih_follow(serving)
    assert follower.stdout is not None
    assert json.loads(follower.stdout.readline())["position"] == 1
    follower.stdout.close()
    follower.stdout = None
    await writer.append("into-a-closed-pipe")
    assert ended(follower) == (0, "")


def test_tarih_follow_says_what_will_not_come_right_by_itself(serving: Serving, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_text("00000000-3\n")
    status, words = ended(tarih_follow(serving, "--file", str(place), output=tmp_path / "events"))
    assert status == 3
    assert "another past" in words
    assert place.read_text() == "00000000-3\n"
    for arguments, expected in (
        (["--ledger", "nothing"], "no ledger"),
        (["--after", "soon"], "a position"),
        (["--after", "9999999"], "beyond the head"),
        (["--relationship", "pak"], "--relationship"),
        (["--file", str(tmp_path)], "directory"),
    ):
        status, words = ended(tarih_follow(serving, *arguments, output=tmp_path / "events"))
        assert status in (1, 2)
        assert expected in words
