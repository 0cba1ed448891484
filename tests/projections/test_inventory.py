"""What is held, what is on order, and how many of it."""

from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.as_of import parse_point
from service.domain.types import Quantity
from service.projections.inventory import InventoryLine
from service.projections.quantities import so_far
from tests.projections.histories import History, encoded, parties, recorded


@pytest.fixture
def history() -> History:
    history = History()
    history.name("paf", "Pakistan Air Force", kind="armed-force", part_of="pak")
    return history


def lines(history: History, valid: str, position: int | None = None) -> dict[tuple[str, str], InventoryLine]:
    return {(line.actor, line.platform): line for line in history.state(valid, position).inventory}


TB2 = {"platform": "tb2", "platform_name": "Bayraktar TB2"}


def deliver(
    history: History, claim: str, occurred: str, who: str = "tur supplier, pak recipient", **quantity: int
) -> None:
    history.say(claim, "delivery", occurred, who, data={**TB2, "quantity": quantity})


def amount(history: History, valid: str) -> dict[str, int] | None:
    inventory = encoded(history.state(valid))["inventory"]
    return inventory[0].get("quantity") if inventory else None


def test_an_acquisition_of_a_year_is_possible_during_it_and_certain_at_its_end(history: History) -> None:
    history.say("tb2", "acquisition", "2021", "tur supplier, pak recipient", data=TB2)
    assert not lines(history, "2020-12-31")
    assert lines(history, "2021-06-01")["pak", "tb2"].certainty == "possible"
    assert lines(history, "2021-12-31T23:59:59Z")["pak", "tb2"].certainty == "possible"
    assert lines(history, "2021-12-31")["pak", "tb2"].certainty == "certain"
    assert lines(history, "2022-06-30")["pak", "tb2"].certainty == "certain"


def test_an_order_is_never_held(history: History) -> None:
    history.say("o", "order", "2021", "tur supplier, pak recipient", data=TB2)
    assert not lines(history, "2025-01-01")
    assert [line.platform for line in history.state("2025-01-01").orders] == ["tb2"]


def test_what_the_air_force_operates_its_state_holds(history: History) -> None:
    history.say("op", "operation", "2021", "paf operator", until="..", data=TB2)
    line = lines(history, "2022-06-30")["pak", "tb2"]
    assert (line.certainty, line.claims, line.label) == ("certain", ("op",), "Bayraktar TB2")


def test_what_is_no_longer_operated_is_gone(history: History) -> None:
    history.say("op", "operation", "2021", "paf operator", until="2023", data=TB2)
    assert lines(history, "2023-06-01")["pak", "tb2"].certainty == "possible"
    assert not lines(history, "2024-01-01")


def test_nobody_outside_the_relationship_is_given_a_line(history: History) -> None:
    history.say("chn", "acquisition", "2020", "tur supplier, pak buyer_state, chn recipient", data=TB2)
    answer = history.state("2024-01-01")
    assert not answer.inventory
    assert [line.type for line in answer.other] == ["acquisition"]


def test_entry_into_service_counts_for_its_operator_alone(history: History) -> None:
    history.say("in", "entry-into-service", "2014", "baykar maker, tur operator, pak recipient", data=TB2)
    assert list(lines(history, "2015-01-01")) == [("tur", "tb2")]


def test_a_line_begins_with_the_earliest_certain_start_and_joins_its_claims(history: History) -> None:
    deliver(history, "d", "{2022,2023}", best=6)
    history.say("a", "acquisition", "2021", "tur supplier, baykar supplier, pak recipient", data=TB2)
    line = lines(history, "2024-01-01")["pak", "tb2"]
    assert (line.since.edtf, line.since.earliest, line.since.latest) == ("2021", "2021-01-01", "2021-12-31")
    assert (line.claims, line.claims_total) == (("a", "d"), 2)
    assert [supplier.actor for supplier in line.suppliers] == ["tur", "baykar"]


def test_nine_in_three_years_are_at_least_two_and_at_most_eight_after_two_of_them(history: History) -> None:
    deliver(history, "d", "{2022,2023,2024}", best=9)
    assert amount(history, "2021-12-31") is None
    assert amount(history, "2022-06-01") == {"low": 0, "high": 7}
    assert amount(history, "2022-12-31") == {"low": 1, "high": 7}
    assert amount(history, "2023-06-01") == {"low": 1, "high": 8}
    assert amount(history, "2023-12-31") == {"low": 2, "high": 8}
    assert amount(history, "2024-06-01") == {"low": 2, "high": 9}
    assert amount(history, "2024-12-31") == {"low": 9, "best": 9, "high": 9}


