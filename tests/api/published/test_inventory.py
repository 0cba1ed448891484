"""Datomic's documentation: what a database was as of a moment, what came since, and its whole history.

"Database Filters", https://docs.datomic.com/reference/filters.html, with its example in day-of-datomic,
https://github.com/cognitect-labs/day-of-datomic-cloud, tutorial/filters.clj; "History",
https://docs.datomic.com/client-tutorial/history.html. Datomic has one axis of time, which is our known time.
"""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.published.books import Book, said, type_of

pytestmark = pytest.mark.anyio
COUNTS = {"2013-01-01": 100, "2013-02-01": 250, "2014-02-28": 50, "2014-04-01": 9999, "2014-05-15": 100}
"""Dilithium crystals in stock, by transaction; the one of 2014-04-01 is marked as an error."""
PARTIES = [("inventory", "owner"), ("item", "item")]


def counted(action: str, item: str, count: int, day: str, **more: Any) -> dict[str, Any]:
    return said(action, item, "stock", {"count": count}, PARTIES, occurred=day, **more)


@pytest.fixture(scope="module")
async def crystals(library: Api) -> Book:
    book = Book(library, "dilithium", "inventory--item", "Inventory")
    await book.open({"stock": type_of("occurrence", "Stock", count="integer")})
    for day, count in COUNTS.items():
        reason = {"reason": "An error."} if count == 9999 else {}
        await book.store(day, counted("correct" if book.stored else "assert", "dlc-042", count, day, **reason))
    return book


async def test_as_of_the_end_of_2013_there_are_250_and_now_100(crystals: Book) -> None:
    assert await crystals.data("2014-01-01", "2014-01-01") == [{"count": 250}]
    assert await crystals.data("2014-12-31") == [{"count": 100}]


async def test_as_of_every_transaction_the_count_is_the_one_it_stored(crystals: Book) -> None:
    assert await crystals.data("2014-12-31", "2012-12-31") == []
    for day, count in COUNTS.items():
        assert await crystals.data("2014-12-31", day) == [{"count": count}]


async def test_since_2014_means_what_came_after_and_nothing_from_before(crystals: Book) -> None:
    """The feed after a position; unlike a database filtered by `since`, each event still says what it is about."""
    since = await crystals.get(f"events?after={crystals.position('2014-01-01')}")
    assert [(event["event"]["claim"], event["event"]["data"]["count"]) for event in since["events"]] == [
        ("dlc-042", 50),
        ("dlc-042", 9999),
        ("dlc-042", 100),
    ]
    assert (await crystals.get(f"events?after={crystals.position('2014-05-15')}"))["events"] == []


async def test_as_of_and_since_one_position_are_the_whole_history_without_overlap(crystals: Book) -> None:
    whole = (await crystals.get("events?after=0"))["events"]
    for position in (0, *crystals.stored.values()):
        since = (await crystals.get(f"events?after={position}"))["events"]
        until = [event for event in whole if event["position"] <= position]
        assert until + since == whole
        history = await crystals.api.get(f"{crystals.address}/claims/dlc-042/history?known_position={position}")
        if position == 0:
            assert history.status_code == 404
        else:
            assert [version["position"] for version in history.json()["versions"]] == [one["position"] for one in until]


async def test_the_whole_history_of_the_counts_with_the_error_and_its_reason(crystals: Book) -> None:
    versions = (await crystals.get("claims/dlc-042/history"))["versions"]
    assert [version["event"]["data"]["count"] for version in versions] == list(COUNTS.values())
    assert [version.get("reason") for version in versions] == [None, None, None, "An error.", None]
    assert [version["in_force"] for version in versions] == [False] * 4 + [True]


async def test_as_of_before_a_correction_the_data_that_justified_a_decision_is_there(library: Api) -> None:
    """SKU-22 is retracted as a mistake; as of before, its count is what Pat saw when he turned the thermostat down."""
    book = Book(library, "skus", "inventory--item", "Inventory")
    await book.open({"stock": type_of("occurrence", "Stock", count="integer")})
    day = "2020-01-01"
    items = {"sku-21": 7, "sku-22": 7, "sku-42": 100}
    await book.store("2020-01-01", *(counted("assert", item, count, day) for item, count in items.items()))
    await book.store(
        "2020-01-02",
        {"action": "retract", "claim": "sku-22", "by": "source", "reason": "Retract incorrect assertion"},
    )
    await book.store("2020-01-03", counted("correct", "sku-42", 1000, day))

    async def counts(stored: str | None) -> dict[str, int]:
        claims, data = await book.claims("2020-06-30", stored), await book.data("2020-06-30", stored)
        return {claim: one["count"] for claim, one in zip(claims, data, strict=True)}

    assert await counts("2020-01-01") == items
    assert await counts("2020-01-02") == {"sku-21": 7, "sku-42": 100}
    assert await counts(None) == {"sku-21": 7, "sku-42": 1000}
    gone = await book.get("claims/sku-22?valid_at=2020-06-30")
    assert (gone["status"], gone["event"]["data"]) == ("retracted", {"count": 7})
