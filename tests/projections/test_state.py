"""The state of a relationship: its lines, what they stand on, and between when it stays as it is."""

from typing import Any

import msgspec
import pytest

from service.domain.types import TYPES, EventType
from service.projections import PROJECTIONS
from service.projections.criteria import Criteria
from service.projections.state import state
from service.projections.view import View
from tests.projections.histories import LISTS, History, encoded
from tests.projections.sample import pak_and_tur

SAMPLE = pak_and_tur()
KNOWN = "2026-11-22T00:00:00Z"


def ask(valid: str, history: History = SAMPLE, **more: Any) -> dict[str, Any]:
    return encoded(history.state(valid, known=KNOWN, **more))


def certainties(answer: dict[str, Any]) -> dict[str, str]:
    return {line["platform"]: line["certainty"] for line in answer["inventory"]}


def counts(answer: dict[str, Any]) -> dict[str, Any]:
    return {line["platform"]: line.get("quantity") for line in answer["inventory"]}


def test_in_the_middle_of_2021_the_tb2_is_possible_and_there_is_no_akinci() -> None:
    answer = ask("2021-06-01")
    assert certainties(answer) == {"bayraktar-tb2": "possible"}
    assert answer["facilities"] == []


def test_in_the_middle_of_2022_the_tb2_is_certain() -> None:
    assert certainties(ask("2022-06-30"))["bayraktar-tb2"] == "certain"


def test_in_the_middle_of_2024_both_are_certain_and_nothing_says_that_a_plant_operates() -> None:
    answer = ask("2024-06-30")
    assert certainties(answer) == {"bayraktar-tb2": "certain", "akinci": "certain", "milgem": "certain"}
    assert answer["phase"]["name"] == "customer"
    assert answer["facilities"] == []


def test_at_the_end_of_2025_the_plant_is_reported_and_not_confirmed_and_a_co_producer_prospective() -> None:
    answer = ask("2025-12-31")
    (plant,) = answer["facilities"]
    assert (plant["stage"], plant["standing"], plant["official_status"]) == ("reported", "reported", "not_confirmed")
    assert plant["stage_since"] == {"edtf": "2025-12-05", "earliest": "2025-12-05", "latest": "2025-12-05"}
    assert plant["platforms"] == [
        {"platform": "bayraktar-tb2", "label": "Bayraktar TB2", "likelihood": "most-likely"},
        {"platform": "akinci", "label": "akinci", "likelihood": "potential"},
    ]
    assert plant["host"] == {"actor": "pak", "label": "Pakistan"}
    assert plant["ends"] == "open"
    assert answer["phase"]["name"] == "customer"
    assert answer["phase"]["prospective"]["name"] == "co-producer"


def test_in_the_middle_of_2026_the_expectation_has_lapsed() -> None:
    assert [line["status"] for line in ask("2026-06-30")["expectations"]] == ["lapsed"]


def test_what_was_reported_by_each_day_is_what_the_register_said_then() -> None:
    six_and_two = ask("2025-12-31", reported_by="2024-06-30")
    assert counts(six_and_two)["bayraktar-tb2"] == {"low": 6, "best": 6, "high": 6, "uncertain": True}
    assert counts(six_and_two)["akinci"] == {"low": 2, "best": 2, "high": 2, "uncertain": True}
    assert six_and_two["facilities"] == []
    nine_and_three = ask("2025-12-31", reported_by="2025-11-30")
    assert counts(nine_and_three)["bayraktar-tb2"]["best"] == 9
    assert counts(nine_and_three)["akinci"]["best"] == 3
    assert nine_and_three["facilities"] == []
    assert nine_and_three["as_of"]["reported_by"] == "2025-11-30T23:59:59.999999Z"
    assert len(ask("2025-12-31", reported_by="2025-12-05")["facilities"]) == 1


def test_a_claim_in_each_list_and_the_rest_among_the_others() -> None:
    answer = ask("2025-12-31")
    assert {name: [line["claims"] for line in answer[name]] for name in LISTS} == {
        "inventory": [["tb2", "tb2-paf", "sipri-tb2"], ["akinci", "sipri-akinci"], ["sipri-milgem"]],
        "orders": [["sipri-milgem-order"], ["sipri-tb2-order"]],
        "agreements": [],
        "facilities": [["plant"]],
        "negotiations": [["talks"]],
        "programmes": [["milgem"]],
        "training": [["exercises"]],
        "expectations": [["more"]],
        "other": [["second-largest"]],
    }


def test_actors_have_the_names_of_the_valid_time() -> None:
    assert ask("2021-06-01")["members"] == [
        {"actor": "pak", "label": "Pakistan"},
        {"actor": "tur", "label": "Turkey"},
    ]
    assert ask("2024-06-30")["members"][1]["label"] == "Türkiye"
    assert ask("2021-06-01", lang="tr")["members"][1]["label"] == "Türkiye"


