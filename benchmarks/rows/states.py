"""A relationship's state as of any point: asked first, asked again, asked by who has it; few claims and many."""

import itertools
import os
from collections.abc import Iterator, Sequence

from benchmarks import made
from benchmarks.asked import states
from benchmarks.children import Child, Failed
from benchmarks.dyads import SEED
from benchmarks.folded import Feed
from benchmarks.ground import Ground, Unavailable
from benchmarks.made import Made
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, Series, Target, compared, field, interleaved, left_out

CONNECTIONS = 32
REPEATED = 300
"""Points that a page with a slider asks for again and again."""
TARGET = Target(0.7)
TO_SIZE = Target(3, at_most=True)
ANSWER = "INSERT INTO answers (key, content) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (key) DO NOTHING"


def as_of(ground: Ground, scale: Scale) -> Iterator[Line]:
    """Points drawn afresh, and points of a set; the peer answers as many bytes, one query a request."""
    of = made.dealing(ground)
    feed = Feed(ground, of.ledger)
    afresh = states(of.ledger, of.relationships, of.positions, seed=SEED)
    again = _set(of)
    paths = _put_beside(ground, "state", list(_answered(ground, again)))

    def first(seconds: float, most: int) -> Json:
        return get(ground.service_load, list(itertools.islice(afresh, most)), seconds, most)

    def repeated(seconds: float, most: int) -> Json:
        return get(ground.service_load, again, seconds, most)

    def row(seconds: float, most: int) -> Json:
        return get(ground.bare_load, [f"/rows/{key}" for key in paths], seconds, most)

    own, known, peer = interleaved(scale, first, repeated, row)
    beside = "bare handler, one query"
    for name, series in (("first asked", own), ("asked again", known)):
        what = f"state as of, {made.CLAIMS} claims, {name}; {CONNECTIONS} connections"
        wrong = [fault for one in series.all for fault in feed.faults(one["said"])]
        yield compared(
            what, series, beside, peer, unit="requests/s", target=TARGET, note=load_of(series, peer), wrong=wrong
        )


def on_every_core(ground: Ground, scale: Scale) -> Iterator[Line]:
    """Points drawn afresh, with a worker for each core here and there: then what counts is all that a request costs.

    With one worker the peer's query is run by PostgreSQL on a core that else has nothing to do.
    """
    cores = len(os.sched_getaffinity(0))
    what = f"state as of, {made.CLAIMS} claims, first asked; {cores} workers, one a core; {CONNECTIONS} connections"
    of = made.dealing(ground)
    feed = Feed(ground, of.ledger)
    afresh = states(of.ledger, of.relationships, of.positions, seed=SEED + 4)
    paths = [f"/rows/{key}" for key in _put_beside(ground, "state", list(_answered(ground, _set(of))))]
    try:
        started = [ground.another_service(cores), ground.another_bare(cores)]
    except Unavailable as why:
        yield left_out(what, str(why), TARGET)
        return
    (_, own_load), (_, bare_load) = started

    def first(seconds: float, most: int) -> Json:
        return get(own_load, list(itertools.islice(afresh, most)), seconds, most)

    def row(seconds: float, most: int) -> Json:
        return get(bare_load, paths, seconds, most)

    try:
        own, peer = interleaved(scale, first, row)
    finally:
        for server, load in started:
            load.stop()
            server.stop()
    wrong = [fault for one in own.all for fault in feed.faults(one["said"])]
    beside = "bare handler, one query"
    note = load_of(own, peer)
    yield compared(what, own, beside, peer, unit="requests/s", target=TARGET, note=note, wrong=wrong)


