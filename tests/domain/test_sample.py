"""The sample ledger against the rules it must pass and the facts it must tell; add a fact to the tables below.

The register's figures are from the SIPRI Arms Transfers Database, exports of 2024-03-18 and 2025-10-23.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import pytest

from service.domain import edtf
from service.domain.actors import Slug
from service.domain.as_of import parse_point
from service.domain.batches import Demand, read_batch
from service.domain.claims import Claim, Folded, Recorded, fold
from service.domain.events import Correct, Expect, Party, Source, Statement
from service.domain.reading import Draft, data_of, read_events, relationships_of
from service.domain.types import (
    TYPES,
    Actor,
    Assessment,
    Delivery,
    Facility,
    Negotiation,
    Order,
    Platform,
    Programme,
    Training,
)
from service.sample import drones


class Fact(NamedTuple):
    """A claim made of one row of what the article told."""

    number: int
    claim: str
    type: str
    occurred: str
    until: str | None
    phrase: str | None
    """The source's words for the date."""
    platform: str | None


def facts(table: str) -> list[Fact]:
    rows = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return [
        Fact(int(number), claim, type_, occurred, until or None, phrase or None, platform or None)
        for number, claim, type_, occurred, until, phrase, platform in rows
    ]


FACTS = facts("""
 1 | tb2-in-service          | entry-into-service | 2014                |    | in 2014                    | tb2
 2 | baykar-contract-ukr     | agreement          | [2018..2025]        |    | between 2018 and 2025      |
 2 | baykar-contract-pol     | agreement          | [2018..2025]        |    | between 2018 and 2025      |
 2 | baykar-contract-qat     | agreement          | [2018..2025]        |    | between 2018 and 2025      |
 2 | baykar-contract-aze     | agreement          | [2018..2025]        |    | between 2018 and 2025      |
 2 | baykar-contract-eth     | agreement          | [2018..2025]        |    | between 2018 and 2025      |
 3 | tb2-acquired            | acquisition        | 2021                |    | in 2021                    | tb2
 4 | tb2-in-paf-inventory    | operation          | 2021                | .. | quickly                    | tb2
 5 | akinci-in-service       | entry-into-service | 2021                |    | in 2021                    | akinci
 6 | tb2-used-around-kyiv    | combat-use         | 2022                |    | in 2022                    | tb2
 7 | akinci-delivered        | delivery           | 2023                |    | in 2023                    | akinci
 8 | smart-weapons-talks     | negotiation        | [2021..2025-12-05]  | .. | since then                 |
 9 | milgem-programme        | programme          | [..2025-12-05]      | .. |                            |
10 | submarine-modernisation | programme          | [..2025-12-05]      | .. |                            |
11 | joint-training          | training           | [..2025-12-05]      | .. |                            |
12 | second-largest-supplier | assessment         | 2025-12-05          |    | now                        |
13 | plant-reported          | facility           | 2025-12-05          | .. | report of December 5, 2025 |
14 | plant-talks             | negotiation        | [..2025-12-05]      | .. | as of this writing         |
15 | local-content-interest  | statement          | [..2025-12-05]      |    | previously                 |
16 | more-announcements      | statement          | 2026-33             |    | early 2026                 |
17 | kizilelma-unveiled      | unveiling          | [..2025-12-05]      |    | more recently              | kizilelma
17 | kizilelma-flight-trials | flight-trial       | [..2025-12-05]      | .. | currently                  | kizilelma
""")
IN_SERVICE, BETWEEN = "baykar:maker tur:operator", "tur:participant pak:participant"
SUPPLIED, WITH_BAYKAR = "tur:supplier baykar:supplier pak:recipient", "baykar--pak pak--tur"
PARTIES = {
    "tb2-in-service": (IN_SERVICE, "baykar--tur"),
    "baykar-contract-ukr": ("baykar:supplier ukr:recipient", "baykar--ukr"),
    "baykar-contract-pol": ("baykar:supplier pol:recipient", "baykar--pol"),
    "baykar-contract-qat": ("baykar:supplier qat:recipient", "baykar--qat"),
    "baykar-contract-aze": ("baykar:supplier aze:recipient", "aze--baykar"),
    "baykar-contract-eth": ("baykar:supplier eth:recipient", "baykar--eth"),
    "tb2-acquired": (SUPPLIED, WITH_BAYKAR),
    "tb2-in-paf-inventory": ("paf:operator", "pak--tur"),
    "akinci-in-service": (IN_SERVICE, "baykar--tur"),
    "tb2-used-around-kyiv": ("ukr:user rus:target", "rus--ukr"),
    "akinci-delivered": (SUPPLIED, WITH_BAYKAR),
    "smart-weapons-talks": ("pak:buyer tur:seller", "pak--tur"),
    "milgem-programme": ("tur:supplier pak-navy:recipient", "pak--tur pak-navy--tur"),
    "submarine-modernisation": (BETWEEN, "pak--tur"),
    "joint-training": (BETWEEN, "pak--tur"),
    "second-largest-supplier": ("tur:supplier pak:recipient chn:larger-supplier", "chn--pak pak--tur"),
    "plant-reported": ("tur:participant pak:host baykar:maker", WITH_BAYKAR),
    "plant-talks": (BETWEEN + " baykar:participant", WITH_BAYKAR),
    "local-content-interest": ("pak:speaker", "pak--tur"),
    "more-announcements": (BETWEEN, "pak--tur"),
    "kizilelma-unveiled": ("baykar:maker", ""),
    "kizilelma-flight-trials": ("baykar:maker", ""),
}
"""By claim: each actor with its role, and the relationships it belongs to."""

