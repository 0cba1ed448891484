"""The claims of a relationship or an actor in the order of their dates, as told over HTTP."""

import base64
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from service.domain.types import TYPES, EventType
from service.store import ledgers
from tests.api.conftest import SAMPLE, STATE, Api, note

pytestmark = pytest.mark.anyio
TIMELINE = f"{STATE}/timeline"
OF_PAKISTAN = f"{SAMPLE}/actors/pak/timeline"


async def told(api: Api, query: str = "", of: str = TIMELINE) -> dict[str, Any]:
    answer = await api.get(of + query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(page: dict[str, Any]) -> list[str]:
    return [item["claim"] for item in page["items"]]


async def all_pages(api: Api, address: str) -> list[httpx.Response]:
    found = [await api.get(address)]
    while "next" in found[-1].json():
        found.append(await api.get(found[-1].json()["next"]))
    return found


def changed(address: str, **parameters: str) -> str:
    """With some of its parameters otherwise, or left out where they are empty."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **parameters}
    return parts._replace(query=urlencode({name: text for name, text in query.items() if text})).geturl()


def parameters_at_fault(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400, answer.text
    return [error["parameter"] for error in answer.json()["errors"]]


async def test_claims_stand_in_the_order_of_their_dates_each_with_how_it_stands_at_that_day(shared: Api) -> None:
    page = await told(shared, "?valid_at=2023-06-30")
    items = {item["claim"]: item for item in page["items"]}
    order = ids(page)
    assert order.index("tb2-acquired") < order.index("akinci-delivered") < order.index("plant-reported")
    assert page["total"] == len(order)
    assert items["tb2-acquired"]["certainty"] == "certain"
    assert items["akinci-delivered"]["certainty"] == "possible"
    assert items["plant-reported"]["certainty"] == "not-yet"
    assert items["more-announcements"]["expected"] == {"status": "upcoming"}
    assert "certainty" not in items["more-announcements"]
    assert [one["label"] for one in page["members"]] == ["Pakistan", "Türkiye"]


async def test_an_item_carries_all_that_a_feed_needs(shared: Api) -> None:
    page = await told(shared, "?valid_at=2024-06-30&platform=tb2&type=delivery")
    [item] = page["items"]
    event = await shared.get(f"{SAMPLE}/events/{item['event']}")
    assert (event.json()["position"], event.json()["recorded_at"]) == (item["position"], item["recorded_at"])
    assert item["recorded_at"] <= item["updated"]
    assert (item["type"], item["kind"]) == ("delivery", "occurrence")
    assert item["occurred"] == {"edtf": "{2022,2023,2024}", "earliest": "2022-01-01", "latest": "2024-12-31"}
    assert item["platforms"] == [{"platform": "tb2", "label": "Bayraktar TB2"}]
    assert item["quantity"]["best"] == 9
    assert {party["actor"] for party in item["parties"]} == {"pak", "tur"}
    assert item["relationships"] == ["pak--tur"]
    assert item["sources"][0]["publisher"]


async def test_a_state_says_when_it_ends_and_that_it_is_over(api: Api) -> None:
    lasted = {"type": "negotiation", "occurred": "2019", "until": "2021-05", "data": {"subject": "a school"}}
    await api.append(note("talks", **lasted), note("open", **{**lasted, "until": ".."}))
    items = {one["claim"]: one for one in (await told(api, "?valid_at=2024-01-01"))["items"]}
    ended = {"edtf": "2021-05", "earliest": "2021-05-01T00:00:00.000000Z", "latest": "2021-06-01T00:00:00.000000Z"}
    assert (items["talks"]["until"], items["talks"]["certainty"]) == (ended, "over")
    assert (items["open"]["ends"], items["open"]["certainty"]) == ("open", "certain")


async def test_who_confirms_a_claim_updates_it(api: Api) -> None:
    await api.append(note("told"))
    before = {one["claim"]: one for one in (await told(api))["items"]}["told"]
    assert before["updated"] == before["recorded_at"]
    source = {"publisher": "Dawn", "published": "2025-12-06"}
    await api.append({"action": "confirm", "claim": "told", "sources": [source]})
    after = {one["claim"]: one for one in (await told(api))["items"]}["told"]
    assert (after["standing"], after["recorded_at"]) == ("confirmed", before["recorded_at"])
    assert after["updated"] > before["updated"]


async def test_only_certain_items_on_request_and_the_rest_is_counted(shared: Api) -> None:
    everything = await told(shared, "?valid_at=2023-06-30")
    certain = await told(shared, "?valid_at=2023-06-30&certainty=certain")
    assert {item.get("certainty") for item in certain["items"]} == {"certain"}
    omitted = certain["omitted"]
    counted = sum(omitted[name] for name in ("possible", "not_yet", "over", "expected"))
    assert len(everything["items"]) == len(certain["items"]) + counted
    assert omitted["possible"] > 0
    assert omitted["expected"] == 1


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("from=2021&to=2021", True),
        ("from=2021&to=2021&match=certain", True),
        ("from=2021-05&to=2021-05", True),
        ("from=2021-05&to=2021-05&match=certain", False),
        ("from=2022", False),
        ("to=2020-12-31", False),
        ("from=202X&to=[2021..2023]&match=certain", True),
    ],
)
async def test_a_window_tells_what_is_in_it_possibly_or_certainly(shared: Api, query: str, there: bool) -> None:  # noqa: FBT001
    assert ("tb2-acquired" in ids(await told(shared, f"?{query}"))) is there


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("text", ["2021-02-30", "last+year", "", "2021-05%2003", "21"])
async def test_an_edge_of_a_window_that_is_no_date_is_refused_with_the_place(shared: Api, name: str, text: str) -> None:
    answer = await shared.get(f"{TIMELINE}?{name}={text}")
    assert parameters_at_fault(answer) == [name]
    assert "reading stopped at character" in answer.json()["detail"]


async def test_a_window_that_ends_before_it_begins_is_refused(shared: Api) -> None:
    assert parameters_at_fault(await shared.get(f"{TIMELINE}?from=2022&to=2021")) == ["to"]


async def test_filters_narrow_and_all_must_hold(shared: Api) -> None:
    everything = (await told(shared))["items"]
    orders = await told(shared, "?type=order,delivery")
    assert ids(orders) == [one["claim"] for one in everything if one["type"] in ("order", "delivery")]
    of_baykar = await told(shared, "?actor=baykar")
    assert of_baykar["items"]
    assert all("baykar" in {party["actor"] for party in item["parties"]} for item in of_baykar["items"])
    both = await told(shared, "?actor=baykar&platform=akinci&type=delivery")
    assert ids(both) == ["akinci-delivered"]
    assert (await told(shared, "?tag=no-such"))["known"] is True


async def test_pages_join_to_the_whole_and_stand_at_one_point_whatever_is_recorded_meanwhile(api: Api) -> None:
    whole = await told(api)
    first = await api.get(f"{TIMELINE}?limit=7")
    await api.append(note("meanwhile", occurred="2016"))
    rest = await all_pages(api, first.json()["next"])
    pages = [first.json(), *(answer.json() for answer in rest)]
    assert [one for page in pages for one in ids(page)] == ids(whole)
    assert [len(page["items"]) for page in pages[:-1]] == [7] * (len(pages) - 1)
    assert {str(page["as_of"]) for page in pages} == {str(pages[0]["as_of"])}
    assert "total" not in pages[0]
    assert first.headers["link"] == f'<{first.json()["next"]}>; rel="next"'
    assert "link" not in rest[-1].headers
    assert "meanwhile" in ids(await told(api))


async def test_pages_of_what_a_filter_thins_out_join_too(shared: Api) -> None:
    query = "?valid_at=2023-06-30&certainty=certain&lang=tr&group_by=type&min_credibility=3&reported_by=2025-12-31"
    whole = await told(shared, query)
    pages = [answer.json() for answer in await all_pages(shared, f"{TIMELINE}{query}&limit=3")]
    assert [item for page in pages for item in page["items"]] == whole["items"]
    for name in ("possible", "not_yet", "over", "expected", "ungraded", "filtered"):
        assert sum(page["omitted"][name] for page in pages) == whole["omitted"][name]


async def test_a_page_may_be_of_another_length_than_the_one_before(shared: Api) -> None:
    way_on = (await told(shared, "?limit=2"))["next"]
    assert len((await shared.get(changed(way_on, limit="5"))).json()["items"]) == 5


async def test_a_cursor_is_of_one_question_only(shared: Api) -> None:
    way_on = (await told(shared, "?limit=2&type=order,delivery&from=2010"))["next"]
    assert (await shared.get(way_on)).status_code == 200
    assert (await shared.get(changed(way_on, type="delivery,order"))).status_code == 200
    for other in (
        changed(way_on, type="order"),
        changed(way_on, type=""),
        changed(way_on, to="2030"),
        changed(way_on, certainty="certain"),
        changed(way_on, lang="tr"),
        changed(way_on, group_by="type"),
        way_on.replace("pak--tur", "aze--tur"),
        way_on.replace("relationships/pak--tur", "actors/pak"),
    ):
        assert parameters_at_fault(await shared.get(other)) == ["cursor"], other


async def test_a_cursor_holds_the_points_and_none_stands_beside_it(shared: Api) -> None:
    way_on = (await told(shared, "?limit=2"))["next"]
    for name, text in (("valid_at", "2021-01-01"), ("known_position", "3"), ("reported_by", "2024-01-01")):
        assert parameters_at_fault(await shared.get(f"{way_on}&{name}={text}")) == [name]


async def test_a_cursor_that_was_changed_or_made_up_is_refused(shared: Api) -> None:
    way_on = (await told(shared, "?limit=2"))["next"]
    cursor = dict(parse_qsl(urlsplit(way_on).query))["cursor"]
    signed = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for index in range(0, len(signed), 5):
        other = signed[:]
        other[index] ^= 1
        text = base64.urlsafe_b64encode(bytes(other)).decode().rstrip("=")
        assert parameters_at_fault(await shared.get(changed(way_on, cursor=text))) == ["cursor"]
    for text in ("x", "ü", "a" * 5000, cursor[:-4], cursor + "AAAA", "====", "AAAA"):
        assert parameters_at_fault(await shared.get(changed(way_on, cursor=text))) == ["cursor"]
    assert parameters_at_fault(await shared.get(f"{TIMELINE}?cursor=")) == ["cursor"]


async def test_a_cursor_of_another_ledger_is_refused(api: Api) -> None:
    await api.put("/v1/ledgers/other", {"title": "Another", "public_read": True})
    way_on = (await told(api, "?limit=2"))["next"]
    assert parameters_at_fault(await api.get(way_on.replace("/drones/", "/other/"))) == ["cursor"]


async def test_a_cursor_of_an_epoch_that_is_gone_is_told_so(api: Api) -> None:
    way_on = (await told(api, "?limit=2"))["next"]
    async with api.log.connection() as connection:
        await connection.execute("UPDATE tarih.heads SET system_identifier = 0")
        assert await ledgers.renew_epochs(connection) == ["drones"]
    answer = await api.get(way_on)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (410, "another-epoch")


async def test_a_page_by_cursor_keeps_and_repeats_byte_for_byte(api: Api) -> None:
    way_on = (await told(api, "?limit=3"))["next"]
    before = await api.get(way_on)
    assert before.headers["cache-control"] == "public, max-age=3600"
    await api.append(note("meanwhile", occurred="2016"))
    after = await api.get(way_on)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    same = await api.get(way_on, headers={"If-None-Match": before.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    lasting = await api.get(before.headers["content-location"])
    assert lasting.content == before.content
    assert "immutable" in lasting.headers["cache-control"]


async def test_content_location_pins_the_first_page_for_ever(shared: Api) -> None:
    answer = await shared.get(f"{TIMELINE}?valid_at=2024-06-30&type=order&group_by=year&limit=2")
    assert "stale-while-revalidate" in answer.headers["cache-control"]
    lasting = await shared.get(answer.headers["content-location"])
    assert "immutable" in lasting.headers["cache-control"]
    assert ids(lasting.json()) == ids(answer.json())
    assert lasting.headers["content-location"] == answer.headers["content-location"]
    other = changed(answer.headers["content-location"], v="99.00000000")
    assert (await shared.get(other)).status_code == 404
    head = await shared.send("HEAD", lasting.request.url.raw_path.decode())
    assert head.headers["etag"] == lasting.headers["etag"]


async def test_groups_are_listed_with_their_counts_and_items_keep_their_order(shared: Api) -> None:
    page = await told(shared, "?group_by=type")
    assert ids(page) == ids(await told(shared))
    counts = {group["id"]: group["count"] for group in page["groups"]}
    for name, count in counts.items():
        assert sum(name in item["groups"] for item in page["items"]) == count
    assert {group["id"]: group["label"] for group in page["groups"]}["order"] == "Order"
    years = await told(shared, "?group_by=year&from=2021&to=2021&match=certain&type=acquisition")
    assert [group["id"] for group in years["groups"]] == ["2021"]


async def test_clusters_never_put_a_year_into_a_month(shared: Api) -> None:
    page = await told(shared, "?bucket=month")
    assert page["items"] == []
    everything = await told(shared)
    assert sum(cluster["count"] for cluster in page["clusters"]) == len(everything["items"])
    years = [cluster for cluster in page["clusters"] if cluster["precision"] == "year"]
    assert "2021" in {cluster["edtf"] for cluster in years}
    for cluster in page["clusters"]:
        if cluster["precision"] == "month":
            assert len(cluster["edtf"]) == 7
    assert parameters_at_fault(await shared.get(f"{TIMELINE}?bucket=month&limit=3")) == ["limit"]


@pytest.mark.parametrize("most", [1, 3, 6, 10, 20, 1000])
async def test_there_are_no_more_items_and_clusters_than_asked_for(shared: Api, most: int) -> None:
    page = await told(shared, f"?max_items={most}")
    everything = await told(shared)
    clusters = page.get("clusters", [])
    assert len(page["items"]) + len(clusters) <= most
    assert len(page["items"]) + sum(cluster["count"] for cluster in clusters) == len(everything["items"])
    assert all(cluster["count"] > 1 for cluster in clusters)
    assert page["total"] == len(everything["items"])


async def test_an_actors_timeline_is_of_it_and_of_its_units_while_they_are_part_of_it(api: Api) -> None:
    page = await told(api, "?valid_at=2024-06-30", OF_PAKISTAN)
    assert (page["actor"], "relationship" in page, "revision" in page["as_of"]) == ("pak", False, False)
    assert [unit["actor"] for unit in page["units"]] == ["paf", "pak-navy"]
    assert {"actor-pak", "actor-paf", "tb2-in-paf-inventory", "akinci-delivered"} <= set(ids(page))
    parties = [{"actor": "brigade", "role": "subject"}]
    data = {"kind": "armed-force", "names": {"en": "Brigade"}, "part_of": "paf"}
    await api.append(
        {
            "action": "assert",
            "id": "is-part",
            "type": "actor",
            "occurred": "2015/2020",
            "parties": parties,
            "data": data,
        }
    )
    both = [{"actor": "brigade", "role": "host"}, {"actor": "aze", "role": "guest"}]
    await api.append(note("visit", parties=both))
    assert "visit" in ids(await told(api, "?valid_at=2018-01-01", OF_PAKISTAN))
    assert "visit" not in ids(await told(api, "?valid_at=2024-06-30", OF_PAKISTAN))
    pages = [answer.json() for answer in await all_pages(api, f"{OF_PAKISTAN}?valid_at=2018-01-01&limit=6")]
    assert [one for page in pages for one in ids(page)] == ids(await told(api, "?valid_at=2018-01-01", OF_PAKISTAN))


async def test_of_whom_nobody_spoke_nothing_is_known(shared: Api) -> None:
    for of in (f"{SAMPLE}/actors/nobody/timeline", f"{SAMPLE}/relationships/nobody--noone/timeline"):
        page = await told(shared, of=of)
        assert (page["known"], page["items"], page["total"]) == (False, [], 0)
    assert (await shared.get(f"{SAMPLE}/actors/No-body/timeline")).status_code == 404
    assert (await told(shared, "?known_position=0&valid_at=2024-01-01"))["known"] is False


async def test_there_is_one_address_and_merged_ones_lead_to_it(api: Api) -> None:
    turned = await api.get(f"{SAMPLE}/relationships/tur--pak/timeline?limit=3")
    assert turned.status_code == 308
    assert turned.headers["location"].endswith("/relationships/pak--tur/timeline?limit=3")
    await api.append(note("as-pk", parties=[{"actor": "pk", "role": "side_a"}, {"actor": "tur", "role": "side_b"}]))
    merge = [{"actor": "pk", "role": "merged"}, {"actor": "pak", "role": "survivor"}]
    before = await api.head()
    await api.append({"action": "assert", "id": "one", "type": "actor-merge", "occurred": "2020", "parties": merge})
    moved = await api.get(f"{SAMPLE}/relationships/pk--tur/timeline")
    assert (moved.status_code, moved.headers["location"].endswith("/pak--tur/timeline")) == (308, True)
    moved = await api.get(f"{SAMPLE}/actors/pk/timeline")
    assert (moved.status_code, moved.headers["location"].endswith("/actors/pak/timeline")) == (308, True)
    for of in (TIMELINE, OF_PAKISTAN):
        page = await told(api, "?actor=pk", of)
        assert "as-pk" in ids(page)
        assert {item["claim"]: item for item in page["items"]}["as-pk"]["relationships"] == ["pak--tur"]
        assert "as-pk" not in ids(await told(api, f"?known_position={before}", of))


async def test_only_sources_that_were_out_are_shown(shared: Api) -> None:
    page = await told(shared, "?reported_by=2025-11-30&valid_at=2026-01-01")
    published = [source.get("published", "") for item in page["items"] for source in item["sources"]]
    assert published
    assert max(published) <= "2025-11-30"
    assert "plant-reported" not in ids(page)


async def test_titles_and_names_are_in_the_language_asked_for(api: Api) -> None:
    await api.append(note("titled", title="Talks", lang="en", translations={"tr": "Görüşmeler"}))
    items = {one["claim"]: one for one in (await told(api, "?lang=tr"))["items"]}
    assert (items["titled"]["title"], items["titled"]["lang"]) == ("Görüşmeler", "tr")
    assert "Türkiye" in {party["label"] for party in items["titled"]["parties"]}


async def test_what_is_not_known_here_is_refused_all_at_once(shared: Api) -> None:
    answer = await shared.get(f"{TIMELINE}?type=Order&bucket=week&max_items=0&actor=Tur&match=maybe&foo=1")
    assert parameters_at_fault(answer) == ["foo", "bucket", "max_items", "match", "type", "actor"]


async def test_a_type_that_was_just_added_is_told_with_its_kind(api: Api) -> None:
    await told(api)
    async with api.log.connection() as connection:
        await ledgers.create_type(connection, "drones", EventType("loan", "state", "Loan", schema='{"type":"object"}'))
    answer = await api.append(note("lent", type="loan", until="..", data={"platform": "tb2", "note": "own"}))
    assert answer.status_code == 201
    # As in another process, which read the types before.
    api.log._types["drones"] = TYPES
    for _ in range(2):
        items = {one["claim"]: one for one in (await told(api, "?valid_at=2025-01-01"))["items"]}
        assert (items["lent"]["kind"], items["lent"]["ends"], items["lent"]["certainty"]) == (
            "state",
            "open",
            "certain",
        )
        assert items["lent"]["platforms"] == [{"platform": "tb2", "label": "tb2"}]


async def test_each_item_says_its_date_in_words_of_the_language_asked_for(shared: Api) -> None:
    for query, words in (("", "2022, 2023, and 2024"), ("&lang=tr", "2022, 2023 ve 2024")):
        page = await told(shared, f"?platform=tb2&type=delivery{query}")
        assert [item["display_date"] for item in page["items"]] == [words]
    page = await told(shared, "?lang=tr&type=facility")
    assert all(item["display_date"] for item in page["items"])
