"""The same questions to a large ledger and to a small one: a state as of a point, and who operates a drone."""

import itertools
import re
from collections.abc import Callable, Iterator
from random import Random

from benchmarks import made
from benchmarks.asked import SPARED
from benchmarks.dyads import DAYS, DRONE, OPERATED, SEED, relationship
from benchmarks.folded import Feed
from benchmarks.ground import Ground
from benchmarks.made import SMALL, Made
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, Target, compared, field, interleaved, left_out
from benchmarks.rows.states import beside_itself, get, load_of
from service.domain.as_of import parse_point
from service.projections import View
from service.projections.inventory import holding

STATE, OPERATORS = Target(1.3, at_most=True), Target(2, at_most=True)
NONE = "a quick run makes no ledger of that size; name one with --events 100000"
CHECKED = 3
"""Answers of each turn: each takes the folds of forty relationships."""
OPERATOR = re.compile(r'"actor": ?"(operator-\d+)"')


def by_size(ground: Ground, scale: Scale) -> Iterator[Line]:
    what = f"state as of, {_size(scale)}"
    if not scale.events:
        yield left_out(f"{what}, p50", NONE, STATE)
        return
    large, small = (made.of_size(ground.library, count) for count in (scale.events, SMALL))
    yield from beside_itself(ground.library, scale, what, large, f"{SMALL:,} events", small, STATE)


def operators(ground: Ground, scale: Scale) -> Iterator[Line]:
    what = f"operators of a platform as of a day, {_size(scale)}, p50"
    if not scale.events:
        yield left_out(what, NONE, OPERATORS)
        return
    library = ground.library
    large, small = (made.of_size(library, count) for count in (scale.events, SMALL))
    status, _, _ = library.get(next(_asked(small)))
    if status != 200:
        yield left_out(what, f"the service answers it with {status}", OPERATORS)
        return

    def of(asked: Iterator[str]) -> Callable[[float, int], Json]:
        return lambda seconds, most: get(
            library.service_load, list(itertools.islice(asked, most)), seconds, most, connections=1, samples=CHECKED
        )

    own, other = interleaved(scale, of(_asked(large)), of(_asked(small)))
    wrong = [] if any(OPERATOR.search(body) for body in own.all[-1]["said"].values()) else ["nobody operates anything"]
    for series, ledger in ((own, large.ledger), (other, small.ledger)):
        feed = Feed(library, ledger)
        wrong += [
            f"{path} is not answered as the folds of forty feeds"
            for one in series.all
            for path, body in one["said"].items()
            if set(OPERATOR.findall(body)) != _operating(feed, path)
        ]
    yield compared(
        what, own, f"{SMALL:,} events", other, by=field("p50_ms"), unit="ms", target=OPERATORS,
        note=load_of(own, other), wrong=wrong,
    )  # fmt: skip


def _size(scale: Scale) -> str:
    return f"ledger of {scale.events:,} events" if scale.events else "large ledger"


def _asked(of: Made) -> Iterator[str]:
    draw = Random(SEED)  # noqa: S311 - repeatable, not secret
    while True:
        day, position = DAYS[draw.randrange(SPARED, len(DAYS) - SPARED)], draw.choice(of.positions)
        yield f"/v1/ledgers/{of.ledger}/operators?platform={DRONE}&valid_at={day}&known_position={position}"


def _operating(feed: Feed, path: str) -> set[str]:
    """Who holds the drone by the folds of each relationship that tells of it."""
    valid, position = parse_point(path.partition("valid_at=")[2][:10]).at, int(path.rpartition("=")[2])
    found = set()
    for pair in OPERATED:
        view = View(feed.question(relationship(pair), valid, position))
        found |= {member for member, _ in holding(view, DRONE)}
    return found