EXPORTS = ("2024-03-18", "2025-10-23")
Figure = tuple[str, str]
"""The date, and how many, as the register writes it: `?` where that is uncertain, nothing where it is not known."""
REGISTER: dict[str, tuple[Figure | None, Figure]] = {
    "sipri-tb2-ordered": (("2021?", ""), ("2021?", "9?")),
    "sipri-tb2-delivered": (("{2022,2023}", "6?"), ("{2022,2023,2024}", "9?")),
    "sipri-akinci-ordered": (("2022?", ""), ("2022?", "")),
    "sipri-akinci-delivered": (("2023", "2?"), ("{2023,2024}", "3?")),
    "sipri-milgem-ordered": (("2018", "4"), ("2018", "4")),
    "sipri-milgem-delivered": (("2023", "1"), ("2023", "1")),
    "sipri-moawin-ordered": (("2013", "1"), ("2013", "1")),
    "sipri-moawin-delivered": (("2018", "1"), ("2018", "1")),
    "sipri-aselpod-ordered": (("2022", ""), ("2022", "")),
    "sipri-aselpod-delivered": (None, ("2024", "5?")),
    "sipri-mfi-17-ordered": (("2017", "52"), ("2017", "52")),
    "sipri-mfi-17-delivered": (("{2022,2023}", "18?"), ("{2022,2023,2024}", "38?")),
}
"""By claim, what each export says of it."""
DESIGNATIONS = {
    "tb2": "Bayraktar TB2",
    "akinci": "Akinci",
    "milgem": "MilGem",
    "moawin": "Moawin",
    "aselpod": "ASELPOD",
    "mfi-17": "MFI-17 Supporter",
}

SAMPLE = drones()


def no_id() -> str:
    raise AssertionError("every event of the sample has an id of its own")


def drafts() -> list[list[Draft]]:
    return [read_events(batch, TYPES, no_id) for batch in SAMPLE.batches]


def recorded() -> list[Recorded]:
    """The sample as a ledger holds it that took in a batch each microsecond."""
    entries = ((at, draft) for at, batch in enumerate(drafts()) for draft in batch)
    return [
        Recorded(
            position=position,
            recorded_at=at,
            id=draft.id,
            claim=draft.claim,
            event=draft.event,
            bounds=draft.bounds,
            members=draft.members,
            reported=draft.reported,
        )
        for position, (at, draft) in enumerate(entries, start=1)
    ]


HISTORY = recorded()
STATEMENTS = [entry.event for entry in HISTORY if isinstance(entry.event, Statement)]
NOW = fold(HISTORY)


def reported_by(day: str) -> Folded:
    return fold(HISTORY, parse_point(day).at)


def certainty(claim: Claim, day: str) -> Literal["certain", "possible"] | None:
    return edtf.certainty(claim.bounds, parse_point(day).at)


def figure(folded: Folded, claim: str) -> Figure | None:
    if claim not in folded.claims:
        return None
    said = folded.claims[claim].statement
    data = data_of(said, TYPES)
    assert isinstance(data, Order | Delivery)
    how_many = data.quantity
    return said.occurred, "" if how_many is None else f"{how_many.best}{'?' if how_many.uncertain else ''}"


