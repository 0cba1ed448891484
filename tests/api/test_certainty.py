"""What an imprecise date lets an answer say at each day: every form of date, at every address that tells certainty."""

from collections.abc import AsyncIterator, Sequence

import pytest

from tests.api.certainties import OCCURRENCES, STATES, Form
from tests.api.conftest import SAMPLE, Api, note, running
from tests.conftest import Database, Server

FORMS = [("note", form) for form in OCCURRENCES] + [("training", form) for form in STATES]
POINTS = sorted({point for _, form in FORMS for point in form.so})


def claim(number: int, type_: str, form: Form) -> dict[str, object]:
    said = note(f"f{number}", claim=f"f{number}", type=type_, occurred=form.occurred)
    more = {"until": form.until, "tz": form.tz}
    said["parties"] = [{"actor": "eee", "role": "side_a"}, {"actor": "fff", "role": "side_b"}]
    return said | {name: value for name, value in more.items() if value is not None}


def expected(point: str) -> dict[str, str | None]:
    """By claim, of those whose form tells of that point."""
    return {f"f{number}": form.so[point] for number, (_, form) in enumerate(FORMS) if point in form.so}


@pytest.fixture(scope="module")
def dated(server: Server, founded: tuple[str, str]) -> Database:
    return server.create(founded[0])


@pytest.fixture
async def api(dated: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    async with running(dated, founded[1]) as api:
        answer = await api.append(*(claim(number, type_, form) for number, (type_, form) in enumerate(FORMS)))
        assert answer.status_code in (200, 201), answer.text
        yield api


def told(lines: Sequence[dict[str, object]], key: str = "claims") -> dict[str, object]:
    return {str(id_): line["certainty"] for line in lines for id_ in line[key]}  # type: ignore[attr-defined]


async def test_a_state_says_of_every_form_what_it_lets_be_said(api: Api) -> None:
    for point in POINTS:
        state = await api.state(f"?valid_at={point}", "eee--fff")
        found = told([*state["other"], *state["training"]])
        assert {id_: found.get(id_) for id_ in expected(point)} == expected(point), point


async def test_only_what_is_certain_and_the_rest_is_counted(api: Api) -> None:
    for point in POINTS:
        every = await api.state(f"?valid_at={point}", "eee--fff")
        some = await api.state(f"?valid_at={point}&certainty=certain", "eee--fff")
        found = told([*every["other"], *every["training"]])
        certain = {id_ for id_, certainty in found.items() if certainty == "certain"}
        assert set(told([*some["other"], *some["training"]])) == certain
        assert some["omitted"]["possible"] == len(found) - len(certain)


async def test_a_claim_says_of_every_form_what_it_lets_be_said(api: Api) -> None:
    for number, (_, form) in enumerate(FORMS):
        for point, certainty in form.so.items():
            answer = (await api.get(f"{SAMPLE}/claims/f{number}?valid_at={point}")).json()
            assert answer.get("certainty") == certainty, (form, point, answer)


async def test_a_timeline_says_of_every_form_what_it_lets_be_said_before_and_after_too(api: Api) -> None:
    for point in POINTS:
        page = (await api.get(f"{SAMPLE}/relationships/eee--fff/timeline?valid_at={point}&limit=1000")).json()
        found = {item["claim"]: item["certainty"] for item in page["items"]}
        assert len(found) == len(FORMS)
        so = {id_: found[id_] if found[id_] in ("certain", "possible") else None for id_ in expected(point)}
        assert so == expected(point), point
        for id_ in (id_ for id_, certainty in expected(point).items() if certainty is None):
            item = next(item for item in page["items"] if item["claim"] == id_)
            earliest = item["occurred"].get("earliest", "0000")
            assert item["certainty"] == ("not-yet" if point < earliest else "over"), (point, item)


async def test_a_search_says_of_every_form_what_it_lets_be_said(api: Api) -> None:
    for point in POINTS[:: max(1, len(POINTS) // 25)]:
        address = f"{SAMPLE}/claims?relationship=eee--fff&valid_at={point}&limit=1000"
        page = (await api.get(address)).json()
        found = {line["id"]: line.get("certainty") for line in page["claims"]}
        so = {id_: found.get(id_) if found.get(id_) in ("certain", "possible") else None for id_ in expected(point)}
        assert so == expected(point), point
