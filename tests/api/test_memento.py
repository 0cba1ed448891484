"""Versions of a relationship over HTTP: Memento (RFC 7089) point by point, on the sample and on what is appended."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.conftest import Database
from tests.store.planting import Planted, plant

pytestmark = pytest.mark.anyio
BASE = "http://tarih.test"
GATE = f"{SAMPLE}/timegate/relationships/pak--tur"
TIMEMAP = f"{STATE}/timemap"
LINK = re.compile(r'<([^>]*)>((?:; [a-z]+="[^"]*")*)(?:,\s*|\s*$)')
SECOND = 1_000_000
START = 1_780_000_000 * SECOND


class Link(NamedTuple):
    """One link, as a header or a list has it."""

    address: str
    rel: tuple[str, ...]
    more: dict[str, str]


def links(text: str) -> list[Link]:
    """Nothing but links stands in ``text``."""
    found, end = [], 0
    for one in LINK.finditer(text):
        assert one.start() == end
        end = one.end()
        more = dict(re.findall(r'; ([a-z]+)="([^"]*)"', one[2]))
        found.append(Link(one[1], tuple(more.pop("rel").split()), more))
    assert end == len(text)
    return found


def by_rel(text: str) -> dict[str, Link]:
    """Each relation type stands once."""
    every = [(rel, link) for link in links(text) for rel in link.rel if rel != "memento"]
    assert len({rel for rel, _ in every}) == len(every)
    return dict(every)


def mementos(text: str) -> list[Link]:
    return [link for link in links(text) if "memento" in link.rel]


def version(position: int) -> str:
    return f"{BASE}{STATE}/versions/{position}"


def fixdate(us: int) -> str:
    return format_datetime(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=us // SECOND), usegmt=True)


async def recorded_at(api: Api, position: int) -> datetime:
    feed = (await api.get(f"{SAMPLE}/events?after={position - 1}&limit=1")).json()
    return datetime.fromisoformat(feed["events"][0]["recorded_at"])


async def through_gate(api: Api, asked: str | None, gate: str = GATE) -> httpx.Response:
    answer = await api.get(gate, headers={} if asked is None else {"Accept-Datetime": asked})
    assert answer.status_code == 302, answer.text
    return answer


# The TimeGate.


async def test_the_timegate_leads_to_a_version_and_names_those_around_it(shared: Api) -> None:
    for method in ("GET", "HEAD"):
        answer = await shared.send(method, GATE)
        assert (answer.status_code, answer.content) == (302, b"")
        assert answer.headers["location"] == version(51)
        assert answer.headers["vary"] == "accept-datetime"
        assert "memento-datetime" not in answer.headers
        named = by_rel(answer.headers["link"])
        assert list(named) == ["original", "timemap", "first", "prev", "last"]
        assert named["original"].address == BASE + STATE
        assert named["timemap"].address == BASE + TIMEMAP
        assert named["timemap"].more == {"type": "application/link-format"}
        around = mementos(answer.headers["link"])
        assert [(one.address, one.rel) for one in around] == [
            (version(24), ("first", "memento")),
            (version(29), ("prev", "memento")),
            (version(51), ("last", "memento")),
        ]
        for one, position in zip(around, (24, 29, 51), strict=True):
            at = await recorded_at(shared, position)
            assert one.more == {"datetime": format_datetime(at.replace(microsecond=0), usegmt=True)}


async def test_before_the_first_version_it_is_the_first_and_after_the_last_the_last(shared: Api) -> None:
    before = await through_gate(shared, "Thu, 31 May 2007 20:35:00 GMT")
    assert before.headers["location"] == version(24)
    assert [one.rel for one in mementos(before.headers["link"])] == [
        ("first", "memento"),
        ("next", "memento"),
        ("last", "memento"),
    ]
    after = await through_gate(shared, "Fri, 31 Dec 9999 23:59:59 GMT")
    assert after.headers["location"] == version(51)
    honest = (await shared.get(f"{STATE}?known_at=2007-05-31T20:35:00Z")).json()
    assert honest["known"] is False


async def test_the_one_version_of_a_relationship_is_its_first_and_its_last(api: Api) -> None:
    parties = [{"actor": "aze", "role": "side_a"}, {"actor": "geo", "role": "side_b"}]
    assert (await api.append(note("only", parties=parties))).status_code == 201
    for asked in (None, "Thu, 31 May 2007 20:35:00 GMT"):
        answer = await through_gate(api, asked, f"{SAMPLE}/timegate/relationships/aze--geo")
        [one] = mementos(answer.headers["link"])
        assert one.rel == ("first", "last", "memento")
        assert one.address == answer.headers["location"] == f"{BASE}{SAMPLE}/relationships/aze--geo/versions/52"
        assert [link.rel for link in links(answer.headers["link"])] == [("original",), ("timemap",), one.rel]


@pytest.mark.parametrize(
    "asked",
    [
        "2007-05-31T20:35:00Z",
        "now",
        "",
        "Thursday, 31-May-07 20:35:00 GMT",
        "Thu, 31 Feb 2007 20:35:00 GMT",
        "Thu, 31 May 2007 20:35:00 UTC",
    ],
)
async def test_a_time_of_another_form_is_400_with_the_first_and_the_last_version(shared: Api, asked: str) -> None:
    answer = await shared.get(GATE, headers={"Accept-Datetime": asked})
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["header"] == "accept-datetime"
    assert "Thu, 31 May 2007 20:35:00 GMT" in error["detail"]
    assert [(one.address, one.rel) for one in mementos(answer.headers["link"])] == [
        (version(24), ("first", "memento")),
        (version(51), ("last", "memento")),
    ]
    assert {"original", "timemap"} <= by_rel(answer.headers["link"]).keys()
    assert answer.headers["cache-control"] == "no-store"


async def test_two_times_are_400_and_a_wrong_day_of_the_week_alone_is_taken(shared: Api) -> None:
    one = ("Accept-Datetime", "Thu, 31 May 2007 20:35:00 GMT")
    answer = await shared.client.get(GATE, headers=[one, one])
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "repeated")
    wrong_day = await through_gate(shared, "Mon, 31 May 2007 20:35:00 GMT")
    assert wrong_day.headers["location"] == version(24)


async def test_other_methods_are_405_at_the_timegate(shared: Api) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await shared.send(method, GATE)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_the_timegate_takes_no_parameters(shared: Api) -> None:
    assert (await shared.get(f"{GATE}?known_at=2024-06-30")).status_code == 400


# Versions.


async def test_a_version_says_when_it_was_recorded_cut_to_the_second_and_links_to_what_it_is_of(shared: Api) -> None:
    for position in (24, 29, 51):
        answer = await shared.get(version(position))
        assert answer.status_code == 200
        at = await recorded_at(shared, position)
        assert answer.headers["memento-datetime"] == format_datetime(at.replace(microsecond=0), usegmt=True)
        assert parsedate_to_datetime(answer.headers["memento-datetime"]) <= at
        assert {rel: one.address for rel, one in by_rel(answer.headers["link"]).items()} == {
            "original": BASE + STATE,
            "timegate": BASE + GATE,
            "timemap": BASE + TIMEMAP,
        }
        assert "accept-datetime" not in answer.headers["vary"].lower()
        assert answer.headers["cache-control"] == "public, max-age=3600"
        as_of = answer.json()["as_of"]
        assert as_of["position"] == position
        assert as_of["valid_at"] == as_of["known_at"]
        assert datetime.fromisoformat(as_of["known_at"]) == at


async def test_a_version_is_the_state_as_known_then_with_its_parameters(shared: Api) -> None:
    asked = "valid_at=2022-06-30&lang=tr&certainty=certain"
    memento, pinned = await shared.get(f"{version(29)}?{asked}"), await shared.get(f"{STATE}?{asked}&known_position=29")
    assert (memento.content, memento.headers["etag"]) == (pinned.content, pinned.headers["etag"])
    assert "memento-datetime" not in pinned.headers
    for fixed in ("known_position=29", "known_at=2024-06-30"):
        assert (await shared.get(f"{version(29)}?{fixed}")).status_code == 400
    again = await shared.get(version(29), headers={"If-None-Match": (await shared.get(version(29))).headers["etag"]})
    assert again.status_code == 304
    assert {"memento-datetime", "link"} <= again.headers.keys()


async def test_nothing_that_comes_changes_the_bytes_of_a_version(api: Api) -> None:
    addresses = [version(24), version(51), f"{version(51)}?valid_at=2021-06-01", f"{TIMEMAP}/24-29"]
    before = [await api.get(address) for address in addresses]
    retraction = {"action": "retract", "claim": "tb2-acquired", "by": "curator", "reason": "Misread."}
    assert (await api.append(retraction, note("more"))).status_code == 201
    after = [await api.get(address) for address in addresses]
    assert [one.content for one in after[:3]] == [one.content for one in before[:3]]
    assert [one.headers["memento-datetime"] for one in after[:3]] == [
        one.headers["memento-datetime"] for one in before[:3]
    ]
    assert mementos(after[3].text)[0] == mementos(before[3].text)[0]
    assert (await through_gate(api, None)).headers["location"] == version(53)


async def test_a_position_that_did_not_touch_it_leads_to_the_version_before(shared: Api) -> None:
    for position, right in ((25, 24), (28, 24), (30, 29), (50, 29)):
        answer = await shared.get(f"{version(position)}?lang=tr")
        assert (answer.status_code, answer.headers["location"]) == (301, f"{version(right)}?lang=tr")
        assert "memento-datetime" not in answer.headers
    assert (await shared.send("HEAD", version(50))).status_code == 301


async def test_a_position_inside_a_batch_means_what_was_known_before_it(api: Api) -> None:
    assert (await api.append(note("one"), note("two"), note("three"))).status_code == 201
    assert (await api.get(version(54))).status_code == 200
    for inside in (52, 53):
        assert (await api.get(version(inside))).headers["location"] == version(51)


async def test_there_is_no_version_before_the_first_nor_beyond_the_head(shared: Api) -> None:
    for position in ("0", "1", "23"):
        answer = await shared.get(f"{STATE}/versions/{position}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"{BASE}/problems/not-found")
    for position in ("52", "9" * 30):
        answer = await shared.get(f"{STATE}/versions/{position}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"{BASE}/problems/beyond-head")
        assert answer.json()["head"] == 51
    for position in ("x", "-1", "024", "1.0", "٣", "9" * 31):
        assert (await shared.get(f"{STATE}/versions/{position}")).status_code == 404


# The original.


async def test_the_original_links_to_timegate_and_timemap_and_is_no_memento(shared: Api) -> None:
    for query in ("", "?valid_at=2024-06-30", "?known_at=2007-05-31", "?valid_at=2024-06-30&known_position=0"):
        answer = await shared.get(STATE + query)
        assert {rel: one.address for rel, one in by_rel(answer.headers["link"]).items()} == {
            "timegate": BASE + GATE,
            "timemap": BASE + TIMEMAP,
        }
        assert "memento-datetime" not in answer.headers
    tag = (await shared.get(f"{STATE}?known_position=51")).headers["etag"]
    unchanged = await shared.get(f"{STATE}?known_position=51", headers={"If-None-Match": tag})
    assert (unchanged.status_code, "link" in unchanged.headers) == (304, True)


async def test_what_was_never_spoken_of_has_no_versions_and_says_nothing_of_any(shared: Api) -> None:
    original = await shared.get(f"{SAMPLE}/relationships/nobody--noone")
    assert (original.status_code, original.json()["known"]) == (200, False)
    assert "link" not in original.headers
    for path in ("timegate/relationships/nobody--noone", *(f"relationships/nobody--noone/{end}" for end in ENDS)):
        for method in ("GET", "HEAD"):
            answer = await shared.send(method, f"{SAMPLE}/{path}", headers={"Accept-Datetime": "nonsense"})
            assert answer.status_code == 404, path
            assert "link" not in answer.headers


ENDS = ("timemap", "timemap?format=json", "timemap/1-51", "versions/51")


# The TimeMap.


async def test_the_timemap_lists_every_version_the_earliest_first(shared: Api) -> None:
    answer = await shared.get(TIMEMAP)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/link-format"
    found = links(answer.text)
    times = [fixdate_of(await recorded_at(shared, position)) for position in (24, 29, 51)]
    assert found == [
        Link(BASE + STATE, ("original",), {}),
        Link(BASE + TIMEMAP, ("self",), {"type": "application/link-format", "from": times[0], "until": times[2]}),
        Link(BASE + GATE, ("timegate",), {}),
        Link(version(24), ("first", "memento"), {"datetime": times[0]}),
        Link(version(29), ("memento",), {"datetime": times[1]}),
        Link(version(51), ("last", "memento"), {"datetime": times[2]}),
    ]
    for one in found[3:]:
        assert (await shared.get(one.address)).headers["memento-datetime"] == one.more["datetime"]


def fixdate_of(at: datetime) -> str:
    return format_datetime(at.replace(microsecond=0), usegmt=True)


async def test_the_timemap_is_json_too(shared: Api) -> None:
    answer = await shared.get(TIMEMAP, headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert "Accept" in answer.headers["vary"]
    said = answer.json()
    assert (said["original_uri"], said["timegate_uri"]) == (BASE + STATE, BASE + GATE)
    by_address = {name: await shared.get(address) for name, address in said["timemap_uri"].items()}
    assert by_address["link_format"].headers["content-type"] == "application/link-format"
    assert by_address["json_format"].json()["mementos"] == said["mementos"]
    every = said["mementos"]["list"]
    assert [one["uri"] for one in every] == [version(position) for position in (24, 29, 51)]
    assert (said["mementos"]["first"], said["mementos"]["last"]) == (every[0], every[-1])
    assert said["self"] == {"uri": BASE + TIMEMAP, "from": every[0]["datetime"], "until": every[-1]["datetime"]}
    for one, link in zip(every, mementos((await shared.get(TIMEMAP)).text), strict=True):
        assert datetime.fromisoformat(one["datetime"]) == parsedate_to_datetime(link.more["datetime"])
    refused = await shared.get(TIMEMAP, headers={"Accept": "text/csv"})
    assert refused.status_code == 406
    assert (await shared.get(f"{TIMEMAP}?format=xml")).status_code == 400


async def test_a_closed_range_of_the_timemap_has_what_lies_in_it(shared: Api) -> None:
    for range_, positions in (("1-51", (24, 29, 51)), ("24-29", (24, 29)), ("25-50", (29,)), ("29-29", (29,))):
        answer = await shared.get(f"{TIMEMAP}/{range_}")
        assert [one.address for one in mementos(answer.text)] == [version(position) for position in positions]
        assert by_rel(answer.text)["self"].address == f"{BASE}{TIMEMAP}/{range_}"
    for nothing in ("1-23", "30-50", "30-29", "0-51", "1-", "x", "01-51"):
        assert (await shared.get(f"{TIMEMAP}/{nothing}")).status_code == 404, nothing
    beyond = await shared.get(f"{TIMEMAP}/1-52")
    assert (beyond.status_code, beyond.json()["head"]) == (404, 51)


async def walked(api: Api, address: str, form: str) -> list[tuple[str, list[str]]]:
    """Every page, by following the links to the next one: its address, and its versions' addresses."""
    pages: list[tuple[str, list[str]]] = []
    following: str | None = address
    until: tuple[str, str] | None = None
    while following is not None:
        answer = await api.get(following)
        assert answer.status_code == 200
        header = by_rel(answer.headers["link"])
        if form == "link":
            named = by_rel(answer.text)
            here, there = named["self"].more, named.get("timemap")
            told = [(one.address, one.more["datetime"]) for one in mementos(answer.text)]
            spans = (here["from"], here["until"])
            next_ = None if there is None else there.address
            expected = None if there is None else (there.more["from"], there.more["until"])
        else:
            said = answer.json()
            told = [(one["uri"], one["datetime"]) for one in said["mementos"]["list"]]
            spans = (said["self"]["from"], said["self"]["until"])
            next_ = said.get("next", {}).get("uri")
            expected = (said["next"]["from"], said["next"]["until"]) if "next" in said else None
        assert spans == (told[0][1], told[-1][1])
        assert pages == [] or spans == until, "the link said which time the page spans"
        assert (header["next"].address if "next" in header else None) == next_
        pages.append((following, [address for address, _ in told]))
        until, following = expected, next_
    return pages


