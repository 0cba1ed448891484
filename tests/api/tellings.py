"""Random ledgers, and random questions of them: whatever may be recorded and asked, by a ``Random`` of Hypothesis's."""

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from service.domain.as_of import rfc3339
from service.domain.reading import read_event
from service.domain.refusals import Invalid
from service.domain.types import OF_ACTORS, TYPES
from tests.api.truth import Asked, Truth

Json = dict[str, Any]
DATES = (
    "2023-05-03", "2023-05", "2023", "2023-21", "2023-24", "2023-33", "2023-36", "2023-37", "2023-39",
    "2023-40", "2023-41", "201X", "2023-XX", "2023-XX-XX", "156X-12-25", "1984-1X", "2023-05-03T14:00:00Z",
    "2023-05-03T14:00:00+03:00", "2023-05-03T14:00:00+03", "2023-05-03T14:00:00", "[2018..2025]", "[2018,2020]",
    "[..2018]", "[2018..]", "{2022..2024}", "{2018,2020-05}", "{..1984}", "2018/2025", "2018/..", "2018/",
    "../2018", "/2018", "2021?", "2021~", "2021%", "2004-06~-11", "2004-06-~11", "2021", "2024-06", "2026-33",
    "2027", "2030-05/2031", "[2026-12..2028]", "{2027,2029}",
)  # fmt: skip
"""Every form that docs/dates.md names, and some days to come."""
ENDS = (None, "..", "", "2023", "2024-06", "2025-11-30", "2026-01-01T00:00:00Z", "[2024..2026]", "2029")
ZONES = (None, None, "Asia/Karachi", "America/New_York")
PUBLISHED = (None, "2023", "2024-03-18", "2024-06-30T12:00:00Z", "[2024..2025]", "2025-10-23", "2025-12", "2026-02-01")
PUBLISHERS = ("SIPRI", "Dawn", "Baykar")
RELATIONSHIPS = ("pak--tur", "aze--tur", "aze--pak")
PAIRS = (("tur", "pak"), ("tur", "paf"), ("tur", "aze"), ("aze", "pak"), ("turkiye", "pak"))
PLATFORMS = ("tb2", "akinci")
STAGES = ("reported", "planned", "site-selection", "construction", "operating", "closed")
LIKELIHOODS = (None, "most-likely", "potential")
KINDS = ("supply", "joint", "licence", "other")
PRODUCTION = (None, "imported", "licensed")
NAMED = ("tur", "pak", "aze", "paf", "turkiye")