def name_of(actor: str, lang: str, at: str) -> str:
    """The one name that is certain then."""
    names = [
        data.names[lang]
        for claim in NOW.claims.values()
        if isinstance(data := data_of(claim.statement, TYPES), Actor)
        and claim.statement.parties[0].actor == actor
        and certainty(claim, at) == "certain"
    ]
    assert len(names) == 1
    return names[0]


def meets(folded: Folded, claim: str, demand: Demand) -> bool:
    """Whether a ledger that stands as ``folded`` grants what a batch asks of it."""
    there = claim in folded.claims or claim in folded.retracted
    known = folded.claims.get(claim)
    return {
        "absent": not there,
        "present": there,
        "standing": claim not in folded.retracted,
        "retracted": claim in folded.retracted,
        "expectation": known is not None and known.expectation,
        "unfulfilled": known is not None and known.fulfilled_by is None,
        "fact": known is not None and not known.expectation,
    }[demand]


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_every_batch_is_accepted_after_those_before_it() -> None:
    before: list[Recorded] = []
    left = iter(HISTORY)
    for batch in drafts():
        folded = fold(before)
        asked = read_batch(batch).requirements
        assert [asking.fault() for asking in asked if not meets(folded, asking.claim, asking.demand)] == []
        before += [next(left) for _ in batch]
    assert len({entry.id for entry in HISTORY}) == len(HISTORY)


def test_a_batch_sent_twice_would_be_refused() -> None:
    asked = read_batch(drafts()[0]).requirements
    assert not any(meets(NOW, asking.claim, asking.demand) for asking in asked)


def test_the_ledger_is_public_and_named_by_a_slug() -> None:
    assert SAMPLE.public_read
    assert msgspec.convert(SAMPLE.ledger, Slug) == "drones"


def test_the_batches_are_actors_then_each_export_then_the_article() -> None:
    days = [{source.published for draft in batch for source in draft.event.sources} for batch in drafts()]
    assert days == [{None}, {EXPORTS[0]}, {EXPORTS[1]}, {"2025-12-05"}]


def test_it_holds_these_claims_and_no_others() -> None:
    actors = {id_ for id_, claim in NOW.claims.items() if claim.statement.type == "actor"}
    assert NOW.claims.keys() == actors | {fact.claim for fact in FACTS} | REGISTER.keys()
    assert NOW.retracted == {}
    assert {fact.number for fact in FACTS} == set(range(1, 18))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.number}-{fact.claim}")
def test_a_fact_is_told_with_its_dates_words_and_parties(fact: Fact) -> None:
    said = NOW.claims[fact.claim].statement
    assert (said.type, said.occurred, said.until, said.phrase) == fact[2:6]
    parties, relationships = PARTIES[fact.claim]
    assert said.parties == tuple(Party(*party.split(":")) for party in parties.split())
    assert relationships_of(said) == tuple(relationships.split())
    data = data_of(said, TYPES)
    assert (data.platform if isinstance(data, Platform) else None) == fact.platform


def test_only_the_announcements_are_expected() -> None:
    assert [claim.id for claim in NOW.claims.values() if claim.expectation] == ["more-announcements"]
    assert isinstance(NOW.claims["more-announcements"].statement, Expect)


def test_the_plant_is_bloombergs_word_and_not_confirmed() -> None:
    said = NOW.claims["plant-reported"].statement
    assert said.sources == (Source(publisher="Bloomberg", published="2025-12-05", via="Army Recognition"),)
    assert said.official_status == "not_confirmed"
    plant, talks = data_of(said, TYPES), data_of(NOW.claims["plant-talks"].statement, TYPES)
    assert isinstance(plant, Facility)
    assert isinstance(talks, Negotiation)
    assert (plant.stage, plant.purpose, plant.host, plant.place) == ("reported", "assembly", "pak", None)
    assert [(p.platform, p.likelihood) for p in plant.platforms] == [("tb2", "most-likely"), ("akinci", "potential")]
    assert talks.facility == plant.facility


def test_nothing_but_the_plant_has_an_official_status_and_nothing_is_graded() -> None:
    assert [claim.id for claim in NOW.claims.values() if claim.statement.official_status] == ["plant-reported"]
    grades = {(source.reliability, source.credibility) for said in STATEMENTS for source in said.sources}
    assert grades == {(None, None)}


def test_the_articles_other_facts_are_its_own_word() -> None:
    for claim in {fact.claim for fact in FACTS} - {"plant-reported"}:
        assert [source.publisher for source in NOW.claims[claim].statement.sources] == ["Army Recognition"]