async def test_a_timemap_of_ten_thousand_versions_has_pages_that_are_whole_ascending_and_disjoint(
    api: Api, own_database: Database
) -> None:
    await api.put("/v1/ledgers/many", {"title": "Many", "public_read": True})
    batches = [Planted(START + nth * 400_000, 1 + nth % 3, (0,) if nth % 2 else ()) for nth in range(20_000)]
    ends = await plant(own_database, "many", "aze--geo", batches)
    original = "/v1/ledgers/many/relationships/aze--geo"
    right = [f"{BASE}{original}/versions/{end}" for end, batch in zip(ends, batches, strict=True) if batch.touching]
    assert len(right) == 10_000
    for form in ("link", "json"):
        pages = await walked(api, f"{BASE}{original}/timemap?format={form}", form)
        assert [address for _, page in pages for address in page] == right
        assert [len(page) for _, page in pages] == [1000] * 10
    closed = [(await api.get(address.partition("?")[0])).headers["cache-control"] for address, _ in pages]
    assert closed == ["public, max-age=3600"] * 9 + ["public, max-age=5, stale-while-revalidate=30"]
    first, last = [await api.get(pages[nth][0].partition("?")[0]) for nth in (0, -1)]
    assert (mementos(first.text)[0].rel, mementos(last.text)[-1].rel) == (("first", "memento"), ("last", "memento"))
    assert mementos(last.text)[0].rel == mementos(first.text)[-1].rel == ("memento",)
    answer = await through_gate(
        api, fixdate(START + 5_000 * SECOND), f"{SAMPLE[:-6]}many/timegate/relationships/aze--geo"
    )
    assert {rel for one in mementos(answer.headers["link"]) for rel in one.rel} == {
        "first", "prev", "memento", "next", "last",
    }  # fmt: skip


