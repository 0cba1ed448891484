"""Idempotency-Key: the same request again gets the first answer, another one with the same key is refused."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.conftest import SAMPLE, STATE, Api, encoded, faults, note

pytestmark = pytest.mark.anyio
EVENTS = f"{SAMPLE}/events"
HERE = f"{STATE}/events"
CLOUD_EVENT = "application/cloudevents+json"


def nameless(**fields: Any) -> dict[str, Any]:
    """An event without an id: without a key, each time another one."""
    event = note("x", **fields)
    del event["id"]
    return event


async def send(api: Api, *events: dict[str, Any], name: str = '"one"', to: str = EVENTS, **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": name, **more.pop("headers", {})}
    return await api.append(*events, to=to, headers=headers, **more)


async def test_the_same_request_again_gets_the_first_answer_and_records_nothing(api: Api) -> None:
    first = await send(api, nameless(), nameless())
    await api.append(note("later"))
    head = await api.head()
    again = await send(api, nameless(), nameless())
    assert (first.status_code, again.status_code) == (201, 200)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert await api.head() == head


async def test_another_request_with_the_same_key_is_refused(api: Api) -> None:
    await send(api, nameless())
    head = await api.head()
    for again in (
        await send(api, nameless(occurred="2023")),
        await send(api, nameless(), to=HERE),
        await send(api, nameless(), to=HERE, headers={"If-Match": "*"}),
    ):
        assert again.status_code == 422
        assert again.json()["type"].endswith("/problems/idempotency-key-reused")
    assert await api.head() == head


async def test_another_precondition_is_another_request(api: Api) -> None:
    await send(api, nameless(), to=HERE, headers={"If-Match": "*"})
    assert (await send(api, nameless(), to=HERE)).status_code == 422
    again = await send(api, nameless(), to=HERE, headers={"If-Match": "*"})
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert "etag" in again.headers


async def test_a_stale_precondition_does_not_hinder_the_first_answer(api: Api) -> None:
    match = {"If-Match": f'"r{(await api.state())["as_of"]["revision"]}"'}
    first = await send(api, nameless(), to=HERE, headers=match)
    again = await send(api, nameless(), to=HERE, headers=match)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.content == first.content


async def test_a_key_is_its_callers_own(api: Api) -> None:
    first = await send(api, nameless())
    other = await send(api, nameless(), key=await api.key(drones="append"))
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["events"] != other.json()["events"]


async def test_what_was_refused_leaves_its_key_free(api: Api) -> None:
    assert (await send(api, {"action": "reinstate", "claim": "tb2-acquired"})).status_code == 409
    assert (await send(api, nameless(occurred="?"))).status_code == 422
    assert (await send(api, nameless())).status_code == 201


async def test_a_dry_run_does_not_look_at_the_key(api: Api) -> None:
    trial = await send(api, nameless(), to=f"{EVENTS}?dry_run=true")
    assert trial.json()["acceptable"]
    assert (await send(api, nameless(occurred="2023"))).status_code == 201
    assert (await send(api, nameless(), to=f"{EVENTS}?dry_run=true")).status_code == 200


async def test_of_twins_in_flight_one_is_recorded_and_all_get_its_answer(api: Api) -> None:
    head = await api.head()
    answers = await asyncio.gather(*(send(api, nameless()) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert await api.head() == head + 1


async def test_a_cloudevent_may_have_one(api: Api) -> None:
    body = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": nameless()}

    async def sent(content: dict[str, Any]) -> httpx.Response:
        headers = {"Content-Type": CLOUD_EVENT, "Idempotency-Key": "one"}
        return await api.send("POST", EVENTS, api.admin, content=encoded(content), headers=headers)

    assert (await sent(body)).status_code == 201
    again = await sent(body)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert (await sent(body | {"id": "2"})).status_code == 422


@pytest.mark.parametrize(
    ("first", "second"),
    [('"one"', "one"), (r'"a\"b\\c"', r'"a\"b\\c"'), ("8e03978e-40d5-43dd", '"8e03978e-40d5-43dd"')],
)
async def test_a_key_with_or_without_quotes_is_the_same(api: Api, first: str, second: str) -> None:
    assert (await send(api, nameless(), name=first)).status_code == 201
    assert (await send(api, nameless(), name=second)).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["", '""', '"', '"a', 'a"', r'"a\x"', "a b", '"a b"', "a,b", '"a", "b"', '"a";p=1', "k" * 256, '"é"'],
)
async def test_a_key_that_cannot_be_read_is_400(shared: Api, name: str) -> None:
    answer = await send(shared, nameless(), headers={"Idempotency-Key": name.encode()})
    assert (answer.status_code, answer.json()["errors"][0]["header"]) == (400, "idempotency-key")


async def test_a_key_of_255_characters_is_one(api: Api) -> None:
    assert (await send(api, nameless(), name="k" * 255)).status_code == 201


async def test_two_keys_are_400(shared: Api) -> None:
    headers = [
        ("Authorization", f"Bearer {shared.admin}"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "one"),
        ("Idempotency-Key", "one"),
    ]
    answer = await shared.client.post(EVENTS, content=encoded({"events": [nameless()]}), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "repeated")


async def test_lines_with_a_key_are_400(shared: Api) -> None:
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "one"}
    answer = await shared.send("POST", EVENTS, shared.admin, content=encoded(note("a")), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "not-here")


async def test_a_known_event_under_a_new_key_is_a_repeat(api: Api) -> None:
    first = await api.append(note("a"))
    again = await send(api, note("a"))
    assert (again.status_code, again.content) == (200, first.content)
    assert faults(await send(api, note("a", occurred="2023"), name="two")) == [("/events/0/id", "event-differs")]
