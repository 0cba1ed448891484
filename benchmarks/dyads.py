"""Made-up ledgers like real ones: who supplied whom with what; skewed, imprecisely dated, corrected, repeatable."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any

Event = dict[str, Any]
Pair = tuple[str, str]
"""Who supplies, and who receives."""

SEED = 20_251_205
VERSION = 2
"""Raised whenever the same call makes other events than before: kept ledgers of another one are not used."""
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2025, 12, 31)
DAYS = [(FIRST + dt.timedelta(days)).isoformat() for days in range((LAST - FIRST).days + 1)]
STATES = [f"state-{number:03}" for number in range(160)]
FORCES = {state: state.replace("state", "force") for state in STATES[::4]}
"""Armed forces, which are part of their state."""
PAIRS = list(itertools.permutations(STATES, 2))
PROBED = [(f"probe-supplier-{number:02}", f"probe-recipient-{number:02}") for number in range(20)]
DRONE = "probe-drone"
OPERATED = [("probe-maker", f"operator-{number:02}") for number in range(40)]
PLATFORMS = [f"platform-{number:02}" for number in range(60)]
PUBLISHERS = [f"Publisher {number}" for number in range(40)]

LONGEST_IMPRECISION = 1_100
"""Days by which a date's latest bound may lie after the day it was drawn for."""
FORMS: list[tuple[Callable[[int, str], str], int]] = [
    (lambda _year, day: day, 40),
    (lambda _year, day: day[:7], 16),
    (lambda year, _day: f"{year}", 18),
    (lambda year, _day: f"{year}~", 4),
    (lambda year, _day: f"[{year}..{year + 2}]", 6),
    (lambda year, day: f"{day[:7]}/{year + 1}", 4),
    (lambda year, _day: f"{{{year},{year + 1},{year + 2}}}", 3),
    (lambda year, _day: f"{year}-2{1 + year % 4}", 4),
    (lambda year, day: f"{year}-{day[5:6]}X", 2),
    (lambda _year, day: f"{day}?", 3),
]
OF_STATES = 4
"""How many of these forms, from the first, are the start of a state."""
KINDS = {"delivery": 25, "order": 15, "acquisition": 13, "operation": 12, "agreement": 9, "negotiation": 8}
KINDS |= {"facility": 5, "training": 4, "programme": 3, "report": 4, "statement": 2}
LASTING = {"operation", "negotiation", "facility", "programme", "training"}
STAGES = ("reported", "planned", "site-selection", "construction", "operating", "closed")
# How often another event than an assertion comes, of a thousand.
ACTIONS = {"assert": 804, "correct": 100, "confirm": 42, "deny": 8, "retract": 20, "reinstate": 3}
ACTIONS |= {"expect": 18, "fulfil": 5}


def _drawn(draw: Random, weighted: dict[str, int]) -> str:
    return draw.choices(list(weighted), list(weighted.values()))[0]


def date(draw: Random, *, among: int = len(FORMS)) -> tuple[str, int]:
    """A date as somebody may write it, and the number of the day it was drawn for."""
    day = draw.randrange(len(DAYS))
    forms = FORMS[:among]
    [form] = draw.choices([form for form, _ in forms], [weight for _, weight in forms])
    return form(int(DAYS[day][:4]), DAYS[day]), day


def _source(draw: Random, day: int) -> Event:
    source: Event = {"publisher": draw.choice(PUBLISHERS)}
    if draw.random() < 0.95:
        source["published"] = DAYS[min(day + draw.randrange(400), len(DAYS) - 1)]
    if draw.random() < 0.5:
        source |= {"reliability": draw.choice("ABCDF"), "credibility": draw.randint(1, 6)}
    if draw.random() < 0.5:
        source["url"] = f"https://example.org/{draw.randrange(10**6)}"
    return source


def content(draw: Random, pair: Pair, type_: str | None = None, *, expected: bool = False) -> Event:
    """What a claim says, of type ``type_`` or any; it belongs to the pair's relationship."""
    type_ = type_ or _drawn(draw, KINDS)
    lasts = type_ in LASTING
    occurred, day = date(draw, among=OF_STATES if lasts else len(FORMS))
    supplier, recipient = pair
    receiving = FORCES.get(recipient, recipient) if type_ in ("delivery", "operation") else recipient
    platform = PLATFORMS[(hash_of(pair) + int(draw.expovariate(0.4))) % len(PLATFORMS)]
    said: Event = {
        "type": type_,
        "occurred": occurred,
        "parties": [{"actor": supplier, "role": "supplier"}, {"actor": receiving, "role": "recipient"}],
        "data": _data(draw, type_, platform, supplier),
        "sources": [_source(draw, day) for _ in range(draw.choice((1, 1, 2)))],
    }
    if receiving != recipient:
        said["relationships"] = [relationship(pair)]
    if lasts and not expected:
        ends = day + LONGEST_IMPRECISION + draw.randrange(3_000)
        said["until"] = DAYS[ends] if ends < len(DAYS) else draw.choice(("..", "..", ""))
    if draw.random() < 0.6:
        said["title"] = f"{type_.capitalize()} between {supplier} and {recipient}, {platform}"
    if draw.random() < 0.05:
        said["official_status"] = "not_confirmed"
    return said


