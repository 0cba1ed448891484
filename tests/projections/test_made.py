"""What was made before is found again by its parts, and by nothing less; bounded; and which facts are so when."""

from functools import partial
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.claims import Claim
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.names import Actors
from service.domain.refusals import Invalid
from service.domain.types import TYPES
from service.projections import stretches
from service.projections.lines import NamedActor
from service.projections.made import OVERHEAD, Drawer, Made, Shelf, as_json
from service.projections.stability import extent_of
from service.projections.state import state
from service.projections.stretches import Stretches
from service.projections.view import View
from tests.api.tellings import DATES, ENDS
from tests.projections.histories import History, encoded

PARTIES = (
    *("tur supplier, pak recipient", "tur party, paf operator", "tur supplier, pak operator"),
    *("pak recipient, tur recipient", "tur buyer, paf buyer"),
)
KINDS = {
    "delivery": {"platform": "tb2", "quantity": {"best": 3}},
    "order": {"platform": "tb2", "platform_name": "TB-2", "quantity": {"best": 6}},
    "acquisition": {"platform": "tb2", "platform_name": "Bayraktar TB2"},
    "operation": {"platform": "akinci"},
    "facility": {"facility": "plant", "stage": "operating"},
    "negotiation": {"subject": "drones", "platforms": [{"platform": "tb2"}]},
    "programme": {"programme": "kaan", "platforms": [{"platform": "tb2", "platform_name": "TB2 S"}]},
    "agreement": {"kind": "contract", "platforms": [{"platform": "akinci"}]},
    "entry-into-service": {"platform": "akinci", "platform_name": "Akıncı"},
    "note": {},
}


def named(actor: str, label: str) -> NamedActor:
    return NamedActor(actor=actor, label=label)


def test_a_thing_is_made_once_of_the_same_parts_and_anew_of_any_other() -> None:
    made = Made()
    first = made.of(named, "tur", "Türkiye")
    assert made.of(named, "tur", "Türkiye") is first
    assert made.of(named, "tur", "Turkey") == named("tur", "Turkey")


def test_what_was_made_of_one_past_is_not_taken_for_another() -> None:
    shelf: Shelf[object] = Shelf(100_000)
    one, other = Made(shelf), Made(shelf)
    assert one.of(named, "tur", "Türkiye") is not other.of(named, "tur", "Türkiye")


def kept(shelf: Shelf[str], *keys: object) -> list[bool]:
    """Without asking for them."""
    return [key in shelf._own for key in keys]


def test_a_shelf_is_bounded_by_weight_and_what_was_asked_for_stays_longer() -> None:
    shelf: Shelf[str] = Shelf(10)
    for number in range(10):
        shelf.put(number, "x")
    assert shelf.get(0) == "x"
    for number in range(10, 15):
        shelf.put(number, "x")
    assert kept(shelf, 0, 1, 5, 6, 14) == [True, False, False, True, True]
    for number in (0, *range(6, 15)):
        assert shelf.get(number) == "x"
    shelf.put("large", "y", 8)
    assert kept(shelf, "large", 0, 6, 13, 14) == [True, False, False, True, True]
    shelf.put("too large", "y", 11)
    assert kept(shelf, "too large", "large") == [False, True]
    shelf.put("large", "z", 9)
    assert (shelf.get("large"), kept(shelf, 13, 14)) == ("z", [False, True])


def test_what_lies_in_a_drawer_weighs_with_the_rest_and_is_taken_from_there() -> None:
    shelf: Shelf[str] = Shelf(3)
    drawer: Drawer[str] = {}
    shelf.put("a", "there", 1, drawer)
    shelf.put("a", "here")
    assert (drawer["a"].thing, shelf.get("a")) == ("there", "here")
    drawer["a"].used = True
    shelf.put(0, "x")
    shelf.put(1, "x")
    assert (list(drawer), kept(shelf, "a", 0, 1)) == (["a"], [True, False, True])
    shelf.put(2, "x")
    assert (drawer, kept(shelf, "a", 1, 2)) == ({}, [True, True, True])


def test_what_others_are_put_together_from_goes_no_earlier_than_they_do() -> None:
    shelf: Shelf[str] = Shelf(6)
    parts = [shelf.put(name, "part") for name in "ab"]
    whole = shelf.put("ab", "whole", 2, None, parts)
    shelf.put("c", "x")
    for number in range(2):
        whole.used = True
        shelf.put(number, "x")
    assert kept(shelf, "a", "b", "ab", "c", 0, 1) == [True, True, True, False, True, True]
    shelf.put(2, "x", 3)
    assert kept(shelf, "a", "b", "ab", 2) == [True, True, False, True]  # and from now on nothing holds them
    shelf.put(3, "x", 6)
    assert kept(shelf, "a", "b", 2, 3) == [False, False, False, True]


