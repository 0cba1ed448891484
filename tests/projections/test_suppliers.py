"""Who supplied whom within a window: spans of dates give bounds, ranks go by the least, shares add up."""

from typing import Any

import msgspec

from service.domain.edtf import BEGINNING, FOREVER
from service.domain.windows import Window, begins, ends
from service.projections.suppliers import Measure, suppliers
from tests.projections.histories import History

Json = dict[str, Any]


BY_TUR = "tur supplier, pak recipient"


def delivered(history: History, claim: str, occurred: str, who: str = BY_TUR, **data: Any) -> None:
    named = {"relationships": data.pop("relationships")} if "relationships" in data else {}
    history.say(claim, "delivery", occurred, who, data={"platform": "tb2", **data}, **named)


def asked(
    history: History,
    from_: str | None = None,
    to: str | None = None,
    by: Measure = "deliveries",
    valid: str = "2030-01-01",
) -> list[Json]:
    window = Window(begins(from_) if from_ else BEGINNING, ends(to) if to else FOREVER)
    every = msgspec.structs.replace(history.question(valid), claims=list(history.folded().claims.values()))
    said = suppliers(every, "pak", window, by)
    lines: list[Json] = msgspec.json.decode(msgspec.json.encode(said))["suppliers"]
    return lines


def test_nine_in_three_years_are_bounds_in_one_of_them() -> None:
    history = History()
    delivered(history, "nine", "{2022,2023,2024}", quantity={"best": 9})
    [line] = asked(history, "2023", "2023")
    assert (line["quantity"]["low"], line["quantity"]["high"]) == (1, 7)
    assert line["deliveries"] == {"certain": 1, "possible": 0}
    [line] = asked(history, None, "2023")
    assert (line["quantity"]["low"], line["quantity"]["high"]) == (2, 8)
    [line] = asked(history, "2022", "2024")
    assert line["quantity"] == {"low": 9, "best": 9, "high": 9}


def test_of_a_bare_span_over_an_edge_nothing_is_certain() -> None:
    history = History()
    delivered(history, "some", "[2022..2024]", quantity={"best": 9}, tiv=4.5)
    [line] = asked(history, "2023", "2023", "tiv")
    assert line["certainty"] == "possible"
    assert line["deliveries"] == {"certain": 0, "possible": 1}
    assert (line["quantity"]["low"], line["quantity"]["high"]) == (0, 9)
    assert line["tiv"] == {"low": 0.0, "high": 4.5}
    assert asked(history, "2025") == []


def test_the_window_is_cut_at_the_valid_time() -> None:
    history = History()
    delivered(history, "early", "2020", quantity={"best": 2})
    delivered(history, "later", "2024", quantity={"best": 5})
    [line] = asked(history, valid="2022-01-01")
    assert line["quantity"]["best"] == 2
    assert asked(history, "2023", valid="2022-01-01") == []
    delivered(history, "span", "[2021..2025]", quantity={"best": 1})
    assert asked(history, "2023", "2024", valid="2022-01-01") == []


def test_as_much_shares_a_rank_and_what_has_no_measure_has_none() -> None:
    history = History()
    delivered(history, "a", "2020", "tur supplier, pak recipient", quantity={"best": 3})
    delivered(history, "b", "2020", "chn supplier, pak recipient", quantity={"best": 3})
    delivered(history, "c", "2021", "usa supplier, pak recipient", quantity={"best": 2})
    delivered(history, "d", "2021", "fra supplier, pak recipient")
    lines = asked(history, by="quantity")
    assert [(line["actor"], line.get("rank")) for line in lines] == [("chn", 1), ("tur", 1), ("usa", 3), ("fra", None)]
    assert [line.get("share") for line in lines[:3]] == [
        {"low": 0.375, "high": 0.375},
        {"low": 0.375, "high": 0.375},
        {"low": 0.25, "high": 0.25},
    ]
    assert "share" not in lines[3]
    assert lines[3]["uncounted"] == 1


def test_a_unit_counts_for_its_state_while_it_is_part_of_it() -> None:
    history = History()
    history.name("paf", "Pakistan Air Force", "2000/2020-12-31", part_of="pak", kind="armed-force")
    delivered(history, "to-the-force", "2010", "tur supplier, paf recipient", relationships=["pak--tur"])
    assert [line["actor"] for line in asked(history, valid="2015-01-01")] == ["tur"]
    assert asked(history, valid="2025-01-01") == []


def test_what_several_supplied_together_is_a_delivery_of_each_and_at_most_the_count_of_each() -> None:
    history = History()
    delivered(history, "both", "2020", "tur supplier, chn supplier, pak recipient", quantity={"best": 6}, tiv=3.0)
    lines = asked(history)
    assert [line["deliveries"]["certain"] for line in lines] == [1, 1]
    assert {(line["quantity"]["low"], line["quantity"]["high"]) for line in lines} == {(0, 6)}
    assert {(line["tiv"]["low"], line["tiv"]["high"]) for line in lines} == {(0.0, 3.0)}


def test_a_delivery_of_none_is_none_and_an_order_is_no_delivery() -> None:
    history = History()
    delivered(history, "none-yet", "2020", quantity={"best": 0})
    history.say("ordered", "order", "2019", "tur supplier, pak recipient", data={"platform": "tb2"})
    assert asked(history) == []