def test_the_articles_facts_say_what_kind_of_thing_they_are() -> None:
    data = {fact.number: data_of(NOW.claims[fact.claim].statement, TYPES) for fact in FACTS}
    corvettes, submarines, training, rank, akinci = (data[number] for number in (9, 10, 11, 12, 7))
    assert isinstance(corvettes, Programme)
    assert isinstance(submarines, Programme)
    assert isinstance(training, Training)
    assert isinstance(rank, Assessment)
    assert isinstance(akinci, Delivery)
    assert (corvettes.kind, submarines.kind, training.joint, rank.rank) == ("supply", "modernisation", True, 2)
    assert akinci.quantity is None


def test_facts_between_the_two_states_name_their_relationship() -> None:
    for fact in FACTS:
        names_it = "pak--tur" in NOW.claims[fact.claim].statement.relationships
        assert names_it == (fact.number in {3, 4, *range(7, 17)})


@pytest.mark.parametrize("claim", REGISTER)
def test_the_register_says_on_each_day_what_its_export_said(claim: str) -> None:
    first, second = REGISTER[claim]
    assert figure(reported_by("2024-03-17"), claim) is None
    assert figure(reported_by("2024-03-18"), claim) == first
    assert figure(reported_by("2024-06-30"), claim) == first
    assert figure(reported_by("2025-10-22"), claim) == first
    assert figure(reported_by("2025-10-23"), claim) == second
    assert figure(NOW, claim) == second


@pytest.mark.parametrize("claim", REGISTER)
def test_the_registers_claims_go_from_supplier_to_recipient(claim: str) -> None:
    said = NOW.claims[claim].statement
    roles = {party.role: party.actor for party in said.parties}
    back = claim.startswith("sipri-mfi-17")
    assert roles == ({"supplier": "pak", "recipient": "tur"} if back else {"supplier": "tur", "recipient": "pak"})


def test_every_change_between_the_exports_is_a_correction_and_nothing_else_is() -> None:
    corrected = {entry.claim for entry in HISTORY if isinstance(entry.event, Correct)}
    assert corrected == {claim for claim, (first, second) in REGISTER.items() if first not in (None, second)}
    assert all(entry.event.reason for entry in HISTORY if isinstance(entry.event, Correct))


def test_what_is_licensed_is_said_to_be() -> None:
    licensed = set()
    for claim in REGISTER:
        data = data_of(NOW.claims[claim].statement, TYPES)
        assert isinstance(data, Order | Delivery)
        assert data.production in (None, "licensed")
        licensed |= {claim} if data.production else set()
    assert licensed == {"sipri-milgem-ordered", "sipri-moawin-ordered", "sipri-moawin-delivered"}


def test_the_tb2_is_possible_in_2021_and_certain_after_it() -> None:
    for claim in ("tb2-acquired", "tb2-in-paf-inventory"):
        assert certainty(NOW.claims[claim], "2021-06-01") == "possible"
        assert certainty(NOW.claims[claim], "2021-12-31") == "certain"
        assert certainty(NOW.claims[claim], "2022-06-30") == "certain"


def test_no_akinci_is_there_before_2023() -> None:
    there = [NOW.claims["akinci-delivered"], NOW.claims["sipri-akinci-delivered"]]
    assert [certainty(claim, "2021-06-01") for claim in there] == [None, None]
    assert [certainty(claim, "2022-12-31") for claim in there] == [None, None]
    assert certainty(there[0], "2024-06-30") == "certain"


def test_the_plant_is_absent_until_it_is_reported() -> None:
    plant = NOW.claims["plant-reported"]
    assert [certainty(plant, day) for day in ("2024-06-30", "2025-12-04")] == [None, None]
    assert [certainty(plant, day) for day in ("2025-12-05", "2026-06-30")] == ["certain", "certain"]
    about_it = {"plant-reported", "plant-talks"}
    for day in ("2024-06-30", "2025-11-30", "2025-12-04"):
        assert not about_it & reported_by(day).claims.keys()
    assert about_it <= reported_by("2025-12-05").claims.keys()


def test_nothing_says_that_the_plant_operates() -> None:
    stages = [data.stage for said in STATEMENTS if isinstance(data := data_of(said, TYPES), Facility)]
    assert stages == ["reported"]


