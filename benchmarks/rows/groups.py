"""Groups of requests in one call of the append function, beside as many plain rows by arrays and by COPY."""

from collections.abc import Iterator

from benchmarks.ground import Ground, count_faults
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, compared, interleaved

SIZES = (16, 256, 1000)


def against_raw(ground: Ground, scale: Scale) -> Iterator[Line]:
    for size in SIZES:
        yield from of(ground, scale, size)


def of(ground: Ground, scale: Scale, size: int) -> Iterator[Line]:
    ledger = ground.new_ledger()

    def whole(most: int) -> int:
        return max(1, most // size) * size

    def ours(seconds: float, most: int) -> Json:
        return ground.in_process.ask("groups", ledger=ledger, size=size, seconds=seconds, most=whole(most))

    def unnest(seconds: float, most: int) -> Json:
        return ground.plain.ask("groups", way="unnest", size=size, seconds=seconds, most=whole(most))

    def copy(seconds: float, most: int) -> Json:
        return ground.plain.ask("groups", way="copy", size=size, seconds=seconds, most=whole(most))

    before = ground.plain.ask("stored")["grouped"]
    own, arrays, copied = interleaved(scale, ours, unnest, copy)
    wrong = ground.faults_of(ledger, own.done)
    stored = ground.plain.ask("stored")["grouped"] - before
    wrong += count_faults("the plain table", stored, arrays.done + copied.done)
    what = f"groups of {size:,}, one caller"
    yield compared(what, own, "unnest, plain table, 3 unique indexes", arrays, wrong=wrong)
    yield compared(what, own, "COPY, the same table", copied)
