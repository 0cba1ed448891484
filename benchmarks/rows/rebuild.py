"""`tarih rebuild` of a ledger, beside COPY of the derived rows that it makes; meanwhile a client appends."""

from collections.abc import Iterator
from time import perf_counter

from benchmarks.children import Failed
from benchmarks.ground import Ground
from benchmarks.protocol import figures
from benchmarks.results import Line, Scale, Series, Target, compared, left_out
from benchmarks.rows.bulk import copy_of

TABLES = ["relationships", "claims", "claim_versions"]
TARGET = Target(0.2)
PATIENCE = 300.0
ROUNDS = 3
BESIDE = 100  # appends a round at most, one at a time with a pause, while the rebuild runs
PAUSE = 0.02
SLOWEST = 1000.0  # milliseconds for one of them


def rebuilt(ground: Ground, scale: Scale) -> Iterator[Line]:
    what = f"rebuild of {scale.imported:,} events"
    try:
        ground.command("rebuild", "--help").wait(60)
    except Failed:
        yield left_out(what, "there is no `tarih rebuild`", TARGET)
        return
    own, copied = Series(), Series()
    wrong: list[str] = []
    for _ in range(min(scale.rounds, ROUNDS) + 1):
        # Another each time: the second rebuild of one waits until nobody can read what the first one retired.
        ledger = ground.new_ledger()
        filled = ground.in_process.ask("groups", ledger=ledger, size=1000, seconds=60, most=scale.imported)["done"]
        ground.service_load.tell(
            "post", path=f"/v1/ledgers/{ledger}/events", headers=ground.headers, connections=1, seconds=PATIENCE,
            most=BESIDE, pause=PAUSE,
        )  # fmt: skip
        start = perf_counter()
        try:
            ground.command("rebuild", "--ledger", ledger).wait(PATIENCE)
            seconds = perf_counter() - start
        finally:  # else the next question would get this one's answer
            beside = ground.service_load.hear(PATIENCE)
        if beside["p99_ms"] > SLOWEST:
            wrong.append(f"an append beside it took {beside['p99_ms']:.0f} ms")
        own.all.append(figures(seconds, [], done=filled, beside=beside))
        filled += beside["done"]
        copied.all.append(copy_of(ground, ledger, TABLES, filled))
        wrong += ground.faults_of(ledger, filled)
    yield compared(what, own, "COPY of the derived rows", copied, target=TARGET, wrong=wrong)