def test_titles_come_in_the_language_asked_for_and_else_as_they_stand() -> None:
    history = History()
    words: dict[str, Any] = {"title": "Deal", "lang": "en", "translations": {"tr": "Anlasma"}}
    history.say("deal", "agreement", "2020", "tur party, pak party", **words)
    titles = {lang: ask("2024-01-01", history, lang=lang)["agreements"][0]["title"] for lang in ("en", "tr-TR", "de")}
    assert titles == {"en": "Deal", "tr-TR": "Anlasma", "de": "Deal"}


def test_a_later_stage_of_a_plant_takes_over_and_keeps_what_it_does_not_say_anew() -> None:
    history = pak_and_tur()
    data = {"facility": "drone-plant", "stage": "construction", "place": "Karachi"}
    who = "tur partner, pak host, baykar maker"
    history.say("built", "facility", "2026-02", who, data=data, until="..")
    (plant,) = ask("2026-06-30", history)["facilities"]
    assert (plant["stage"], plant["purpose"], plant["place"]) == ("construction", "assembly", "Karachi")
    assert [one["platform"] for one in plant["platforms"]] == ["bayraktar-tb2", "akinci"]
    assert plant["since"]["edtf"] == "2025-12-05"
    assert plant["stage_since"]["edtf"] == "2026-02"
    assert "official_status" not in plant
    assert ask("2026-02-14", history)["facilities"][0]["stage"] == "reported"


def test_a_state_shows_when_it_ended_as_a_half_open_range() -> None:
    history = History()
    history.say("talks", "negotiation", "2021/2025-12-31", "pak buyer, tur seller", data={"subject": "drones"})
    (line,) = ask("2023-01-01", history)["negotiations"]
    assert line["since"] == {"edtf": "2021", "earliest": "2021-01-01", "latest": "2021-12-31"}
    assert line["until"] == {
        "edtf": "2025-12-31",
        "earliest": "2025-12-31T00:00:00.000000Z",
        "latest": "2026-01-01T00:00:00.000000Z",
    }
    assert "ends" not in line
    assert ask("2026-01-01T00:00:00Z", history)["negotiations"] == []


@pytest.mark.parametrize(
    ("occurred", "until", "ends", "certainty"),
    [
        ("2021", "..", "open", "certain"),
        ("2021/..", None, "open", "certain"),
        ("2021", "", "unknown", "possible"),
        ("2021", None, "unknown", "possible"),
        ("2021/", None, "unknown", "possible"),
    ],
)
def test_an_open_end_and_an_unknown_end_differ(occurred: str, until: str | None, ends: str, certainty: str) -> None:
    history = History()
    more = {} if until is None else {"until": until}
    history.say("talks", "negotiation", occurred, "pak buyer, tur seller", data={"subject": "drones"}, **more)
    (line,) = ask("2024-01-01", history)["negotiations"]
    assert (line["ends"], line["certainty"], line["since"]["edtf"]) == (ends, certainty, "2021")


def test_a_date_without_a_beginning_shows_none() -> None:
    history = History()
    history.say("deal", "agreement", "[..2025-12-05]", "tur party, pak party")
    (line,) = ask("2025-12-31", history)["agreements"]
    assert line["since"] == {"edtf": "[..2025-12-05]", "latest": "2025-12-05"}
    assert "ends" not in line


def test_the_filter_on_certainty_counts_what_it_leaves_out() -> None:
    full, filtered = ask("2021-06-01"), ask("2021-06-01", criteria=Criteria(certain_only=True))
    left_out = sum(len(full[name]) - len(filtered[name]) for name in LISTS)
    assert full["omitted"] == {"possible": 0, "ungraded": 0, "filtered": 0, "undated": 0, "reported_possible": 0}
    assert filtered["omitted"]["possible"] == left_out > 0
    assert filtered["inventory"] == []


def test_events_that_a_reported_day_leaves_out_are_counted() -> None:
    history = History()
    history.say("a", "agreement", "2020", "tur party, pak party")
    history.say("b", "agreement", "2020", "tur party, pak party", published="2024")
    assert ask("2025-01-01", history, reported_by="2024-06-30")["omitted"] == {
        "possible": 0,
        "ungraded": 0,
        "filtered": 0,
        "undated": 1,
        "reported_possible": 1,
    }