def test_what_is_too_much_together_with_its_parts_is_not_kept_and_holds_nothing() -> None:
    shelf: Shelf[str] = Shelf(4)
    parts = [shelf.put(name, "part", 2) for name in "ab"]
    assert shelf.put("ab", "whole", 1, None, parts).thing == "whole"
    assert kept(shelf, "a", "b", "ab") == [True, True, False]
    shelf.put("c", "x", 4)
    assert kept(shelf, "a", "b", "c") == [False, False, True]


def test_lines_that_are_long_weigh_more() -> None:
    shelf: Shelf[object] = Shelf(2 * OVERHEAD + 1_000)
    made = Made(shelf)
    short = made.of(named, "tur", "Türkiye")
    assert made.of(named, "tur", "Türkiye") is short
    made.of(named, "pak", "P" * 1_000)
    assert made.of(named, "tur", "Türkiye") is not short


def test_what_is_sent_in_place_of_a_line_is_its_json() -> None:
    line = named("tur", "Türkiye")
    assert bytes(as_json(line)[0]) == msgspec.json.encode(line)


def told(random: Random) -> History:
    """Some claims, corrected and withdrawn, and names that change."""
    history = History()
    history.name("paf", "Air Force", kind="armed-force", part_of="pak")
    history.name("tur", "Turkey", "1923-10-29/2022-06-01")
    history.name("tur", "Türkiye", "2022-06-01/..")
    for number in range(random.randint(1, 12)):
        type_ = random.choice(sorted(KINDS))
        fields = {"data": KINDS[type_], "relationships": ["pak--tur"]}
        if TYPES[type_].lasts and random.randint(0, 1):
            fields["until"] = random.choice(ENDS[1:])
        claim = random.choice((f"c{number}", "c0"))
        action = "correct" if any(one.claim == claim for one in history.events) else "assert"
        try:
            history.say(claim, type_, random.choice(DATES), random.choice(PARTIES), action=action, **fields)
        except Invalid:  # an end before its start, or a second one
            continue
        if random.randint(0, 3) == 0:
            history.record(random.choice(("confirm", "deny")), claim, published="2024")
    return history


def lives_of(history: History) -> list[tuple[int, int, Claim]]:
    """Every claim as it stood from one position until another."""
    found: dict[str, tuple[int, Claim]] = {}
    lives = []
    for position in range(1, history.head + 2):
        claims = history.folded(position).claims if position <= history.head else {}
        for id_, (since, before) in list(found.items()):
            if claims.get(id_) != before:
                lives.append((since, position if position <= history.head else FOREVER, before))
                del found[id_]
        found |= {id_: (position, claim) for id_, claim in claims.items() if id_ not in found}
    return [life for life in lives if life[2].statement.type != "actor"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_over_stretches_the_same_is_so_as_by_the_fold_at_every_point_and_the_state_is_the_same(random: Random) -> None:
    history, made = told(random), Made(Shelf(random.choice((10_000, 2**30))))
    over = Stretches(lives_of(history), partial(made.present, types=TYPES))
    actors: dict[int, Actors] = {}
    for _ in range(30):
        position = random.randint(1, history.head)
        day = f"{random.choice((1570, 1984, *range(2003, 2032)))}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        question = history.question(day, position)
        cold = View(question)
        bits, edges = over.at(position, question.as_of.valid)
        so = over.facts.among(bits)
        assert [(one.claim, one.certainty) for one in so] == [(one.claim, one.certainty) for one in cold.present]
        warm = View(
            msgspec.structs.replace(
                question,
                claims=[],
                so=(over.facts, bits),
                edges=edges,
                actors=actors.setdefault(position, question.actors),
            ),
            made,
            to_be_sent=random.randint(0, 1) == 0,
        )
        assert encoded(state(warm)) == encoded(state(cold))
        assert extent_of(warm) == extent_of(cold)


def test_where_nothing_was_ever_so_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Stretches([], lambda *_: pytest.fail("there is nothing to be made")).at(1, 0) == (0, (BEGINNING, FOREVER))
    history, made = History(), Made()
    history.say("a", "note", "2021", PARTIES[0])
    over = Stretches(lives_of(history), partial(made.present, types=TYPES))
    assert (over.whole, over.weight > 0) == (True, True)
    with monkeypatch.context() as patched:
        patched.setattr(stretches, "MOST_BYTES", 0)
        assert not Stretches(lives_of(history), partial(made.present, types=TYPES)).whole


def test_sets_with_so_many_members_that_each_question_is_quicker_alone_are_not_put_into_stretches() -> None:
    history, made = History(), Made()
    for number in range(3):
        history.say(f"c{number}", "delivery", "{1801..2000}", PARTIES[0], data=KINDS["delivery"])
    over = [Stretches(lives_of(history)[:some], partial(made.present, types=TYPES)) for some in (1, 3)]
    assert [one.whole for one in over] == [True, False]
    assert over[1].at(1, 0) == (0, (BEGINNING, FOREVER))
