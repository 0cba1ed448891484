"""One claim over HTTP, as of any point, and how it came to be what it is."""

import pytest

from tests.api.conftest import SAMPLE, Api, note

pytestmark = pytest.mark.anyio
TB2 = f"{SAMPLE}/claims/sipri-tb2-delivered"


async def test_a_claim_says_what_it_stands_on(shared: Api) -> None:
    said = (await shared.get(f"{TB2}?valid_at=2024-06-30")).json()
    assert (said["status"], said["expectation"], said["standing"]) == ("held", False, "reported")
    assert said["certainty"] == "possible"
    assert said["event"]["occurred"] == "{2022,2023,2024}"
    assert said["version"]["recorded_by"] == "sample"
    assert [source["publisher"] for source in said["sources"]] == ["SIPRI"]
    assert "certainty" not in (await shared.get(f"{TB2}?valid_at=2020-01-01")).json()
    assert (await shared.get(f"{TB2}?valid_at=2025-01-01")).json()["certainty"] == "certain"


async def test_a_claim_is_what_was_reported_of_it_by_then(shared: Api) -> None:
    early = (await shared.get(f"{TB2}?valid_at=2025-12-31&reported_by=2024-06-30")).json()
    assert early["event"]["occurred"] == "{2022,2023}"
    assert early["as_of"]["reported_by"] == "2024-06-30T23:59:59.999999Z"
    assert (await shared.get(f"{TB2}?valid_at=2025-12-31&reported_by=2023-01-01")).status_code == 404


async def test_a_claim_is_what_was_known_of_it_then(shared: Api) -> None:
    history = (await shared.get(f"{TB2}/history")).json()["versions"]
    first = history[0]["position"]
    later = (await shared.get(f"{TB2}?known_at={history[1]['recorded_at']}")).json()
    assert later["version"]["id"] == history[1]["id"]
    known = (await shared.get(f"{TB2}?known_at={history[0]['recorded_at']}")).json()
    assert (known["version"]["position"], known["as_of"]["final"]) == (first, True)
    assert (await shared.get(f"{TB2}?valid_at=2024-01-01&known_position={first - 7}")).status_code == 404


async def test_an_expectation_is_never_certain(shared: Api) -> None:
    said = (await shared.get(f"{SAMPLE}/claims/more-announcements?valid_at=2026-02-01")).json()
    assert (said["expectation"], "certainty" in said) == (True, False)


async def test_the_history_of_a_claim_has_every_version_in_order(api: Api) -> None:
    note_on = {"claim": "a"}
    ministry = [{"publisher": "Ministry", "published": "2026-01-01"}]
    await api.append(note("a", reason="Seen in print."))
    await api.append({"action": "confirm", **note_on, "sources": ministry})
    await api.append({"action": "deny", **note_on, "sources": [{"publisher": "Maker"}]})
    claim = (await api.get(f"{SAMPLE}/claims/a")).json()
    assert claim["standing"] == "disputed"
    assert [(word["publisher"], word["action"]) for word in claim["words"]] == [
        ("Ministry", "confirm"),
        ("Maker", "deny"),
    ]
    await api.append(note("a2", action="correct", claim="a", occurred="2023"))
    assert (await api.get(f"{SAMPLE}/claims/a")).json()["standing"] == "reported"
    await api.append({"action": "retract", **note_on, "by": "curator", "reason": "Misread."})

    gone = (await api.get(f"{SAMPLE}/claims/a?valid_at=2024-06-30")).json()
    assert (gone["status"], gone["event"]["occurred"], "certainty" in gone) == ("retracted", "2023", False)
    said = (await api.get(f"{SAMPLE}/claims/a/history")).json()
    assert [version["action"] for version in said["versions"]] == ["assert", "confirm", "deny", "correct", "retract"]
    assert [version["position"] for version in said["versions"]] == sorted(v["position"] for v in said["versions"])
    assert not any(version["in_force"] for version in said["versions"])
    assert (said["versions"][0]["reason"], said["versions"][4]["reason"]) == ("Seen in print.", "Misread.")
    assert gone["retraction"] == said["versions"][4]["position"]
    assert "dates" not in said["versions"][1]

    before = said["versions"][2]["position"]
    earlier = (await api.get(f"{SAMPLE}/claims/a/history?known_position={before}")).json()["versions"]
    assert [version["in_force"] for version in earlier] == [True, False, False]
    await api.append({"action": "reinstate", **note_on})
    again = (await api.get(f"{SAMPLE}/claims/a/history")).json()["versions"]
    assert [version["in_force"] for version in again] == [False, False, False, True, False, False]
    assert (await api.get(f"{SAMPLE}/claims/a?valid_at=2024-06-30")).json()["status"] == "held"


async def test_a_claim_that_a_source_withdrew_is_held_at_earlier_reported_days(api: Api) -> None:
    await api.append(note("a", sources=[{"publisher": "X", "published": "2024-03-01"}]))
    withdrawal = {"action": "retract", "claim": "a", "by": "source", "reason": "Withdrawn."}
    await api.append({**withdrawal, "sources": [{"publisher": "X", "published": "2025-03-01"}]})
    for day, status in (("2024-12-31", "held"), ("2025-03-01", "retracted")):
        said = (await api.get(f"{SAMPLE}/claims/a?valid_at=2025-12-31&reported_by={day}")).json()
        assert said["status"] == status


async def test_what_nobody_claimed_is_404(shared: Api) -> None:
    for path in ("/claims/none", "/claims/none/history", "/events/none"):
        answer = await shared.get(SAMPLE + path)
        assert answer.status_code == 404
        assert answer.json()["type"].endswith("/problems/not-found")
    assert (await shared.get(f"{TB2}/history?valid_at=2024-01-01")).status_code == 400
    assert (await shared.get(f"{TB2}/history?known_position=0")).status_code == 404


@pytest.mark.parametrize("what", ["?valid_at=2024-06-30", "/history"])
async def test_a_claims_pinned_address_repeats_it_and_may_be_kept_for_ever(shared: Api, what: str) -> None:
    now = await shared.get(f"{SAMPLE}/claims/tb2-acquired{what}")
    assert "immutable" not in now.headers["cache-control"]
    pinned = now.headers["content-location"]
    first, again = await shared.get(pinned), await shared.get(pinned)
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert first.headers["content-location"] == pinned
    unchanged = await shared.get(pinned, headers={"If-None-Match": first.headers["etag"]})
    assert unchanged.status_code == 304
    other = await shared.get(f"{pinned.rpartition('&')[0]}&v=0.00000000")
    assert (other.status_code, "version" in other.json()["detail"]) == (404, True)
