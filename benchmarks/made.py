"""Ledgers that rows read: made through the HTTP import when first asked for, and found again in a kept folder."""

import itertools
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from benchmarks import dyads
from benchmarks.children import Failed
from benchmarks.dyads import SEED, VERSION, Event, Pair, relationship
from benchmarks.ground import Ground

AT_ONCE = 50_000
"""Events of one import: as many as there is one file for at a time."""
SMALL = 10_000
"""Events of the ledger that larger ones stand beside."""
PATIENCE = 600.0
CONNECTIONS = 16
CLAIMS = 100
"""Of each relationship that is asked for."""


class Made(NamedTuple):
    """A ledger, the relationships to ask for, and the positions at which all of their claims are known."""

    ledger: str
    relationships: list[str]
    positions: range


def dealing(ground: Ground) -> Made:
    """Forty relationships of a hundred claims each, and then 800 batches of one event: many known positions."""
    pairs = _apart(40)
    draw = Random(SEED)  # noqa: S311 - repeatable, not secret
    events = [*dyads.described(pairs), *dyads.side_by_side(draw, pairs, CLAIMS)]
    later = []
    for number in range(800):
        pair, action = draw.choice(pairs), draw.choice(("confirm", "deny", "correct"))
        later.append(
            dyads.acting(draw, f"later-{number}", pair, f"{relationship(pair)}-{draw.randrange(CLAIMS)}", action)
        )
    return _made(ground, "dealing", events, pairs, later)


def told(ground: Ground) -> Made:
    """Two thousand claims of one relationship, an eighth of them corrected: for a reader to look at."""
    draw = Random(SEED)  # noqa: S311 - repeatable, not secret
    [pair] = _apart(1)
    claims = [{"action": "assert", "id": f"told-{number}", **dyads.content(draw, pair)} for number in range(2_000)]
    corrections = []
    for number in range(250):
        claim = draw.choice(claims)
        content = dyads.content(draw, pair, claim["type"])
        corrections.append({"action": "correct", "id": f"again-{number}", "claim": claim["id"], **content})
    return _made(ground, "told", [*dyads.described([pair]), *claims, *corrections], [pair], [])


def of_size(ground: Ground, count: int) -> Made:
    """Made like a real one; asked for are its probes, from the middle of its events on.

    The small one comes in as many batches as it takes for most points to be asked for once.
    """
    ledger = filled(ground, "dyads", count, dyads.ledger(count), at_once=100 if count <= SMALL else AT_ONCE)
    return Made(ledger, [relationship(pair) for pair in dyads.PROBED], range(count // 2, count + 1))


def lasting(ground: Ground) -> tuple[Made, Made]:
    """Ten thousand claims of one relationship, a hundred of them so on any day; beside it relationships of a hundred.

    Those are so all the time, but not always certainly: each of them changes on some day.
    """
    draw = Random(SEED)  # noqa: S311 - repeatable, not secret
    [pair] = _apart(1)
    many = [*dyads.described([pair]), *dyads.turns(draw, pair, 10_000)]
    later = [
        dyads.acting(draw, f"later-{n}", pair, f"{relationship(pair)}-{draw.randrange(10_000)}", "deny")
        for n in range(200)
    ]
    pairs = _apart(40)
    few = [*dyads.described(pairs), *dyads.lasting(draw, pairs, CLAIMS)]
    words = [
        dyads.acting(draw, f"later-{n}", one, f"{relationship(one)}-{draw.randrange(CLAIMS)}", "deny")
        for n, one in enumerate(pairs * 5)
    ]
    return _made(ground, "many", many, [pair], later), _made(ground, "few", few, pairs, words)


def _apart(count: int, first: int = 0) -> list[Pair]:
    """Pairs of which no two share an actor."""
    states = dyads.STATES[2 * first : 2 * (first + count)]
    return list(zip(states[1::2], states[::2], strict=True))


def _made(ground: Ground, name: str, events: Iterable[Event], pairs: Iterable[Pair], later: list[Event]) -> Made:
    """``later`` are batches of their own; all positions from the first of them on are asked for."""
    first = list(events)
    ledger = filled(ground, name, len(first) + len(later), first, later)
    return Made(ledger, [relationship(pair) for pair in pairs], range(len(first), len(first) + len(later) + 1))


def filled(
    ground: Ground, name: str, count: int, events: Iterable[Event], later: Iterable[Event] = (), at_once: int = AT_ONCE
) -> str:
    """The ledger that holds these, of which there are ``count``; made unless it is there whole.

    Raises Failed. What a run that was cut off left is completed, as every event has an id.
    """
    ledger = f"{name}-{count}-v{VERSION}"
    if ground.position_of(ledger) == count:
        return ledger
    ground.make_ledger(ledger)
    file = ground.folder / "slice.ndjson"
    remaining = iter(events)
    while some := list(itertools.islice(remaining, at_once)):
        _import(ground, ledger, file, some)
    if bodies := [msgspec.json.encode({"events": [event]}).decode() for event in later]:
        ground.service_load.ask(
            "post", path=f"/v1/ledgers/{ledger}/events", headers=ground.headers, bodies=bodies, connections=CONNECTIONS,
            seconds=PATIENCE, most=len(bodies), patience=PATIENCE,
        )  # fmt: skip
    file.unlink(missing_ok=True)
    if (position := ground.position_of(ledger)) != count:
        raise Failed(f"{ledger} holds {position} events, not {count}")
    ground.settle()
    return ledger


def _import(ground: Ground, ledger: str, file: Path, events: list[Event]) -> None:
    with file.open("wb") as lines:
        lines.writelines(msgspec.json.encode(event) + b"\n" for event in events)
    ground.service_load.ask(
        "send", path=f"/v1/ledgers/{ledger}/events", headers=ground.headers | {"content-type": "application/x-ndjson"},
        file=str(file), wait=PATIENCE, patience=2 * PATIENCE,
    )  # fmt: skip