# There and back.


async def test_fed_back_the_time_of_a_version_gives_it_or_the_last_in_the_same_second(
    api: Api, own_database: Database
) -> None:
    for nth in range(5):
        assert (await api.append(note(f"n{nth}"))).status_code == 201
    step = [1, SECOND - 2, 1, 1, SECOND - 1, 1, SECOND, 3 * SECOND, 1]
    at = max(START, int(datetime.now(UTC).timestamp()) * SECOND) + 10 * SECOND
    times = [at := at + some for some in step]
    await plant(own_database, "drones", "pak--tur", [Planted(one, 2, (0,)) for one in times])
    every = mementos((await api.get(TIMEMAP)).text)
    assert len(every) == 3 + 5 + len(step)
    last_of = {one.more["datetime"]: one.address for one in every}
    assert len(last_of) < len(every), "some lie in one second"
    for one in every:
        memento = await api.get(one.address)
        assert memento.headers["memento-datetime"] == one.more["datetime"]
        back = await through_gate(api, memento.headers["memento-datetime"])
        assert back.headers["location"] == last_of[one.more["datetime"]]


# Who may see them, and where else they stand.


async def test_members_out_of_order_are_308_everywhere(shared: Api) -> None:
    for path in (GATE, TIMEMAP, f"{TIMEMAP}/24-51", f"{STATE}/versions/51"):
        answer = await shared.get(f"{path.replace('pak--tur', 'tur--pak')}?format=json")
        assert (answer.status_code, answer.headers["location"]) == (308, f"{BASE}{path}?format=json")