def test_part_of_a_delivery_over_several_years_is_held_for_certain_before_the_whole_is(history: History) -> None:
    deliver(history, "d", "{2022,2023,2024}", best=9)
    assert lines(history, "2022-06-30")["pak", "tb2"].certainty == "possible"
    assert lines(history, "2022-12-31")["pak", "tb2"].certainty == "certain"


def test_an_interval_tells_nothing_of_its_years(history: History) -> None:
    deliver(history, "d", "2022/2024", best=9)
    assert amount(history, "2023-12-31") == {"low": 0, "high": 9}
    assert amount(history, "2024-12-31") == {"low": 9, "best": 9, "high": 9}


def test_a_set_with_more_years_than_pieces_tells_nothing_of_its_years(history: History) -> None:
    deliver(history, "d", "{2022,2023,2024}", best=2)
    assert amount(history, "2023-12-31") == {"low": 0, "high": 2}


def test_members_that_overlap_may_tell_of_one_and_the_same_piece(history: History) -> None:
    deliver(history, "d", "{2022,2022-05,2024}", best=9)
    assert amount(history, "2022-12-31") == {"low": 1, "high": 8}


def test_several_deliveries_are_added_up_with_their_ranges(history: History) -> None:
    deliver(history, "a", "2022", best=4)
    deliver(history, "b", "2023", low=2, high=5)
    history.say("c", "delivery", "2023", "tur supplier, pak recipient", data=TB2)
    assert amount(history, "2022-12-31") == {"low": 4, "best": 4, "high": 4}
    assert amount(history, "2023-06-01") == {"low": 4, "high": 9}
    assert amount(history, "2023-12-31") == {"low": 6, "high": 9}


def test_a_count_without_an_upper_end_has_none_in_the_sum(history: History) -> None:
    deliver(history, "a", "2022", low=4)
    assert amount(history, "2022-12-31") == {"low": 4}


def test_uncertain_counts_say_so(history: History) -> None:
    deliver(history, "a", "2022", best=6, uncertain=True)
    assert amount(history, "2023-01-01") == {"low": 6, "best": 6, "high": 6, "uncertain": True}


def test_units_that_differ_are_not_added(history: History) -> None:
    for unit in ("tonnes", "pieces"):
        data = {**TB2, "quantity": {"best": 3, "unit": unit}}
        history.say(unit, "delivery", "2022", "tur supplier, pak recipient", data=data)
    assert amount(history, "2023-01-01") is None


def test_an_acquisitions_count_is_not_added_to_deliveries(history: History) -> None:
    history.say("a", "acquisition", "2021", "tur supplier, pak recipient", data={**TB2, "quantity": {"best": 30}})
    assert amount(history, "2022-01-01") is None
    deliver(history, "d", "2022", best=6)
    assert amount(history, "2023-01-01") == {"low": 6, "best": 6, "high": 6}


def test_none_delivered_is_no_existence_and_shows_beside_the_order(history: History) -> None:
    history.say("o", "order", "2020", "tur supplier, pak recipient", data={**TB2, "quantity": {"best": 9}})
    deliver(history, "none", "2022", best=0)
    answer = encoded(history.state("2024-01-01"))
    assert answer["inventory"] == []
    assert answer["orders"][0]["quantity"] == {"low": 9, "best": 9, "high": 9}
    assert answer["orders"][0]["delivered"] == {"low": 0, "best": 0, "high": 0}
    assert [line["claims"] for line in answer["other"]] == [["none"]]


def test_a_delivery_to_a_state_and_its_air_force_is_counted_once(history: History) -> None:
    deliver(history, "d", "2022", "tur supplier, pak recipient, paf operator", best=6)
    assert amount(history, "2023-01-01") == {"low": 6, "best": 6, "high": 6}


def test_what_two_members_share_is_not_counted_twice(history: History) -> None:
    deliver(history, "d", "2022", "baykar supplier, pak recipient, tur recipient", best=6)
    answer = encoded(history.state("2023-01-01"))
    assert [line["quantity"] for line in answer["inventory"]] == [{"low": 0, "high": 6}] * 2


