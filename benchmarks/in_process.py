"""A process that calls the appender as the API does, without HTTP."""

import sys

from benchmarks.events import encoded
from benchmarks.looping import Loop, in_calls, in_tasks
from benchmarks.protocol import Json, answer
from service import history
from service.domain.batches import read_batch
from service.domain.reading import read_events
from service.domain.refusals import Refusal
from service.domain.types import TYPES
from service.store import appender
from service.store.log import Log
from service.store.pool import open_pool


class InProcess:
    """A log, and the two ways into it: request by request, or a whole group in one call."""

    def __init__(self, url: str) -> None:
        self._loop = Loop()
        self._log = Log(self._loop.run(open_pool(url)))

    def singles(self, *, ledger: str, callers: int, seconds: float, most: int) -> Json:
        """Requests of one event; those that wait together share a commit."""
        return self._loop.run(
            in_tasks(callers, seconds, _requests(most), lambda request: self._log.append(ledger, request))
        )

    def groups(self, *, ledger: str, size: int, seconds: float, most: int) -> Json:
        """Calls of the append function with so many requests each, one after another."""
        requests = _requests(most)
        groups = [requests[start : start + size] for start in range(0, len(requests), size)]

        async def run() -> Json:
            async with self._log.connection() as connection:

                async def write(group: list[appender.Request]) -> None:
                    for outcome in await appender.append(connection, ledger, group):
                        if isinstance(outcome, Refusal):
                            raise outcome

                return await in_calls(seconds, groups, write)  # type: ignore[arg-type]

        return self._loop.run(run())


def _requests(count: int) -> list[appender.Request]:
    """Read and checked, as the API hands them on."""
    return [
        appender.Request(batch=read_batch(read_events([event], TYPES, history.new_id)), by="a key")
        for event in encoded(count)
    ]


if __name__ == "__main__":
    measured = InProcess(sys.argv[1])
    answer({"singles": measured.singles, "groups": measured.groups})
