"""Across relationships too there is one truth: what HTTP answers by indexes is what all claims fold to."""

import functools
import itertools
from collections.abc import Callable
from random import Random
from typing import Any, get_args
from urllib.parse import urlencode

import anyio.from_thread
import anyio.to_thread
import msgspec
import pytest

from service.domain.actors import members_of
from service.domain.as_of import AsOf, parse_point, rfc3339
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.events import Statement
from service.domain.folding import words_of
from service.domain.reading import data_of, relationships_of
from service.domain.types import TYPES, Platform
from service.domain.windows import Window, begins, ends
from service.projections import Question
from service.projections.actors import ActorFilters, actor_found, described
from service.projections.criteria import sift
from service.projections.inventory import inventory
from service.projections.operators import OPERATING, operators
from service.projections.relationships import Place, RelationshipFound, Touches, Wanted, numbers_of, told_in_short
from service.projections.searching import Sought, found_claims, pick
from service.projections.suppliers import Measure, suppliers
from service.projections.view import View
from tests.api.conftest import Api
from tests.api.tellings import NAMED, PLATFORMS, RELATIONSHIPS, Teller, question
from tests.api.truth import Asked, Truth, aliases_of, criteria_of

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
NUMBER = itertools.count()
SEEDS, BATCHES = range(8), 8


