"""Single events, each acknowledged once it is durable: over HTTP, and into the appender in process."""

from collections.abc import Callable, Iterator

from benchmarks.children import Child
from benchmarks.ground import Ground, Unavailable, count_faults
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, Series, Target, compared, interleaved, left_out

CALLERS = 64
PEERS = ("eventsourcing, 8 threads", "Message DB, one category")


def load_generator(ground: Ground, scale: Scale) -> Iterator[Line]:
    """Its ceiling must lie well above what it measures."""

    def ceiling(seconds: float, most: int) -> Json:
        return _post(ground.bare_load, "/nothing", {}, seconds, most)

    [series] = interleaved(scale, ceiling)
    what = f"load generator, 64 connections, nothing done; {_busy(series):.0%} busy"
    yield compared(what, series, "", None, unit="requests/s")


def over_http(ground: Ground, scale: Scale) -> Iterator[Line]:
    ledger = ground.new_ledger()
    path = f"/v1/ledgers/{ledger}/events"

    def ours(seconds: float, most: int) -> Json:
        return _post(ground.service_load, path, ground.headers, seconds, most)

    def bare(seconds: float, most: int) -> Json:
        return _post(ground.bare_load, "/events", {"content-type": "application/json"}, seconds, most)

    def recorder(seconds: float, most: int) -> Json:
        return ground.eventsourcing.ask("singles", seconds=seconds, most=most)

    missing = _missing(lambda: ground.eventsourcing)
    bare_before = _count(ground, "bare")
    before = 0 if missing else ground.eventsourcing.ask("stored")["stored"]
    own, handler, *peer = interleaved(scale, ours, bare, *([] if missing else [recorder]))
    what = "appends over HTTP, 64 connections"
    wrong = ground.faults_of(ledger, own.done)
    bare_wrong = count_faults("the bare handler", _count(ground, "bare") - bare_before, handler.done)
    load = f"load generator {_busy(own):.0%} busy"
    yield compared(what, own, "bare handler, INSERT", handler, note=load, target=Target(1.2), wrong=wrong + bare_wrong)
    if missing:
        yield left_out(f"{what}: {PEERS[0]}", missing, Target(4))
    else:
        wrong = _stored_faults(ground.eventsourcing, before, peer[0])
        yield compared(what, own, PEERS[0], peer[0], target=Target(4), wrong=wrong)


def in_process(ground: Ground, scale: Scale) -> Iterator[Line]:
    ledger = ground.new_ledger()
    what = "appender in process, 64 callers"

    def ours(seconds: float, most: int) -> Json:
        return ground.in_process.ask("singles", ledger=ledger, callers=CALLERS, seconds=seconds, most=most)

    def eventsourcing(seconds: float, most: int) -> Json:
        return ground.eventsourcing.ask("singles", seconds=seconds, most=most)

    def message_db(seconds: float, most: int) -> Json:
        return ground.message_db.ask("singles", callers=16, seconds=seconds, most=most)

    peers: list[tuple[str, Target, Callable[[], Child], Callable[[float, int], Json]]] = [
        (PEERS[0], Target(10), lambda: ground.eventsourcing, eventsourcing),
        (PEERS[1], Target(5), lambda: ground.message_db, message_db),
    ]
    missing = [_missing(child) for _, _, child, _ in peers]
    here = [peer for peer, why in zip(peers, missing, strict=True) if not why]
    before = [child().ask("stored")["stored"] for _, _, child, _ in here]
    own, *others = interleaved(scale, ours, *(peer[-1] for peer in here))
    wrong = ground.faults_of(ledger, own.done)
    if not here:
        yield compared(what, own, "", None, wrong=wrong)
    for (name, target, child, _), stored, series in zip(here, before, others, strict=True):
        yield compared(
            what, own, name, series, target=target, wrong=wrong + _stored_faults(child(), stored, series)
        )  # fmt: skip
        wrong = []
    for (name, target, _, _), why in zip(peers, missing, strict=True):
        if why:
            yield left_out(f"{what}: {name}", why, target)


def _post(load: Child, path: str, headers: dict[str, str], seconds: float, most: int) -> Json:
    return load.ask("post", path=path, headers=headers, connections=CALLERS, seconds=seconds, most=most)


def _busy(series: Series) -> float:
    """How much of the time the load generator itself computed; near all of it, it would be the limit."""
    return max(float(figures["busy"]) for figures in series.rounds)


def _missing(child: Callable[[], Child]) -> str:
    """Why a peer is not here, or nothing."""
    try:
        child()
    except Unavailable as why:
        return str(why)
    return ""


def _count(ground: Ground, table: str) -> int:
    """Of a table of the peers' database that may not be there yet."""
    [(there,)] = ground.sql("SELECT to_regclass($1) IS NOT NULL", table, url=ground.peers_url)
    if not there:
        return 0
    [(count,)] = ground.sql(f"SELECT count(*) FROM {table}", url=ground.peers_url)  # noqa: S608 - a constant of ours
    return int(count)


def _stored_faults(child: Child, before: int, series: Series) -> list[str]:
    return count_faults("the peer", child.ask("stored")["stored"] - before, series.done)