def pinned(ground: Ground, scale: Scale) -> Iterator[Line]:
    """The answers of a set of points again, and only the word that they are the same; the peer has them in memory."""
    of = made.dealing(ground)
    feed = Feed(ground, of.ledger)
    again = _set(of)
    answers = list(_answered(ground, again))
    tags = [tag for tag, _ in answers]
    keys = _put_beside(ground, "state", answers)
    held = [f"/held/{key}" for key in keys]

    def repeated(seconds: float, most: int) -> Json:
        return get(ground.service_load, again, seconds, most)

    def unchanged(seconds: float, most: int) -> Json:
        return get(ground.service_load, again, seconds, most, tags)

    def memory(seconds: float, most: int) -> Json:
        return get(ground.bare_load, held, seconds, most)

    def nothing_new(seconds: float, most: int) -> Json:
        return get(ground.bare_load, held, seconds, most, ['"kept"'] * len(held))

    own, from_memory, known, not_modified = interleaved(scale, repeated, memory, unchanged, nothing_new)
    what = f"state at a pinned address again; {CONNECTIONS} connections"
    wrong = [fault for one in own.all for fault in feed.faults(one["said"])]
    at_first = dict(zip(again, (body for _, body in answers), strict=True))
    told = ((path, body) for one in own.all for path, body in one["said"].items())
    wrong += [f"{path} was answered with other bytes at first" for path, body in told if body != at_first[path]]
    beside = "bare handler, no query"
    yield compared(
        what, own, beside, from_memory, unit="requests/s", target=TARGET, note=load_of(own, from_memory), wrong=wrong
    )
    wrong = [f"{one['bytes']} bytes with 304" for one in known.all if one["bytes"]]
    yield compared(
        f"{what}, If-None-Match", known, f"{beside}, 304", not_modified, unit="requests/s", target=TARGET, wrong=wrong
    )


def by_size(ground: Ground, scale: Scale) -> Iterator[Line]:
    """Ten thousand claims, of which a hundred are so on any day, beside a hundred that all are so."""
    many, few = made.lasting(ground)
    yield from beside_itself(ground, scale, "state as of, 10,000 claims", many, "100 claims", few, TO_SIZE)


def beside_itself(
    ground: Ground, scale: Scale, what: str, ours: Made, beside: str, theirs: Made, target: Target
) -> Iterator[Line]:
    """The p50 of points asked for first, on one connection, in two ledgers or relationships."""
    drawn = [states(*one, seed=SEED) for one in (ours, theirs)]

    def large(seconds: float, most: int) -> Json:
        return get(ground.service_load, list(itertools.islice(drawn[0], most)), seconds, most, connections=1)

    def small(seconds: float, most: int) -> Json:
        return get(ground.service_load, list(itertools.islice(drawn[1], most)), seconds, most, connections=1)

    own, other = interleaved(scale, large, small)
    wrong = [
        fault
        for series, ledger in ((own, ours.ledger), (other, theirs.ledger))
        for fault in _faults(ground, ledger, series)
    ]
    yield compared(
        f"{what}, p50",
        own,
        beside,
        other,
        by=field("p50_ms"),
        unit="ms",
        target=target,
        note=load_of(own, other),
        wrong=wrong,
    )


def _faults(ground: Ground, ledger: str, series: Series) -> list[str]:
    feed = Feed(ground, ledger)
    return [fault for one in series.all for fault in feed.faults(one["said"])]


def _set(of: Made) -> list[str]:
    return list(itertools.islice(states(*of, seed=SEED + 1), REPEATED))


def _answered(ground: Ground, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The tag and the body of each."""
    for path in paths:
        status, headers, body = ground.get(path)
        if status != 200:
            raise Failed(f"{path} is answered with {status}: {body[:300].decode(errors='replace')}")
        yield headers["etag"], body.decode()


def _put_beside(ground: Ground, name: str, answers: Sequence[tuple[str, str]]) -> list[str]:
    """These answers into the peer's table; their keys."""
    ground.bare_port  # noqa: B018 - its start makes the table
    keys = [f"{name}-{number}" for number in range(len(answers))]
    ground.sql(ANSWER, keys, [body for _, body in answers], url=ground.peers_url)
    return keys


def get(
    load: Child,
    paths: Sequence[str],
    seconds: float,
    most: int,
    tags: Sequence[str] = (),
    connections: int = CONNECTIONS,
    samples: int = 5,
) -> Json:
    """As ``Load.get`` says."""
    return load.ask("get", paths=paths, tags=tags, connections=connections, seconds=seconds, most=most, samples=samples)


def load_of(ours: Series, theirs: Series) -> str:
    """How long the answers were, and how busy the load generator was."""
    sizes = " and ".join(f"{sum(o['bytes'] for o in s.all) / s.done / 1000:.1f}" for s in (ours, theirs))
    busy = max(float(figures["busy"]) for series in (ours, theirs) for figures in series.rounds)
    return f"{sizes} kB; load generator {busy:.0%} busy"
