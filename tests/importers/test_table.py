"""Tables: what a mapping makes of rows, in every notation of dates, and what it refuses; nothing in a cell is run."""

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.domain.events import Assert
from service.domain.reading import read_event
from service.domain.types import TYPES
from service.importers import IMPORTERS
from service.importers.items import Export, Group, Options, Refused
from service.importers.names import Names, read_aliases
from service.importers.reading import Unreadable
from service.importers.table.mapping import MAPPINGS, read_mapping
from service.importing.counted import Counted
from tests.importers.registers import in_pieces

TABLE = IMPORTERS["table"]
Json = dict[str, Any]
VISITS = """
name = "visits"
title = "Visits"
key = ["id"]
source = { publisher = "An Example", title = "Visits" }

[[claims]]
name = "visit"
type = "note"
occurred = { column = "on" }
title = "{host@name} receives {guest@name}: {why}"
parties = [{ column = "host", role = "host" }, { column = "guest", role = "guest" }]
data = { text = "{why}" }
tags = ["{why}", "visit"]
"""
HEADER = "id,on,host,guest,why\n"


def read(claim: Assert) -> Json:
    found: Json = msgspec.json.decode(read_event(msgspec.json.encode(claim), TYPES, str).content)
    return found


class Made:
    """What the importer made of a table."""

    def __init__(self, table: str | bytes, mapping: str = VISITS, **options: Any) -> None:
        data = table.encode() if isinstance(table, str) else table
        names = options.pop("names", Names())
        counted = Counted()
        wanted = Options(names=names, mapping=mapping, count=counted.count, **options)
        items = list(TABLE.read(in_pieces(data, 65_536), wanted))
        counted.close()
        [self.export] = [item for item in items if isinstance(item, Export)]
        self.refused = [item for item in items if isinstance(item, Refused)]
        self.units = [unit for item in items if isinstance(item, Group) for unit in item.units]
        self.claims = [claim for unit in self.units for claim in unit.claims]

    def told(self) -> list[Json]:
        return [read(claim) for claim in self.claims]

    def codes(self) -> list[tuple[int, str]]:
        return [(one.line, one.code) for one in self.refused]


def test_a_row_makes_the_claims_that_the_mapping_says() -> None:
    made = Made(HEADER + '1,2024-03,Turkey,"Pakistan","a visit, with ""quotes"""\n', reported="2024-05-01")
    [said] = made.told()
    assert said["parties"] == [{"actor": "tur", "role": "host"}, {"actor": "pak", "role": "guest"}]
    assert (said["occurred"], said["title"]) == ("2024-03", 'Türkiye receives Pakistan: a visit, with "quotes"')
    assert (said["data"], said["tags"]) == ({"text": 'a visit, with "quotes"'}, ['a visit, with "quotes"', "visit"])
    assert said["sources"] == [{"publisher": "An Example", "title": "Visits", "published": "2024-05-01"}]
    assert said["claim"].startswith("visits.")
    assert made.export.prefix == "visits."


def test_a_claim_is_known_by_its_key_and_its_place_among_those_that_share_it() -> None:
    rows = ["1,2024,tur,pak,a\n", "1,2023,tur,pak,b\n", "2,2024,tur,pak,a\n"]
    ids = [claim.claim for claim in Made(HEADER + "".join(rows)).claims]
    again = [claim.claim for claim in Made("why,guest,host,on,id\na,pak,tur,2025,1\n").claims]
    assert len(set(ids)) == 3
    assert again == ids[:1], "neither other cells nor the order of columns tell a row apart"


