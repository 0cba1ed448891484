"""Exports of a register in any order: what is recorded of each, and what every reported day then answers."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.claims import Recorded, fold
from service.domain.events import Assert, Correct, Event, Party, Retract, Source, Statement
from service.domain.reading import read_event, span_of
from service.domain.revising import Revision, data_in, differing, revised
from service.domain.types import TYPES

DAYS = ("2023-03-13", "2024-03-18", "2025-10-23", "2026-03-09")


def telling(day: str | None, best: int, **more: Any) -> Assert:
    """What one export says of one delivery."""
    data = {"platform": "tb2", "quantity": {"best": best}, **more.pop("data", {})}
    return Assert(
        claim="tb2",
        type="delivery",
        occurred=more.pop("occurred", "{2022,2023}"),
        parties=(Party(actor="tur", role="supplier"), Party(actor="pak", role="recipient")),
        data=msgspec.Raw(msgspec.json.encode(data)),
        sources=(Source(publisher="SIPRI", title=f"export of {day}", published=day),),
        **more,
    )


class Ledger:
    """One claim in the making."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []

    def add(self, *events: Event) -> None:
        for event in events:
            draft = read_event(msgspec.json.encode(event), TYPES, lambda: f"e{len(self.events)}")
            self.events.append(
                Recorded(
                    position=len(self.events) + 1,
                    recorded_at=len(self.events),
                    id=draft.id,
                    claim=draft.claim,
                    event=draft.event,
                    bounds=draft.bounds,
                    members=draft.members,
                    reported=draft.reported,
                )
            )

    def load(self, told: Assert, **how: Any) -> Revision:
        revision = revised(self.events, told, **how)
        self.add(*revision.events)
        return revision

    def on(self, day: str | None) -> tuple[Any, ...] | None:
        """What was in force on a reported day: the content, and who says so."""
        by = None if day is None else span_of(day).latest
        claim = fold(self.events, by).claims.get("tb2")
        if claim is None:
            return None
        said = claim.statement
        return said.occurred, sorted(said.tags), data_in(said), [source.title for source in said.sources]


def loaded(tellings: Sequence[Assert]) -> Ledger:
    ledger = Ledger()
    for one in tellings:
        ledger.load(one)
    return ledger


def test_the_first_telling_is_a_new_claim_and_the_same_again_is_nothing() -> None:
    ledger = Ledger()
    assert ledger.load(telling(DAYS[0], 6)).outcome == "new"
    assert ledger.load(telling(DAYS[0], 6)) == Revision("unchanged")
    assert ledger.load(telling(DAYS[1], 6)) == Revision("unchanged")


def test_a_later_export_corrects_what_it_says_otherwise_and_names_the_fields() -> None:
    ledger = loaded([telling(DAYS[0], 6)])
    revision = ledger.load(telling(DAYS[1], 9, occurred="{2022,2023,2024}"))
    assert (revision.outcome, revision.fields) == ("revised", ("occurred", "quantity"))
    assert [type(event) for event in revision.events] == [Correct]
    assert ledger.on("2024-01-01") == (
        "{2022,2023}",
        [],
        {"platform": "tb2", "quantity": {"best": 6}},
        ["export of 2023-03-13"],
    )
    assert ledger.on("2024-12-31")[0] == "{2022,2023,2024}"  # type: ignore[index]


def test_an_older_export_loaded_later_does_not_take_the_newer_ones_place() -> None:
    ledger = loaded([telling(DAYS[1], 9)])
    revision = ledger.load(telling(DAYS[0], 6))
    assert revision.outcome == "late"
    [event] = revision.events
    assert isinstance(event, Correct)
    assert event.late
    assert ledger.on(None) == ledger.on(DAYS[1])


CONTENTS = st.integers(min_value=1, max_value=3)


@given(st.lists(CONTENTS, min_size=2, max_size=2))
def test_two_exports_in_either_order_leave_the_same_answers_for_every_reported_day(counts: list[int]) -> None:
    tellings = [telling(day, best) for day, best in zip(DAYS, counts, strict=False)]
    forth, back = loaded(tellings), loaded(tellings[::-1])
    for day in (*DAYS, "2022-01-01", "2023-12-31", None):
        assert forth.on(day) == back.on(day), day


