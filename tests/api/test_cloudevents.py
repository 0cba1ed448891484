"""CloudEvents in: what the library of their makers writes is taken, recorded once, kept and given back."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
import msgspec
import pytest
from cloudevents.core.bindings.http import from_structured, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from service.domain.cloudevents import NAMESPACE, cloudevent_of
from tests.api.conftest import SAMPLE, STATE, Api, encoded, faults, note

pytestmark = pytest.mark.anyio
EVENTS = f"{SAMPLE}/events"
ONE = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
FORMAT = JSONFormat()
ATTRIBUTES = {
    "id": "2025-12-05/7",
    "source": "https://example.org/articles",
    "type": "org.example.article.read",
    "subject": "pak--tur",
}
ID = str(uuid5(uuid5(NAMESPACE_URL, "https://cloudevents.io/"), "https://example.org/articles 2025-12-05/7"))


def data(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in note("x", **fields).items() if name != "id"}


def event(content: Any = None, /, **attributes: Any) -> CloudEvent:
    """As the library makes it, with the time of now."""
    return CloudEvent(ATTRIBUTES | attributes, data() if content is None else content)


def structured(one: CloudEvent) -> dict[str, Any]:
    written: dict[str, Any] = msgspec.json.decode(FORMAT.write(one))
    return written


async def post(api: Api, headers: dict[str, str], content: bytes | Any, to: str = EVENTS) -> httpx.Response:
    body = content if isinstance(content, bytes) else encoded(content)
    return await api.send("POST", to, api.admin, content=body, headers=headers)


def test_the_namespace_is_what_it_is_said_to_be() -> None:
    assert str(uuid5(NAMESPACE_URL, "https://cloudevents.io/")) == NAMESPACE


async def test_what_the_library_writes_is_recorded_and_given_back(api: Api) -> None:
    sent = event()
    message = to_structured(sent, FORMAT)
    answer = await post(api, message.headers, message.body)
    assert answer.status_code == 201
    assert answer.json()["events"][0]["id"] == answer.json()["events"][0]["claim"] == ID
    stored = await api.get(f"{SAMPLE}/events/{ID}")
    content = stored.json()["event"]
    kept = content.pop("cloudevent")
    assert content == data() | {"claim": ID}
    assert kept == {name: structured(sent)[name] for name in ("id", "source", "subject", "time", "type")}
    # And the library reads what was kept as the same CloudEvent.
    back = from_structured(
        type(message)(message.headers, encoded(kept | {"specversion": "1.0", "data": data()})), FORMAT, CloudEvent
    )
    assert back.get_attributes() == sent.get_attributes()


async def test_what_was_kept_can_be_had_from_an_events_content(api: Api) -> None:
    await post(api, ONE, structured(event()))
    stored = msgspec.json.decode((await api.get(f"{SAMPLE}/events/{ID}")).content, type=dict[str, msgspec.Raw])
    kept = cloudevent_of(stored["event"])
    assert kept is not None
    assert (kept.source, kept.id, kept.type, kept.subject) == tuple(
        ATTRIBUTES[name] for name in ("source", "id", "type", "subject")
    )
    plain = msgspec.json.decode((await api.get(f"{SAMPLE}/events/tb2-acquired")).content, type=dict[str, msgspec.Raw])
    assert cloudevent_of(plain["event"]) is None


async def test_the_same_cloudevent_is_recorded_once_whatever_its_carriers_add(api: Api) -> None:
    one = structured(event())
    first = await post(api, ONE, one)
    again = await post(api, ONE, one | {"traceparent": "00-aa-bb-01", "knativearrivaltime": "2025-12-06T00:00:00Z"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content


@pytest.mark.parametrize("other", [{"type": "another"}, {"subject": None}, {"data": data(occurred="2023")}])
async def test_the_same_source_and_id_with_other_content_is_409(api: Api, other: dict[str, Any]) -> None:
    one = structured(event())
    await post(api, ONE, one)
    answer = await post(api, ONE, one | other)
    assert (answer.status_code, faults(answer)) == (409, [("/id", "event-differs")])


async def test_the_same_id_from_another_source_is_another_event(api: Api) -> None:
    one = structured(event())
    assert (await post(api, ONE, one)).status_code == 201
    assert (await post(api, ONE, one | {"source": "/elsewhere"})).status_code == 201


async def test_a_batch_is_recorded_together_or_not_at_all(api: Api) -> None:
    head = await api.head()
    batch = [structured(event(id=f"n{number}")) for number in range(3)]
    broken = [batch[0], batch[1] | {"data": data(occurred="?")}, batch[2] | {"source": ""}]
    answer = await post(api, BATCH, broken)
    assert answer.status_code == 422
    assert {pointer for pointer, _ in faults(answer)} == {"/1/data/occurred", "/2/source"}
    assert await api.head() == head
    answer = await post(api, BATCH, [batch[0], batch[1] | {"data": data(claim="tb2-acquired")}])
    assert (answer.status_code, faults(answer)) == (409, [("/1/data/claim", "claim-exists")])
    answer = await post(api, BATCH, batch)
    assert (answer.status_code, len(answer.json()["events"])) == (201, 3)
    assert await api.head() == head + 3


async def test_the_headers_may_carry_it(api: Api) -> None:
    sent = event(subject="Türkiye", datacontenttype="application/json")
    message = to_binary(sent, FORMAT)
    answer = await post(api, message.headers, message.body)
    assert (answer.status_code, answer.json()["events"][0]["id"]) == (201, ID)
    kept = (await api.get(f"{SAMPLE}/events/{ID}")).json()["event"]["cloudevent"]
    assert (kept["subject"], kept["time"]) == ("Türkiye", structured(sent)["time"])
    # The same in structured mode is the same event.
    assert (await post(api, ONE, structured(sent))).status_code == 200


async def test_headers_at_fault_are_400_and_data_at_fault_is_422(api: Api) -> None:
    message = to_binary(event(datacontenttype="application/json"), FORMAT)
    for name, value in (("ce-source", ""), ("ce-specversion", "0.3"), ("ce-time", "2025-13-01T00:00:00Z")):
        answer = await post(api, message.headers | {name: value}, message.body)
        assert (answer.status_code, answer.json()["errors"][0]["header"]) == (400, name)
    without = {name: value for name, value in message.headers.items() if name != "ce-type"}
    assert (await post(api, without, message.body)).json()["errors"][0]["header"] == "ce-type"
    assert (await post(api, message.headers | {"ce-data": "x"}, message.body)).status_code == 400
    assert (await post(api, message.headers | {"ce-subject": "%FF"}, message.body)).status_code == 400
    answer = await post(api, message.headers, data(occurred="?"))
    assert (answer.status_code, faults(answer)) == (422, [("/occurred", "unreadable-date")])
    assert (await post(api, message.headers, data(claim="tb2-acquired"))).status_code == 409


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"specversion": None}, "/specversion"),
        ({"id": ""}, "/id"),
        ({"id": 7}, "/id"),
        ({"source": "two words"}, "/source"),
        ({"type": ""}, "/type"),
        ({"subject": ""}, "/subject"),
        ({"time": "yesterday"}, "/time"),
        ({"Sequence": "1"}, "/Sequence"),
        ({"datacontenttype": "text/xml"}, "/data"),
        ({"data_base64": "e30="}, "/data"),
        ({"data": None}, "/data"),
        ({"data": [1]}, "/data"),
        ({"data": data() | {"id": "mine"}}, "/data/id"),
        ({"data": data(cloudevent={})}, "/data/cloudevent"),
        ({"data": data(colour="red")}, "/data/colour"),
        ({"data": {}}, "/data/action"),
    ],
)
async def test_what_is_no_cloudevent_of_ours_is_422_and_named(
    shared: Api, change: dict[str, Any], pointer: str
) -> None:
    answer = await post(shared, ONE, structured(event()) | change)
    assert (answer.status_code, [found for found, _ in faults(answer)]) == (422, [pointer])


@pytest.mark.parametrize("body", [b"{}", b"[]", b"7", b'{"id":1}'])
async def test_what_is_no_batch_is_422(shared: Api, body: bytes) -> None:
    assert (await post(shared, BATCH, body)).status_code == 422


async def test_what_is_no_json_is_400(shared: Api) -> None:
    for headers in (ONE, BATCH):
        assert (await post(shared, headers, b"{")).status_code == 400


async def test_text_is_kept_in_one_normal_form_however_it_comes(api: Api) -> None:
    composed, apart = "\u00e9", "e\u0301"
    assert (await post(api, ONE, structured(event(id=composed)))).status_code == 201
    one = structured(event(id=composed))
    first = await post(api, ONE, one | {"id": f"2{composed}"})
    again = await post(api, ONE, one | {"id": f"2{apart}"})
    assert (first.status_code, again.status_code) == (201, 200)


async def test_one_relationship_and_its_revision(api: Api) -> None:
    to = f"{STATE}/events"
    revision = (await api.state())["as_of"]["revision"]
    stale = await post(api, ONE | {"If-Match": '"r1"'}, structured(event()), to)
    good = await post(api, ONE | {"If-Match": f'"r{revision}"'}, structured(event()), to)
    assert (stale.status_code, good.status_code, good.headers["etag"]) == (412, 201, f'"r{revision + 1}"')
    outside = await post(api, ONE, structured(event(id="2")), f"{SAMPLE}/relationships/aaa--bbb/events")
    assert (outside.status_code, faults(outside)) == (422, [("/data", "outside-relationship")])


async def test_it_can_be_tried(api: Api) -> None:
    head = await api.head()
    assert (await post(api, ONE, structured(event()), f"{EVENTS}?dry_run=true")).json()["acceptable"]
    assert await api.head() == head


async def test_the_feed_of_another_ledger_is_taken_as_it_comes(api: Api) -> None:
    feed = await api.get(f"{EVENTS}?limit=40", headers={"Accept": "application/cloudevents-batch+json"})
    await api.put("/v1/ledgers/copy", {"title": "A copy", "public_read": True})
    answer = await post(api, BATCH, feed.content, "/v1/ledgers/copy/events")
    assert answer.status_code == 201, answer.text
    assert [one["claim"] for one in answer.json()["events"]] == [one["data"]["claim"] for one in feed.json()]
    again = await post(api, BATCH, feed.content, "/v1/ledgers/copy/events")
    assert (again.status_code, again.content) == (200, answer.content)


async def test_what_came_in_a_cloudevent_can_go_on_to_another_ledger_in_one(api: Api) -> None:
    assert (await post(api, ONE, structured(event()))).status_code == 201
    head = await api.head()
    feed = await api.get(f"{EVENTS}?after={head - 1}", headers={"Accept": "application/cloudevents-batch+json"})
    await api.put("/v1/ledgers/copy", {"title": "A copy", "public_read": True})
    answer = await post(api, BATCH, feed.content, "/v1/ledgers/copy/events")
    assert answer.status_code == 201, answer.text
    # Its source and id are the same, and so is the event's own id.
    assert [one["id"] for one in answer.json()["events"]] == [one["data"]["id"] for one in feed.json()]
