"""Linked data, read by a JSON-LD processor that may fetch nothing: terms, datatypes, what has a startDate."""

from typing import Any, NoReturn

import pytest
from pyld import jsonld

from service.feeds.jsonld import EDTF
from tests.feeds.telling import ADDRESSES, URDU, hostile, lasting, saying, told_as_json
from tests.projections.histories import History
from tests.projections.sample import pak_and_tur

SCHEMA, CRM = "https://schema.org/", "http://www.cidoc-crm.org/cidoc-crm/"
DATE = "http://purl.org/dc/terms/date"


def refuse(url: str, _options: Any) -> NoReturn:
    raise AssertionError(f"{url} would be fetched")


def expanded(history: History, **more: Any) -> Any:
    document = told_as_json(history, "jsonld", **more)
    [found] = jsonld.expand(document, {"documentLoader": refuse})
    return found


def events(history: History, **more: Any) -> dict[str, Any]:
    [items] = expanded(history, **more)[f"{SCHEMA}itemListElement"]
    return {event["@id"].rpartition("/")[2]: event for event in items["@list"]}


def value(event: Any, name: str) -> Any:
    return event[name][0]["@value"] if name in event else None


@pytest.mark.parametrize("history", [History(), saying("2024"), pak_and_tur(), hostile(), lasting(("2019", ".."))])
@pytest.mark.parametrize("lang", ["en", "tr", "ur"])
def test_a_page_is_a_dataset_and_a_list_of_events_and_no_term_is_lost(history: History, lang: str) -> None:
    document = told_as_json(history, "jsonld", lang=lang)
    found = expanded(history, lang=lang)
    assert set(found["@type"]) == {f"{SCHEMA}Dataset", f"{SCHEMA}ItemList"}
    assert value(found, f"{SCHEMA}numberOfItems") == len(document["itemListElement"])
    quads = jsonld.to_rdf(document, {"documentLoader": refuse, "format": "application/n-quads"})
    assert isinstance(quads, str)
    # Every term of every event is in the context, or one of schema.org: its value is in the graph.
    for event in document["itemListElement"]:
        assert event["id"] in quads
        assert f"<{DATE}>" in quads
        for name in event.keys() - {"id", "type", "party", "subjectOf", "keywords"}:
            assert name in document["@context"] or name in ("name",), name


@pytest.mark.parametrize(
    ("date", "start"),
    [
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03T14:00:00Z", "2024-05-03T14:00:00Z"),
        ("2024~", None),
        ("2024-21", None),
        ("2024-33", None),
        ("202X", None),
        ("2024-XX", None),
        ("[2018..2025]", None),
        ("{2022,2023}", None),
        ("2022/2023", None),
    ],
)
def test_only_a_date_of_level_0_is_a_start_date_and_every_date_is_edtf(date: str, start: str | None) -> None:
    event = events(saying(date))["c0"]
    assert value(event, f"{SCHEMA}startDate") == start
    assert event[DATE] == [{"@type": EDTF, "@value": date}]
    assert value(event, f"{CRM}P82a_begin_of_the_begin")


def test_a_state_has_four_bounds_as_far_as_there_are_any() -> None:
    found = events(lasting(("2019", "2021-05"), ("2019", ".."), ("../2018", None)))
    names = ("P82a_begin_of_the_begin", "P81a_end_of_the_begin", "P81b_begin_of_the_end", "P82b_end_of_the_end")
    bounds = {id_: [value(event, CRM + name) for name in names] for id_, event in found.items()}
    assert bounds["s0"] == [
        "2019-01-01T00:00:00.000000Z",
        "2019-12-31T23:59:59.999999Z",
        "2021-05-01T00:00:00.000000Z",
        "2021-06-01T00:00:00.000000Z",
    ]
    assert bounds["s1"][2:] == [None, None]
    assert bounds["s2"][0] is None
    assert (value(found["s0"], f"{SCHEMA}startDate"), value(found["s0"], f"{SCHEMA}endDate")) == ("2019", "2021-05")
    assert value(found["s2"], f"{SCHEMA}startDate") is None


def test_what_a_page_covers_in_time_is_told_as_far_as_it_is_known() -> None:
    coverage = f"{SCHEMA}temporalCoverage"
    assert value(expanded(saying("2018", "2021-05")), coverage) == "2018-01-01/2021-05-31"
    assert value(expanded(lasting(("2018", ".."))), coverage) == "2018-01-01/.."
    assert value(expanded(saying("[..2018]")), coverage) == "../2018-12-31"
    assert coverage not in expanded(lasting(("2018", ".."), ("../2017", None)))
    assert coverage not in expanded(History())


def test_ids_and_languages_are_as_they_are_elsewhere() -> None:
    history = saying()
    source = {"publisher": "Dawn", "url": "https://dawn.example/1", "published": "2024-05~"}
    history.say("u", "agreement", "2024", "tur party, pak party", title=URDU, lang="ur", sources=[source])
    event = events(history)["u"]
    assert event["@id"] == ADDRESSES.claim("u")
    assert event[f"{SCHEMA}name"] == [{"@language": "ur", "@value": URDU}]
    [about] = event[f"{SCHEMA}subjectOf"]
    assert about[f"{SCHEMA}url"] == [{"@id": "https://dawn.example/1"}]
    assert about["http://purl.org/dc/terms/issued"] == [{"@type": EDTF, "@value": "2024-05~"}]
    assert f"{SCHEMA}datePublished" not in about
    assert {party["@id"].rpartition("/")[2] for party in event["urn:tarih:timeline:party"]} == {"pak", "tur"}