def test_what_a_cell_holds_is_text_and_never_run() -> None:
    nasty = "=HYPERLINK(\"http://x\")&{on}&__import__('os')&{0.__class__}"
    [said] = Made(HEADER + '1,2024,tur,pak,"' + nasty.replace('"', '""') + '"\n').told()
    assert said["data"]["text"] == nasty
    template = VISITS.replace('text = "{why}"', 'text = "{why.__class__}"')
    with pytest.raises(Unreadable, match=r"columns that are not there: why\.__class__"):
        Made(HEADER, template)


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("1,2024-13,tur,pak,x\n", [(2, "unfit")]),
        ("1,2024,,pak,x\n", [(2, "unfit")]),
        ("1,,tur,pak,x\n", [(2, "empty")]),
        ("1,2024,tur,pak\n", [(2, "columns")]),
        ("1,2024,tur,pak,x" + ",x" * 10_000 + "\n", [(2, "columns")]),
        ('1,2024,tur,pak,"x\n2,2024,tur,pak,y\n', [(2, "unreadable")]),
        ("1,2024,tur,pak,\0\n", [(2, "unreadable")]),
        ("", []),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_by_itself(table: str, codes: list[tuple[int, str]]) -> None:
    made = Made(HEADER + table + "9,2024,tur,pak,last\n")
    assert made.codes() == codes
    assert made.told()[-1]["data"] == {"text": "last"}


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-16", ","), ("windows-1252", ";"), ("utf-8", "\t")]
)
def test_tables_come_in_several_encodings_and_with_several_delimiters(encoding: str, delimiter: str) -> None:
    table = (HEADER + "1,2024,Türkiye,Côte d'Ivoire,é\n").replace(",", delimiter)
    mapping = f"delimiter = {msgspec.json.encode(delimiter).decode()}\n{VISITS}"
    [said] = Made(table.encode(encoding), mapping).told()
    assert [party["actor"] for party in said["parties"]] == ["tur", "civ"]


def dated(notation: str, cell: str, **more: str) -> str:
    extra = "".join(f", {name} = {value}" for name, value in more.items())
    mapping = VISITS.replace('column = "on" }', f'column = "on", notation = "{notation}"{extra} }}')
    made = Made(f"id\ton\thost\tguest\twhy\n1\t{cell}\ttur\tpak\tx\n", 'delimiter = "\\t"\n' + mapping)
    assert made.codes() in ([], [(2, "unfit")], [(2, "empty")])
    occurred: str = made.told()[0]["occurred"] if made.claims else made.codes()[0][1]
    return occurred


@pytest.mark.parametrize(
    ("notation", "cell", "occurred"),
    [
        ("edtf", "[2018..2025]", "[2018..2025]"),
        ("iso", "2024-03-18", "2024-03-18"), ("iso", "2024-03", "2024-03"), ("iso", "2024-3-1", "unfit"),
        ("dmy", "31.12.1999", "1999-12-31"), ("dmy", "1/2/2000", "2000-02-01"), ("dmy", "1999", "1999"),
        ("dmy", "12/31/1999", "unfit"), ("dmy", "31.12.99", "unfit"),
        ("mdy", "12/31/1999", "1999-12-31"), ("mdy", "31/12/1999", "unfit"),
        ("messydates", "1981-09..1981-10", "[1981-09..1981-10]"), ("messydates", "2012-##-##", "2012"),
        ("messydates", "2012-XX-12", "2012-XX-12"), ("messydates", "1999-01-01?", "1999-01-01?"),
        ("messydates", "~2012", "~2012"), ("messydates", "2012-06~", "2012-06~"),
        ("messydates", "{2012-01-01, 2012-01-12}", "[2012-01-01,2012-01-12]"), ("messydates", "..2012", "[..2012]"),
        ("messydates", "2012-##", "2012"), ("messydates", "-0028-01-01", "unfit"), ("messydates", "201#", "201X"),
        ("iso", "NA", "unfit"),
    ],
)  # fmt: skip
def test_dates_are_read_in_the_notation_that_the_table_has(notation: str, cell: str, occurred: str) -> None:
    assert dated(notation, cell) == occurred


def test_what_stands_for_no_date_is_none() -> None:
    assert dated("iso", "9999-12-31", unknown='["9999-12-31"]') == "empty"


