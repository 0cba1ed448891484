"""``python -m benchmarks.soak MINUTES``: bounded mixed load on loopback; memory over time, and that nothing was lost.

It starts a PostgreSQL and a service of its own, as ``python -m benchmarks`` does; it ends with 1 where something is
wrong.
"""

import http.client
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import click
import msgspec

from benchmarks import events
from benchmarks.children import CHECKOUT, Failed
from benchmarks.ground import Ground

FIGURES = CHECKOUT / "build" / "soak.jsonl"
WRITERS, READERS, FOLLOWERS, WATCHERS = 4, 4, 10, 4
PER_SECOND = 10
"""Requests of each who writes or reads: bounded, so that what is measured is time, not speed."""
LINES = 2000
"""Of one import, of which there is one every half a minute."""
PATIENCE = 60.0
EVERY = 10.0
"""Seconds between two looks at the memory."""
WARM = 8
"""Looks in a quarter, at least: a shorter run ends while memory still fills with what is kept."""
FLAT = 0.15, 16 * 2**20
"""How much more memory the last quarter may take than the second: a share, and bytes."""


class Soak:
    """All who load the service, each in a thread; what they were told, and what went wrong."""

    def __init__(self, ground: Ground, ledger: str) -> None:
        self.ground, self.ledger = ground, ledger
        self.path = f"/v1/ledgers/{ledger}"
        self.port, self.headers = ground.service_port, ground.headers
        self.acknowledged: dict[str, int] = {}
        self.claims: list[tuple[str, dict[str, Any]]] = []
        """What was asserted one by one, and is corrected, retracted and reinstated later."""
        self.statuses: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.stopping = threading.Event()
        self.head = 0
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        jobs: list[tuple[Callable[[int], None], int]] = [
            (self._write, WRITERS),
            (self._mend, 1),
            (self._import, 1),
            (self._read, READERS),
            (self._follow, FOLLOWERS),
            (self._watch, WATCHERS),
        ]
        for job, count in jobs:
            self._threads += [threading.Thread(target=self._kept, args=(job, n), daemon=True) for n in range(count)]
        self._append(list(events.events(1)))  # so that there is something to be read
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        # One event more, so that whoever follows hears that it is the end.
        self.head = self._append([next(iter(events.events(1)))])
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self.wrong.append(f"{thread.name} does not come to its end")

    def _kept(self, job: Callable[[int], None], number: int) -> None:
        threading.current_thread().name = f"{job.__name__} {number}"
        try:
            job(number)
        except Exception as error:  # whatever it was, it must not stop one of them unheard
            self.wrong.append(f"{job.__name__} {number}: {error!r}")

    def _ticks(self, per_second: float) -> Iterator[int]:
        """At most so often, until the end."""
        number = 0
        while not self.stopping.wait(1 / per_second):
            yield number
            number += 1

    def _ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, body, self.headers | headers)
            with connection.getresponse() as answer:
                told = answer.read()
        self.statuses[f"{method} {answer.status}"] += 1
        if answer.status >= 400:
            self.wrong.append(f"{method} {path}: {answer.status} {told[:200]!r}")
        return answer.status, told

    def _append(self, some: list[dict[str, Any]]) -> int:
        """The last position; what is acknowledged is remembered."""
        status, told = self._ask("POST", f"{self.path}/events", msgspec.json.encode({"events": some}))
        if status != 201:
            return 0
        receipt = msgspec.json.decode(told)
        for event in receipt["events"]:
            self.acknowledged[event["id"]] = event["position"]
        position: int = receipt["position"]
        return position

    def _write(self, _: int) -> None:
        for number in self._ticks(PER_SECOND):
            some = list(events.events(1 + number % 5))
            self._append(some)
            if len(self.claims) < 5000:
                self.claims.append((some[0]["id"], some[0]))

    def _mend(self, _: int) -> None:
        """Corrects, retracts and reinstates in turn."""
        for number in self._ticks(PER_SECOND / 2):
            if not self.claims:
                continue
            claim, asserted = self.claims.pop(0)
            id_ = f"mended-{number}"
            self._append([asserted | {"action": "correct", "id": id_, "claim": claim, "occurred": "2020-05"}])
            if number % 2:
                self._append(
                    [{"action": "retract", "id": f"{id_}-r", "claim": claim, "by": "curator", "reason": "soak"}]
                )
                self._append([{"action": "reinstate", "id": f"{id_}-b", "claim": claim, "reason": "soak"}])

    def _import(self, _: int) -> None:
        for _number in self._ticks(1 / 30):
            lines = b"\n".join(msgspec.json.encode(event) for event in events.events(LINES))
            kind = {"content-type": "application/x-ndjson"}
            _, told = self._ask("POST", f"{self.path}/events?results=all", lines, **kind)
            results = [msgspec.json.decode(line) for line in told.splitlines()]
            if results[-1].get("summary", {}).get("recorded") != LINES:
                self.wrong.append(f"an import ended with {results[-1]}")
            self.acknowledged |= {one["id"]: one["position"] for one in results if one.get("status") == "recorded"}

    def _read(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - a seed makes a run repeatable
        for _ in self._ticks(PER_SECOND):
            pair = "--".join(sorted(chance.choice(events.PAIRS)))
            position = chance.randrange(1, max(2, len(self.acknowledged)))
            day = f"{chance.randrange(2000, 2026)}-{chance.randrange(1, 13):02}-15"
            state = f"{self.path}/relationships/{pair}"
            self._ask(
                "GET",
                chance.choice(
                    [
                        f"{state}?valid_at={day}",
                        f"{state}?valid_at={day}&known_position={position}",
                        f"{state}/timeline?valid_at={day}",
                        f"{self.path}/events?after={position}&limit=50",
                        f"{self.path}/operators?platform=tb2&valid_at={day}&limit=20",
                        f"{self.path}/claims?actor={pair.split('--')[0]}&limit=20",
                    ]
                ),
            )

    def _follow(self, _: int) -> None:
        """Sees every position once, in order."""
        position = 0
        for line in self._stream(f"{self.path}/events"):
            if line.startswith(b"data: ") and b'"event"' in line:
                told = msgspec.json.decode(line[6:])["position"]
                if told != position + 1:
                    self.wrong.append(f"a follower was told of {told} after {position}")
                    return
                position = told
            if self.stopping.is_set() and 0 < self.head <= position:
                return

    def _watch(self, number: int) -> None:
        pair = "--".join(sorted(events.PAIRS[number * 31]))
        told = 0
        for line in self._stream(f"{self.path}/relationships/{pair}"):
            told += line.startswith(b"event: state")
            if self.stopping.is_set():
                break
        if not told:
            self.wrong.append("an answer that was followed was never told")

    def _stream(self, path: str) -> Iterator[bytes]:
        """Its lines; at the end no more than a pulse after it."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", path, headers={"Accept": "text/event-stream"})
            with connection.getresponse() as answer:
                yield from answer


def held(pid: int) -> int:
    """Bytes of memory of a process and all that it started; what several share is counted once."""
    found = 0
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += held(int(child))
    except OSError:  # gone meanwhile
        pass
    return found


def lost(soak: Soak) -> list[str]:
    """What the ledger holds otherwise than it was acknowledged; nothing, where all is well."""
    stored = dict(soak.ground.sql("SELECT event_id, position FROM tarih.events WHERE ledger = $1", soak.ledger))
    found = [f"{id_} is not at {at}" for id_, at in soak.acknowledged.items() if stored.get(id_) != at]
    found += [f"{id_} was never acknowledged" for id_ in stored.keys() - soak.acknowledged.keys()]
    found += [] if sorted(stored.values()) == list(range(1, len(stored) + 1)) else ["positions have gaps"]
    try:
        soak.ground.command("verify", "--ledger", soak.ledger).wait(600)
    except Failed as error:
        found.append(str(error))
    return found[:20]


def flat(memory: list[int]) -> str | None:
    """Whether the last quarter takes about as much as the second; None where there is no telling."""
    quarter = len(memory) // 4
    if quarter < WARM:
        return None
    second, last = (sum(part) / quarter for part in (memory[quarter : 2 * quarter], memory[-quarter:]))
    share, rest = FLAT
    grown = f"{second / 2**20:.0f} MiB in the second quarter, {last / 2**20:.0f} MiB in the last"
    return f"memory is flat: {grown}" if last <= second * (1 + share) + rest else f"WRONG: memory grows: {grown}"


@click.command()
@click.argument("minutes", type=click.FloatRange(min=0.2))
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True, help="Processes that answer.")
def main(minutes: float, workers: int) -> None:
    """Load the service for so many MINUTES, and prove that nothing acknowledged is lost."""
    FIGURES.parent.mkdir(exist_ok=True)
    memory: list[int] = []
    with FIGURES.open("ab") as kept, ExitStack() as stack:
        ground = Ground(stack)
        ledger = ground.new_ledger()
        service = ground.soaked(workers)
        soak = Soak(ground, ledger)
        began = time.monotonic()
        soak.start()
        while (past := time.monotonic() - began) < minutes * 60:
            time.sleep(min(EVERY, minutes * 60 - past))
            memory.append(held(service.pid))
            line = {
                "seconds": round(time.monotonic() - began),
                "memory_mib": round(memory[-1] / 2**20, 1),
                "events": len(soak.acknowledged),
                "answers": dict(soak.statuses),
                "wrong": len(soak.wrong),
            }
            kept.write(msgspec.json.encode(line) + b"\n")
            shown = f"{line['seconds']:>6} s  {line['memory_mib']:>7} MiB  {line['events']:>8} events"
            click.echo(f"{shown}  {line['wrong']} wrong")
            if not service.runs:
                soak.wrong.append("the service has ended")
                break
        soak.stop()
        wrong = [*soak.wrong[:20], *lost(soak)]
        [[size]] = ground.sql(
            "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
            " WHERE relnamespace = 'tarih'::regnamespace AND relkind = 'r'"
        )
    verdict = flat(memory)
    click.echo(f"answers: {dict(sorted(soak.statuses.items()))}")
    click.echo(f"{len(soak.acknowledged)} events acknowledged; {size / len(soak.acknowledged):.0f} bytes each on disk")
    click.echo(verdict or "too short to tell whether memory is flat")
    click.echo("\n".join(f"WRONG: {one}" for one in wrong) or "nothing was lost, and nothing is there twice")
    sys.exit(bool(wrong) or (verdict or "").startswith("WRONG"))


if __name__ == "__main__":
    main()