class Teller:
    """Makes events that the ledger takes as it stands, one batch after the other."""

    def __init__(
        self,
        random: Random,
        claims: int = 12,
        *,
        batch: int = 4,
        pairs: Sequence[tuple[str, str]] = PAIRS,
        relationships: Sequence[str] = RELATIONSHIPS,
    ) -> None:
        """At most so many claims, and events in a batch; between those actors, and where more are named, there."""
        self.random, self.most, self.size = random, claims, batch
        self.pairs, self.relationships = pairs, relationships
        self.number = 0
        self.merged: set[str] = set()

    def batch(self, truth: Truth) -> list[Json]:
        """Some events, each on a claim of its own so that none contradicts another."""
        folded = truth.folded(truth.head, None)
        self.held = {id_: claim for id_, claim in folded.claims.items() if claim.statement.type not in OF_ACTORS}
        self.retracted = list(folded.retracted)
        self.taken: set[str] = set()
        self.merged = {
            party.actor
            for claim in folded.claims.values()
            if claim.statement.type == "actor-merge"
            for party in claim.statement.parties
            if party.role == "merged"
        }
        return [event for _ in range(self.random.randint(1, self.size)) if (event := self._event()) is not None]

    def _event(self) -> Json | None:
        """One that can be read; None where nothing fits."""
        for _ in range(5):
            event = self._any()
            if event is None:
                continue
            self.number += 1
            event["id"] = f"e{self.number}"
            try:
                read_event(msgspec.json.encode(event), TYPES, str)
            except Invalid:  # an end before its start, mostly
                continue
            self.taken |= {event[name] for name in ("id", "claim", "fulfilled_by") if name in event}
            return event
        return None

    def _any(self) -> Json | None:
        action = self.random.choice(
            ("assert",) * 5 + ("correct",) * 4 + ("late", "retract", "retract", "reinstate", "reinstate")
            + ("confirm", "deny", "expect", "fulfil", "name", "merge")
        )  # fmt: skip
        if action in ("assert", "expect") and len(self.held) + len(self.retracted) >= self.most:
            action = "correct"
        match action:
            case "assert" | "expect":
                return {"action": action, **self._content(lasting=action == "assert")}
            case "correct" | "late":
                return self._correction(late=action == "late")
            case "name":
                return self._name()
            case "merge":
                return self._merge()
            case "reinstate":
                claim = self._one(self.retracted)
                return claim and {"action": action, "claim": claim, "sources": self._sources()}
            case "fulfil":
                return self._fulfilment()
        claim = self._one(list(self.held))
        if claim is None:
            return None
        if action == "retract":
            by = self.random.choice(("source", "curator"))
            return {"action": action, "claim": claim, "by": by, "reason": "Wrong.", "sources": self._sources(1)}
        return {"action": action, "claim": claim, "sources": self._sources(1)}

    def _one(self, claims: Sequence[str]) -> Any:
        free = [claim for claim in claims if claim not in self.taken]
        return self.random.choice(free) if free else None

    def _correction(self, *, late: bool) -> Json | None:
        claim = self._one([*self.held, *(self.retracted if late else ())])
        if claim is None:
            return None
        event = {"action": "correct", "claim": claim, **self._content(lasting=True)}
        return event | {"late": True, "sources": self._sources(1, dated=True)} if late else event

    def _fulfilment(self) -> Json | None:
        waiting = [id_ for id_, claim in self.held.items() if claim.expectation and claim.fulfilled_by is None]
        expectation = self._one(waiting)
        fact = self._one([id_ for id_, claim in self.held.items() if not claim.expectation and id_ != expectation])
        if expectation is None or fact is None:
            return None
        return {"action": "fulfil", "claim": expectation, "fulfilled_by": fact, "sources": self._sources()}

    def _name(self) -> Json:
        actor = self.random.choice([name for name in NAMED if name not in self.merged])
        names = {"en": f"{actor} {self.random.randint(1, 9)}", "tr": f"{actor} tr"}
        data: Json = {"names": names, "kind": "state"}
        if actor == "paf":
            data = {"names": names, "kind": "armed-force", "part_of": self.random.choice(("pak", "aze"))}
        dates = self._dates(lasting=True)
        return {
            "action": "assert",
            "type": "actor",
            "parties": [{"actor": actor, "role": "subject"}],
            "data": data,
            **dates,
        }

    def _merge(self) -> Json | None:
        if self.merged or self.random.randint(0, 3):
            return None
        parties = [{"actor": "turkiye", "role": "merged"}, {"actor": "tur", "role": "survivor"}]
        return {"action": "assert", "type": "actor-merge", "occurred": "2020", "parties": parties}

    def _content(self, *, lasting: bool) -> Json:
        random = self.random
        type_ = random.choice(
            (
                *("acquisition", "order", "delivery", "delivery", "operation", "agreement", "negotiation"),
                *("facility", "facility", "programme", "training", "note", "statement"),
            )
        )
        first, second = random.choice([pair for pair in self.pairs if not self.merged & set(pair)])
        parties = [{"actor": first, "role": random.choice(("supplier", "party"))}]
        parties.append({"actor": second, "role": random.choice(("recipient", "operator"))})
        content: Json = {"type": type_, "parties": parties, "data": self._data(type_)}
        if random.randint(0, 2) == 0 or second == "paf":
            content["relationships"] = random.sample(
                self.relationships, random.randint(1, min(2, len(self.relationships)))
            )
        if random.randint(0, 2) == 0:
            content |= {"title": f"Title {random.randint(1, 9)}", "lang": "en", "translations": {"tr": "Başlık"}}
        if random.randint(0, 3) == 0:
            content["official_status"] = random.choice(("confirmed", "denied", "not_confirmed", "no_comment"))
        return content | {"sources": self._sources()} | self._dates(lasting=lasting and TYPES[type_].lasts)

    def _dates(self, *, lasting: bool) -> Json:
        occurred = self.random.choice(DATES)
        until, tz = self.random.choice(ENDS), self.random.choice(ZONES)
        dates: Json = {"occurred": occurred}
        if lasting and until is not None and "/" not in occurred:
            dates["until"] = until
        return dates | ({} if tz is None else {"tz": tz})

    def _sources(self, least: int = 0, *, dated: bool = False) -> list[Json]:
        random, sources = self.random, []
        for _ in range(random.randint(least, 2)):
            source: Json = {"publisher": random.choice(PUBLISHERS)}
            published = random.choice(PUBLISHED[1:] if dated else PUBLISHED)
            if published is not None:
                source["published"] = published
            if random.randint(0, 1):
                source |= {"reliability": random.choice("ABCDEF"), "credibility": random.randint(1, 6)}
            sources.append(source)
        return sources

    def _data(self, type_: str) -> Json:
        random, platform = self.random, {"platform": self.random.choice(PLATFORMS)}
        if random.randint(0, 3) == 0:
            platform["platform_name"] = f"The {platform['platform']}"
        match type_:
            case "acquisition" | "order" | "delivery" | "operation":
                data: Json = dict(platform)
                if random.randint(0, 2):
                    low, best, high = sorted(random.randint(0, 9) for _ in range(3))
                    whole = {"low": low, "best": best, "high": high, "uncertain": True}
                    data["quantity"] = random.choice(({"best": best}, {"low": low, "high": high}, whole))
                production = random.choice(PRODUCTION)
                if type_ in ("order", "delivery") and production is not None:
                    data["production"] = production
                return data
            case "agreement":
                return {"kind": random.choice(("contract", "licence")), "platforms": [platform]}
            case "negotiation":
                return {"subject": random.choice(("drones", "ships"))}
            case "facility":
                return {
                    "facility": random.choice(("plant", "yard")),
                    "stage": random.choice(STAGES),
                    "purpose": random.choice(("assembly", "maintenance", "other")),
                    **({"host": random.choice(("pak", "aze"))} if random.randint(0, 1) else {}),
                }
            case "programme":
                return {"programme": random.choice(("milgem", "kaan")), "kind": random.choice(KINDS)}
            case "training":
                return {"joint": bool(random.randint(0, 1))}
        return {}