WARS = """
name = "wars"
title = "Wars"
group = ["war"]
[[claims]]
name = "war"
type = "dispute"
occurred = { columns = ["y", "m", "d"], notation = "ymd", unknown = ["-9"], of = "earliest" }
until = { column = "end", notation = "iso", open = ["9999-12-31"], of = "latest" }
title = "{war}"
parties = [{ column = "state", role = { column = "side", values = { "1" = "side_a", "2" = "side_b" } } }]
relationships = "sides"
data = { hostility = { column = "level", as = "integer", values = { "high" = 5 } } }
"""
OF_WARS = "war,y,m,d,end,state,side,level\n"


def test_rows_of_one_claim_are_one_claim_with_all_their_parties() -> None:
    rows = [
        "A,1950,11,3,1953-07-27,USA,1,5",
        "A,1950,6,25,1953-07-27,UK,1,5",
        "A,1950,-9,-9,9999-12-31,China,2,high",
        "A,1950,12,-9,1953-01-02,USA,1,5",
        "B,1999,-9,5,,Togo,2,2",
    ]
    first, second = Made(OF_WARS + "\n".join(rows), WARS).told()
    assert (first["occurred"], first["until"], first["data"]) == ("1950", "..", {"hostility": 5})
    assert [(party["actor"], party["role"]) for party in first["parties"]] == [
        ("usa", "side_a"), ("gbr", "side_a"), ("chn", "side_b"),
    ]  # fmt: skip
    assert first["relationships"] == ["chn--gbr", "chn--usa"]
    assert (second["occurred"], "until" in second) == ("1999", False)


def test_rows_of_one_claim_that_stand_apart_and_values_that_are_not_listed_are_refused() -> None:
    rows = [
        "A,1950,,,,Mali,1,1",
        "B,1950,,,,Mali,3,1",
        "A,1951,,,,Togo,2,1",
        "C,1950,1,1,,Mali,1,much",
        "D,19,,,,Mali,1,1",
    ]
    made = Made(OF_WARS + "\n".join(rows), WARS)
    assert made.codes() == [(3, "unfit"), (4, "unsorted"), (5, "unfit")]
    assert "`side` is '3', none of 1, 2" in made.refused[0].reason


def test_a_claim_of_thirty_nine_parties_belongs_to_every_pair_across() -> None:
    names = [name for name in msgspec.json.decode(COUNTRIES) if len(name) == 3][:39]
    rows = [f"A,1950,,,,{name.upper()},{1 + number % 2},5" for number, name in enumerate(sorted(names))]
    made = Made(OF_WARS + "\n".join(rows), WARS.replace('column = "state"', 'column = "state", codes = true'))
    [said] = made.told()
    assert (len(said["parties"]), len(said["relationships"])) == (39, 20 * 19)