@pytest.mark.parametrize(
    "path",
    [GATE, TIMEMAP, f"{TIMEMAP}?format=json", f"{TIMEMAP}/24-29", f"{STATE}/versions/51", f"{STATE}/versions/50"],
)
async def test_head_says_what_get_says_without_the_body(shared: Api, path: str) -> None:
    headers = {"X-Request-Id": "the-same"}
    get, head = [await shared.send(method, path, headers=headers) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert {**head.headers, "server-timing": ""} == {**get.headers, "server-timing": ""}


async def test_what_names_no_version_is_never_part_of_where_it_leads(shared: Api) -> None:
    for path in ("timemap/1-51%0D%0AX-Evil:%201", "versions/51%0D%0AX-Evil:%201", "timemap/x", "versions/x"):
        answer = await shared.get(f"{SAMPLE}/relationships/tur--pak/{path}")
        assert answer.status_code == 308
        assert re.fullmatch(rf"{BASE}{STATE}/(timemap|versions)/[\d-]+", answer.headers["location"])
        assert (await shared.get(answer.headers["location"])).status_code == 404


async def test_what_is_no_relationships_name_is_404(shared: Api) -> None:
    for path in (GATE, TIMEMAP, f"{STATE}/versions/51"):
        assert (await shared.get(path.replace("pak--tur", "pak"))).status_code == 404


async def test_of_a_ledger_that_may_not_be_read_versions_look_as_absent_as_of_none(api: Api) -> None:
    await api.put("/v1/ledgers/hidden", {"title": "Hidden", "public_read": False})
    assert (await api.append(note("a"), to="/v1/ledgers/hidden/events")).status_code == 201
    key = await api.key(hidden="read")
    for path, status in ((GATE, 302), (TIMEMAP, 200), (f"{TIMEMAP}/1-1", 200), (f"{STATE}/versions/1", 200)):
        told: list[Any] = []
        for ledger in ("hidden", "absent"):
            answer = await api.get(path.replace("drones", ledger), headers={"X-Request-Id": "one"})
            told.append((answer.status_code, answer.text.replace(ledger, ""), answer.headers.get("link")))
        assert told[0] == told[1]
        assert told[0][0] == 404
        allowed = await api.get(path.replace("drones", "hidden"), key)
        assert (allowed.status_code, allowed.headers["cache-control"].split(",")[0]) == (status, "private")
        assert (await api.get(path, "tarih_bad")).status_code == 401


async def test_any_site_may_ask_for_a_time_and_read_what_comes(shared: Api) -> None:
    for path in (GATE, TIMEMAP, f"{STATE}/versions/51", STATE):
        asked = await shared.send(
            "OPTIONS", path, headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
        )
        assert "Accept-Datetime" in asked.headers["access-control-allow-headers"]
        answer = await shared.get(path, headers={"Origin": "https://example.org"})
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"Link", "Memento-Datetime", "Location"} <= set(exposed)
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_versions_of_a_merged_relationship_are_read_at_the_survivors(api: Api) -> None:
    parties = [{"actor": "paf", "role": "side_a"}, {"actor": "tur", "role": "side_b"}]
    assert (await api.append(note("of-the-air-force", parties=parties))).status_code == 201  # 52
    merge = {
        "action": "assert",
        "id": "paf-is-pak",
        "type": "actor-merge",
        "occurred": "2020",
        "parties": [{"actor": "paf", "role": "merged"}, {"actor": "pak", "role": "survivor"}],
    }
    old = f"{SAMPLE}/relationships/paf--tur"
    before = await api.get(f"{old}/versions/52")
    assert (await api.append(merge)).status_code == 201  # 53
    for path in (GATE, TIMEMAP, f"{STATE}/versions/53", STATE):
        answer = await api.get(path.replace("pak--tur", "paf--tur"))
        assert (answer.status_code, answer.headers["location"]) == (308, BASE + path)
    after = await api.get(f"{old}/versions/52")
    assert (after.status_code, after.content) == (200, before.content)
    # The merge itself is a version of the survivor: it is known to hold more from there on.
    assert (await through_gate(api, None)).headers["location"] == version(53)
    earlier, later = [(await api.get(f"{version(position)}?valid_at=2025-06-30")).json() for position in (51, 53)]
    assert {**earlier, "as_of": None} != {**later, "as_of": None}


async def test_the_how_tos_requests_are_answered_as_it_says(shared: Api) -> None:
    text = (Path(__file__).parents[2] / "docs" / "memento.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```sh\n(.*?)^```(?:\n\n```\nHTTP/1.1 (\d+) )?", text, flags=re.DOTALL | re.MULTILINE)
    asked = [(shlex.split(line), status) for block, status in shown for line in block.replace("\\\n", "").splitlines()]
    assert len(asked) == 4
    for words, status in asked:
        headers = dict([words[words.index("-H") + 1].split(": ", 1)]) if "-H" in words else {}
        path = words[-1].removeprefix("http://127.0.0.1:8000")
        answer = await shared.get(path, headers=headers)
        assert answer.status_code == int(status or 200)
        if answer.status_code == 302:
            assert answer.headers["location"] == version(51)
