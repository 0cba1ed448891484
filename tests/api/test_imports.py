"""Importing over HTTP: a file as a body or in a form, with the report of the command; and what is not taken."""

import gzip
from typing import Any

import pytest

from service.api import imports
from tests.api.conftest import SAMPLE, Api
from tests.importers.registers import DEALS_2024, DEALS_2025, by_deal, preamble
from tests.importers.test_table import HEADER, VISITS

pytestmark = pytest.mark.anyio
HERE = "/v1/ledgers/register"
OLD = by_deal(*DEALS_2024)
NEW = by_deal(*DEALS_2025, head=preamble("23 Oct 2025 5:22:49 PM"))
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def register(api: Api) -> Api:
    answer = await api.put(HERE, {"title": "A register", "public_read": True})
    assert answer.status_code == 201
    return api


async def sent(api: Api, query: str, content: bytes = b"", key: str | None = "", **more: Any) -> Any:
    if content:
        more = {"content": content, "headers": CSV} | more
    return await api.send("POST", f"{HERE}/imports?{query}", api.admin if key == "" else key, **more)


async def test_exports_of_a_register_are_loaded_and_asked_of(register: Api) -> None:
    first = await sent(register, "format=sipri", OLD)
    assert first.status_code == 200, first.text
    assert {"new": 9, "events": 12, "reported": "2024-03-18", "rows_refused": 0}.items() <= first.json().items()
    second = (await sent(register, "format=sipri", gzip.compress(NEW))).json()
    assert (second["new"], second["revised"], second["fields"]["quantity"]) == (1, 6, 4)
    assert (await sent(register, "format=sipri", NEW)).json()["events"] == 0
    for day, quantity in (
        ("2024-06-01", {"low": 6, "best": 6, "high": 6, "uncertain": True}),
        ("2025-12-01", {"low": 2, "high": 8, "uncertain": True}),
    ):
        state = (await register.get(f"{HERE}/relationships/pak--tur?valid_at=2023-12-31&reported_by={day}")).json()
        [tb2] = [line for line in state["inventory"] if line["platform"] == "tb2"]
        assert tb2["quantity"] == quantity
    suppliers = (
        await register.get(f"{HERE}/actors/pak/suppliers?from=2020&to=2024&rank=tiv&valid_at=2025-12-31")
    ).json()
    assert [line["label"] for line in suppliers["suppliers"]] == ["Türkiye"]
    events = (await register.get(f"{HERE}/events?limit=1")).json()["events"]
    assert events[0]["recorded_by"].startswith("admin-")


async def test_refused_rows_are_told_with_line_and_reason(register: Api) -> None:
    report = (await sent(register, "format=sipri", by_deal("Mali,Italy,2008,,1,,X", *DEALS_2024))).json()
    assert report["refused"] == [
        {
            "line": 7,
            "code": "columns",
            "reason": "the row has 7 columns, where there are 16",
            "row": "Mali,Italy,2008,,1,,X",
        }
    ]


async def test_a_form_brings_a_table_with_its_mapping_and_aliases(register: Api) -> None:
    files = {
        "mapping": ("visits.toml", VISITS),
        "file": ("visits.csv", HEADER + "1,2024,Ankara,Pakistan,talks\n", "text/csv"),
        "aliases": ("aliases.toml", '[actors]\n"Ankara" = "tur"\n'),
    }
    answer = await sent(register, "format=table&reported=2024-05-01", files=files)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["new"], answer.json()["reported"]) == (1, "2024-05-01")
    assert (await register.get(f"{HERE}/relationships/pak--tur?valid_at=2024-12-31")).json()["known"] is True


async def test_a_trial_records_nothing(register: Api) -> None:
    report = (await sent(register, "format=sipri&dry_run=true", OLD)).json()
    assert (report["dry_run"], report["new"]) == (True, 9)
    assert (await register.get(HERE)).json()["position"] == 0