def test_sources_published_after_the_reported_day_are_not_shown() -> None:
    history = History()
    dates = ("2023-01-01", "2025-01-01", None)
    sources = [{"publisher": f"P{n}", **({"published": day} if day else {})} for n, day in enumerate(dates)]
    history.say("a", "agreement", "2020", "tur party, pak party", sources=[*sources, sources[0]])
    (line,) = ask("2025-06-01", history, reported_by="2024-06-30")["agreements"]
    assert [source["publisher"] for source in line["sources"]] == ["P0", "P2"]
    (line,) = ask("2025-06-01", history)["agreements"]
    assert [source["publisher"] for source in line["sources"]] == ["P0", "P1", "P2"]


def test_a_source_shows_its_grades_as_they_were_given() -> None:
    (line,) = ask("2025-12-31")["negotiations"]
    assert line["sources"] == [
        {"publisher": "Army Recognition", "published": "2025-12-05", "reliability": "B", "credibility": 2}
    ]


def test_nothing_visible_is_not_known_and_empty() -> None:
    answer = ask("2024-01-01", History())
    assert answer["known"] is False
    assert [answer[name] for name in LISTS] == [[]] * len(LISTS)
    assert answer["phase"]["name"] == "none"
    assert "known_at" not in encoded(History().state("2024-01-01"))["as_of"]


def test_a_retraction_removes_and_is_counted_and_a_reinstatement_returns() -> None:
    history = pak_and_tur()
    history.record("retract", "plant", by="curator", reason="mixed up")
    answer = ask("2025-12-31", history)
    assert (answer["facilities"], answer["retracted"]) == ([], 1)
    history.record("reinstate", "plant")
    answer = ask("2025-12-31", history)
    assert (len(answer["facilities"]), answer["retracted"]) == (1, 0)


def test_a_confirmation_changes_the_standing_and_no_date() -> None:
    history = pak_and_tur()
    before = ask("2025-12-31", history)["facilities"][0]
    history.record("confirm", "plant", sources=[{"publisher": "Ministry of Defence Production"}])
    after = ask("2025-12-31", history)["facilities"][0]
    assert after.pop("standing") == "confirmed"
    assert before.pop("standing") == "reported"
    assert after == before


def test_a_correction_leaves_every_earlier_position_as_it_was() -> None:
    history = pak_and_tur()
    position = history.head
    before = msgspec.json.encode(history.state("2024-06-30", position))
    data = {"platform": "bayraktar-tb2"}
    history.say("tb2", "acquisition", "2022", "tur supplier, pak recipient", action="correct", data=data)
    assert msgspec.json.encode(history.state("2024-06-30", position)) == before
    assert msgspec.json.encode(history.state("2024-06-30")) != before


def test_a_type_of_the_ledgers_own_stands_among_the_others() -> None:
    history = History({**TYPES, "visit": EventType("visit", "occurrence", "Visit", schema="{}")})
    history.say("v", "visit", "2020-02-01", "tur host, pak guest", title="A visit", data={"days": 2})
    (line,) = ask("2024-01-01", history)["other"]
    assert (line["type"], line["title"], line["certainty"]) == ("visit", "A visit", "certain")
    assert [party["role"] for party in line["parties"]] == ["host", "guest"]


def test_lines_stand_in_the_order_of_their_dates() -> None:
    history = History()
    for claim, occurred in (("c", "2020-05"), ("b", "2020"), ("d", "2020-05"), ("a", "2019/2022")):
        history.say(claim, "agreement", occurred, "tur party, pak party")
    assert [line["claims"] for line in ask("2024-01-01", history)["agreements"]] == [["a"], ["b"], ["c"], ["d"]]


def test_the_order_in_which_claims_are_given_moves_no_byte() -> None:
    question = SAMPLE.question("2025-12-31")
    turned = msgspec.structs.replace(question, claims=list(reversed(question.claims)))
    assert msgspec.json.encode(state(View(turned))) == msgspec.json.encode(state(View(question)))


def test_the_catalogue_names_each_projection_once_with_an_answer_that_has_a_schema() -> None:
    for name, projection in PROJECTIONS.items():
        assert projection.name == name
        assert projection.version >= 1
        _, components = msgspec.json.schema_components([projection.answer])
        assert projection.answer.__name__ in components
        assert all("." not in component for component in components)


def test_a_list_shows_its_last_five_hundred_lines_and_counts_the_others() -> None:
    history = History()
    for number in range(503):
        history.say(f"n{number}", "note", f"{1400 + number}", "tur side_a, pak side_b")
    history.say("talks", "negotiation", "2000", "tur seller, pak buyer", data={"subject": "engines"}, until="..")
    answer = ask("2025-01-01", history)
    assert answer["more"] == {"other": 3}
    assert [line["claims"] for line in answer["other"]] == [[f"n{number}"] for number in range(3, 503)]
    assert len(answer["negotiations"]) == 1
    assert "more" not in ask("2025-01-01")