class Told:
    """A ledger over HTTP, beside its truth; for a thread beside the event loop."""

    def __init__(self, api: Api, random: Random) -> None:
        self.api, self.random = api, random
        self.address = f"/v1/ledgers/across-{next(NUMBER)}"
        self.truth, self.teller = Truth(), Teller(random, claims=40)
        self.pinned: dict[str, bytes] = {}

    def run(self, do: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return anyio.from_thread.run(functools.partial(do, *given, **named))

    def open(self) -> None:
        assert self.run(self.api.put, self.address, {"title": "Told", "public_read": True}).status_code == 201

    def tell(self, batches: int) -> None:
        for _ in range(batches):
            batch = self.teller.batch(self.truth)
            if not batch:
                continue
            answer = self.run(self.api.append, *batch, to=f"{self.address}/events")
            assert answer.status_code in (201, 409, 422), answer.text
            path = f"{self.address}/events?after={self.truth.head}"
            feed = self.run(self.api.get, path, headers={"Accept": "application/x-ndjson"})
            self.truth.follow(msgspec.json.decode(line) for line in feed.text.splitlines())

    def asked(self) -> Asked:
        """Any point and filters; more often than not a late one, with few of them: what is left out teaches little."""
        asked, random = question(self.random, self.truth), self.random
        if random.randint(0, 3):
            asked = msgspec.structs.replace(asked, criteria=asked.criteria[:1] if random.randint(0, 2) == 0 else ())
        if random.randint(0, 2):
            asked = msgspec.structs.replace(asked, reported=None)
        if random.randint(0, 2):
            asked = msgspec.structs.replace(asked, known_at=None, position=random.choice((None, self.truth.head)))
        if random.randint(0, 2):
            asked = msgspec.structs.replace(asked, valid=f"{random.randint(2021, 2027)}-06-30")
        return asked

    def pages(self, path: str, name: str) -> tuple[Json, list[Json]]:
        """The first page, and the entries of all; every page stands on the same point."""
        first, entries, address = None, [], path
        while address:
            answer = self.run(self.api.get, address)
            assert answer.status_code == 200, answer.text
            if "known_position=" in address or "cursor=" in address:
                assert self.pinned.setdefault(address, answer.content) == answer.content, address
            said = answer.json()
            first = first or said
            assert said["as_of"] == {**first["as_of"], "final": said["as_of"]["final"]}, address
            entries += said[name]
            address = said.get("next", "")
            assert ("link" in answer.headers) == bool(address)
        assert first is not None
        return first, entries

    def ask_again(self) -> None:
        for path, first in self.pinned.items():
            assert self.run(self.api.get, path).content == first, path

    def everything(self, asked: Asked, at: AsOf) -> Question:
        """All claims of the ledger at that point."""
        asked_of_none = self.truth.question(
            "nobody--noone", at, lang=asked.lang or "en", criteria=criteria_of(dict(asked.criteria)), since=0
        )
        claims = list(self.truth.folded(at.position, at.reported).claims.values())
        return msgspec.structs.replace(asked_of_none, relationship="", claims=claims, types=TYPES)

    def ask_operators(self, platform: str, asked: Asked) -> None:
        limit = self.random.randint(1, 3)
        first, lines = self.pages(
            f"{self.address}/operators?platform={platform}&limit={limit}&{asked.query}", "operators"
        )
        at = self.truth.as_of(asked, known_of(first))
        everything = self.everything(asked, at)
        about = View(msgspec.structs.replace(everything, criteria=criteria_of({}))).present
        holding = [
            (one.claim.content.position, one.data.platform_name)
            for one in about
            if one.claim.statement.type in OPERATING
            and isinstance(one.data, Platform)
            and one.data.platform == platform
            and one.data.platform_name is not None
        ]
        label = max(holding)[1] if holding else platform
        claims = [one for one in everything.claims if _platform(one.statement.data) == platform]
        question = msgspec.structs.replace(everything, known=bool(claims))
        expected = encoded(operators(question, platform, label or platform))
        assert lines == expected["operators"], asked
        assert {name: first[name] for name in ("platform", "as_of", "known")} == {
            name: expected[name] for name in ("platform", "as_of", "known")
        }, asked

    def ask_suppliers(self, actor: str, asked: Asked) -> None:
        by = self.random.choice(get_args(Measure))
        from_, to = self.random.choice(
            (("", ""), ("2019", ""), ("", "2023-06"), ("2018-05", "2022~"), ("2023", "2023"))
        )
        window = Window(begins(from_) if from_ else BEGINNING, ends(to) if to else FOREVER)
        given = "".join(f"&{name}={text}" for name, text in (("from", from_), ("to", to)) if text)
        limit = self.random.randint(1, 2)
        path = f"{self.address}/actors/{actor}/suppliers?rank={by}&limit={limit}{given}&{asked.query}"
        if self.elsewhere(path, actor, asked):
            return
        first, lines = self.pages(path, "suppliers")
        at = self.truth.as_of(asked, known_of(first))
        everything = self.everything(asked, at)
        question = msgspec.structs.replace(everything, known=actor in self.named(everything))
        expected = encoded(suppliers(question, actor, window, by))
        assert lines == expected["suppliers"], asked
        assert {**first, "suppliers": [], "next": "", "omitted": {}} == {
            **expected,
            "suppliers": [],
            "next": "",
            "omitted": {},
        }, asked

    def ask_actor(self, actor: str, asked: Asked) -> None:
        asked = msgspec.structs.replace(asked, criteria=())
        path = f"{self.address}/actors/{actor}?{asked.query}"
        if self.elsewhere(path, actor, asked):
            return
        said = self.run(self.api.get, path).json()
        at = self.truth.as_of(asked, known_of(said))
        everything = self.everything(asked, at)
        aliases = everything.actors.aliases
        slugs = set(aliases.merged_into(actor))
        naming = [
            one
            for one in self.truth.events[: at.position]
            if isinstance(one.event, Statement) and not slugs.isdisjoint(party.actor for party in one.event.parties)
        ]
        places = [Place(position=one.position, recorded_at=rfc3339(one.recorded_at)) for one in naming]
        touched = {one for revisions in self.truth.revisions[: at.position] for one in revisions}
        tied = sorted({aliases.relationship(one) for one in touched if not slugs.isdisjoint(members_of(one))})
        expected = encoded(
            actor_found(
                actor,
                at,
                everything.actors,
                lang=asked.lang or "en",
                known=actor in self.named(everything),
                seen=(places[0], places[-1]) if places else None,
                parts=list(everything.actors.descriptions),
                relationships=[found for one in tied if (found := self.in_short(one, everything, asked.lang or "en"))],
            )
        )
        assert said.pop("all_relationships").startswith("http")
        assert said == expected, asked

    def ask_claims(self, asked: Asked) -> None:
        random = self.random
        filters = {
            "q": random.choice((None, None, None, "title", "BASLIK", "title 3")),
            "type": random.choice((None, None, None, "delivery", "facility")),
            "platform": random.choice((None, None, None, "tb2")),
            "source": random.choice((None, None, None, "sipri")),
            "actor": random.choice((None, None, None, None, *NAMED)),
            "relationship": random.choice((None, None, None, *RELATIONSHIPS)),
        }
        given = {name: text for name, text in filters.items() if text is not None}
        path = f"{self.address}/claims?limit={random.randint(1, 4)}&{urlencode(given)}&{asked.query}"
        first, found = self.pages(path, "claims")
        at = self.truth.as_of(asked, known_of(first))
        everything = self.everything(asked, at)
        aliases = everything.actors.aliases
        if "actor" in given:
            given["actor"] = aliases.survivor(given["actor"])
        if "relationship" in given:
            given["relationship"] = aliases.relationship(given["relationship"])
        words = words_of(given.pop("q", ""))
        claims = sorted(everything.claims, key=lambda one: -one.content.position)
        picked, possible, sifted = pick(claims, everything, Sought(words=words, **given))
        expected = encoded(found_claims(everything, picked, possible, sifted))
        assert found == expected["claims"], path
        assert first["as_of"] == expected["as_of"], path

    def ask_relationships(self, asked: Asked) -> None:
        random = self.random
        filters = {
            "actor": random.choice((None, *NAMED)),
            "type": random.choice((None, None, "delivery", "facility", "operation")),
            "platform": random.choice((None, None, *PLATFORMS)),
            "holds": random.choice((None, None, *PLATFORMS)),
        }
        given = {name: text for name, text in filters.items() if text is not None}
        path = f"{self.address}/relationships?limit={random.randint(1, 3)}&{urlencode(given)}&{asked.query}"
        first, found = self.pages(path, "relationships")
        at = self.truth.as_of(asked, known_of(first))
        everything = self.everything(asked, at)
        if "actor" in given:
            given["actor"] = everything.actors.survivor(given["actor"])
        wanted = Wanted(**given)
        sifted = list(sift(everything.claims, everything.criteria, at.reported).claims)
        relationship = everything.actors.aliases.relationship
        every = {relationship(one) for claim in everything.claims for one in relationships_of(claim.statement)}
        expected = []
        for one in sorted(every):
            kept = msgspec.structs.replace(everything, claims=sifted)
            told = self.in_short(one, kept, asked.lang or "en")
            if told is not None and self.is_wanted(one, wanted, kept):
                expected.append(encoded(told))
        assert sorted(found, key=lambda one: str(one["relationship"])) == expected, path

    def is_wanted(self, relationship: str, wanted: Wanted, everything: Question) -> bool:
        here = set(everything.actors.aliases.timelines(relationship))
        claims = [one for one in everything.claims if here & set(relationships_of(one.statement))]
        view = View(msgspec.structs.replace(everything, relationship=relationship, claims=claims))
        sure = everything.criteria.certain_only
        so = [one for one in view.present if one.certain or not sure]
        alive = [(one.claim.statement.type, one.data) for one in so]
        alive += [(one.statement.type, data_of(one.statement, TYPES)) for one in view.expected if not sure]
        if wanted.actor is not None and wanted.actor not in members_of(relationship):
            return False
        if wanted.platform is not None:
            of_it = {type_ for type_, data in alive if getattr(data, "platform", None) == wanted.platform}
            if not of_it or wanted.type not in (None, *of_it):
                return False
        elif wanted.type is not None and wanted.type not in {type_ for type_, _ in alive}:
            return False
        lines = [one for one in inventory(view) if one.certainty == "certain" or not sure]
        return wanted.holds is None or wanted.holds in {one.platform for one in lines}

    def ask_actors(self, asked: Asked) -> None:
        random = self.random
        asked = msgspec.structs.replace(asked, criteria=())
        filters = {
            "q": random.choice((None, None, "TUR", "pak 3")),
            "kind": random.choice((None, None, "state", "armed-force")),
            "part_of": random.choice((None, None, "pak", "aze")),
        }
        given: Json = {name: text for name, text in filters.items() if text is not None}
        path = f"{self.address}/actors?limit={random.randint(1, 3)}&{urlencode(given)}&{asked.query}"
        first, found = self.pages(path, "actors")
        at = self.truth.as_of(asked, known_of(first))
        everything = self.everything(asked, at)
        survivor, lang = everything.actors.survivor, asked.lang or "en"
        places: dict[str, list[Place]] = {}
        for one in self.truth.events[: at.position]:
            if isinstance(one.event, Statement):
                for slug in {survivor(party.actor) for party in one.event.parties}:
                    place = Place(position=one.position, recorded_at=rfc3339(one.recorded_at))
                    places.setdefault(slug, []).append(place)
        wanted = ActorFilters(words=words_of(given.pop("q", "")), **given)
        expected = []
        for slug in sorted(self.named(everything)):
            said = described(slug, everything.actors, (places[slug][0], places[slug][-1]), lang, at.valid)
            if wanted.meets(said):
                expected.append(encoded(said))
        assert found == expected, path

    def in_short(self, relationship: str, everything: Question, lang: str) -> RelationshipFound | None:
        """None where no claim of it is visible."""
        at, here = everything.as_of, set(everything.actors.aliases.timelines(relationship))
        claims = [one for one in everything.claims if here & set(relationships_of(one.statement))]
        events = list(zip(self.truth.events, self.truth.revisions, strict=True))[: at.position]
        touching = [one for one, revisions in events if here & revisions.keys()]
        if not claims:
            return None
        ends = (touching[0], touching[-1])
        revision = sum(relationship in revisions for _, revisions in events)
        first, last = ((one.position, one.recorded_at) for one in ends)
        named = (everything.actors, lang, at.valid)
        return told_in_short(relationship, Touches(revision, first, last), numbers_of(claims, at.valid), named)

    def elsewhere(self, path: str, actor: str, asked: Asked) -> bool:
        """Whether the actor was merged by then, and its address leads to the survivor's."""
        position = self.truth.as_of(asked, 0).position
        survivor = aliases_of(self.truth.folded(position, None).claims.values()).survivor(actor)
        if survivor == actor:
            return False
        answer = self.run(self.api.get, path)
        assert (answer.status_code, f"/actors/{survivor}" in answer.headers["location"]) == (308, True)
        return True

    def named(self, everything: Question) -> set[str]:
        """Whom visible claims name, by their survivors."""
        survivor = everything.actors.survivor
        return {survivor(party.actor) for one in everything.claims for party in one.statement.parties}


def encoded(said: msgspec.Struct) -> Json:
    decoded: Json = msgspec.json.decode(msgspec.json.encode(said))
    return decoded


def _platform(data: Any) -> str | None:
    found = msgspec.json.decode(data) if isinstance(data, msgspec.Raw) else {}
    return str(found["platform"]) if "platform" in found else None


def known_of(said: Json) -> int:
    return parse_point(said["as_of"].get("known_at", "1970-01-01T00:00:00Z")).at


async def test_an_actor_and_its_suppliers_are_what_all_claims_fold_to(api: Api) -> None:
    def holds(random: Random) -> None:
        told = Told(api, random)
        told.open()
        for _ in range(BATCHES):
            told.tell(4)
            if told.truth.head:
                told.ask_suppliers(random.choice(NAMED), told.asked())
                told.ask_actor(random.choice(NAMED), told.asked())
        told.ask_again()

    for seed in SEEDS:
        await anyio.to_thread.run_sync(holds, Random(seed))  # noqa: S311 - repeatable, not secret


async def test_what_is_searched_for_is_what_all_claims_fold_to(api: Api) -> None:
    def holds(random: Random) -> None:
        told = Told(api, random)
        told.open()
        for _ in range(BATCHES):
            told.tell(4)
            if told.truth.head:
                told.ask_claims(told.asked())
                told.ask_relationships(told.asked())
                told.ask_actors(told.asked())
        told.ask_again()

    for seed in SEEDS:
        await anyio.to_thread.run_sync(holds, Random(seed))  # noqa: S311 - repeatable, not secret


async def test_who_operates_what_is_what_all_claims_fold_to(api: Api) -> None:
    def holds(random: Random) -> None:
        told = Told(api, random)
        told.open()
        for _ in range(BATCHES):
            told.tell(4)
            if told.truth.head:
                for _ in range(2):
                    told.ask_operators(random.choice(PLATFORMS), told.asked())
        told.ask_again()

    for seed in SEEDS:
        await anyio.to_thread.run_sync(holds, Random(seed))  # noqa: S311 - repeatable, not secret