def test_orders_are_added_up_and_show_what_has_come(history: History) -> None:
    history.say("o1", "order", "2018", "tur supplier, pak recipient", data={**TB2, "quantity": {"best": 2}})
    history.say("o2", "order", "2019", "tur supplier, pak recipient", data={**TB2, "quantity": {"best": 2}})
    history.say("o3", "order", "2019", "tur supplier, pak recipient", data=TB2)
    deliver(history, "d", "2023", best=1)
    (line,) = encoded(history.state("2024-01-01"))["orders"]
    assert line["quantity"] == {"low": 4, "best": 4, "high": 4}
    assert line["delivered"] == {"low": 1, "best": 1, "high": 1}
    assert line["claims"] == ["o1", "o2", "o3"]


def test_a_denied_claim_keeps_its_line_and_says_denied(history: History) -> None:
    history.say("a", "acquisition", "2021", "tur supplier, pak recipient", data=TB2)
    history.record("deny", "a", sources=[{"publisher": "Ministry"}])
    line = lines(history, "2022-06-30")["pak", "tb2"]
    assert (line.standing, line.certainty) == ("denied", "certain")


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ([None, None], "reported"),
        (["confirm", "confirm"], "confirmed"),
        (["confirm", None], "confirmed"),
        (["deny", "deny"], "denied"),
        (["deny", None], "disputed"),
        (["confirm", "deny"], "disputed"),
    ],
)
def test_the_standing_of_a_line_is_what_its_claims_share(
    history: History, words: list[str | None], standing: str
) -> None:
    for number, word in enumerate(words):
        history.say(f"c{number}", "acquisition", "2021", "tur supplier, pak recipient", data=TB2)
        if word is not None:
            history.record(word, f"c{number}", sources=[{"publisher": "Ministry"}])
    assert lines(history, "2022-06-30")["pak", "tb2"].standing == standing


def test_a_line_names_twenty_claims_and_counts_the_rest(history: History) -> None:
    for number in range(25):
        history.say(
            f"c{number}",
            "acquisition",
            "2021",
            "tur supplier, pak recipient",
            data=TB2,
            publisher=f"P{number}",
            published="2022",
        )
    line = lines(history, "2022-06-30")["pak", "tb2"]
    assert (len(line.claims), line.claims_total, len(line.sources)) == (20, 25, 20)
    assert line.claims[0] == "c0"


def test_a_platform_is_called_as_the_latest_content_writes_it(history: History) -> None:
    history.say("a", "acquisition", "2021", "tur supplier, pak recipient", data={"platform": "tb2"})
    assert lines(history, "2022-06-30")["pak", "tb2"].label == "tb2"
    history.say("b", "delivery", "2021", "tur supplier, pak recipient", data={**TB2, "platform_name": "TB2 Block 2"})
    history.say("c", "order", "2020", "tur supplier, pak recipient", data=TB2)
    assert lines(history, "2022-06-30")["pak", "tb2"].label == "Bayraktar TB2"
    assert lines(history, "2022-06-30", position=3)["pak", "tb2"].label == "TB2 Block 2"


YEARS = st.lists(st.integers(2015, 2022), min_size=1, max_size=5)
DATES = st.dates(date(2014, 1, 1), date(2024, 1, 1))
NUMBERS = st.lists(st.integers(0, 12), min_size=1, max_size=3).map(sorted)


@settings(max_examples=200, deadline=None)
@given(years=YEARS, numbers=NUMBERS, days=st.lists(DATES, min_size=2, max_size=2))
def test_counts_only_grow_and_their_range_holds_the_whole_at_its_end(
    years: list[int], numbers: list[int], days: list[date]
) -> None:
    given_ = dict(zip((("best",), ("low", "high"), ("low", "best", "high"))[len(numbers) - 1], numbers, strict=True))
    quantity = msgspec.convert(given_, Quantity)
    content = recorded(
        1,
        action="assert",
        type="delivery",
        occurred="{" + ",".join(str(year) for year in years) + "}",
        parties=parties("tur supplier, pak recipient"),
        data={**TB2, "quantity": given_},
    )
    earlier, later = (so_far(quantity, content, parse_point(day.isoformat()).at) for day in [min(days), max(days)])
    for count in (earlier, later):
        assert count.high is not None
        assert 0 <= count.low <= count.high <= numbers[-1]
    assert earlier.high is not None
    assert later.high is not None
    assert earlier.low <= later.low
    assert earlier.high <= later.high
