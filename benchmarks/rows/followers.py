"""Followers of the live feed: from an append to its delivery to the last of them."""

from collections.abc import Iterator

from benchmarks.ground import Ground
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, Series, Target, compared, field, left_out

TARGET = Target(1000, at_most=True, absolute="ms")
PAUSE = 0.05  # seconds between two appends


def delivered(ground: Ground, scale: Scale) -> Iterator[Line]:
    what = f"{scale.followers} followers, append to last delivery"
    ledger = ground.new_ledger()
    path = f"/v1/ledgers/{ledger}/events"
    status, media_type = ground.status("GET", path, {"accept": "text/event-stream"})
    if status != 200 or media_type != "text/event-stream":
        yield left_out(what, f"the service answers a follower with {status}, {media_type}", TARGET)
        return
    many, one = Series(), Series()
    wrong: list[str] = []
    for number in range(2):  # the first warms up
        appends = scale.followed if number else 5
        for series, followers in ((many, scale.followers), (one, 1)):
            told = ground.service_load.ask(
                "follow", path=path, headers=ground.headers, followers=followers, appends=appends, pause=PAUSE
            )
            wrong += _faults(told, followers)
            series.all.append(told)
    wrong += ground.faults_of(ledger, many.done + one.done)
    beside = "one follower"
    yield compared(f"{what}, p50", many, beside, one, by=field("p50_ms"), unit="ms")
    yield compared(f"{what}, p99", many, beside, one, by=field("p99_ms"), unit="ms", target=TARGET, wrong=wrong)


def _faults(told: Json, followers: int) -> list[str]:
    """Everyone has every event once, in order, and is still there."""
    return [f"{followers} followers: {told[fault]} {fault}" for fault in ("missed", "disorder", "ended") if told[fault]]
