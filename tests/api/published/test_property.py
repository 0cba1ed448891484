"""Richard T. Snodgrass, "Developing Time-Oriented Database Applications in SQL" (2000), chapter 10: property 7797.

https://www2.cs.arizona.edu/~rts/tdbbook.pdf. The mortgage bank Nykredit follows who owns the flat at Skovvej 30 in
Aalborg through January 1998. The book's periods are half-open: Eva [10, 15) owned it to the end of the 14th.
"""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.published.books import Book, midnight, said, type_of

pytestmark = pytest.mark.anyio
EVA, PETER = 145, 827
"""The customers' numbers, as in the book."""
NAMES = {EVA: "eva-nielsen", PETER: "peter-olsen"}
FOREVER = 99
REGIONS = [
    (EVA, (10, FOREVER), (10, 15)),
    (EVA, (10, 15), (15, 23)),
    (EVA, (3, 15), (23, 26)),
    (EVA, (5, 15), (26, 28)),
    (EVA, (5, 12), (28, FOREVER)),
    (PETER, (15, FOREVER), (15, 20)),
    (PETER, (15, 20), (20, 28)),
    (PETER, (12, 20), (28, FOREVER)),
]
"""The book's bitemporal table at the end: who, valid from and until, stored from and until; days of January."""


def day(number: int) -> str:
    return f"1998-01-{number:02}"


def owns(action: str, customer: int, begins: int, ends: int | None) -> dict[str, Any]:
    """The flat is the bank's business whoever owns it, so all stands in one relationship."""
    return said(
        action,
        NAMES[customer],
        "ownership",
        {"customer": customer},
        [(NAMES[customer], "owner"), ("property-7797", "property")],
        occurred=midnight(day(begins)),
        until=".." if ends is None else midnight(day(ends)),
        relationships=["nykredit--property-7797"],
    )


@pytest.fixture(scope="module")
async def book(library: Api) -> Book:
    book = Book(library, "prop-owner", "nykredit--property-7797", "Nykredit")
    await book.open({"ownership": type_of("state", "Ownership", customer="integer")})
    await book.store(day(10), owns("assert", EVA, 10, None))  # current insertion: Eva buys
    await book.store(day(15), owns("correct", EVA, 10, 15), owns("assert", PETER, 15, None))  # current update
    await book.store(day(20), owns("correct", PETER, 15, 20))  # current deletion: Peter has sold to another bank's
    await book.store(day(23), owns("correct", EVA, 3, 15))  # sequenced insertion: she bought on the 3rd
    await book.store(day(26), owns("correct", EVA, 5, 15))  # sequenced deletion: no, on the 5th
    await book.store(day(28), owns("correct", EVA, 5, 12), owns("correct", PETER, 12, 20))  # sequenced update
    return book


async def owner(book: Book, valid: int, stored: int | None) -> list[int]:
    found = await book.data(day(valid), None if stored is None else day(stored))
    return [data["customer"] for data in found]


@pytest.mark.parametrize("stored", [9, 10, 14, 15, 18, 20, 23, 26, 28, 31])
async def test_every_region_of_the_books_time_diagram(book: Book, stored: int) -> None:
    for valid in (2, 3, 4, 5, 9, 10, 11, 12, 14, 15, 19, 20, 31):
        expected = [
            customer
            for customer, (begins, ends), (from_, until) in REGIONS
            if begins <= valid < ends and from_ <= stored < until
        ]
        assert await owner(book, valid, stored) == expected, (valid, stored)


async def test_a_bitemporal_time_slice_who_owned_on_the_13th_as_stored_on_the_18th(book: Book) -> None:
    """The book's own question; by what is known today it was Peter."""
    assert await owner(book, 13, 18) == [EVA]
    assert await owner(book, 13, None) == [PETER]


async def test_a_transaction_time_slice_the_history_as_best_known_on_the_18th_and_on_the_20th(book: Book) -> None:
    """On the 18th Peter owned it for good; from the 20th on, until the 20th."""
    assert [await owner(book, valid, 18) for valid in (9, 10, 14, 15, 20, 31)] == [
        [],
        [EVA],
        [EVA],
        [PETER],
        [PETER],
        [PETER],
    ]
    assert [await owner(book, valid, 20) for valid in (9, 10, 14, 15, 19, 20)] == [
        [],
        [EVA],
        [EVA],
        [PETER],
        [PETER],
        [],
    ]


async def test_a_valid_time_slice_when_was_it_stored_who_owned_on_the_4th(book: Book) -> None:
    """Only from the 23rd to the 26th was it thought that Eva did."""
    said_on = {stored: await owner(book, 4, stored) for stored in (10, 22, 23, 25, 26, 31)}
    assert said_on == {10: [], 22: [], 23: [EVA], 25: [EVA], 26: [], 31: []}


async def test_the_days_of_ownership_as_best_known_at_the_end(book: Book) -> None:
    """Eva [5, 12), Peter [12, 20)."""
    owners = {valid: await owner(book, valid, None) for valid in (4, 5, 11, 12, 19, 20)}
    assert owners == {4: [], 5: [EVA], 11: [EVA], 12: [PETER], 19: [PETER], 20: []}


async def test_every_version_of_evas_claim_is_kept_with_its_transaction(book: Book) -> None:
    versions = (await book.get("claims/eva-nielsen/history"))["versions"]
    told = [
        (version["sources"][0]["published"], version["dates"]["starts"]["earliest"][:10], version["event"]["until"])
        for version in versions
    ]
    assert told == [
        ("1998-01-10", "1998-01-10", ".."),
        ("1998-01-15", "1998-01-10", "1998-01-15T00:00:00Z"),
        ("1998-01-23", "1998-01-03", "1998-01-15T00:00:00Z"),
        ("1998-01-26", "1998-01-05", "1998-01-15T00:00:00Z"),
        ("1998-01-28", "1998-01-05", "1998-01-12T00:00:00Z"),
    ]
    assert [version["in_force"] for version in versions] == [False, False, False, False, True]
