"""What was expected, and what has become of it."""

from typing import Any

import pytest

from tests.projections.histories import History, encoded


@pytest.fixture
def history() -> History:
    history = History()
    history.say("hope", "agreement", "2026-33", "tur party, pak party", action="expect", title="More to come")
    return history


def expectation(history: History, valid: str, **more: Any) -> dict[str, Any]:
    (line,) = encoded(history.state(valid, **more))["expectations"]
    assert isinstance(line, dict)
    return line


@pytest.mark.parametrize(
    ("valid", "status"),
    [
        ("2025-12-31", "upcoming"),
        ("2026-01-01T00:00:00Z", "due"),
        ("2026-03-31", "due"),
        ("2026-04-01T00:00:00Z", "lapsed"),
        ("2026-06-30", "lapsed"),
    ],
)
def test_an_expectation_is_upcoming_then_due_then_lapsed(history: History, valid: str, status: str) -> None:
    line = expectation(history, valid, known="2026-11-22T00:00:00Z")
    assert line["status"] == status
    assert line["window"] == {"edtf": "2026-33", "earliest": "2026-01-01", "latest": "2026-03-31"}
    assert "projected" not in line
    assert "certainty" not in line


def test_it_has_not_lapsed_before_anyone_could_know(history: History) -> None:
    line = expectation(history, "2026-06-30", known="2026-02-01T00:00:00Z")
    assert (line["status"], line["projected"]) == ("upcoming", True)
    assert expectation(history, "2026-06-30", known="2026-03-31")["status"] == "upcoming"
    assert expectation(history, "2026-06-30", known="2026-04-01T00:00:00Z")["status"] == "lapsed"


def test_a_window_looked_at_ahead_of_time_is_due_and_projected(history: History) -> None:
    line = expectation(history, "2026-02-15", known="2026-01-15T00:00:00Z")
    assert (line["status"], line["projected"]) == ("due", True)


def test_it_is_fulfilled_where_the_fulfilling_claim_is_present(history: History) -> None:
    history.say("deal", "agreement", "2026-02", "tur party, pak party")
    history.record("fulfil", "hope", fulfilled_by="deal")
    known = "2026-11-22T00:00:00Z"
    assert expectation(history, "2026-01-15", known=known)["status"] == "due"
    line = expectation(history, "2026-02-15", known=known)
    assert (line["status"], line["fulfilled_by"]) == ("fulfilled", {"claim": "deal", "certainty": "possible"})
    line = expectation(history, "2026-06-30", known=known)
    assert (line["status"], line["fulfilled_by"]) == ("fulfilled", {"claim": "deal", "certainty": "certain"})
    assert expectation(history, "2026-06-30", position=2, known=known)["status"] == "lapsed"


def test_a_fulfilment_that_was_retracted_fulfils_nothing(history: History) -> None:
    history.say("deal", "agreement", "2026-02", "tur party, pak party")
    history.record("fulfil", "hope", fulfilled_by="deal")
    history.record("retract", "deal", by="curator", reason="never happened")
    assert expectation(history, "2026-06-30", known="2026-11-22T00:00:00Z")["status"] == "lapsed"


def test_an_expectation_counts_nowhere_else(history: History) -> None:
    data = {"platform": "tb2", "quantity": {"best": 3}}
    history.say("more", "delivery", "2026-02", "tur supplier, pak recipient", action="expect", data=data)
    answer = history.state("2026-06-30", known="2026-11-22T00:00:00Z")
    assert answer.known
    assert not answer.inventory
    assert not answer.agreements
    assert not answer.other
    assert answer.phase.name == "none"
    assert [line.claims for line in answer.expectations] == [("hope",), ("more",)]


def test_a_corrected_window_is_the_one_that_counts(history: History) -> None:
    history.say("hope", "agreement", "2026-34", "tur party, pak party", action="correct")
    assert expectation(history, "2026-06-30", known="2026-11-22T00:00:00Z")["status"] == "due"


def test_an_expected_state_is_corrected_with_its_whole_window(history: History) -> None:
    who, data = "tur partner, pak host", {"facility": "plant", "stage": "operating"}
    history.say("plant", "facility", "2026/2027", who, action="expect", data=data)
    history.say("plant", "facility", "2027/2028", who, action="correct", data=data)
    line = encoded(history.state("2028-06-01"))["expectations"][1]
    assert (line["window"]["latest"], line["status"]) == ("2028-12-31", "due")
