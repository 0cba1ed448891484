"""XTDB's documentation: travellers at a border, a late trade, and a price that is backfilled.

"Bitemporality" (XTDB 1), https://v1-docs.xtdb.com/concepts/bitemporality, after C. H. Goh, H. Lu, B. C. Ooi, K.-L. Tan,
"Indexing temporal data using existing B+-trees" (1996), section 7; "Late trade adjustments",
https://docs.xtdb.com/tutorials/financial-usecase/late-trade; "Updating the past",
https://docs.xtdb.com/tutorials/immutability-walkthrough/part-3.
"""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.published.books import Book, midnight, said, type_of

pytestmark = pytest.mark.anyio
REGIONS = [
    ("p1", "NY", (0, 3), (4, 99)),
    ("p1", "LA", (4, 99), (4, 99)),
    ("p2", "SFO", (0, 99), (0, 5)),
    ("p2", "SFO", (0, 5), (5, 99)),
    ("p3", "LA", (0, 99), (0, 4)),
    ("p3", "LA", (0, 4), (4, 7)),
    ("p3", "LA", (0, 7), (7, 99)),
    ("p3", "SFO", (8, 99), (8, 9)),
    ("p4", "NY", (2, 99), (2, 3)),
    ("p4", "NY", (2, 3), (3, 99)),
    ("p4", "LA", (8, 99), (8, 99)),
    ("p5", "LA", (10, 99), (10, 99)),
    ("p7", "NY", (11, 99), (11, 99)),
    ("p6", "NY", (12, 99), (12, 99)),
]
"""Person, port of entry, days of presence (the last one excluded), days on which that was stored. On day 9 the
documentation's p3 is known to have left on the day of his second arrival."""


def day(number: int) -> str:
    """Day 0 is 2018-12-31, as in the documentation."""
    return "2018-12-31" if number == 0 else f"2019-01-{number:02}"


def present(action: str, person: str, port: str, arrived: int, left: int | None) -> dict[str, Any]:
    return said(
        action,
        f"{person}-{port.lower()}",
        "presence",
        {"person": person, "entry": port},
        [(person, "traveller"), ("usa", "country")],
        occurred=midnight(day(arrived)),
        until=".." if left is None else midnight(day(left)),
        relationships=["travellers--usa"],
    )


@pytest.fixture(scope="module")
async def border(library: Api) -> Book:
    book = Book(library, "border", "travellers--usa", "Border control")
    await book.open({"presence": type_of("state", "Presence", person="string", entry="string")})
    await book.store(day(0), present("assert", "p2", "SFO", 0, None), present("assert", "p3", "LA", 0, None))
    await book.store(day(2), present("assert", "p4", "NY", 2, None))
    await book.store(day(3), present("correct", "p4", "NY", 2, 3))
    await book.store(  # a trip that had been missed, and a departure
        day(4),
        present("assert", "p1", "NY", 0, 3),
        present("assert", "p1", "LA", 4, None),
        present("correct", "p3", "LA", 0, 4),
    )
    await book.store(day(5), present("correct", "p2", "SFO", 0, 5))
    await book.store(day(7), present("correct", "p3", "LA", 0, 7))  # he had not left on day 4
    await book.store(day(8), present("assert", "p3", "SFO", 8, None), present("assert", "p4", "LA", 8, None))
    gone = present("correct", "p3", "SFO", 8, None) | {"occurred": day(8), "until": day(8)}
    await book.store(day(9), gone)
    for number, person, port in ((10, "p5", "LA"), (11, "p7", "NY"), (12, "p6", "NY")):
        await book.store(day(number), present("assert", person, port, number, None))
    return book


async def there(book: Book, valid: int, stored: int | None) -> set[tuple[str, str]]:
    found = await book.data(day(valid), None if stored is None else day(stored))
    return {(data["person"], data["entry"]) for data in found}