COUNTRIES = (Path(__file__).parents[2] / "service" / "importers" / "data" / "countries.json").read_bytes()


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (None, "a table needs a mapping"),
        ("nowhere", "there is no mapping `nowhere`; shipped are treaties, disputes"),
        ("name = 1\n", "the mapping cannot be used"),
        ("name = [", "the mapping cannot be used"),
        (VISITS.replace('occurred = { column = "on" }', "occurred = { }"), "a date has a `column`"),
        (VISITS.replace('column = "on"', 'column = "on", notation = "eval"'), "Invalid enum value 'eval'"),
        (VISITS + 'run = "rm"\n', "unknown field `run`"),
        (VISITS.replace('text = "{why}"', 'text = {column = "why", as = "code"}'), "Invalid enum value 'code'"),
        (VISITS.replace('type = "note"', 'type = "No Type"'), "type"),
        (VISITS + "[actors]\nx = 'No Slug'\n", "the mapping cannot be used"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(mapping: str | None, why: str) -> None:
    with pytest.raises(Unreadable, match=r"cannot be used|no mapping|needs a mapping") as refusal:
        read_mapping(mapping)
    assert why in str(refusal.value)


def test_a_table_without_the_columns_of_its_mapping_is_refused_as_a_whole() -> None:
    with pytest.raises(Unreadable, match="not there: on, guest; there are id, host, why"):
        Made("id,host,why\n1,tur,x\n")
    with pytest.raises(Unreadable, match="no header line"):
        Made("")


def test_a_users_aliases_come_before_those_of_a_mapping() -> None:
    mapping = VISITS + '[actors]\n"Ankara" = "tur"\n"Islamabad" = "pak"\n'
    names = Names(read_aliases('[actors]\n"Ankara" = "ankara-city"\n'))
    [said] = Made(HEADER + "1,2024,Ankara,Islamabad,x\n", mapping, names=names).told()
    assert [party["actor"] for party in said["parties"]] == ["ankara-city", "pak"]


def test_the_shipped_mappings_can_be_used() -> None:
    assert [read_mapping(name).name for name in MAPPINGS] == list(MAPPINGS)


TREATIES = (
    "stateID,treatyID,Title,Begin,End,Signature,StateSignature,StateRatification,Force,StateForce,Term,StateEnd,"
    "Coder,Comments\n"
)


def test_a_row_of_treaties_gives_up_to_four_claims() -> None:
    rows = [
        "TUR,X_1,A treaty,1999,,1999,1999-01-02,2000-03,2001-01-01,2001-01-01,,2010-05-05,,",
        "PAK,X_1,A treaty,1999,9999-12-31,1999,1999-01-02,,2001-01-01,2001-01-01,,9999-12-31,,",
        "PAK,X_1,A treaty,1999,9999-12-31,1999,1999-01-02,,2001-01-01,2001-01-01,,9999-12-31,,",
        "EAZ,X_1,A treaty,1999,,1999,,,2001-01-01,2001-01-01,,,,",
        "EAZ,X_1,A treaty,1999,,1999,,,2001-01-01,2001-01-01,,2000-12-31,,",
        "EAZ,X_1,A treaty,1999,,1999,,,,,,,,",
    ]
    made = Made(TREATIES + "\n".join(rows), "treaties")
    said = [(one["type"], one["data"].get("step"), one["occurred"], one.get("until")) for one in made.told()]
    assert said == [
        ("agreement", "signed", "1999-01-02", None), ("agreement", "ratified", "2000-03", None),
        ("membership", None, "2001-01-01", "2010-05-05"), ("agreement", "left", "2010-05-05", None),
        ("agreement", "signed", "1999-01-02", None), ("membership", None, "2001-01-01", ".."),
        ("membership", None, "2001-01-01", None),
    ]  # fmt: skip
    assert made.told()[2]["title"] == "Türkiye is party to A treaty"
    assert made.codes() == [(4, "repeated"), (6, "order"), (7, "empty")]
    assert made.refused[1].reason == "`StateEnd`, 2000-12-31, lies before `StateForce`, 2001-01-01"


def test_the_real_treaties_are_read_and_every_refused_row_is_explained(shared_data: Path) -> None:
    data = (shared_data / "treaties" / "parties_GGO.csv.gz").read_bytes()
    made = Made(data, "treaties")
    assert len(made.units) + len(made.refused) == 98_320
    assert len(gzip.decompress(data).splitlines()) - 1 >= 98_320
    assert Counter(one.code for one in made.refused) == {"order": 6477, "empty": 2807, "repeated": 978, "unfit": 1}
    assert all(one.reason for one in made.refused)
    assert Counter(str(claim.claim).rpartition(".")[2] for claim in made.claims) == {
        "signed": 73109, "ratified": 27473, "member": 54082, "left": 10042,
    }  # fmt: skip
    assert len({claim.claim for claim in made.claims}) == len(made.claims)
    for claim in made.claims[::50]:
        read(claim)


def test_the_real_disputes_are_read_with_their_unknown_days(shared_data: Path) -> None:
    made = Made((shared_data / "disputes" / "mid-participants-sample.csv").read_bytes(), "disputes")
    assert (len(made.told()), made.refused) == (18, [])
    by_subject = {one["data"]["subject"]: (one["occurred"], one["until"]) for one in made.told()}
    assert by_subject["Militarised dispute 126"] == ("1853-01", "1853-02-25")
    assert by_subject["Militarised dispute 228"] == ("1881-03", "1881-08")
