"""What actors were called when, and what they were part of."""

import pytest

from service.domain.as_of import parse_point
from service.domain.names import Actors, actors_of
from tests.projections.histories import History


def at(text: str) -> int:
    return parse_point(text).at


@pytest.fixture
def history() -> History:
    history = History()
    history.name("tur", "Turkey", "1923-10-29/2022-05-31", names={"tr": "Türkiye Cumhuriyeti"})
    history.name("tur", "Türkiye", "2022-06-01/..", names={"tr": "Türkiye"})
    history.name("paf", "Pakistan Air Force", kind="armed-force", part_of="pak")
    history.name("nine-squadron", "No. 9 Squadron", kind="armed-force", part_of="paf")
    return history


def actors(history: History, position: int | None = None) -> Actors:
    return actors_of(history.folded(position).claims.values())


@pytest.mark.parametrize(
    ("valid", "name"),
    [
        ("2022-05-30", "Turkey"),
        ("2022-05-31T12:00:00Z", "Turkey"),
        ("2022-06-01", "Türkiye"),
        ("2026-01-01", "Türkiye"),
    ],
)
def test_an_actor_has_the_name_of_the_time(history: History, valid: str, name: str) -> None:
    assert actors(history).label("tur", "en", at(valid)) == name


def test_a_name_comes_in_the_language_asked_for_or_else_in_english(history: History) -> None:
    assert actors(history).label("tur", "tr-TR", at("2000-01-01")) == "Türkiye Cumhuriyeti"
    assert actors(history).label("tur", "de", at("2000-01-01")) == "Turkey"


def test_where_nothing_holds_the_slug_is_the_name(history: History) -> None:
    assert actors(history).label("tur", "en", at("1900-01-01")) == "tur"
    assert actors(history).label("chn", "en", at("2000-01-01")) == "chn"
    assert actors(history).kind("chn", at("2000-01-01")) is None


def test_a_certain_name_goes_before_a_possible_one(history: History) -> None:
    history.name("tur", "Anatolia", "2020", until="")
    assert actors(history).label("tur", "en", at("2021-01-01")) == "Turkey"


def test_of_two_certain_names_the_later_begun_counts_and_then_the_later_recorded(history: History) -> None:
    history.name("tur", "Older", "1920/..")
    assert actors(history).label("tur", "en", at("2000-01-01")) == "Turkey"
    history.name("tur", "Again", "1923-10-29/..")
    assert actors(history).label("tur", "en", at("2000-01-01")) == "Again"


def test_a_corrected_name_is_used_from_its_position_on(history: History) -> None:
    claim = history.events[1].claim
    data = {"names": {"en": "Republic of Türkiye"}, "kind": "state"}
    history.say(claim, "actor", "2022-06-01/..", "tur subject", action="correct", data=data)
    assert actors(history).label("tur", "en", at("2024-01-01")) == "Republic of Türkiye"
    assert actors(history, 4).label("tur", "en", at("2024-01-01")) == "Türkiye"


def test_a_squadron_rolls_up_through_its_force_to_its_state(history: History) -> None:
    known = actors(history)
    assert known.rolled_up("nine-squadron", ["pak", "tur"], at("2024-01-01")) == "pak"
    assert known.rolled_up("pak", ["pak", "tur"], at("2024-01-01")) == "pak"
    assert known.rolled_up("chn", ["pak", "tur"], at("2024-01-01")) is None
    assert known.rolled_up("nine-squadron", ["chn"], at("2024-01-01")) is None
    assert known.kind("paf", at("2024-01-01")) == "armed-force"


def test_parts_that_go_in_circles_end(history: History) -> None:
    history.name("a", "A", part_of="b")
    history.name("b", "B", part_of="a")
    assert actors(history).rolled_up("a", ["pak"], at("2024-01-01")) is None


def test_a_part_belongs_only_while_it_did(history: History) -> None:
    history.name("guard", "Guard", "1950/1970", kind="armed-force", part_of="pak")
    assert actors(history).rolled_up("guard", ["pak"], at("1960-01-01")) == "pak"
    assert actors(history).rolled_up("guard", ["pak"], at("1980-01-01")) is None