def question(random: Random, truth: Truth, *, now: bool = True) -> Asked:
    """Any point of the ledger's, near what may change there or anywhere; any filters. Without ``now`` it is pinned."""
    known_at, position = None, None
    _, recorded_at = random.choice(truth.ends)
    match random.randint(0, 2 if now else 1):
        case 0:
            position = random.randint(0, truth.head)
        case 1:
            known_at = rfc3339(min(recorded_at + random.choice((-1, 0, 1)), truth.ends[-1][1]))
    begun = any(one_end <= (position or 0) for one_end, _ in truth.ends)
    valid: str | None = valid_time(random, truth)
    if random.randint(0, 7) == 0 and (position is None or begun):
        valid = None
    reported = None
    if random.randint(0, 1):
        reported = random.choice(("2022-12-31", "2023-12-31", "2024-03-17", "2024-03-18", "2024-06-30", "2024-12-31"))
        reported = random.choice((reported, "2025-10-23", "2025-12-31", "2026-02-01", "2026-11-01"))
    given: dict[str, str] = {}
    for name, values in (
        ("certainty", ("certain",)),
        ("standing", ("reported", "confirmed", "denied", "disputed")),
        ("official_status", ("not_confirmed", "confirmed")),
        ("min_reliability", ("A", "C", "E")),
        ("min_credibility", ("1", "3", "5")),
    ):
        if random.randint(0, 5) == 0:
            given[name] = random.choice(values)
    lang = random.choice((None, None, "tr"))
    criteria = tuple(given.items())
    return Asked(valid=valid, known_at=known_at, position=position, reported=reported, lang=lang, criteria=criteria)


def valid_time(random: Random, truth: Truth) -> str:
    """A day, or an instant at a bound of some claim or beside it."""
    if random.randint(0, 1):
        return (
            f"{random.choice((1570, 1985, *range(2003, 2033)))}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        )
    bounds = random.choice(truth.events).bounds
    edges = [] if bounds is None else [getattr(bounds, name) for name in bounds.__struct_fields__]
    near = [edge for edge in edges if -6 * 10**16 < edge < 10**17]
    return rfc3339(random.choice(near) + random.choice((-1, 0, 1))) if near else "2024-06-30"
