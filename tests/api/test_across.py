"""Questions across relationships over HTTP: of the sample, through merges, page by page, and what is refused."""

from typing import Any

import pytest

from tests.api.conftest import SAMPLE, Api, note

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


async def asked(api: Api, path: str) -> Json:
    answer = await api.get(f"{SAMPLE}{path}")
    assert answer.status_code == 200, answer.text
    said: Json = answer.json()
    return said


def supplied(id_: str, supplier: str, recipient: str, platform: str = "kaan", **more: Any) -> Json:
    parties = [{"actor": supplier, "role": "supplier"}, {"actor": recipient, "role": "recipient"}]
    content = {"type": "delivery", "occurred": "2023", "data": {"platform": platform, **more.pop("data", {})}}
    return note(id_, parties=parties, **content, **more)


async def test_who_operates_the_tb2_is_told_by_state_with_the_units_named(shared: Api) -> None:
    said = await asked(shared, "/operators?platform=tb2&valid_at=2024-06-30")
    assert said["platform"] == {"platform": "tb2", "label": "Bayraktar TB2"}
    lines = {line["actor"]: line for line in said["operators"]}
    assert {"pak", "tur"} <= lines.keys()
    assert [unit["actor"] for unit in lines["pak"]["units"]] == ["paf"]
    assert "pak--tur" in lines["pak"]["relationships"]
    state = await shared.state("?valid_at=2024-06-30")
    [held] = [line for line in state["inventory"] if (line["actor"], line["platform"]) == ("pak", "tb2")]
    for name in ("certainty", "standing", "since", "claims", "claims_total", "quantity", "suppliers"):
        assert lines["pak"].get(name) == held.get(name), name


async def test_before_it_was_acquired_nobody_operates_it_and_of_another_platform_nothing_is_known(shared: Api) -> None:
    said = await asked(shared, "/operators?platform=tb2&valid_at=1990-01-01")
    assert (said["known"], said["operators"]) == (True, [])
    said = await asked(shared, "/operators?platform=nothing&valid_at=2024-06-30")
    assert (said["known"], said["operators"]) == (False, [])


async def test_an_actor_says_what_it_is_called_what_is_part_of_it_and_what_ties_it(shared: Api) -> None:
    said = await asked(shared, "/actors/pak?valid_at=2024-06-30")
    assert (said["known"], said["kind"], said["label"]) == (True, "state", "Pakistan")
    assert [part["actor"] for part in said["parts"]] == ["paf", "pak-navy"]
    tied = {one["relationship"]: one for one in said["relationships"]}
    assert "pak--tur" in tied
    state = await shared.state("?valid_at=2024-06-30")
    assert tied["pak--tur"]["revision"] == state["as_of"]["revision"]
    assert tied["pak--tur"]["claims"]["visible"] == sum(tied["pak--tur"]["types"].values())
    every = await shared.get(said["all_relationships"])
    assert {one["relationship"] for one in every.json()["relationships"]} == tied.keys()


async def test_of_an_actor_nobody_named_nothing_is_known(shared: Api) -> None:
    said = await asked(shared, "/actors/nobody?valid_at=2024-06-30")
    assert (said["known"], said["label"], said["relationships"]) == (False, "nobody", [])
    assert (await shared.get(f"{SAMPLE}/actors/No%20body")).status_code == 404


async def test_turkey_is_found_by_any_of_its_names_however_they_are_written(shared: Api) -> None:
    for words in ("turkiye", "TÜRKİYE", "T%C3%BCrkiye"):
        said = await asked(shared, f"/actors?q={words}&valid_at=2024-06-30")
        assert [actor["actor"] for actor in said["actors"]] == ["tur"], words
    said = await asked(shared, "/actors?part_of=pak&kind=armed-force&valid_at=2024-06-30")
    assert [actor["actor"] for actor in said["actors"]] == ["paf", "pak-navy"]


async def test_claims_are_found_by_words_in_any_language(shared: Api) -> None:
    every = await asked(shared, "/claims?limit=1000&valid_at=2024-06-30")
    assert [one["position"] for one in every["claims"]] == sorted(
        (one["position"] for one in every["claims"]), reverse=True
    )
    found = await asked(shared, "/claims?q=AKINCI&platform=akinci&type=delivery&valid_at=2024-06-30")
    assert {one["id"] for one in found["claims"]} >= {"akinci-delivered"}
    assert all(one["type"] == "delivery" for one in found["claims"])
    by_source = await asked(shared, "/claims?source=sipri&actor=tur&relationship=tur--pak&limit=1000")
    assert all("SIPRI" in {source["publisher"] for source in one["sources"]} for one in by_source["claims"])
    assert by_source["claims"]


async def test_relationships_are_found_by_who_holds_a_platform(shared: Api) -> None:
    said = await asked(shared, "/relationships?holds=tb2&valid_at=2024-06-30")
    assert "pak--tur" in {one["relationship"] for one in said["relationships"]}
    said = await asked(shared, "/relationships?holds=tb2&valid_at=2015-01-01")  # in service at home since 2014
    assert "pak--tur" not in {one["relationship"] for one in said["relationships"]}
    said = await asked(shared, "/relationships?actor=pak&type=facility&valid_at=2025-12-31")
    assert "pak--tur" in {one["relationship"] for one in said["relationships"]}


