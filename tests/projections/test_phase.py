"""How far a relationship has come."""

from typing import Any

import pytest

from service.projections.criteria import Criteria
from tests.projections.histories import History, encoded

CERTAIN = Criteria(certain_only=True)

TB2 = {"platform": "tb2"}
ORDER = "tur supplier, pak recipient"


@pytest.fixture
def history() -> History:
    return History()


def phase(history: History, valid: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = encoded(history.state(valid, **more))["phase"]
    return found


def plant(history: History, claim: str, occurred: str, stage: str, until: str = "..", **more: Any) -> None:
    data = {"facility": "plant", "stage": stage, "purpose": more.pop("purpose", "assembly")}
    history.say(claim, "facility", occurred, "pak host, tur partner", until=until, data=data, **more)


def test_nothing_recorded_is_no_phase(history: History) -> None:
    assert phase(history, "2024-01-01") == {"name": "none", "claims": [], "claims_total": 0}


def test_any_claim_is_a_contact(history: History) -> None:
    history.say("talk", "statement", "2020-05-01", "pak speaker, tur audience")
    assert phase(history, "2024-01-01")["name"] == "contact"


@pytest.mark.parametrize("dates", [("2020", "2020?"), ("2020?", "2020")])
def test_since_when_does_not_hang_on_what_was_recorded_first(history: History, dates: tuple[str, str]) -> None:
    for number, occurred in enumerate(dates):
        history.say(f"order-{number}", "order", occurred, ORDER, data=TB2)
    assert phase(history, "2024-01-01")["since"]["edtf"] == "2020"
    assert encoded(history.state("2024-01-01"))["orders"][0]["since"]["edtf"] == "2020"


def test_an_expectation_is_no_contact(history: History) -> None:
    history.say("hope", "statement", "2020", "pak speaker, tur audience", action="expect")
    assert phase(history, "2024-01-01")["name"] == "none"


@pytest.mark.parametrize("type_", ["acquisition", "delivery", "order", "operation"])
def test_whoever_acquires_orders_receives_or_operates_is_a_customer(history: History, type_: str) -> None:
    history.say("c", type_, "2021", ORDER, data=TB2, **({"until": ".."} if type_ == "operation" else {}))
    assert phase(history, "2022-01-01") == {
        "name": "customer",
        "certainty": "certain",
        "standing": "reported",
        "since": {"edtf": "2021", "earliest": "2021-01-01", "latest": "2021-12-31"},
        "claims": ["c"],
        "claims_total": 1,
    }


def test_a_delivery_of_none_makes_no_customer(history: History) -> None:
    history.say("d", "delivery", "2021", ORDER, data={**TB2, "quantity": {"best": 0}})
    assert phase(history, "2022-01-01")["name"] == "contact"


@pytest.mark.parametrize("production", ["licensed", "local"])
def test_making_under_licence_or_locally_makes_a_partner(history: History, production: str) -> None:
    history.say("o", "order", "2018", ORDER, data={**TB2, "production": production})
    assert phase(history, "2019-01-01")["name"] == "partner"


@pytest.mark.parametrize("kind", ["joint", "licence", "local-production"])
def test_a_programme_together_makes_a_partner_while_it_lasts(history: History, kind: str) -> None:
    history.say("p", "programme", "2018/2020", "tur partner, pak partner", data={"programme": "kaan", "kind": kind})
    assert phase(history, "2019-01-01")["name"] == "partner"
    assert phase(history, "2020-06-01")["name"] == "none"
    assert phase(history, "2020-06-01")["possible"]["name"] == "partner"
    assert phase(history, "2021-01-01")["name"] == "none"


def test_a_supply_programme_makes_no_partner(history: History) -> None:
    history.say("p", "programme", "2018/..", "tur partner, pak partner", data={"programme": "x", "kind": "supply"})
    assert phase(history, "2019-01-01")["name"] == "contact"


def test_a_facility_that_operates_makes_a_co_producer(history: History) -> None:
    plant(history, "planned", "2024", "planned")
    plant(history, "runs", "2027-03", "operating")
    assert phase(history, "2027-03-31")["name"] == "co-producer"
    assert phase(history, "2027-03-31")["since"]["edtf"] == "2027-03"
    assert "prospective" not in phase(history, "2027-03-31")


def test_a_facility_that_may_operate_makes_a_co_producer_possible_beside_the_certain_phase(history: History) -> None:
    history.say("o", "order", "2018", ORDER, data=TB2)
    plant(history, "built", "2024", "construction")
    plant(history, "runs", "2027", "operating")
    found = phase(history, "2027-06-01")
    assert (found["name"], found["certainty"]) == ("customer", "certain")
    assert (found["possible"]["name"], found["possible"]["certainty"]) == ("co-producer", "possible")
    assert (found["prospective"]["stage"], found["prospective"]["claims"]) == ("construction", ["built"])


@pytest.mark.parametrize("stage", ["reported", "planned", "site-selection", "construction"])
def test_a_facility_to_come_makes_a_co_producer_prospective_and_no_more(history: History, stage: str) -> None:
    plant(history, "p", "2025-12-05", stage)
    found = phase(history, "2025-12-31")
    assert found["name"] == "contact"
    assert (found["prospective"]["name"], found["prospective"]["stage"]) == ("co-producer", stage)
    assert "prospective" not in phase(history, "2025-12-04")


@pytest.mark.parametrize("purpose", ["maintenance", "training", "basing"])
def test_a_base_or_a_school_makes_no_co_producer(history: History, purpose: str) -> None:
    plant(history, "p", "2025", "operating", purpose=purpose)
    plant(history, "q", "2025", "planned", purpose=purpose)
    assert phase(history, "2026-01-01")["name"] == "contact"
    assert "prospective" not in phase(history, "2026-01-01")


def test_a_facility_that_closed_makes_no_co_producer(history: History) -> None:
    plant(history, "runs", "2027", "operating")
    plant(history, "shut", "2030", "closed")
    assert phase(history, "2029-01-01")["name"] == "co-producer"
    assert phase(history, "2031-01-01")["name"] == "contact"
    assert "possible" not in phase(history, "2031-01-01")


def test_what_is_denied_gives_no_phase(history: History) -> None:
    plant(history, "p", "2025-12-05", "reported")
    history.say("o", "order", "2018", ORDER, data=TB2)
    for claim in ("p", "o"):
        history.record("deny", claim, sources=[{"publisher": "Ministry"}])
    assert phase(history, "2025-12-31") == {"name": "none", "claims": [], "claims_total": 0}


def test_a_confirmed_order_makes_a_confirmed_customer(history: History) -> None:
    history.say("o", "order", "2018", ORDER, data=TB2)
    history.record("confirm", "o", sources=[{"publisher": "Ministry"}])
    assert phase(history, "2019-01-01")["standing"] == "confirmed"


def test_the_filter_on_certainty_leaves_out_what_is_only_possible(history: History) -> None:
    plant(history, "p", "2025", "reported")
    history.say("o", "order", "2024", ORDER, data=TB2)
    assert phase(history, "2024-06-01")["possible"]["name"] == "customer"
    assert phase(history, "2024-06-01", criteria=CERTAIN) == {"name": "none", "claims": [], "claims_total": 0}
    assert "prospective" not in phase(history, "2025-06-01", criteria=CERTAIN)
    assert "prospective" in phase(history, "2025-12-31", criteria=CERTAIN)