@pytest.mark.parametrize(
    ("query", "content", "status", "code"),
    [
        ("", OLD, 400, "missing"),
        ("format=excel", OLD, 400, "unreadable"),
        ("format=sipri&colour=red", OLD, 400, "unknown-parameter"),
        ("format=sipri&party=pak", OLD, 400, "unreadable"),
        ("format=sipri", b"nothing of the kind", 422, "unreadable-file"),
        ("format=sipri", b"\x1f\x8b\x08 not gzip", 422, "unreadable-file"),
        ("format=sipri&reported=yesterday", OLD, 422, "unreadable-file"),
        ("format=table", b"a,b\n1,2\n", 422, "unreadable-file"),
        ("format=table&mapping=nowhere", b"a,b\n1,2\n", 422, "unreadable-file"),
        ("format=table&mapping=treaties&retract_missing=true&reported=2024-01-01", b"x", 422, "unreadable-file"),
    ],
)
async def test_what_cannot_be_read_is_refused_as_a_whole(
    register: Api, query: str, content: bytes, status: int, code: str
) -> None:
    answer = await sent(register, query, content)
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (status, [code])
    assert (await register.get(HERE)).json()["position"] == 0


async def test_what_cannot_tell_what_is_missing_says_so(register: Api) -> None:
    some = by_deal(*DEALS_2024, head=preamble().replace("to All countries ", "to Chad "))
    answer = await sent(register, "format=sipri&retract_missing=true", some)
    assert answer.status_code == 400
    assert "not of all countries" in answer.text


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"mapping": ("m", "x = 1")}, "missing"),
        ({"file": ("f", "x"), "more": ("m", "x")}, "unknown-part"),
    ],
)
async def test_a_form_that_is_not_whole_or_has_more_is_refused(register: Api, files: Any, code: str) -> None:
    answer = await sent(register, "format=table", files=files)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_a_form_that_is_none_is_refused(register: Api) -> None:
    for header in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await sent(register, "format=sipri", OLD, headers={"Content-Type": header})
        assert answer.status_code == 400, header
    answer = await sent(register, "format=sipri", OLD, headers={"Content-Type": "image/png"})
    assert answer.status_code == 415
    answer = await sent(register, "format=sipri", OLD, headers=CSV | {"Content-Encoding": "gzip"})
    assert answer.status_code == 415


async def test_a_file_that_is_too_large_is_refused(register: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(imports.PARTS, "file", 100)
    answer = await sent(register, "format=sipri", OLD)
    assert answer.status_code == 413
    answer = await sent(register, "format=sipri", files={"file": ("f", OLD)})
    assert answer.status_code == 413


async def test_only_a_key_that_may_append_imports(register: Api) -> None:
    reader, stranger = await register.key(register="read"), await register.key(drones="append")
    assert (await sent(register, "format=sipri", OLD, key=None)).status_code == 401
    assert (await sent(register, "format=sipri", OLD, key=reader)).status_code == 403
    assert (await sent(register, "format=sipri", OLD, key=stranger)).status_code == 403
    writer = await register.key(register="append")
    assert (await sent(register, "format=sipri", OLD, key=writer)).status_code == 200
    hidden = await register.send("POST", "/v1/ledgers/nowhere/imports?format=sipri", writer, content=OLD, headers=CSV)
    assert hidden.status_code == 404


async def test_a_register_beside_the_sample_describes_no_actor_twice(api: Api) -> None:
    before = (await api.get(f"{SAMPLE}/actors/tur?valid_at=2024-01-01")).json()
    answer = await api.send("POST", f"{SAMPLE}/imports?format=sipri", api.admin, content=OLD, headers=CSV)
    assert (answer.json()["actors_recorded"], answer.json()["new"]) == (0, 9)
    after = (await api.get(f"{SAMPLE}/actors/tur?valid_at=2024-01-01")).json()
    assert before["label"] == after["label"] == "Türkiye"
