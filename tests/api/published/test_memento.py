"""RFC 7089, "HTTP Framework for Time-Based Access to Resource States -- Memento": which version a moment selects.

https://www.rfc-editor.org/info/rfc7089. A version is the resource's from its own moment until the next one's; here
`known_at` selects it. What a TimeGate does besides is the TimeGate's: before the first version it gives the first one,
where `known_at` says that nothing was known.
"""

import itertools
from typing import Any

import pytest

from service.domain.as_of import parse_point, rfc3339
from tests.api.conftest import Api
from tests.api.published.books import Book, said, type_of

pytestmark = pytest.mark.anyio
PAGE = [("page", "original"), ("site", "host")]
Versions = tuple[Book, list[dict[str, Any]]]
STATE = "relationships/page--site?valid_at=2007-05-31"


def microseconds(instant: str, more: int = 0) -> str:
    return rfc3339(parse_point(instant).at + more)


@pytest.fixture(scope="module")
async def versions(library: Api) -> Versions:
    return await stored(library, "pages")


async def stored(library: Api, ledger: str) -> Versions:
    """Three versions, and the receipts with their moments; other pages change between them."""
    book = Book(library, ledger, "page--site", "A site")
    await book.open({"text": type_of("occurrence", "Text", text="string")})
    receipts = []
    for number, text in enumerate(("one", "two", "three"), start=1):
        action = "assert" if number == 1 else "correct"
        event = said(action, "page", "text", {"text": text}, PAGE, occurred="2001-09-11")
        receipts.append(await book.store(f"2001-09-1{2 * number}", event))
        other = said("assert", f"other-{number}", "text", {"text": text}, [("b", "x"), ("a", "y")], occurred="2001")
        await book.store(f"2001-09-1{2 * number + 1}", other)
    return book, receipts


async def text(book: Book, known: str) -> tuple[str | None, int]:
    """What the page said then, and its revision."""
    state = await book.get(f"{STATE}&known_at={known}")
    if not state["known"]:
        assert state["other"] == []
        return None, state["as_of"]["revision"]
    claim = await book.get(f"claims/page?valid_at=2007-05-31&known_at={known}")
    return claim["event"]["data"]["text"], state["as_of"]["revision"]


async def test_at_its_own_moment_each_version_is_selected(versions: Versions) -> None:
    book, receipts = versions
    assert [await text(book, one["recorded_at"]) for one in receipts] == [("one", 1), ("two", 2), ("three", 3)]


async def test_between_two_moments_the_earlier_version_is_selected(versions: Versions) -> None:
    book, receipts = versions
    moments = [one["recorded_at"] for one in receipts]
    for number, (moment, following) in enumerate(itertools.pairwise(moments), start=1):
        halfway = (parse_point(following).at - parse_point(moment).at) // 2
        for more in (1, halfway):
            assert (await text(book, microseconds(moment, more)))[1] == number
        assert (await text(book, microseconds(following, -1)))[1] == number


async def test_after_the_last_moment_the_last_version_is_selected(versions: Versions) -> None:
    book, receipts = versions
    state = await book.get(STATE)
    now = state["as_of"]["known_at"]
    assert parse_point(now).at > parse_point(receipts[-1]["recorded_at"]).at
    assert await text(book, now) == ("three", 3)


async def test_before_the_first_moment_no_version_is_known(versions: Versions) -> None:
    book, receipts = versions
    just_before = microseconds(receipts[0]["recorded_at"], -1)
    for known in (just_before, "1998-01-01", "2001-09-11T20:35:00Z"):
        assert await text(book, known) == (None, 0)
        claim = await book.api.get(f"{book.address}/claims/page?known_at={known}")
        assert claim.status_code == 404


async def test_a_selected_version_never_changes_whatever_comes_later(library: Api) -> None:
    book, receipts = await stored(library, "changing-pages")
    moments = [one["recorded_at"] for one in receipts]
    before = [(await book.api.get(f"{book.address}/{STATE}&known_at={moment}")).content for moment in moments]
    await book.store("2001-09-20", said("correct", "page", "text", {"text": "four"}, PAGE, occurred="2001-09-11"))
    after = [(await book.api.get(f"{book.address}/{STATE}&known_at={moment}")).content for moment in moments]
    assert after == before
    assert await text(book, (await book.get(STATE))["as_of"]["known_at"]) == ("four", 4)
