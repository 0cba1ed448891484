"""Which deals of two exports are the same: by their designation and place, by what else is equal, or not at all."""

import msgspec
import pytest

from service.domain.claims import Recorded
from service.domain.reading import read_event
from service.domain.revising import Irreconcilable
from service.domain.types import TYPES
from service.importers.items import Group, Matched
from service.importers.names import Names
from service.importers.sipri.same import matched, merge, standing_of
from tests.importers.registers import DEALS_2024, TB2_BY_YEAR, by_deal, by_year, preamble
from tests.importers.test_sipri import Made, read

NAMES = Names()


def deal(designation: str, number: int, years: str, tiv: str = "1", status: str = "New") -> str:
    return f"Mali,Italy,2008,,{number},,{designation},x,{number},,{years},{status},,{tiv},1,{float(tiv) * number}"


def group_of(*rows: str) -> Group:
    [group] = Made(by_deal(*rows)).groups
    return group


def match(known: Group, new: Group) -> Matched:
    standings = []
    for unit in known.units:
        history = []
        for claim in unit.claims:
            draft = read_event(msgspec.json.encode(claim), TYPES, str)
            history.append(Recorded(position=1, recorded_at=1, id="e", claim=draft.claim, event=draft.event))
        standings.append(standing_of(unit.id, history, NAMES))
    return matched(new, standings)


def told(found: Matched, known: Group) -> list[tuple[int, int | None]]:
    """For each deal, its line, and the line of the one in the ledger that it is taken for."""
    lines = {unit.id: unit.line for unit in known.units}
    return [(unit.line, lines.get(unit.id)) for unit in found.units]


def test_a_revised_deal_is_known_by_its_designation() -> None:
    known, new = group_of(deal("X-1", 2, "2010")), group_of(deal("X-1", 3, "2010; 2011"))
    assert told(match(known, new), known) == [(7, 7)]


def test_a_renamed_deal_is_known_by_all_else_and_said_to_be() -> None:
    known = group_of(deal("X-1", 2, "2010"), deal("Y", 5, "2010"))
    new = group_of(deal("Z-9", 2, "2010"), deal("Y", 5, "2010"))
    found = match(known, new)
    assert sorted(told(found, known)) == [(7, 7), (8, 8)]
    [(unit, name)] = found.renamed
    assert (unit.line, unit.name, name) == (7, "z-9", "x-1")


def test_a_renamed_deal_that_could_be_two_is_taken_for_neither() -> None:
    known = group_of(deal("X-1", 2, "2010"), deal("X-2", 2, "2010"))
    new = group_of(deal("Z-9", 2, "2010"))
    found = match(known, new)
    assert told(found, known) == [(7, None)]
    assert found.renamed == ()
    back = match(new, known)
    assert told(back, new) == [(7, None), (8, None)]


def test_a_deal_whose_name_is_still_there_is_not_taken_for_another() -> None:
    known = group_of(deal("X-1", 2, "2010"), deal("Y", 3, "2010"))
    new = group_of(deal("X-1", 3, "2010"), deal("Y", 4, "2010"))
    assert sorted(told(match(known, new), known)) == [(7, 7), (8, 8)]


def test_of_equals_those_that_did_not_change_keep_their_place() -> None:
    known = group_of(deal("X-1", 2, "2010"), deal("X-1", 5, "2012"))
    new = group_of(deal("X-1", 9, "2009"), deal("X-1", 2, "2010"), deal("X-1", 5, "2012"))
    found = match(known, new)
    assert sorted(told(found, known), key=str) == [(7, None), (8, 7), (9, 8)]
    assert len({unit.id for unit in found.units}) == 3
    assert found.ambiguous == (), "what is left over can only be new"


def test_of_equals_that_all_changed_in_another_number_it_is_said_that_they_may_be_others() -> None:
    known = group_of(deal("X-1", 2, "2010"), deal("X-1", 5, "2012"))
    new = group_of(deal("X-1", 3, "2010"), deal("X-1", 6, "2012"), deal("X-1", 9, "2015"))
    found = match(known, new)
    assert len(found.ambiguous) == 3
    assert [line for line, _ in told(found, known)] == [7, 8, 9]


def test_both_dialects_tell_of_one_delivery_and_each_keeps_what_the_other_leaves_out() -> None:
    old = Made(by_deal(DEALS_2024[3]))
    row = "90002,Turkiye,Pakistan,MilGem --,frigate,Ships,2018,No,1,No,2023,Yes,New,205,205,205,Yes"
    new = Made(by_year(row))
    assert new.claims.keys() == old.claims.keys()
    order, delivery = sorted(old.claims)[1], sorted(old.claims)[0]
    merged = read(merge(new.claims[order], old.claims[order]))  # type: ignore[arg-type]
    assert (merged["data"]["quantity"], merged["data"]["tiv"]) == ({"best": 4}, 820)
    assert merged["data"]["production"] == "licensed"
    back = read(merge(old.claims[order], new.claims[order]))  # type: ignore[arg-type]
    assert (back["data"]["quantity"], back["data"]["production"]) == ({"best": 4}, "licensed")
    assert back["tags"] == ["SIPRI AT 90002", "Ships"]
    assert read(merge(old.claims[delivery], new.claims[delivery]))["occurred"] == "2023?"  # type: ignore[arg-type]


def test_deliveries_of_some_years_and_of_all_are_never_told_of_one_claim() -> None:
    some, whole = (by_year(TB2_BY_YEAR[0], head=preamble(first="2022", last="2023")), by_year(*TB2_BY_YEAR))
    id_, told_of_some = next((i, c) for i, c in Made(some).claims.items() if i.endswith("delivery"))
    whole_claim = Made(whole).claims[id_]
    for one, other in ((told_of_some, whole_claim), (whole_claim, told_of_some)):
        with pytest.raises(Irreconcilable, match="both would be counted"):
            merge(one, other)