def _data(draw: Random, type_: str, platform: str, supplier: str) -> Event:
    number = draw.randrange(4)
    match type_:
        case "delivery" | "order" | "acquisition" | "operation":
            quantity = {"quantity": {"best": draw.randint(1, 24)}} if draw.random() < 0.5 else {}
            return {"platform": platform, "platform_name": platform.capitalize(), **quantity}
        case "agreement":
            return {"kind": draw.choice(("contract", "memorandum", "treaty")), "platforms": [{"platform": platform}]}
        case "negotiation":
            return {"subject": f"subject {number}", "platforms": [{"platform": platform}]}
        case "facility":
            return {"facility": f"plant-{number}", "stage": draw.choice(STAGES), "host": supplier}
        case "programme":
            return {"programme": f"programme-{number}", "platforms": [{"platform": platform}]}
        case "training":
            return {"subject": f"subject {number}", "joint": number == 0}
    return {"topic": f"topic {number}"}


def relationship(pair: Pair) -> str:
    """Its id."""
    return "--".join(sorted(pair))


def hash_of(pair: Pair) -> int:
    """The same in every process."""
    return sum(number * byte for number, byte in enumerate("--".join(pair).encode(), 1))


def described(pairs: Iterable[Pair]) -> Iterator[Event]:
    """Claims on everyone that can appear between these: names, one change of them, and who is part of whom."""
    for actor in sorted({actor for pair in pairs for actor in pair}):
        for number, (occurred, until) in enumerate(
            (("[..1999]", "2015-07-01T00:00:00Z"), ("2015-07-01T00:00:00Z", ".."))
        ):
            names = {"en": f"{actor} of the {'old' if number == 0 else 'new'} name", "tr": actor}
            yield _described(f"{actor}-named-{number}", actor, occurred, until, {"names": names, "kind": "state"})
        if actor in FORCES:
            force = FORCES[actor]
            data = {"names": {"en": f"Force of {actor}"}, "kind": "armed-force", "part_of": actor}
            yield _described(f"{force}-named", force, "[..1999]", "..", data)


def _described(id_: str, actor: str, occurred: str, until: str, data: Event) -> Event:
    parties = [{"actor": actor, "role": "subject"}]
    return {
        "action": "assert", "id": id_, "type": "actor", "occurred": occurred, "until": until, "parties": parties,
        "data": data,
    }  # fmt: skip


def side_by_side(draw: Random, pairs: Sequence[Pair], claims: int) -> Iterator[Event]:
    """So many claims on each pair, in turns; some are corrected and some confirmed a little later."""
    for number in range(claims):
        for pair in pairs:
            id_ = f"{relationship(pair)}-{number}"
            yield {"action": "assert", "id": id_, **content(draw, pair)}
            if number % 10 == 9:
                yield acting(draw, f"{id_}-corrected", pair, f"{relationship(pair)}-{number - 5}", "correct")
            if number % 20 == 19:
                yield acting(draw, f"{id_}-confirmed", pair, f"{relationship(pair)}-{number - 3}", "confirm")


def turns(draw: Random, pair: Pair, claims: int, at_once: int = 100) -> Iterator[Event]:
    """So many states, each for so long that about ``at_once`` of them hold on any day."""
    days = len(DAYS) * at_once // claims
    for number in range(claims):
        begun = number * len(DAYS) // claims
        ended = begun + days
        until = DAYS[ended] if ended < len(DAYS) else ".."
        yield _state(draw, pair, number, {"occurred": DAYS[begun], "until": until})


def lasting(draw: Random, pairs: Sequence[Pair], claims: int) -> Iterator[Event]:
    """So many states of each pair, in turns, that hold all the time: possibly, and from some day on certainly."""
    for number in range(claims):
        for pair in pairs:
            yield _state(draw, pair, number, {"occurred": f"[{DAYS[0]}..{draw.choice(DAYS)}]", "until": ".."})


