"""SIPRI's trade register: what each row says, in both dialects, and every quirk that its exports have."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.domain.claims import Recorded
from service.domain.events import Assert
from service.domain.reading import read_event
from service.domain.types import TYPES
from service.importers import IMPORTERS
from service.importers.items import Export, Group, Missing, Options, Refused, Unit
from service.importers.names import Names
from service.importers.reading import Unreadable
from tests.importers.registers import DEALS_2024, DEALS_2025, TB2_BY_YEAR, by_deal, by_year, in_pieces, preamble

SIPRI = IMPORTERS["sipri"]
NAMES = Names()
Json = dict[str, Any]


class Made:
    """What the importer made of a file."""

    def __init__(self, data: bytes, reported: str | None = None) -> None:
        items = list(SIPRI.read(in_pieces(data), Options(names=NAMES, reported=reported)))
        [self.export] = [item for item in items if isinstance(item, Export)]
        self.refused = [item for item in items if isinstance(item, Refused)]
        self.groups = [item for item in items if isinstance(item, Group)]
        self.units = [unit for group in self.groups for unit in group.units]
        self.claims = {str(claim.claim): claim for unit in self.units for claim in unit.claims}

    def told(self, designation: str) -> tuple[Json, ...]:
        """The order and the delivery of one system, as they would be recorded."""
        [unit] = [unit for unit in self.units if read(unit.claims[0])["data"]["platform_name"] == designation]
        return tuple(read(claim) for claim in unit.claims)


def read(claim: Assert) -> Json:
    draft = read_event(msgspec.json.encode(claim), TYPES, str)
    found: Json = msgspec.json.decode(draft.content)
    return found


def test_a_deal_is_an_order_and_a_delivery_that_counts_for_all_its_years() -> None:
    order, delivery = Made(by_deal(*DEALS_2024)).told("Bayraktar TB2")
    assert (order["type"], order["occurred"]) == ("order", "2021?")
    assert order["data"] == {
        "platform": "tb2", "platform_name": "Bayraktar TB2", "tiv_unit": 2.4, "condition": "new",
        "description": "armed UAV",
    }  # fmt: skip
    assert (delivery["type"], delivery["occurred"]) == ("delivery", "{2022,2023}")
    assert delivery["data"] == {
        "platform": "tb2", "platform_name": "Bayraktar TB2", "quantity": {"best": 6, "uncertain": True}, "tiv": 14.4,
        "condition": "new",
    }  # fmt: skip
    assert delivery["parties"] == [{"actor": "tur", "role": "supplier"}, {"actor": "pak", "role": "recipient"}]
    assert delivery["title"] == "Türkiye delivers Bayraktar TB2 to Pakistan"
    [source] = delivery["sources"]
    assert (source["publisher"], source["published"]) == ("SIPRI", "2024-03-18")
    assert source["title"] == "SIPRI Arms Transfers Database, export of 2024-03-18"


def test_the_newer_export_tells_of_the_same_claims() -> None:
    before, after = Made(by_deal(*DEALS_2024)), Made(by_deal(*DEALS_2025, head=preamble("23 Oct 2025 5:22:49 PM")))
    assert after.export.reported == "2025-10-23"
    new = after.claims.keys() - before.claims.keys()
    assert before.claims.keys() <= after.claims.keys()
    assert [after.claims[claim].title for claim in new] == ["Türkiye delivers ASELPOD to Pakistan"]
    _, delivery = after.told("Bayraktar TB2")
    assert (delivery["occurred"], delivery["data"]["quantity"]) == ("{2022,2023,2024}", {"best": 9, "uncertain": True})


def test_rows_by_delivery_year_are_one_delivery_under_the_same_ids() -> None:
    made = Made(by_year(*TB2_BY_YEAR))
    order, delivery = made.told("Bayraktar TB2")
    assert (order["occurred"], delivery["occurred"]) == ("2021?", "{2022?,2023}")
    assert delivery["data"]["quantity"] == {"best": 6, "uncertain": True}
    assert (delivery["data"]["tiv"], delivery["data"]["production"]) == (14.4, "imported")
    assert order["tags"] == ["SIPRI AT 90001", "Aircraft"]
    assert delivery["parties"][0] == {"actor": "tur", "role": "supplier"}
    assert made.claims.keys() <= Made(by_deal(*DEALS_2024)).claims.keys()


def test_what_is_blank_is_not_known_and_a_zero_of_it_is_no_zero() -> None:
    made = Made(by_deal(*DEALS_2024))
    order, *deliveries = made.told("ASELPOD")
    assert deliveries == [], "nothing was delivered yet"
    assert order["data"].keys() >= {"remarks"}
    assert order["data"].keys().isdisjoint({"quantity", "tiv"})
    order, _ = made.told("MilGem")
    assert (order["data"]["quantity"], order["data"]["tiv"]) == ({"best": 4}, 820)


def test_the_status_is_the_condition_of_the_goods() -> None:
    rows = [
        "Ghana,Italy,2001,,3,,A-1,aircraft,3,,2002,Second hand,,1,3,3",
        "Ghana,Italy,2001,,3,,B-1,aircraft,3,,2002,Second hand but modernized,,1,3,3",
        "Ghana,Italy,2001,,3,,C-1,aircraft,3,,2002,Unused,,1,3,3",
    ]
    made = Made(by_deal(*rows))
    assert [read(unit.claims[0])["data"]["condition"] for unit in made.units] == ["second-hand", "modernised"]
    assert [(one.line, one.code) for one in made.refused] == [(9, "unfit")]


def test_who_is_no_state_is_an_actor_of_its_own_kind() -> None:
    rows = [
        "Syria rebels*,Turkiye,2013,?,10,?,Gun,gun,10,?,2013,New,,1,10,10",
        "NATO**,unknown supplier(s),2013,,1,,Jet,jet,1,,2013,New,,1,1,1",
    ]
    made = Made(by_deal(*rows))
    actors = {actor.name: (actor.slug, actor.kind, actor.how) for unit in made.units for actor in unit.actors}
    assert actors == {
        "Türkiye": ("tur", "state", "alias"),
        "Syria rebels": ("syria-rebels", "other", "own"),
        "unknown suppliers": ("unknown-suppliers", "other", "own"),
        "NATO": ("nato", "organisation", "own"),
    }


def test_a_comment_that_was_broken_into_lines_is_made_whole() -> None:
    head, tail = "Mali,Italy,2008,,14,,BTR-3,APC,13,,2010; 2012,New,Part of a deal;", " for police,0.25,3.5,3.25"
    whole = DEALS_2024[0]
    for end in ("\n", "\r\n", "\n\n"):
        made = Made(by_deal(f"{head}{end}{tail}", whole))
        assert made.refused == []
        assert read(made.units[0].claims[0])["data"]["remarks"] == "Part of a deal; for police"
        assert read(made.units[1].claims[0])["data"]["platform"] == "akinci"


def test_a_row_that_cannot_be_made_whole_is_refused_by_its_line_and_shifts_no_column() -> None:
    broken = "Mali,Italy,2008,,14,,BTR-3,APC,13,,2010; 2012,New,Part of a deal;"
    other = "Mali,Italy,2008,,14,,BTR-3"
    made = Made(by_deal(broken, DEALS_2024[0], other, DEALS_2024[2], DEALS_2024[0] + ",1", ",".join(["1"] * 10_000)))
    assert [(one.line, one.code, one.reason) for one in made.refused] == [
        (7, "columns", "the row has 13 columns, where there are 16"),
        (9, "columns", "the row has 7 columns, where there are 16"),
        (11, "columns", "the row has 17 columns, where there are 16"),
        (12, "columns", "the row has 10,000 columns, where there are 16"),
    ]
    assert [unit.line for unit in made.units] == [8, 10]
    assert max(len(one.row) for one in made.refused) == 10_000


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Mali,Italy,20O8,,1,,X,x,1,,2010,New,,1,1,1", "`Year of order` is '20O8', not a year"),
        ("Mali,Italy,2008,!,1,,X,x,1,,2010,New,,1,1,1", "a column for `?` holds '!'"),
        ("Mali,Italy,2008,,-1,,X,x,1,,2010,New,,1,1,1", "`Number ordered` is '-1', not a number"),
        ("Mali,Italy,2008,,1,,X,x,1,,2010; 2009,New,,1,1,1", "years in their order, each once"),
        ("Mali,Italy,2008,,1,,X,x,8,,2010; 2010,New,,1,1,1", "years in their order, each once"),
        ("Mali,Italy,2008,,1,,X,x,1,,,New,,1,1,1", "1 are delivered, and no year is given"),
        ("Mali,Italy,2008,,1,,X,x,0,,2010,New,,1,1,1", "nothing is delivered"),
        ("Mali,,2008,,1,,X,x,1,,2010,New,,1,1,1", "`Supplier` is empty"),
        (
            "Mali,Italy,2008,,1,,=cmd|' /C calc'!A0,x,1,,2010,New,,=1+1,1,1",
            "`SIPRI TIV per unit` is '=1+1', not a value",
        ),
        ("Mali,Italy,2008,,1,,X,x,1,,2010,New,,1e3,1,1", "`SIPRI TIV per unit` is '1e3', not a value"),
    ],
)
def test_a_cell_that_cannot_be_so_refuses_its_row(row: str, reason: str) -> None:
    made = Made(by_deal(row, DEALS_2024[0]))
    [refused] = made.refused
    assert reason in refused.reason
    assert (refused.line, refused.code, refused.row) == (7, "unfit", row)
    assert len(made.units) == 1


def test_deals_that_share_all_that_names_them_are_apart_whatever_their_order() -> None:
    twins = ["Mali,Italy,2008,,1,,X,x,1,,2010,New,,1,1,1"] * 2 + ["Mali,Italy,2008,?,4,,X,x,2,,2011,New,,1,4,2"]
    one, other = Made(by_deal(*twins)), Made(by_deal(*twins[::-1]))
    assert len(one.claims) == 6
    by_id = [{id_: read(claim) for id_, claim in made.claims.items()} for made in (one, other)]
    assert by_id[0] == by_id[1]


def test_exports_come_in_windows_1252_and_in_utf_8_with_a_mark_and_without_preamble() -> None:
    row = "Turkiye,Germany,2000,,4,,Kiliç,FAC,4,,2005,New,Rüstungssonderhilfe,58.75,235,235"
    for data in (by_deal(row, encoding="windows-1252"), by_deal(row, encoding="utf-8-sig"), by_deal(row)):
        assert Made(data).told("Kiliç")[0]["data"]["platform"] == "kilic"
    made = Made(by_deal(row, head=""), reported="2024-01-31")
    assert made.export.reported == "2024-01-31"
    assert "does not say" in made.export.notes[0]


def test_a_file_that_is_no_register_or_has_no_day_is_refused_as_a_whole() -> None:
    with pytest.raises(Unreadable, match="is a header of SIPRI's trade register"):
        Made(b"a,b,c\n1,2,3\n" * 100)
    with pytest.raises(Unreadable, match="is a header of SIPRI's trade register"):
        Made(b"")
    with pytest.raises(Unreadable, match="does not say on which day"):
        Made(by_deal(*DEALS_2024, head=""))


def test_a_file_that_is_not_sorted_by_country_is_told_where() -> None:
    made = Made(by_deal(DEALS_2024[0], DEALS_2024[4], DEALS_2024[2]))
    assert [(one.line, one.code) for one in made.refused] == [(9, "unsorted")]


def test_rows_of_a_deal_that_contradict_one_another_are_refused() -> None:
    first, second = TB2_BY_YEAR
    made = Made(by_year(first, second.replace("New", "Second hand"), first, second))
    assert [(one.line, one.code) for one in made.refused] == [(8, "differs"), (9, "repeated")]
    assert made.told("Bayraktar TB2")[1]["data"]["quantity"]["best"] == 6


def test_an_export_of_some_years_says_so_on_deals_that_may_have_others() -> None:
    old = "Mali,Italy,1988,,10,,Old,x,4,,1991,New,,1,10,4"
    made = Made(by_deal(old, "Mali,Italy,1999,,2,,New,x,2,,2001,New,,1,2,2", head=preamble(first="1990", last="2023")))
    assert [claim.get("tags") for claim in made.told("Old")] == [None, ["only deliveries 1990.."]]
    assert [claim.get("tags") for claim in made.told("New")] == [None, None]
    assert made.export.notes == (
        "the export tells only of deliveries 1990..: those of other years are missing from its counts",
    )
    early = Made(by_deal(old, head=preamble(first="1950", last="1991")))
    assert early.told("Old")[1]["tags"] == ["only deliveries ..1991"]


def recorded(claim: Assert) -> Recorded:
    draft = read_event(msgspec.json.encode(claim), TYPES, str)
    return Recorded(position=1, recorded_at=1, id="e", claim=draft.claim, event=draft.event)


def test_what_an_export_covers_is_what_it_says_it_tells_of() -> None:
    assert SIPRI.missing is not None
    units = Made(by_deal(*DEALS_2024)).units[:2]
    delivered, ordered = (tuple(recorded(claim) for claim in unit.claims) for unit in units)
    assert (len(delivered), len(ordered)) == (2, 1)
    for head, covers in (
        (preamble(), (True, True)),
        (preamble(first="1950", last="2025", orders=False), (True, False)),
        (preamble(first="1950", last="2022"), (False, True)),
        (preamble(first="1990", last="2024"), (True, False)),
    ):
        missing = SIPRI.missing(Made(by_deal(head=head)).export, "2024-03-18")
        assert isinstance(missing, Missing)
        assert (missing.covers(delivered), missing.covers(ordered)) == covers, head
    some = preamble().replace("from All countries", "from Italy")
    assert SIPRI.missing(Made(by_deal(head=some)).export, "2024-03-18") == (
        "the export tells of arms from Italy to All countries, not of all countries"
    )


@pytest.mark.parametrize(("day", "rows"), [("2024-03-18", 1327), ("2025-10-23", 1292)])
def test_a_real_export_is_read_to_its_last_row_and_its_deliveries_add_up(
    shared_data: Path, day: str, rows: int
) -> None:
    data = (shared_data / "sipri" / f"trade-register-turkiye-pakistan-{day}.csv").read_bytes()
    made = Made(data)
    assert (made.export.reported, made.refused, len(made.units)) == (day, [], rows)
    assert len(made.claims) == sum(len(unit.claims) for unit in made.units)
    lines = data.decode("windows-1252").splitlines()
    told = [line.split(",") for line in lines[12:]]
    deliveries = [read(claim) for claim in made.claims.values() if claim.type == "delivery"]
    assert sum(one["data"]["quantity"]["best"] for one in deliveries) == sum(int(cells[8]) for cells in told)
    assert sum(one["data"].get("tiv", 0) for one in deliveries) == pytest.approx(sum(float(c[15] or 0) for c in told))


def test_units_carry_the_row_they_were_read_from() -> None:
    made = Made(by_year(*TB2_BY_YEAR))
    assert isinstance(made.units[0], Unit)
    assert made.units[0].row == "\n".join(TB2_BY_YEAR)
