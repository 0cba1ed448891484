"""The most memory that one worker ever held: while it is read from, and while it takes a large import."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import msgspec

from benchmarks import dyads, made
from benchmarks.asked import states
from benchmarks.children import Child, Failed
from benchmarks.dyads import SEED
from benchmarks.folded import Feed
from benchmarks.ground import Ground, Unavailable
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, Series, Target, compared, field, left_out
from benchmarks.rows.states import CONNECTIONS, get
from benchmarks.rows.timelines import timelines

READING, IMPORTING = (Target(limit, at_most=True, absolute="MB") for limit in (200, 300))
QUESTIONS = 6_000
"""Different ones: more answers than anybody may keep."""
PAGES = 300
"""Asked for as states again, and as pages of a timeline: what is kept of answers is full of long ones."""
TURNS = 10
"""Of the scale's turns in one."""
PATIENCE = 900.0


def held(ground: Ground, scale: Scale) -> Iterator[Line]:
    what = "the most memory of one worker"
    if not Path("/proc/self/status").exists():
        yield left_out(what, "this system has no /proc", READING)
        return
    try:
        yield from _reading(ground, scale, what)
        yield from _importing(ground, scale, what)
    except Unavailable as why:
        yield left_out(what, str(why), READING)


def _reading(ground: Ground, scale: Scale, what: str) -> Iterator[Line]:
    of = made.dealing(ground)
    paths = list(itertools.islice(states(*of, seed=SEED + 3), QUESTIONS))
    pages = list(timelines(iter(paths[:PAGES])))
    server, load = ground.another_service()
    try:
        told = get(load, paths, scale.seconds * TURNS, len(paths), samples=20)
        again = get(load, paths[:PAGES], scale.seconds, scale.most)
        get(load, pages, scale.seconds, scale.most)
        most = _most_held(server)
    finally:
        load.stop()
        server.stop()
    wrong = Feed(ground, of.ledger).faults(told["said"] | again["said"])
    asked = f"{told['done']:,} different states, {again['done']:,} repeated, {PAGES} pages, {CONNECTIONS} connections"
    yield _line(f"{what}, {asked}", most, READING, wrong, told)


def _importing(ground: Ground, scale: Scale, what: str) -> Iterator[Line]:
    file = ground.folder / "large.ndjson"
    count = _write(file, scale.sent)
    ledger = ground.new_ledger()
    server, load = ground.another_service()
    try:
        told = load.ask(
            "send", path=f"/v1/ledgers/{ledger}/events", file=str(file), wait=PATIENCE, patience=PATIENCE,
            headers=ground.headers | {"content-type": "application/x-ndjson"},
        )  # fmt: skip
        most = _most_held(server)
    finally:
        load.stop()
        server.stop()
        file.unlink()
    wrong = ground.faults_of(ledger, count)
    sent = f"import of {scale.sent / 1e6:,.0f} MB, {count:,} events, {told['seconds']:.0f} s"
    yield _line(f"{what}, {sent}", most, IMPORTING, wrong, told)


def _line(what: str, most: float, target: Target, wrong: list[str], told: Json) -> Line:
    series = Series()
    series.all = [{}, {"mb": most, **{name: told[name] for name in ("done", "seconds")}}]
    return compared(what, series, "", None, by=field("mb"), unit="MB", target=target, wrong=wrong)


def _write(file: Path, bytes_: int) -> int:
    """Events as a newsroom may have them, one and a half thousand bytes each; how many."""
    count, written = 0, 0
    with file.open("wb") as lines:
        for event in _wordy():
            written += lines.write(msgspec.json.encode(event) + b"\n")
            count += 1
            if written >= bytes_:
                return count
    raise AssertionError  # they never end


def _wordy() -> Iterable[dyads.Event]:
    draw = Random(SEED)  # noqa: S311 - repeatable, not secret
    for number in itertools.count():
        said = dyads.content(draw, dyads.PAIRS[draw.randrange(len(dyads.PAIRS))])
        said |= {"title": "What the headline said of it " * 6, "lang": "en", "phrase": "some time that spring"}
        said["translations"] = {lang: f"The same in {lang} " * 12 for lang in ("tr", "ur", "fr", "de")}
        yield {"action": "assert", "id": f"e-{number}", **said}


def _most_held(server: Child) -> float:
    """MB of memory that the largest process below this one has ever held: the worker."""
    below = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()
    peaks = [_peak(int(pid)) for pid in below]
    if not peaks:
        raise Failed("the service has no worker")
    return max(peaks)


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0
