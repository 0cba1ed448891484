"""The benchmarks run: one tiny row from PostgreSQL to the table, with no word on how fast it was."""

import signal
from pathlib import Path

import msgspec
import pytest

from benchmarks.__main__ import measured
from benchmarks.ground import Ground
from benchmarks.results import QUICK, Line, Scale, Series, Target, compared, interleaved
from benchmarks.rows import Row, latency
from benchmarks.table import table

TINY = msgspec.structs.replace(QUICK, rounds=1, seconds=5.0, most=20)


def test_a_row_is_measured_checked_and_shown(tmp_path: Path) -> None:
    figures = tmp_path / "figures.jsonl"
    stops_gracefully = signal.getsignal(signal.SIGINT)

    lines = measured([Row("tiny", latency.of_one)], TINY, figures)

    assert [line.wrong for line in lines] == [[], []]
    assert all(one["done"] == TINY.most for line in lines for series in line.rounds for one in series)
    shown = table(lines)
    assert "append over HTTP, 1 connection, p99" in shown
    assert "WRONG" not in shown
    run, *kept = [msgspec.json.decode(line) for line in figures.read_bytes().splitlines()]
    assert run["versions"]["postgresql"].startswith("18")
    assert [line["row"] for line in kept] == ["tiny", "tiny"]
    assert signal.getsignal(signal.SIGINT) is stops_gracefully


def test_what_was_acknowledged_and_is_not_stored_is_shown_as_wrong(tmp_path: Path) -> None:
    def loses_one(ground: Ground, scale: Scale) -> list[Line]:
        ledger = ground.new_ledger()
        [series] = interleaved(
            scale,
            lambda seconds, most: ground.in_process.ask("groups", ledger=ledger, size=5, seconds=seconds, most=most),
        )
        return [compared("lossy", series, "", None, wrong=ground.faults_of(ledger, series.done + 1))]

    [line] = measured([Row("lossy", lambda ground, scale: iter(loses_one(ground, scale)))], TINY, tmp_path / "figures")

    assert "events stored: 26, not 27" in line.wrong
    assert "WRONG, lossy: events stored: 26, not 27" in table([line])


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
