"""IBM Db2's documentation of bitemporal tables: the insurance policies A123, B345 and C567.

"Inserting", "Updating", "Deleting" and "Querying bitemporal data" in "Bitemporal tables" (Db2 11.5),
https://www.ibm.com/docs/en/db2/11.5.x?topic=bt-updating-data and its neighbours. Business time is valid time, system
time known time; both periods include their begin and exclude their end.
"""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.published.books import Book, midnight, said, type_of

pytestmark = pytest.mark.anyio
INSERTED, UPDATED, DELETED = "2010-01-31", "2011-02-28", "2011-09-01"
TABLES = {
    INSERTED: [
        ("a123", 12000, "2008-01-01", "2008-07-01"),
        ("a123", 16000, "2008-07-01", "2009-01-01"),
        ("b345", 18000, "2008-01-01", "2009-01-01"),
        ("c567", 20000, "2008-01-01", "2009-01-01"),
    ],
    UPDATED: [
        ("a123", 12000, "2008-01-01", "2008-06-01"),
        ("a123", 14000, "2008-06-01", "2008-08-01"),
        ("a123", 16000, "2008-08-01", "2009-01-01"),
        ("b345", 18000, "2008-03-01", "2009-01-01"),
        ("c567", 25000, "2008-01-01", "2009-01-01"),
    ],
    DELETED: [
        ("a123", 12000, "2008-01-01", "2008-06-01"),
        ("a123", 14000, "2008-06-01", "2008-06-15"),
        ("a123", 16000, "2008-08-15", "2009-01-01"),
        ("b345", 18000, "2008-03-01", "2009-01-01"),
        ("c567", 25000, "2008-01-01", "2009-01-01"),
    ],
}
"""By system date: policy, coverage, and the begin and end of its business time."""
DAYS = [
    "2007-12-31", "2008-01-01", "2008-02-29", "2008-03-01", "2008-05-31", "2008-06-01", "2008-06-14", "2008-06-15",
    "2008-06-30", "2008-07-01", "2008-07-31", "2008-08-01", "2008-08-14", "2008-08-15", "2008-12-31", "2009-01-01",
]  # fmt: skip


def covers(action: str, claim: str, coverage: int, begins: str, ends: str) -> dict[str, Any]:
    policy = claim.partition(".")[0]
    return said(
        action,
        claim,
        "policy",
        {"policy_id": policy, "coverage": coverage},
        [(f"policy-{policy}", "policy"), ("insurer", "insurer")],
        occurred=midnight(begins),
        until=midnight(ends),
        relationships=["insurer--policies"],
    )


@pytest.fixture(scope="module")
async def book(library: Api) -> Book:
    book = Book(library, "policy-info", "insurer--policies", "The insurer")
    await book.open({"policy": type_of("state", "Policy", policy_id="string", coverage="integer")})
    await book.store(
        INSERTED,
        covers("assert", "a123.first", 12000, "2008-01-01", "2008-07-01"),
        covers("assert", "a123.last", 16000, "2008-07-01", "2009-01-01"),
        covers("assert", "b345.whole", 18000, "2008-01-01", "2009-01-01"),
        covers("assert", "c567.whole", 20000, "2008-01-01", "2009-01-01"),
    )
    await book.store(  # A123 had 14000 from June to July, B345 began later, C567 had 25000 all along
        UPDATED,
        covers("correct", "a123.first", 12000, "2008-01-01", "2008-06-01"),
        covers("assert", "a123.middle", 14000, "2008-06-01", "2008-08-01"),
        covers("correct", "a123.last", 16000, "2008-08-01", "2009-01-01"),
        covers("correct", "b345.whole", 18000, "2008-03-01", "2009-01-01"),
        covers("correct", "c567.whole", 25000, "2008-01-01", "2009-01-01"),
    )
    await book.store(  # A123 did not cover from mid-June to mid-August
        DELETED,
        covers("correct", "a123.middle", 14000, "2008-06-01", "2008-06-15"),
        covers("correct", "a123.last", 16000, "2008-08-15", "2009-01-01"),
    )
    return book


async def covered(book: Book, valid: str, stored: str | None) -> set[tuple[str, int]]:
    return {(data["policy_id"], data["coverage"]) for data in await book.data(valid, stored)}


@pytest.mark.parametrize("system_date", TABLES)
async def test_the_table_after_each_statement_at_the_edges_of_every_period(book: Book, system_date: str) -> None:
    for valid in DAYS:
        rows = {(policy, coverage) for policy, coverage, begins, ends in TABLES[system_date] if begins <= valid < ends}
        assert await covered(book, valid, system_date) == rows, valid


async def test_before_the_insertion_there_is_no_policy(book: Book) -> None:
    assert await covered(book, "2008-06-01", "2010-01-30") == set()


async def test_a_period_includes_its_begin_and_excludes_its_end(book: Book) -> None:
    """The end is excluded to the microsecond."""
    a123 = {
        instant: {coverage for policy, coverage in await covered(book, instant, None) if policy == "a123"}
        for instant in (
            "2008-05-31T23:59:59.999999Z",
            "2008-06-01T00:00:00Z",
            "2008-06-14T23:59:59.999999Z",
            "2008-06-15T00:00:00Z",
            "2008-08-14T23:59:59.999999Z",
            "2008-08-15T00:00:00Z",
            "2008-12-31T23:59:59.999999Z",
            "2009-01-01T00:00:00Z",
        )
    }
    assert list(a123.values()) == [{12000}, {14000}, {14000}, set(), set(), {16000}, {16000}, set()]


async def test_between_two_statements_the_table_is_as_the_first_left_it(book: Book) -> None:
    for valid in ("2008-01-15", "2008-07-15", "2008-10-01"):
        assert await covered(book, valid, "2011-02-27") == await covered(book, valid, INSERTED)
        assert await covered(book, valid, "2011-08-31") == await covered(book, valid, UPDATED)