def test_the_expected_quarter_is_the_first_of_2026() -> None:
    bounds = NOW.claims["more-announcements"].bounds
    assert edtf.day(bounds.starts_earliest) == "2026-01-01"
    assert edtf.day(bounds.starts_latest) == "2026-03-31"


def test_turkiye_is_called_turkey_in_english_until_june_2022() -> None:
    assert [name_of("tur", "en", at) for at in ("2013-01-01", "2022-05-31")] == ["Turkey", "Turkey"]
    assert name_of("tur", "en", "2022-05-31T23:59:59.999999Z") == "Turkey"
    assert [name_of("tur", "en", at) for at in ("2022-06-01T00:00:00Z", "2022-06-01")] == ["Türkiye", "Türkiye"]
    assert {name_of("tur", "tr", at) for at in ("2013-01-01", "2022-05-31", "2022-06-01")} == {"Türkiye"}


def test_every_actor_named_anywhere_has_its_names_from_before_the_first_dated_fact() -> None:
    named = {party.actor for said in STATEMENTS for party in said.parties}
    named |= {actor for said in STATEMENTS for relationship in said.relationships for actor in relationship.split("--")}
    assert named == {"tur", "pak", "baykar", "paf", "pak-navy", "chn", "ukr", "pol", "qat", "aze", "eth", "rus"}
    starts = [entry.bounds.starts_earliest for entry in HISTORY if entry.bounds is not None]
    first = edtf.day(min(start for start in starts if start != edtf.BEGINNING))
    for actor in named:
        assert name_of(actor, "en", first)
        assert name_of(actor, "tr", "2025-12-31")


def test_the_forces_are_part_of_pakistan() -> None:
    actors = {said.parties[0].actor: data for said in STATEMENTS if isinstance(data := data_of(said, TYPES), Actor)}
    assert {slug: actor.part_of for slug, actor in actors.items() if actor.part_of} == {"paf": "pak", "pak-navy": "pak"}
    assert {slug for slug, actor in actors.items() if actor.kind == "firm"} == {"baykar"}
    states = {slug: actor for slug, actor in actors.items() if actor.kind == "state"}
    assert all(actor.codes["iso3"] == slug.upper() for slug, actor in states.items())
    assert all(len(actor.codes["iso2"]) == 2 and len(actor.codes["m49"]) == 3 for actor in states.values())


def test_no_date_stands_in_it_that_the_tables_do_not_give() -> None:
    given = {date for fact in FACTS for date in (fact.occurred, fact.until)}
    given |= {said[0] for exports in REGISTER.values() for said in exports if said is not None}
    given |= {"[..2012]", "2022-06-01T00:00:00Z"}  # of actors' names
    assert {date for said in STATEMENTS for date in (said.occurred, said.until)} == given
    assert {said.tz for said in STATEMENTS} == {None}


def test_every_title_is_english_with_a_turkish_translation() -> None:
    for said in STATEMENTS:
        if said.type != "actor":
            assert said.title
            assert said.lang == "en"
            assert said.translations.keys() == {"tr"}
            assert said.translations["tr"] != said.title


def test_its_text_is_in_normal_form_and_trimmed() -> None:
    for batch in SAMPLE.batches:
        for event in batch:
            for text in texts(msgspec.json.decode(event)):
                assert unicodedata.is_normalized("NFC", text)
                assert text == " ".join(text.split())


@pytest.mark.parametrize("export", EXPORTS)
def test_the_register_is_retold_as_exported(export: str, shared_data: Path) -> None:
    file = shared_data / "sipri" / f"trade-register-turkiye-pakistan-{export}.csv"
    rows = [line.split(",") for line in file.read_text("windows-1252").splitlines()]
    for claim, exports in REGISTER.items():
        said, verb = exports[EXPORTS.index(export)], claim.rpartition("-")[2]
        slug = claim.removeprefix("sipri-").removesuffix(f"-{verb}")
        way = ["Turkiye", "Pakistan"] if slug == "mfi-17" else ["Pakistan", "Turkiye"]
        ordered_in = {REGISTER[f"sipri-{slug}-ordered"][1][0].rstrip("?")}
        row = next(row for row in rows if row[:2] == way and row[2] in ordered_in and row[6] == DESIGNATIONS[slug])
        years, number = (row[2] + row[3], row[4] + row[5]) if verb == "ordered" else (row[10], row[8] + row[9])
        date = "{" + years.replace("; ", ",") + "}" if ";" in years else years
        assert (said or ("", "0")) == (date, number)
