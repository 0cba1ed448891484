"""What differs between two points: of any history, both ways; and that four different ends look different."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.as_of import parse_point, rfc3339
from service.projections.changes import Changes, Comparison
from service.projections.criteria import Criteria
from service.projections.question import Question
from tests.projections.histories import DAY, FIRST, LISTS, History
from tests.projections.sample import pak_and_tur

DEAL = "tur supplier, pak recipient"
TALKS = {"subject": "drones"}
Json = dict[str, Any]


def compared(history: History, before: Question, after: Question, most: int = 1000) -> Changes:
    comparison = Comparison(before, after, most)
    position = max(before.as_of.position, after.as_of.position)
    histories: dict[str, list[Any]] = {id_: [] for id_ in comparison.wanted}
    for event in history.events[:position]:
        if event.claim in histories:
            histories[event.claim].append(event)
    return comparison.answer(histories)


def changes(history: History, before: Question, after: Question, most: int = 1000) -> Json:
    """As its reader gets it."""
    found: Json = msgspec.json.decode(msgspec.json.encode(compared(history, before, after, most)))
    return found


def told(causes: Sequence[Json]) -> list[str]:
    """Each in a word, and the day on which time did it."""
    return [one["action"] if one["cause"] == "event" else f"{one['passing']} {one['at'][:10]}" for one in causes]


def ending(history: History, *, valid: str = "2024-06-30", later: str = "2024-06-30", **more: Any) -> Json:
    """What became of the only claim, from its assertion at position 1 to the head."""
    before = history.question(valid, 1, known="2026-06-01T00:00:00Z", **more)
    return changes(history, before, history.question(later, known="2026-06-01T00:00:00Z", **more))


def negotiating(until: str | None = "..") -> History:
    history = History()
    fields = {} if until is None else {"until": until}
    history.say("talks", "negotiation", "2021", "pak buyer, tur seller", data=TALKS, published="2021-06-01", **fields)
    return history


def test_what_ended_was_corrected_retracted_and_denied_are_four_different_things() -> None:
    ended = ending(negotiating("2023-05-03"), valid="2022-06-30")
    [gone] = ended["claims"]["removed"]
    assert (gone["absent"], told(gone["causes"])) == ("over", ["may-have-ended 2023-05-03", "ended 2023-05-04"])
    assert ended["state"]["removed"][0]["part"] == "negotiations"

    history = negotiating()
    history.say("talks", "negotiation", "2025", "pak buyer, tur seller", action="correct", data=TALKS, until="..")
    [gone] = ending(history)["claims"]["removed"]
    assert (gone["absent"], told(gone["causes"])) == ("not-yet", ["correct"])

    history = negotiating()
    history.record("retract", "talks", by="source", reason="it was another country", published="2024-01-01")
    retracted = ending(history)
    [gone] = retracted["claims"]["removed"]
    assert (gone["absent"], told(gone["causes"])) == ("retracted", ["retract"])
    [cause] = gone["causes"]
    assert (cause["by"], cause["reason"], cause["position"]) == ("source", "it was another country", 2)
    assert cause["sources"] == [{"publisher": "SIPRI", "published": "2024-01-01"}]
    assert {"pointer": "/retracted", "before": 0, "after": 1} in retracted["rest"]

    history = negotiating()
    history.record("deny", "talks", published="2024-01-01", publisher="A ministry")
    denied = ending(history)
    assert denied["claims"]["removed"] == []
    [changed] = denied["claims"]["changed"]
    assert changed["fields"] == [{"pointer": "/standing", "before": "reported", "after": "denied"}]
    assert told(changed["causes"]) == ["deny"]


def test_a_correction_is_told_field_by_field() -> None:
    history = pak_and_tur()
    head = history.head
    ten = {"platform": "bayraktar-tb2", "quantity": {"best": 10}}
    history.say("sipri-tb2", "delivery", "{2022,2023,2024}", DEAL, data=ten, published="2026-03-09", action="correct")
    found = changes(history, history.question("2025-12-31", head), history.question("2025-12-31"))
    [claim] = found["claims"]["changed"]
    fields = {one["pointer"]: (one.get("before"), one.get("after")) for one in claim["fields"]}
    assert fields["/content/data/quantity/best"] == (9, 10)
    assert fields["/content/data/quantity/uncertain"] == (True, None)
    [line] = [one for one in found["state"]["changed"] if one["part"] == "inventory"]
    assert line["key"] == {"actor": "pak", "platform": "bayraktar-tb2"}
    assert {"pointer": "/quantity/best", "before": 9, "after": 10} in line["fields"]
    for one in (claim, line):
        [cause] = one["causes"]
        assert (cause["action"], cause["position"], cause["axis"]) == ("correct", head + 1, "known")


def test_what_time_alone_did_names_the_instants() -> None:
    history = pak_and_tur()
    found = changes(history, history.question("2021-06-01"), history.question("2025-12-31"))
    by_key = {(one["part"], *one["key"].values()): one for one in found["state"]["added"]}
    akinci = told(by_key["inventory", "pak", "akinci"]["causes"])
    assert {"may-have-begun 2023-01-01", "begun 2023-12-31"} <= set(akinci)
    assert told(by_key["facilities", "drone-plant"]["causes"]) == ["may-have-begun 2025-12-05", "begun 2025-12-05"]
    [member] = [one for one in found["state"]["changed"] if one["part"] == "members"]
    assert member["fields"] == [{"pointer": "/label", "before": "Turkey", "after": "Türkiye"}]
    assert "ended 2022-06-01" in told(member["causes"])
    [phase] = [one for one in found["state"]["changed"] if one["part"] == "phase"]
    assert {"plant"} <= {cause["claim"] for cause in phase["causes"]}
    assert all(cause["cause"] == "time" for kind in found["state"] if kind != "totals" for one in found["state"][kind]
               for cause in one["causes"])  # fmt: skip


def test_a_later_reported_day_brings_what_was_reported_by_then() -> None:
    history = pak_and_tur()
    before, after = (history.question("2025-12-31", reported_by=day) for day in ("2024-06-30", "2025-11-30"))
    found = changes(history, before, after)
    changed = {one["claim"]: one for one in found["claims"]["changed"]}
    assert {cause["axis"] for one in changed.values() for cause in one["causes"]} == {"reported"}
    assert told(changed["sipri-tb2"]["causes"]) == ["correct"]
    assert changes(history, before, history.question("2025-12-31"))["claims"]["added"][0]["absent"] == "unreported"


def test_a_part_of_a_delivery_over_several_years_is_told_though_its_claim_reads_as_before() -> None:
    history = History()
    nine = {"platform": "tb2", "quantity": {"best": 9}}
    history.say("tb2", "delivery", "{2022,2023,2024}", DEAL, data=nine)
    found = changes(history, history.question("2023-06-01"), history.question("2024-06-01"))
    assert found["claims"]["totals"] == {"added": 0, "changed": 0, "removed": 0}
    [line] = found["state"]["changed"]
    assert told(line["causes"]) == ["part-over 2023-12-31", "part-begun 2024-01-01"]


@pytest.mark.parametrize(
    ("valid", "known", "later", "passing"),
    [
        ("2025-11-30", "2026-06-01", "2025-12-15", ["due 2025-12-10"]),
        ("2025-12-15", "2026-06-01", "2026-01-15", ["over 2026-01-01"]),
    ],
)
def test_an_expectation_comes_due_and_lapses_by_time(valid: str, known: str, later: str, passing: list[str]) -> None:
    history = History()
    history.say("more", "agreement", "2025-12-10/2025-12-31", "tur party, pak party", action="expect")
    at = f"{known}T00:00:00Z"
    found = changes(history, history.question(valid, known=at), history.question(later, known=at))
    [claim] = found["claims"]["changed"]
    assert [one["pointer"] for one in claim["fields"]] == ["/status"]
    assert told(claim["causes"]) == passing


def test_an_expectation_is_fulfilled_by_the_event_that_says_so_and_by_the_claim_it_names() -> None:
    history = History()
    history.say("more", "agreement", "2025-12", "tur party, pak party", action="expect")
    history.say("deal", "agreement", "2025-12-20", "tur party, pak party")
    history.record("fulfil", "more", fulfilled_by="deal")
    found = changes(history, history.question("2026-01-15", 1), history.question("2026-01-15"))
    [claim] = found["claims"]["changed"]
    assert told(claim["causes"]) == ["assert", "fulfil"]
    assert {"pointer": "/status", "before": "lapsed", "after": "fulfilled"} in claim["fields"]


def test_lists_are_cut_and_say_how_many_there_were() -> None:
    history = History()
    for n in range(30):
        history.say(f"n{n}", "note", f"2021-01-{n + 1:02}", DEAL)
    found = changes(history, history.question("2020-01-01", 1), history.question("2024-01-01"), most=5)
    assert found["claims"]["totals"]["added"] == 30
    assert [one["claim"] for one in found["claims"]["added"]] == [f"n{n}" for n in range(5)]
    [phase] = [one for one in found["state"]["changed"] if one["part"] == "phase"]
    assert (len(phase["causes"]), phase["more_causes"]) == (20, True)


PARTIES = st.sampled_from([DEAL, "tur supplier, paf recipient", "tur supplier, baykar maker, pak recipient"])
DATES = st.sampled_from(["2021", "2022-05", "2023-05-03", "[2020..2023]", "{2021,2023}", "2024?", "../2022"])
DATA: list[tuple[str, Json]] = [
    ("delivery", {"platform": "tb2", "quantity": {"best": 6}}),
    ("delivery", {"platform": "akinci", "platform_name": "Akıncı"}),
    ("order", {"platform": "tb2", "quantity": {"low": 3, "high": 9}, "production": "licensed"}),
    ("acquisition", {"platform": "tb2", "platform_name": "TB2"}),
    ("facility", {"facility": "plant", "stage": "construction", "purpose": "assembly"}),
    ("facility", {"facility": "plant", "stage": "operating", "purpose": "assembly"}),
    ("programme", {"programme": "milgem", "kind": "joint"}),
    ("negotiation", TALKS),
    ("note", {}),
]
REPORTED = st.sampled_from([None, "2022-12-31", "2023-07-01", "2024-02-02"])
PUBLISHED = st.sampled_from([None, "2022", "2023-06-30", "2024-02-01"])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """What a ledger might take: nobody corrects what is retracted, or retracts it twice."""
    history = History()
    history.name("paf", "Pakistan Air Force", kind="armed-force", part_of="pak")
    history.name("tur", "Turkey", "1923/2022-05-31")
    held, gone, expected = list[str](), list[str](), list[str]()
    for n in range(draw(st.integers(1, 12))):
        actions = ["assert", "assert", "expect", "name"]
        actions += ["correct", "retract", "confirm", "deny"] * bool(held) + ["reinstate"] * bool(gone)
        actions += ["fulfil"] * bool(held and expected)
        action = draw(st.sampled_from(actions))
        published = draw(PUBLISHED)
        cited: Json = {} if published is None else {"published": published, "publisher": draw(st.sampled_from("AB"))}
        if action == "name":
            history.name(draw(st.sampled_from(["tur", "paf"])), f"Name {n}", draw(DATES))
        elif action in ("assert", "expect", "correct"):
            claim = draw(st.sampled_from(held)) if action == "correct" else f"c{n}"
            type_, data = draw(st.sampled_from(DATA))
            occurred = "2024-03" if action == "expect" else draw(DATES)
            more: Json = {"late": True} if action == "correct" and published and draw(st.booleans()) else {}
            if type_ != "negotiation":
                occurred = occurred.replace("../", "")
            history.say(claim, type_, occurred, draw(PARTIES), action=action, data=data, **cited, **more,
                        relationships=["pak--tur"])  # fmt: skip
            if action != "correct":
                (expected if action == "expect" else held).append(claim)
        elif action == "fulfil":
            history.record("fulfil", expected.pop(), fulfilled_by=draw(st.sampled_from(held)), **cited)
        elif action == "reinstate":
            held.append(claim := gone.pop())
            history.record("reinstate", claim, **cited)
        elif action == "retract":
            held.remove(claim := draw(st.sampled_from(held)))
            gone.append(claim)
            by = draw(st.sampled_from(["source", "curator"])) if published else "curator"
            history.record("retract", claim, by=by, reason="so", **cited)
        else:
            source = {"published": draw(st.sampled_from(["2023-06-30", "2024-02-01"])), "publisher": "A"}
            history.record(action, draw(st.sampled_from(held)), **source)
    return history


@st.composite
def points(draw: st.DrawFn, history: History, criteria: Criteria) -> Question:
    position = draw(st.integers(0, history.head))
    valid = draw(st.integers(parse_point("2019-01-01").at, parse_point("2027-01-01").at))
    known = rfc3339(FIRST + position * DAY)
    return history.question(rfc3339(valid), position, draw(REPORTED), known, criteria=criteria)


CRITERIA = st.sampled_from([Criteria(), Criteria(certain_only=True), Criteria(standing="reported")])


@settings(max_examples=120, deadline=None)
@given(data=st.data(), history=histories(), criteria=CRITERIA)
def test_changes_the_other_way_round_are_the_inverse_and_each_has_a_cause(
    data: st.DataObject, history: History, criteria: Criteria
) -> None:
    one, other = data.draw(points(history, criteria)), data.draw(points(history, criteria))
    there, back = changes(history, one, other), changes(history, other, one)
    assert inverse(back) == there
    for kind in ("state", "claims"):
        for what in ("added", "changed", "removed"):
            assert all(difference["causes"] for difference in there[kind][what])
    for side, state in (("from", one), ("to", other)):
        assert there[side] == changes(history, state, state)["from"]


def inverse(found: Json) -> Json:
    def turned(fields: list[Json]) -> list[Json]:
        ends = {"pointer": "pointer", "before": "after", "after": "before"}
        return [{ends[name]: value for name, value in one.items()} for one in fields]

    def of(kind: Json) -> Json:
        totals = kind["totals"]
        return {
            "totals": {"added": totals["removed"], "changed": totals["changed"], "removed": totals["added"]},
            "added": kind["removed"],
            "removed": kind["added"],
            "changed": [{**one, "fields": turned(one["fields"])} for one in kind["changed"]],
        }

    return {
        "relationship": found["relationship"],
        "from": found["to"],
        "to": found["from"],
        "state": of(found["state"]),
        "claims": of(found["claims"]),
        "rest": turned(found["rest"]),
    }


@settings(max_examples=50, deadline=None)
@given(data=st.data(), history=histories(), criteria=CRITERIA)
def test_what_is_told_turns_one_answer_into_the_other(
    data: st.DataObject, history: History, criteria: Criteria
) -> None:
    one, other = data.draw(points(history, criteria)), data.draw(points(history, criteria))
    found = changes(history, one, other)
    nothing = not any(found[kind]["totals"][what] for kind in ("state", "claims") for what in found[kind]["totals"])
    before, after = (history.state(rfc3339(q.as_of.valid), q.as_of.position,
                                   None if q.as_of.reported is None else rfc3339(q.as_of.reported)[:10],
                                   known=rfc3339(q.as_of.known or FIRST), criteria=criteria)
                     for q in (one, other))  # fmt: skip
    same = [getattr(before, name) == getattr(after, name) for name in (*LISTS, "phase", "members")]
    if nothing:
        assert all(same)
    lines = {(name, len(getattr(before, name)) - _count(found, name, "removed") + _count(found, name, "added"))
             for name in LISTS}  # fmt: skip
    assert lines == {(name, len(getattr(after, name))) for name in LISTS}
    empty = changes(history, one, one)
    assert [empty["rest"], *(empty[kind]["totals"] for kind in ("state", "claims"))] == [
        [],
        *[{"added": 0, "changed": 0, "removed": 0}] * 2,
    ]


def _count(found: Json, part: str, what: str) -> int:
    return sum(line["part"] == part for line in found["state"][what])
