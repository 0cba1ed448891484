"""The benchmarks run: one tiny row from PostgreSQL to the table, with no word on how fast it was."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from benchmarks import soak
from benchmarks.__main__ import measured
from benchmarks.ground import Ground
from benchmarks.protocol import Json
from benchmarks.results import QUICK, Line, Scale, Series, Target, compared, interleaved
from benchmarks.rows import Row, latency
from benchmarks.table import table
from tests.serving import until

TINY = msgspec.structs.replace(QUICK, rounds=1, seconds=5.0, most=20)


def loses_one(ground: Ground, scale: Scale) -> Iterator[Line]:
    """A row whose tables hold one event less than were acknowledged."""
    ledger = ground.new_ledger()

    def groups(seconds: float, most: int) -> Json:
        return ground.in_process.ask("groups", ledger=ledger, size=5, seconds=seconds, most=most)

    [series] = interleaved(scale, groups)
    yield compared("loses one", series, "", None, wrong=ground.faults_of(ledger, series.done + 1))


def test_a_row_is_measured_checked_and_shown(tmp_path: Path) -> None:
    figures = tmp_path / "figures.jsonl"
    on_interrupt = signal.getsignal(signal.SIGINT)

    *sound, wrong = measured([Row("tiny", latency.of_one), Row("lossy", loses_one)], TINY, figures)

    assert [line.wrong for line in sound] == [[], []]
    assert all(one["done"] == TINY.most for line in sound for series in line.rounds for one in series)
    assert "append over HTTP, 1 connection, p99" in table(sound)
    assert "WRONG" not in table(sound)
    assert "events stored: 26, not 27" in wrong.wrong
    assert "WRONG, loses one: events stored: 26, not 27" in table([wrong])
    run, *kept = [msgspec.json.decode(line) for line in figures.read_bytes().splitlines()]
    assert run["versions"]["postgresql"].startswith("18")
    assert [line["row"] for line in kept] == ["tiny", "tiny", "lossy"]
    assert signal.getsignal(signal.SIGINT) is on_interrupt


@pytest.mark.parametrize(
    ("target", "figure", "reached"),
    [(Target(1.2), 1.2, True), (Target(1.2), 1.1, False), (Target(5, at_most=True), 5.1, False)],
)
def test_a_target_is_reached_from_its_own_side(target: Target, figure: float, reached: bool) -> None:  # noqa: FBT001 - a parameter of the test
    series = Series()
    series.all = [{"done": 1, "seconds": 1.0}, {"done": figure, "seconds": 1.0}]
    other = Series()
    other.all = [{"done": 1, "seconds": 1.0}, {"done": 1, "seconds": 1.0}]
    assert compared("x", series, "y", other, target=target).reached is reached


def test_memory_that_grows_is_told_from_memory_that_stays_and_a_loss_is_seen() -> None:
    mib = 2**20
    assert soak.flat([100 * mib] * 20) is None
    assert str(soak.flat([50 * mib] * 10 + [100 * mib] * 30)).startswith("memory is flat")
    assert str(soak.flat([(100 + 3 * number) * mib for number in range(40)])).startswith("WRONG")
    with ExitStack() as stack:
        ground = Ground(stack)
        ledger = ground.new_ledger()
        ground.soaked(1)
        load = soak.Soak(ground, ledger)
        load.start()
        until(lambda: len(load.acknowledged) >= 30, 60)
        load.stop()
        assert load.wrong == []
        assert soak.lost(load) == []
        [id_, *_] = load.acknowledged
        load.acknowledged[id_] += 1
        load.acknowledged["never-sent"] = 1
        assert {f"{id_} is not at {load.acknowledged[id_]}", "never-sent is not at 1"} <= set(soak.lost(load))