async def test_a_merge_reads_the_survivors_and_changes_no_older_answer(api: Api) -> None:
    await api.append(
        supplied("to-mys", "tur", "mys"), supplied("to-malaysia", "tur", "malaysia", data={"quantity": {"best": 3}})
    )
    head = await api.head()
    pins = [
        f"/operators?platform=kaan&valid_at=2024-01-01&known_position={head}",
        f"/actors/malaysia?valid_at=2024-01-01&known_position={head}",
        f"/actors/mys/suppliers?valid_at=2024-01-01&known_position={head}",
        f"/claims?actor=mys&valid_at=2024-01-01&known_position={head}",
        f"/relationships?actor=tur&valid_at=2024-01-01&known_position={head}",
        f"/actors?valid_at=2024-01-01&known_position={head}",
    ]
    before = [(await api.get(SAMPLE + pin)).content for pin in pins]
    parties = [{"actor": "malaysia", "role": "merged"}, {"actor": "mys", "role": "survivor"}]
    merge = {"action": "assert", "id": "one", "type": "actor-merge", "occurred": "2024", "parties": parties}
    assert (await api.append(merge)).status_code == 201
    assert [(await api.get(SAMPLE + pin)).content for pin in pins] == before

    [line] = (await asked(api, "/operators?platform=kaan&valid_at=2024-01-01"))["operators"]
    assert (line["actor"], line["claims_total"], line["relationships"]) == ("mys", 2, ["mys--tur"])
    gone = await api.get(f"{SAMPLE}/actors/malaysia/suppliers?rank=quantity", follow_redirects=False)
    assert (gone.status_code, gone.headers["location"].partition("/actors/")[2]) == (308, "mys/suppliers?rank=quantity")
    assert (await api.get(f"{SAMPLE}/actors/malaysia")).status_code == 308
    assert (await asked(api, "/actors/mys"))["merged"] == ["malaysia"]
    [supplier] = (await asked(api, "/actors/mys/suppliers?valid_at=2024-01-01"))["suppliers"]
    assert supplier["deliveries"] == {"certain": 2, "possible": 0}
    tied = [one["relationship"] for one in (await asked(api, "/relationships?actor=malaysia"))["relationships"]]
    assert tied == ["mys--tur"]
    assert {one["id"] for one in (await asked(api, "/claims?actor=malaysia"))["claims"]} >= {"to-mys", "to-malaysia"}


async def test_every_page_stands_where_the_first_did_whatever_is_recorded_meanwhile(api: Api) -> None:
    await api.append(*(supplied(f"to-{n}", "tur", f"buyer-{n}") for n in range(5)))
    first = await asked(api, "/operators?platform=kaan&limit=2")
    await api.append(supplied("to-a", "tur", "another"), supplied("to-z", "tur", "zzz"))
    found, address = [line["actor"] for line in first["operators"]], first.get("next")
    while address:
        answer = await api.get(address)
        assert answer.json()["as_of"] == first["as_of"]
        assert answer.headers["cache-control"] == "public, max-age=3600"
        found += [line["actor"] for line in answer.json()["operators"]]
        address = answer.json().get("next")
    assert found == [f"buyer-{n}" for n in range(5)]


async def test_a_cursor_of_another_question_is_refused(api: Api) -> None:
    await api.append(*(supplied(f"to-{n}", "tur", f"buyer-{n}") for n in range(3)))
    address = (await asked(api, "/operators?platform=kaan&limit=1"))["next"]
    for other in (address.replace("kaan", "tb2"), f"{address}&standing=confirmed", f"{address}&valid_at=2024-01-01"):
        assert (await api.get(other)).status_code == 400, other
    assert (await api.get(f"{SAMPLE}/claims?cursor=abc")).status_code == 400


async def test_what_is_missing_or_unreadable_is_refused_all_at_once(shared: Api) -> None:
    answer = await shared.get(f"{SAMPLE}/operators?limit=0&valid_at=2024")
    assert answer.status_code == 400
    assert {error["parameter"] for error in answer.json()["errors"]} == {"platform", "limit", "valid_at"}
    for path in (
        "/actors/pak/suppliers?rank=size",
        "/actors/pak/suppliers?from=2024&to=2023",
        "/actors?kind=planet",
        "/claims?relationship=pak",
        "/relationships?limit=1001",
        "/actors/pak?standing=confirmed",
    ):
        assert (await shared.get(SAMPLE + path)).status_code == 400, path


async def test_what_one_has_already_is_not_sent_again_and_a_pinned_address_keeps(shared: Api) -> None:
    for path in (
        "/operators?platform=tb2",
        "/actors/pak",
        "/actors/pak/suppliers",
        "/claims",
        "/relationships",
        "/actors",
    ):
        answer = await shared.get(SAMPLE + path)
        pinned = await shared.get(answer.headers["content-location"])
        assert "immutable" in pinned.headers["cache-control"], path
        again = await shared.get(answer.headers["content-location"], headers={"If-None-Match": pinned.headers["etag"]})
        assert again.status_code == 304, path
        head = await shared.send("HEAD", answer.headers["content-location"])
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", pinned.headers["etag"])
        wrong = answer.headers["content-location"].rpartition("&v=")[0] + "&v=0.0"
        assert (await shared.get(wrong)).status_code == 404


async def test_a_reported_day_tells_what_a_register_said_then(shared: Api) -> None:
    now = await asked(shared, "/actors/pak/suppliers?rank=quantity&valid_at=2025-12-31")
    then = await asked(shared, "/actors/pak/suppliers?rank=quantity&valid_at=2025-12-31&reported_by=2024-12-31")
    assert now["suppliers"][0]["quantity"] != then["suppliers"][0]["quantity"]
    assert then["as_of"]["reported_by"] == "2024-12-31T23:59:59.999999Z"
    holders = await asked(shared, "/operators?platform=tb2&valid_at=2025-12-31&reported_by=2024-12-31")
    assert [line["actor"] for line in holders["operators"]] == ["pak"]
