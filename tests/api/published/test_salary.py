"""Martin Fowler, "Bitemporal History" (2021): Sally's pay.

https://martinfowler.com/articles/bitemporal-history.html. A letter of 15 March tells of a raise on 15 February.
"""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.published.books import Book, midnight, said, type_of

pytestmark = pytest.mark.anyio
SALLY = [("sally", "employee"), ("company", "employer")]
RAISED = midnight("2021-02-15")


def pay(action: str, claim: str, amount: int, **dates: str) -> dict[str, Any]:
    return said(action, claim, "salary", {"monthly": amount}, SALLY, **dates)


@pytest.fixture(scope="module")
async def book(library: Api) -> Book:
    """The article's dates have no year; this is the year in which it appeared."""
    book = Book(library, "salary", "company--sally", "Payroll")
    await book.open({"salary": type_of("state", "Salary", monthly="integer")})
    await book.store("2021-01-25", pay("assert", "before", 6000, occurred="[..2021-01-25]", until=".."))
    await book.store(  # the letter about a raise a month ago
        "2021-03-15",
        pay("correct", "before", 6000, occurred="[..2021-01-25]", until=RAISED),
        pay("assert", "raised", 6500, occurred=RAISED, until=".."),
    )
    return book


@pytest.mark.parametrize(
    ("recorded", "actual", "monthly"),
    [
        ("2021-01-25", "2021-01-25", 6000),
        ("2021-02-25", "2021-01-25", 6000),
        ("2021-03-25", "2021-01-25", 6000),
        ("2021-02-25", "2021-02-25", 6000),
        ("2021-03-25", "2021-02-25", 6500),
        ("2021-03-25", "2021-03-25", 6500),
    ],
)
async def test_the_articles_table_of_record_and_actual_dates(
    book: Book, recorded: str, actual: str, monthly: int
) -> None:
    assert await book.data(actual, recorded) == [{"monthly": monthly}]


async def test_what_was_paid_on_february_25_stays_what_was_thought_then(book: Book) -> None:
    """The letter says one thing of that day, the payroll of that day another, and both can still be asked for."""
    assert await book.data("2021-02-25", "2021-03-14") == [{"monthly": 6000}]
    assert await book.data("2021-02-25", "2021-03-15") == [{"monthly": 6500}]
    assert await book.data("2021-02-25") == [{"monthly": 6500}]


async def test_the_raise_begins_with_the_fifteenth_of_february(book: Book) -> None:
    assert await book.data("2021-02-14") == [{"monthly": 6000}]
    assert await book.data("2021-02-14T23:59:59.999999Z") == [{"monthly": 6000}]
    assert await book.data(RAISED) == [{"monthly": 6500}]


async def test_before_the_first_payroll_was_recorded_nothing_is_known(book: Book) -> None:
    assert await book.data("2021-01-25", "2021-01-24") == []
    state = await book.get("relationships/company--sally?valid_at=2021-01-25&known_position=0")
    assert (state["known"], state["other"]) == (False, [])
