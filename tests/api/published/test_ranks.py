"""Wikidata's ranks: preferred, normal, deprecated, told by standing, corrections and retractions.

"Help:Ranking", https://www.wikidata.org/wiki/Help:Ranking, "Help:Deprecation",
https://www.wikidata.org/wiki/Help:Deprecation; figures from https://www.wikidata.org/wiki/User:ChristianKl/Draft:New_Ranks:
Berlin's population (Q64, P1082) and the two dates of birth of Rosa Luxemburg (Q7231, P569).
"""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.published.books import Book, said, type_of

pytestmark = pytest.mark.anyio
BERLIN = [("berlin", "place"), ("statistics", "authority")]
ROSA = [("rosa-luxemburg", "born"), ("archive", "authority")]
AS_OF = "2020-01-01"


def people(action: str, count: int, at: str, published: str, **more: Any) -> dict[str, Any]:
    sources = [{"publisher": "Statistics office", "published": published}]
    return said(action, "population", "population", {"count": count}, BERLIN, occurred=at, sources=sources, **more)


def born(claim: str, on: str) -> dict[str, Any]:
    return said("assert", claim, "birth", {"date": on}, ROSA, occurred=on)


def word(action: str, claim: str, day: str) -> dict[str, Any]:
    return {"action": action, "claim": claim, "sources": [{"publisher": "Biographers", "published": day}]}


def best(lines: Iterable[dict[str, Any]]) -> list[str]:
    """Wikidata's rule of the best rank, by standing: the preferred; without any, the normal; never the deprecated."""
    by_standing: dict[str, list[str]] = {"confirmed": [], "reported": [], "disputed": [], "denied": []}
    for line in lines:
        by_standing[line["standing"]] += line["claims"]
    return by_standing["confirmed"] or by_standing["reported"]


async def opened(library: Api, ledger: str, relationship: str, name: str, **properties: str) -> Book:
    book = Book(library, ledger, relationship, "An editor")
    await book.open({name: type_of("occurrence", name.title(), **properties)})
    return book


@pytest.fixture(scope="module")
async def rosa(library: Api) -> Book:
    """Both dates; then the one is confirmed; then the other is denied."""
    book = await opened(library, "births", "archive--rosa-luxemburg", "birth", date="string")
    await book.store("2019-01-01", born("certificate", "1870-12-25"), born("celebrated", "1871-03-05"))
    await book.store("2019-06-01", word("confirm", "celebrated", "2019-06-01"))
    await book.store("2019-06-02", word("deny", "certificate", "2019-06-02"))
    return book


async def test_without_ranks_all_values_are_normal_and_the_best_are_all_of_them(rosa: Book) -> None:
    assert best(await rosa.lines(AS_OF, "2019-01-01")) == ["certificate", "celebrated"]


async def test_a_preferred_value_alone_is_the_best_and_the_normal_one_is_still_told(rosa: Book) -> None:
    lines = await rosa.lines(AS_OF, "2019-06-01")
    assert best(lines) == ["celebrated"]
    assert [(line["claims"], line["standing"]) for line in lines] == [
        (["certificate"], "reported"),
        (["celebrated"], "confirmed"),
    ]


async def test_a_deprecated_value_is_never_the_best_and_is_not_deleted(rosa: Book) -> None:
    lines = await rosa.lines(AS_OF)
    assert best(lines) == ["celebrated"]
    assert best([line for line in lines if line["claims"] == ["certificate"]]) == []
    claim = await rosa.get(f"claims/certificate?valid_at={AS_OF}")
    assert (claim["status"], claim["standing"], claim["event"]["data"]) == ("held", "denied", {"date": "1870-12-25"})
    assert [(one["publisher"], one["action"]) for one in claim["words"]] == [("Biographers", "deny")]


async def test_a_rank_is_no_date_and_no_certainty(rosa: Book) -> None:
    told = []
    for position in (rosa.stored["2019-01-01"], rosa.stored["2019-06-02"]):
        claim = await rosa.get(f"claims/certificate?valid_at={AS_OF}&known_position={position}")
        told.append((claim["certainty"], claim["dates"], claim["event"]))
    assert told[0] == told[1]


async def test_the_preferred_value_is_the_one_reported_last_and_the_older_is_there_for_its_own_time(
    library: Api,
) -> None:
    """What is preferred because it is newer needs no rank here: it is in force because it was reported later."""
    book = await opened(library, "populations", "berlin--statistics", "population", count="integer")
    await book.store("2017-12-31", people("assert", 3_574_830, "2016-12-31", "2017-12-31"))
    await book.store("2018-12-31", people("correct", 3_613_495, "2017-12-31", "2018-12-31"))
    assert await book.data(AS_OF) == [{"count": 3_613_495}]
    for stored, count in (("2017-12-31", 3_574_830), ("2018-12-30", 3_574_830), ("2018-12-31", 3_613_495)):
        assert await book.data(AS_OF, stored) == [{"count": count}]


async def test_an_older_value_added_later_does_not_become_the_preferred_one(library: Api) -> None:
    book = await opened(library, "populations-late", "berlin--statistics", "population", count="integer")
    await book.store("2019-01-01", people("assert", 3_613_495, "2017-12-31", "2018-12-31"))
    await book.store("2019-01-02", people("correct", 3_574_830, "2016-12-31", "2017-12-31", late=True))
    assert await book.data(AS_OF) == [{"count": 3_613_495}]
    asked = f"valid_at={AS_OF}&reported_by="
    early, late = [
        (await book.get(f"claims/population?{asked}{day}"))["event"]["data"] for day in ("2018-06-01", AS_OF)
    ]
    assert (early, late) == ({"count": 3_574_830}, {"count": 3_613_495})


async def test_deprecated_retracted_and_corrected_are_three_different_things(library: Api) -> None:
    """Wikidata keeps what a source says wrongly, as deprecated, and deletes what is only a slip."""
    book = await opened(library, "wrongs", "archive--rosa-luxemburg", "birth", date="string")
    await book.store(
        "2019-01-01", born("denied", "1870-12-25"), born("slip", "1917-03-05"), born("corrected", "1871-05-03")
    )
    await book.store(
        "2019-06-01",
        word("deny", "denied", "2019-06-01"),
        {"action": "retract", "claim": "slip", "by": "curator", "reason": "Mistyped."},
        born("x", "1871-03-05") | {"action": "correct", "claim": "corrected", "id": "x"},
    )
    lines = await book.lines(AS_OF)
    assert [(line["claims"], line["standing"], line["since"]["edtf"]) for line in lines] == [
        (["denied"], "denied", "1870-12-25"),
        (["corrected"], "reported", "1871-03-05"),
    ]
    state = await book.get(f"relationships/archive--rosa-luxemburg?valid_at={AS_OF}")
    assert state["retracted"] == 1
    statuses = {claim: (await book.get(f"claims/{claim}?valid_at={AS_OF}"))["status"] for claim in ("denied", "slip")}
    assert statuses == {"denied": "held", "slip": "retracted"}