async def test_who_was_in_the_country_on_day_2_as_known_on_day_3(border: Book) -> None:
    """The documentation's question and answer; of p1 nothing had been stored yet, and p4 had not left yet."""
    assert await there(border, 2, 3) == {("p2", "SFO"), ("p3", "LA"), ("p4", "NY")}
    assert await there(border, 2, 4) == {("p1", "NY"), ("p2", "SFO"), ("p3", "LA"), ("p4", "NY")}


@pytest.mark.parametrize("stored", [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12])
async def test_every_region_of_the_papers_table(border: Book, stored: int) -> None:
    for valid in (0, 1, 2, 3, 4, 5, 6, 7, 9, 12):
        expected = {
            (person, port)
            for person, port, (arrived, left), (from_, until) in REGIONS
            if arrived <= valid < left and from_ <= stored < until
        }
        assert await there(border, valid, stored) == expected, (valid, stored)


async def test_who_came_and_left_on_one_day_is_possible_on_it_and_gone_the_day_after(border: Book) -> None:
    line = next(one for one in await border.lines(f"{day(8)}T12:00:00Z") if one["claims"] == ["p3-sfo"])
    assert line["certainty"] == "possible"
    assert ("p3", "SFO") in await there(border, 9, 8)
    assert ("p3", "SFO") not in await there(border, 9, 9)


TRADES = [
    (1, "XAU:CUR", 150, "2024-01-15T10:00:00Z"),
    (2, "NG1:COM", 430, "2024-01-15T11:15:00Z"),
    (3, "XAU:CUR", 200, "2024-01-15T12:05:00Z"),
    (4, "W1:COM", 320, "2024-01-15T16:50:00Z"),
    (5, "W1:COM", 100, "2024-01-16T12:10:00Z"),
    (6, "W1:COM", 120, "2024-01-16T14:55:00Z"),
]


async def test_a_trade_booked_late_is_in_the_final_report_of_its_day_and_not_in_the_first(library: Api) -> None:
    book = Book(library, "trades", "desk--market", "The risk system")
    await book.open({"trade": type_of("occurrence", "Trade", symbol="string", volume="integer")})
    parties = [("desk", "buyer"), ("market", "seller")]
    events = [
        said("assert", f"trade-{number}", "trade", {"symbol": symbol, "volume": volume}, parties, occurred=at)
        for number, symbol, volume, at in TRADES
    ]
    stored = [(await book.store(name, *events[a:b]))["position"] for name, a, b in
              (("2024-01-15", 0, 3), ("2024-01-15T19:10:00Z", 3, 4), ("2024-01-16", 4, 6))]  # fmt: skip
    reports = []
    for position in stored:
        query = f"relationships/desk--market?valid_at=2024-01-15T17:00:00Z&known_position={position}"
        reports.append([claim for line in (await book.get(query))["other"] for claim in line["claims"]])
    assert reports == [[f"trade-{n}" for n in (1, 2, 3)], *[[f"trade-{n}" for n in (1, 2, 3, 4)]] * 2]


async def test_a_price_stored_for_the_past_changes_the_past_only_from_then_on(library: Api) -> None:
    book = Book(library, "prices", "bicycles--shop", "The shop")
    await book.open({"price": type_of("state", "Price", price="integer")})
    parties = [("bicycles", "product"), ("shop", "seller")]
    new = said("assert", "new", "price", {"price": 340}, parties, occurred=midnight("2024-01-01"), until="..")
    old = {"occurred": midnight("2022-01-01"), "until": midnight("2024-01-01")}
    await book.store("2024-01-01", new)
    await book.store("2024-01-02", said("assert", "old", "price", {"price": 300}, parties, **old))
    for stored, expected in (
        ("2024-01-01", [[], [], [{"price": 340}]]),
        ("2024-01-02", [[], [{"price": 300}], [{"price": 340}]]),
    ):
        assert [await book.data(valid, stored) for valid in ("2020-01-01", "2023-01-01", "2024-01-02")] == expected
