"""How long one append over HTTP takes, beside one row in one durable transaction on one connection."""

from collections.abc import Iterator

from benchmarks.ground import Ground, count_faults
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, Target, compared, field, interleaved


def of_one(ground: Ground, scale: Scale) -> Iterator[Line]:
    yield from _latency(ground, scale, 1, Target(5, at_most=True))


def of_many(ground: Ground, scale: Scale) -> Iterator[Line]:
    yield from _latency(ground, scale, 64, Target(30, at_most=True))


def _latency(ground: Ground, scale: Scale, connections: int, target: Target) -> Iterator[Line]:
    ledger = ground.new_ledger()
    path = f"/v1/ledgers/{ledger}/events"

    def ours(seconds: float, most: int) -> Json:
        return ground.service_load.ask(
            "post", path=path, headers=ground.headers, connections=connections, seconds=seconds, most=most
        )

    def transaction(seconds: float, most: int) -> Json:
        return ground.plain.ask("singles", seconds=seconds, most=most)

    before = ground.plain.ask("stored")["single"]
    own, single = interleaved(scale, ours, transaction)
    wrong = ground.faults_of(ledger, own.done)
    wrong += count_faults("the plain table", ground.plain.ask("stored")["single"] - before, single.done)
    what = f"append over HTTP, {connections} connection{'s' if connections > 1 else ''}"
    beside = "one-row transaction"
    yield compared(f"{what}, p50", own, beside, single, by=field("p50_ms"), unit="ms", wrong=wrong)
    yield compared(f"{what}, p99", own, beside, single, by=field("p99_ms"), unit="ms", target=target)
