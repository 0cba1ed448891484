"""``python -m benchmarks.spread PLAIN CLUSTER``: what a cluster costs, beside one PostgreSQL that does the same.

Both are addresses of the service's login in a migrated database, the second one spread by ``tarih shard``; they take
turns. Ledgers of random names stay behind, so give it databases for nothing else.
"""

import itertools
import secrets
import statistics
from collections.abc import Callable, Sequence

import click

from benchmarks.events import encoded
from benchmarks.looping import Loop, in_tasks
from benchmarks.protocol import Json
from service import history
from service.domain.batches import read_batch
from service.domain.reading import read_events
from service.domain.types import TYPES
from service.history.answering import Asked, answer_as_of
from service.history.cores import Cores
from service.history.points import When
from service.projections import PROJECTIONS
from service.store import appender, ledgers
from service.store.log import Log
from service.store.pool import open_pool

MANY = 64
"""Ledgers, and callers."""
MOST = 20_000
"""Events that a round may take."""
CLAIMS = 100
"""On the relationship that is asked for, in a ledger of ten times as many."""
TURNS = 5


class Contestant:
    """One database, by the store's own ways into it."""

    def __init__(self, loop: Loop, url: str, seconds: float) -> None:
        self._loop, self._seconds = loop, seconds
        self._log = loop.run(_opened(url))
        self._asked = self._ledgers(1)[0]
        self._asking = itertools.count()
        loop.run(self._fill())

    async def _fill(self) -> None:
        events = encoded(10 * CLAIMS)
        for start in range(0, len(events), CLAIMS):
            await history.record(self._log, self._asked, events[start : start + CLAIMS], by="a key")

    def alone(self) -> Json:
        """One caller, one ledger."""
        return self._appends(1, 1)

    def one_ledger(self) -> Json:
        return self._appends(MANY, 1)

    def many_ledgers(self) -> Json:
        """As many callers, each with a ledger of its own."""
        return self._appends(MANY, MANY)

    def states(self) -> Json:
        """Asked for first, by one caller: nothing of them is in memory."""

        async def ask(_: int) -> None:
            asked = Asked(when=When(position=10 * CLAIMS - next(self._asking) % (5 * CLAIMS)))
            await answer_as_of(self._log, Cores(), PROJECTIONS["state"], self._asked, "actor-0--actor-1", asked)

        return self._loop.run(in_tasks(1, self._seconds, range(MOST), ask))

    def _appends(self, callers: int, count: int) -> Json:
        names = self._ledgers(count)
        requests = [(name, one) for name, one in zip(itertools.cycle(names), _requests(MOST), strict=False)]
        return self._loop.run(in_tasks(callers, self._seconds, requests, lambda one: self._log.append(*one)))

    def _ledgers(self, count: int) -> list[str]:
        async def make() -> list[str]:
            names = [f"spread-{secrets.token_hex(6)}" for _ in range(count)]
            async with self._log.connection() as connection:
                for name in names:
                    await ledgers.create_ledger(connection, name, name, public_read=True)
            return names

        return self._loop.run(make())


async def _opened(url: str) -> Log:
    return Log(await open_pool(url))


def _requests(count: int) -> list[appender.Request]:
    return [
        appender.Request(batch=read_batch(read_events([event], TYPES, history.new_id)), by="a key")
        for event in encoded(count)
    ]


def _per_second(figures: Json) -> float:
    return float(figures["done"] / figures["seconds"])


def _milliseconds(figures: Json) -> float:
    return float(figures["p50_ms"])


ROWS: Sequence[tuple[str, Callable[[Contestant], Json], Callable[[Json], float], str]] = (
    ("one append at a time", Contestant.alone, _milliseconds, "ms, p50"),
    (f"{MANY} callers, one ledger", Contestant.one_ledger, _per_second, "events/s"),
    (f"{MANY} callers, {MANY} ledgers", Contestant.many_ledgers, _per_second, "events/s"),
    ("a state, asked first", Contestant.states, _milliseconds, "ms, p50"),
)


@click.command()
@click.argument("plain")
@click.argument("cluster")
@click.option("--seconds", default=2.0, help="Of each turn.")
def main(plain: str, cluster: str, seconds: float) -> None:
    """Medians of turns, and the median of the ratios of neighbouring ones."""
    loop = Loop()
    contestants = [Contestant(loop, url, seconds) for url in (plain, cluster)]
    for what, measure, figure, unit in ROWS:
        turns = [[figure(measure(one)) for one in contestants] for _ in range(TURNS + 1)][1:]
        ours, theirs = (statistics.median(turn[index] for turn in turns) for index in (1, 0))
        ratio = statistics.median(turn[1] / turn[0] for turn in turns)
        click.echo(f"{what}: cluster {ours:.3g} {unit}, plain {theirs:.3g}, {ratio:.2f} x")


if __name__ == "__main__":
    main()
