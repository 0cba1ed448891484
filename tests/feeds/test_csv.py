"""The table, read by the standard library: one row a claim, whatever its texts hold, and no formula."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.csv import COLUMNS, cell
from tests.feeds.telling import TURKISH, URDU, hostile, lasting, saying, told
from tests.projections.histories import History
from tests.projections.sample import pak_and_tur


def rows(history: History, **more: Any) -> list[dict[str, str]]:
    text = told(history, "csv", **more).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("history", [History(), saying("2024"), pak_and_tur(), hostile(), lasting(("2019", ".."))])
def test_every_claim_has_one_row_with_every_column(history: History) -> None:
    header, *_ = csv.reader(io.StringIO(told(history, "csv").decode(), newline=""))
    assert tuple(header) == COLUMNS
    found = rows(history)
    assert {len(row) for row in found} <= {len(COLUMNS)}
    assert all(None not in row and None not in row.values() for row in found)
    claims = [claim.id for claim in history.question("2024-06-30").claims]
    assert sorted(row["claim"] for row in found) == sorted(claims)


def test_a_row_says_all_that_an_item_says() -> None:
    data = {"platform": "tb2", "platform_name": "Bayraktar TB2", "quantity": {"low": 1, "best": 2, "high": 3}}
    source = {"publisher": "Dawn", "title": "A title", "url": "https://dawn.example/1", "published": "2024-05-04"}
    history = saying()
    history.say(
        "d", "delivery", "2024-05~", "tur supplier, pak recipient", title=TURKISH, data=data, sources=[source],
        tags=["a", "b"], official_status="confirmed",
    )  # fmt: skip
    [row] = rows(history)
    wanted = {
        "title": TURKISH,
        "edtf": "2024-05~",
        "earliest": "2024-05-01",
        "latest": "2024-05-31",
        "display_date": "about May 2024",
        "certainty": "certain",
        "standing": "reported",
        "official_status": "confirmed",
        "parties": "Türkiye (tur, supplier); Pakistan (pak, recipient)",
        "platforms": "Bayraktar TB2 (tb2)",
        "quantity_low": "1",
        "quantity_best": "2",
        "quantity_high": "3",
        "tags": "a; b",
        "sources": "Dawn, A title, 2024-05-04, https://dawn.example/1",
    }
    assert {name: row[name] for name in wanted} == wanted
    [state] = rows(lasting(("2019", "2021")))
    assert (state["until"], state["until_latest"]) == ("2021", "2022-01-01T00:00:00.000000Z")
    [state] = rows(lasting(("2019", "..")))
    assert (state["until"], state["ends"]) == ("", "open")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_begins_a_formula(begins: str) -> None:
    history = saying()
    history.say("f", "agreement", "2024", "tur party, pak party", title=f"{begins}HYPERLINK(1)", tags=[f"{begins}1"])
    [row] = rows(history)
    for name in ("title", "tags"):
        assert row[name].startswith("'")


@given(st.text())
def test_a_cell_is_never_computed_and_is_otherwise_as_it_was(text: str) -> None:
    said = cell(text)
    assert said[:1] not in tuple("=+-@\t\r\n")
    assert said in (cell(said), f"'{cell(said)}") or said.startswith("'")


def test_hostile_text_stays_in_its_cell() -> None:
    found = {row["claim"]: row for row in rows(hostile())}
    assert found["h3"]["title"] == "'=1+1"
    assert found["h4"]["title"] == "'@SUM(A1)"
    assert found["h5"]["title"] == "null"
    assert "h1" not in found, "what was retracted is gone"
    [urdu] = rows(_urdu())
    assert urdu["title"] == URDU


def _urdu() -> History:
    history = saying()
    history.say("u", "agreement", "2024", "tur party, pak party", title=URDU)
    return history