@settings(deadline=None, max_examples=50)
@given(st.lists(CONTENTS, min_size=3, max_size=4))
def test_of_any_number_each_read_again_says_what_it_said_and_then_nothing_is_added(counts: list[int]) -> None:
    tellings = [telling(day, best) for day, best in zip(DAYS, counts, strict=False)]
    for order in permutations(tellings):
        ledger = loaded(order)
        for one in tellings:
            ledger.load(one)
        for day, best in zip(DAYS, counts, strict=False):
            assert ledger.on(day)[2]["quantity"] == {"best": best}, (order, day)  # type: ignore[index]
        before = len(ledger.events)
        for one in tellings:
            assert ledger.load(one).outcome == "unchanged"
        assert len(ledger.events) == before


@given(st.lists(st.tuples(CONTENTS, st.booleans()), min_size=2, max_size=2))
def test_what_an_export_leaves_untold_stays_in_whatever_order_they_come(counts: list[tuple[int, bool]]) -> None:
    # `tiv` stands for what only one of two dialects tells.
    def told(day: str, best: int, *, short: bool) -> Assert:
        more = {"tags": ("short",)} if short else {"data": {"tiv": 10.5 + best}}
        return telling(day, best, **more)

    def merge(one: Statement, before: Statement) -> Statement:
        if "short" not in one.tags or "tiv" not in data_in(before):
            return one
        data = data_in(one) | {"tiv": data_in(before)["tiv"]}
        return msgspec.structs.replace(one, data=msgspec.Raw(msgspec.json.encode(data)))

    tellings = [told(day, best, short=short) for day, (best, short) in zip(DAYS, counts, strict=False)]
    ledgers = []
    for order in (tellings, tellings[::-1]):
        ledger = Ledger()
        for one in order:
            ledger.load(one, merge=merge)
        ledgers.append(ledger)
    for day in (*DAYS, "2022-01-01", None):
        assert ledgers[0].on(day) == ledgers[1].on(day), day


def test_what_a_curator_took_back_stays_so() -> None:
    ledger = loaded([telling(DAYS[0], 6)])
    ledger.add(Retract(claim="tb2", by="curator", reason="a mistake"))
    assert ledger.load(telling(DAYS[1], 9)) == Revision("withdrawn")


def test_what_a_register_dropped_and_has_again_comes_back_with_what_it_says_now() -> None:
    ledger = loaded([telling(DAYS[0], 6)])
    gone = Source(publisher="SIPRI", published=DAYS[1])
    ledger.add(Retract(claim="tb2", by="source", reason="not in the export", sources=(gone,)))
    revision = ledger.load(telling(DAYS[2], 9))
    assert (revision.outcome, revision.fields) == ("revised", ("quantity",))
    assert [ledger.on(day) is None for day in DAYS[:3]] == [False, True, False]
    assert ledger.on(None)[2]["quantity"] == {"best": 9}  # type: ignore[index]
    again = loaded([telling(DAYS[0], 6)])
    again.add(Retract(claim="tb2", by="source", reason="not in the export", sources=(gone,)))
    assert again.load(telling(DAYS[2], 6)).fields == ("retracted",)
    assert again.on(DAYS[2]) == again.on(DAYS[0])


def test_an_export_older_than_a_withdrawal_leaves_it_withdrawn_from_that_day_on() -> None:
    ledger = loaded([telling(DAYS[1], 6)])
    gone = Source(publisher="SIPRI", published=DAYS[2])
    ledger.add(Retract(claim="tb2", by="source", reason="not in the export", sources=(gone,)))
    ledger.load(telling(DAYS[0], 5))
    assert [None if (on := ledger.on(day)) is None else on[2]["quantity"]["best"] for day in DAYS] == [5, 6, None, None]


def test_exports_without_a_day_follow_one_another_as_they_come() -> None:
    ledger = loaded([telling(None, 6), telling(None, 9)])
    assert ledger.on(None)[2]["quantity"] == {"best": 9}  # type: ignore[index]
    assert ledger.load(telling(None, 9)).outcome == "unchanged"


def test_sources_reasons_and_the_order_of_parties_are_no_difference() -> None:
    one = telling(DAYS[0], 6)
    other = msgspec.structs.replace(telling(DAYS[1], 6), parties=one.parties[::-1], reason="said again")
    assert differing(one, other) == ()
