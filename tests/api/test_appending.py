"""Appending over HTTP: all of a batch or nothing, once, and only if the ledger is as expected."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import SAMPLE, STATE, Api, encoded, faults, note

pytestmark = pytest.mark.anyio
EVENTS = f"{SAMPLE}/events"
HERE = f"{STATE}/events"


async def test_an_append_says_where_its_events_are(api: Api) -> None:
    head = await api.head()
    answer = await api.append(note("a"), note("b", claim="of-b"))
    assert answer.status_code == 201
    said = answer.json()
    assert said["events"] == [
        {"id": "a", "claim": "a", "position": head + 1},
        {"id": "b", "claim": "of-b", "position": head + 2},
    ]
    assert said["position"] == said["checkpoint"]["position"] == head + 2
    assert said["checkpoint"] == (await api.get(SAMPLE)).json()["checkpoint"]
    assert answer.headers["location"] == "http://tarih.test/v1/ledgers/drones/events/a"
    event = (await api.get(answer.headers["location"])).json()
    assert event["event"]["type"] == "note"
    assert event["revisions"]["pak--tur"] == said["revisions"]["pak--tur"] - 1
    assert event["dates"]["starts"] == {
        "earliest": "2024-01-01T00:00:00.000000Z",
        "latest": "2024-12-31T23:59:59.999999Z",
    }
    assert event["recorded_by"].startswith("admin-")


async def test_an_event_without_an_id_is_given_one(api: Api) -> None:
    event = note("x")
    del event["id"]
    one, other = [(await api.append(event)).json()["events"][0] for _ in range(2)]
    assert one["id"] == one["claim"] != other["id"]


async def test_a_stale_if_match_is_412_and_changes_nothing(api: Api) -> None:
    revision = (await api.state())["as_of"]["revision"]
    head = await api.head()
    answer = await api.append(note("a"), to=HERE, headers={"If-Match": f'"r{revision - 1}"'})
    assert answer.status_code == 412
    assert (answer.json()["revision"], answer.json()["relationship"]) == (revision, "pak--tur")
    assert await api.head() == head
    assert (await api.get(f"{SAMPLE}/events/a")).status_code == 404

    answer = await api.append(note("a"), to=HERE, headers={"If-Match": f'"r{revision}"'})
    assert (answer.status_code, answer.headers["etag"]) == (201, f'"r{revision + 1}"')


async def test_the_same_event_posted_twice_is_stored_once(api: Api) -> None:
    first, second = await api.append(note("a")), await api.append(note("a"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.content == second.content
    assert "location" not in second.headers


async def test_a_repeat_is_answered_as_the_first_time_whatever_it_expects_by_now(api: Api) -> None:
    revision = (await api.state())["as_of"]["revision"]
    headers = {"If-Match": f'"r{revision}"'}
    first = await api.append(note("a"), to=HERE, headers=headers)
    second = await api.append(note("a"), to=HERE, headers=headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["etag"] == second.headers["etag"]


async def test_a_repeat_at_another_relationship_is_still_a_repeat(api: Api) -> None:
    await api.append(note("a"))
    again = await api.append(note("a"), to=f"{SAMPLE}/relationships/aaa--bbb/events")
    assert (again.status_code, "etag" in again.headers) == (200, False)


async def test_the_same_id_with_other_content_is_409(api: Api) -> None:
    await api.append(note("a"))
    head = await api.head()
    answer = await api.append(note("b"), note("a", occurred="2023"))
    assert answer.status_code == 409
    assert faults(answer) == [("/events/1/id", "event-differs")]
    assert await api.head() == head


async def test_of_a_batch_of_three_with_one_bad_date_nothing_is_stored(api: Api) -> None:
    head = await api.head()
    answer = await api.append(note("a"), note("b", occurred="2015-02-29"), note("c"))
    assert answer.status_code == 422
    assert faults(answer) == [("/events/1/occurred", "unreadable-date")]
    assert await api.head() == head


async def test_every_fault_of_a_batch_is_named_at_once(api: Api) -> None:
    answer = await api.append(
        note("a", occurred="soon", until="2015-02-29", colour="red"),
        {"action": "explode"},
        note("c", type="aquisition", parties=[]),
        note("d", sources=[{"publisher": "X", "published": "?"}], tz="Mars/Olympus"),
        expect=[{"relationship": "tur--pak", "revision": "some"}],
    )
    assert answer.status_code == 422
    assert {pointer for pointer, _ in faults(answer)} >= {
        "/events/0/occurred",
        "/events/0/colour",
        "/events/1/action",
        "/events/2/type",
        "/events/2/parties",
        "/events/3/sources/0/published",
        "/events/3/tz",
        "/expect/0/revision",
    }


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (
            {"action": "retract", "claim": "no-such", "by": "curator", "reason": "?"},
            ("/events/0/claim", "claim-unknown"),
        ),
        (note("tb2-again", claim="tb2-acquired"), ("/events/0/claim", "claim-exists")),
        ({"action": "reinstate", "claim": "tb2-acquired"}, ("/events/0/claim", "claim-not-retracted")),
        (
            {"action": "fulfil", "claim": "tb2-acquired", "fulfilled_by": "plant-reported"},
            ("/events/0/claim", "not-an-expectation"),
        ),
    ],
)
async def test_what_the_ledger_cannot_take_is_409_and_named(
    api: Api, event: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = await api.append(event)
    assert (answer.status_code, faults(answer)) == (409, [fault])


async def test_a_dry_run_checks_everything_and_stores_nothing(api: Api) -> None:
    head = await api.head()
    for _ in range(2):
        answer = await api.append(note("a"), note("b"), to=f"{EVENTS}?dry_run=true")
        assert answer.status_code == 200
        assert answer.json() == {"acceptable": True, "ledger": "drones", "events": 2}
    refused = await api.append({"action": "reinstate", "claim": "tb2-acquired"}, to=f"{EVENTS}?dry_run=true")
    assert refused.status_code == 409
    assert (await api.append(note("a", occurred="x"), to=f"{EVENTS}?dry_run=true")).status_code == 422
    assert await api.head() == head
    assert (await api.append(note("a"), to=f"{EVENTS}?dry_run=yes")).status_code == 400


async def test_expected_revisions_in_the_body(api: Api) -> None:
    def expect(revision: Any, relationship: str = "pak--tur") -> list[dict[str, Any]]:
        return [{"relationship": relationship, "revision": revision}]

    revision = (await api.state())["as_of"]["revision"]
    stale = await api.append(note("a"), expect=expect(3))
    assert (stale.status_code, stale.json()["revision"], faults(stale)) == (
        409,
        revision,
        [("/expect/0/revision", "revision")],
    )
    assert (await api.append(note("a"), expect=expect("none"))).status_code == 409
    assert (await api.append(note("a"), expect=expect("exists", "aaa--bbb"))).status_code == 409
    assert (await api.append(note("a"), expect=expect(revision))).status_code == 201
    assert (await api.append(note("b"), expect=expect("exists"))).status_code == 201
    assert (await api.append(note("c"), expect=expect("any"))).status_code == 201
    assert (await api.append(note("d"), expect=expect("none", "aaa--bbb"))).status_code == 201
    assert (await api.append(note("e"), expect=expect(0, "aaa--bbb"), to=HERE)).status_code == 201


async def test_an_expectation_that_names_no_relationship_is_refused(api: Api) -> None:
    answer = await api.append(
        note("a"),
        expect=[
            {"relationship": "tur--pak", "revision": 1},
            {"relationship": "pak--tur", "revision": 1},
            {"relationship": "pak--tur", "revision": 2},
            {"relationship": "pak--pak", "revision": 2},
        ],
    )
    assert answer.status_code == 422
    assert faults(answer) == [
        ("/expect/0/relationship", "not-a-relationship"),
        ("/expect/2/relationship", "repeated"),
        ("/expect/3/relationship", "not-a-relationship"),
    ]


@pytest.mark.parametrize("revision", [b"-1", b"9007199254740992", b"1" + b"0" * 40, b"1.5", b"null", b'"r7"'])
async def test_a_revision_that_is_none_is_422(api: Api, revision: bytes) -> None:
    body = encoded({"events": [note("a")], "expect": [{"relationship": "pak--tur", "revision": 7}]})
    body = body.replace(b":7}", b":" + revision + b"}")
    answer = await api.send("POST", EVENTS, api.admin, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/expect/0/revision")


async def test_preconditions_that_cannot_be_read_are_400(api: Api) -> None:
    for headers in (
        {"If-Match": "r7"},
        {"If-Match": 'W/"r7"'},
        {"If-Match": '"7"'},
        {"If-Match": '"r7", "r8"'},
        {"If-Match": '"r07"'},
        {"If-Match": '"r99999999999999999999"'},
        {"If-None-Match": '"r7"'},
        {"If-Match": '"r7"', "If-None-Match": "*"},
    ):
        answer = await api.append(note("a"), to=HERE, headers=headers)
        assert (answer.status_code, "header" in answer.json()["errors"][0]) == (400, True), headers
    answer = await api.append(note("a"), headers={"If-Match": '"r7"'})
    assert answer.status_code == 400


async def test_that_a_relationship_must_exist_or_must_not(api: Api) -> None:
    new = f"{SAMPLE}/relationships/aaa--bbb/events"
    parties = [{"actor": "aaa", "role": "side_a"}, {"actor": "bbb", "role": "side_b"}]
    assert (await api.append(note("a", parties=parties), to=new, headers={"If-Match": "*"})).status_code == 412
    made = await api.append(note("a", parties=parties), to=new, headers={"If-None-Match": "*"})
    assert (made.status_code, made.headers["etag"]) == (201, '"r1"')
    answer = await api.append(note("b", parties=parties), to=new, headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.json()["revision"]) == (412, 1)
    assert (await api.append(note("b", parties=parties), to=new, headers={"If-Match": "*"})).status_code == 201


async def test_a_body_must_not_expect_of_the_relationship_what_a_header_does(api: Api) -> None:
    expect = [{"relationship": "pak--tur", "revision": 7}]
    answer = await api.append(note("a"), to=HERE, headers={"If-Match": '"r7"'}, expect=expect)
    assert answer.status_code == 400
    expect = [{"relationship": "aaa--bbb", "revision": "none"}]
    answer = await api.append(note("a"), to=HERE, headers={"If-Match": "*"}, expect=expect)
    assert answer.status_code == 201


async def test_events_that_do_not_touch_the_relationship_are_422(api: Api) -> None:
    answer = await api.append(note("a"), note("b"), to=f"{SAMPLE}/relationships/aaa--bbb/events")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/problems/outside-relationship")
    assert faults(answer) == [("/events/0", "outside-relationship"), ("/events/1", "outside-relationship")]


async def test_of_two_writers_at_once_exactly_one_is_first(api: Api) -> None:
    revision = (await api.state())["as_of"]["revision"]
    headers = {"If-Match": f'"r{revision}"'}
    answers = await asyncio.gather(*(api.append(note(f"n{one}"), to=HERE, headers=headers) for one in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert (await api.state())["as_of"]["revision"] == revision + 1


async def test_one_event_sent_by_many_at_once_is_stored_once(api: Api) -> None:
    head = await api.head()
    answers = await asyncio.gather(*(api.append(note("a")) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert await api.head() == head + 1


async def test_what_is_recorded_is_given_back_as_it_was_kept(api: Api) -> None:
    title = "Ortak üretim: \u201cAkıncı\u201d \U0001f6e9"
    await api.append(note("a", title=title, data={"text": "one\ttwo"}, sources=[{"publisher": "X"}], tags=["z", "a"]))
    event = await api.get(f"{SAMPLE}/events/a")
    claim = await api.get(f"{SAMPLE}/claims/a")
    history = await api.get(f"{SAMPLE}/claims/a/history")
    content = event.content[event.content.index(b'"event":') + 8 : -1]
    assert content in claim.content
    assert content in history.content
    assert event.json()["event"]["title"] == title
    assert list(event.json()["event"]) == sorted(event.json()["event"])