def _state(draw: Random, pair: Pair, number: int, dates: Event) -> Event:
    said = content(draw, pair, ("operation", "negotiation", "training", "programme", "facility")[number % 5])
    said.pop("until")
    return {"action": "assert", "id": f"{relationship(pair)}-{number}", **said, **dates}


def acting(draw: Random, id_: str, pair: Pair, claim: str, action: str, type_: str | None = None) -> Event:
    """A correction, or a word for or against a claim, or its end."""
    event: Event = {"action": action, "id": id_, "claim": claim}
    if action == "correct":
        return event | content(draw, pair, type_)
    if action == "retract":
        event |= {"by": "curator", "reason": "It was recorded twice."}
    if action in ("confirm", "deny"):
        event["sources"] = [_source(draw, draw.randrange(len(DAYS)))]
    return event


def probes() -> Iterator[Event]:
    """The same in ledgers of any size, so that the same can be asked: some relationships, and who operates a drone."""
    draw = Random(SEED)  # noqa: S311 - repeatable, not secret
    operated = _operated(draw)
    for number, event in enumerate(side_by_side(draw, PROBED, 100)):
        yield event
        if number % 5 == 0:  # so that all of them are known long before the middle
            yield from itertools.islice(operated, 1)


def _operated(draw: Random) -> Iterator[Event]:
    for number, type_ in enumerate(("delivery", "operation", "operation")):
        for pair in OPERATED:
            said = content(draw, pair, type_)
            said["data"]["platform"] = DRONE
            yield {"action": "assert", "id": f"{relationship(pair)}-{number}", **said}


def ledger(count: int, *, seed: int = SEED) -> Iterator[Event]:
    """So many events, the probes spread evenly among them; who deals with whom, and how often, is far from even."""
    beginning = list(described([*PAIRS, *PROBED, *OPERATED]))
    waiting = list(probes())
    others = count - len(beginning) - len(waiting)
    if others < len(waiting):
        raise ValueError(f"{count} events are too few beside {len(beginning) + len(waiting)} that must be there")
    yield from beginning
    stream = Stream(Random(seed))  # noqa: S311 - repeatable, not secret
    put = 0
    for number in range(others):
        while put * others <= number * len(waiting) and put < len(waiting):
            yield waiting[put]
            put += 1
        yield stream.event(number)
    yield from waiting[put:]


class Stream:
    """Events on the claims of all pairs: which is next hangs on what was asserted, retracted and expected before."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        order = list(PAIRS)
        draw.shuffle(order)
        self._pairs = order
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, len(order) + 1)))
        self._live: list[tuple[str, Pair, str]] = []
        self._retracted: list[tuple[str, Pair, str]] = []
        self._expected: list[tuple[str, Pair]] = []
        self._actions, self._shares = list(ACTIONS), list(itertools.accumulate(ACTIONS.values()))

    def event(self, number: int) -> Event:
        id_ = f"e-{number}"
        [action] = self._draw.choices(self._actions, cum_weights=self._shares)
        if action == "expect" or action == "assert" or len(self._live) < 100:
            return self._new(id_, "expect" if action == "expect" else "assert")
        if action == "reinstate" and self._retracted:
            claim, pair, type_ = self._retracted.pop()
            self._live.append((claim, pair, type_))
            return acting(self._draw, id_, pair, claim, action)
        if action == "fulfil" and self._expected:
            claim, pair = self._taken(self._expected)
            # What fulfils it is of the same pair, so that one relationship's feed tells all of it.
            by = next((id_ for id_, other, _ in reversed(self._live[-500:]) if other == pair), None)
            if by is not None:
                return acting(self._draw, id_, pair, claim, action) | {"fulfilled_by": by}
        if action == "retract":
            claim, pair, type_ = taken = self._taken(self._live)
            self._retracted.append(taken)
        else:
            claim, pair, type_ = self._draw.choice(self._live)
            action = action if action in ("correct", "confirm", "deny") else "confirm"
        return acting(self._draw, id_, pair, claim, action, type_)

    def _new(self, id_: str, action: str) -> Event:
        [pair] = self._draw.choices(self._pairs, cum_weights=self._weights)
        said = content(self._draw, pair, expected=action == "expect")
        if action == "expect":
            self._expected.append((id_, pair))
        else:
            self._live.append((id_, pair, said["type"]))
        return {"action": action, "id": id_, **said}

    def _taken(self, some: list[Any]) -> Any:
        """Any of them, which is then no longer there."""
        at = self._draw.randrange(len(some))
        some[at], some[-1] = some[-1], some[at]
        return some.pop()
