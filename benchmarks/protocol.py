"""What a measuring process says: JSON lines in, JSON lines out; the standard library only, for any environment."""

import json
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]


def answer(verbs: Mapping[str, Callable[..., Json]]) -> None:
    """Answers each line, until there are none: ``{"do": verb, …}`` calls that verb with the rest."""
    replies = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints is no reply
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            reply = verbs[asked.pop("do")](**asked)
        except Exception as error:
            traceback.print_exc()
            reply = {"failed": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def figures(seconds: float, latencies: list[float], *, done: int | None = None, **more: Any) -> Json:
    """What one round was: how many were acknowledged, in what time, and how long each took."""
    latencies.sort()
    milliseconds = {f"p{share}_ms": percentile(latencies, share) * 1000 for share in (50, 99) if latencies}
    return {"done": len(latencies) if done is None else done, "seconds": seconds} | milliseconds | more


def percentile(ordered: list[float], share: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def in_threads(threads: int, seconds: float, items: list[Any], write: Callable[[Any], object]) -> Json:
    """So many threads write, each the next item, until the time or the items are over."""
    latencies: list[list[float]] = [[] for _ in range(threads)]
    failures: list[BaseException] = []
    waiting, ready = iter(items), threading.Barrier(threads + 1)

    def work(own: list[float]) -> None:
        ready.wait()
        deadline = time.perf_counter() + seconds
        try:
            for item in waiting:  # a list's iterator gives each item to one thread
                start = time.perf_counter()
                write(item)
                end = time.perf_counter()
                own.append(end - start)
                if end > deadline:
                    break
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(own,)) for own in latencies]
    for worker in workers:
        worker.start()
    ready.wait()
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    elapsed = time.perf_counter() - start
    if failures:
        raise failures[0]
    return figures(elapsed, [one for own in latencies for one in own])
