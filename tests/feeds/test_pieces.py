"""What a feed said of a claim before is said again, as long as nothing changes that it hangs on; and no longer."""

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.claims import Omitted
from service.domain.names import Actors
from service.domain.refusals import Invalid
from service.domain.types import TYPES
from service.feeds import CATALOGUE, Format
from service.history.rolls import Whole
from service.projections.criteria import Criteria
from service.projections.made import Made, Shelf
from service.projections.picking import START, Filters, Picker
from service.projections.timeline import extent_of
from tests.feeds.telling import ADDRESSES, FORMATS, page_for, saying
from tests.projections.histories import History

EVERY = pytest.mark.parametrize("format_", CATALOGUE, ids=lambda one: one.name)
WHO = "tur party, pak party"
SAID = {"agreement": {}, "negotiation": {"subject": "drones"}, "note": {}}
DATES = ("2021", "2021-05-03", "2021-05/2023", "2021-05-03T10:00:00Z", "../2022", "{2021,2023}", "2023-06-01")
NAMED = 2
"""Position at which all have their names."""
ENDS = ("", "..", "2024", "2024-02-10")


def told(random: Random) -> History:
    """Claims and expectations that come, go, come back, and are spoken for and against; and a name that changes."""
    history = History()
    history.name("tur", "Turkey", "1923-10-29/2022-06-01", names={"tr": "Türkiye"})
    history.name("tur", "Türkiye", "2022-06-01/..")
    assert history.head == NAMED
    known: dict[str, str] = {}
    for number in range(random.randint(3, 14)):
        type_, date = random.choice(sorted(SAID)), random.choice(DATES)
        claim = random.choice(sorted(known) or ["c"]) if random.randint(0, 2) == 0 else f"c{number}"
        fields = {"data": SAID[type_], "published": f"20{random.randint(21, 25)}", "title": f"Title {number}"}
        if TYPES[type_].lasts and "/" not in date:
            fields["until"] = random.choice(ENDS)
        state = known.get(claim)
        try:
            if state is None:
                action = random.choice(("assert", "assert", "expect"))
                history.say(claim, type_, date, WHO, action=action, **fields)
                known[claim] = action
            elif state == "retracted":
                history.record("reinstate", claim, reason="after all", published="2024")
                known[claim] = "assert"
            elif state == "expect" and random.randint(0, 1) and "assert" in known.values():
                by = next(one for one, its in known.items() if its == "assert")
                history.record("fulfil", claim, fulfilled_by=by, published="2024")
                known[claim] = "fulfilled"
            elif state == "assert" and random.randint(0, 1):
                history.record("retract", claim, by="curator", reason="a mistake")
                known[claim] = "retracted"
            elif state == "assert":
                history.record(random.choice(("confirm", "deny")), claim, published="2023", publisher=f"P{number}")
        except Invalid:  # an end before its start
            continue
    return history


@EVERY
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_at_every_point_a_feed_is_the_same_of_pieces_and_anew(format_: Format, random: Random) -> None:
    history = told(random)
    made, called = Made(Shelf(random.choice((10_000, 2**30)))), dict[int, Actors]()
    for _ in range(25):
        valid = f"{random.choice((2019, *range(2021, 2028)))}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        asked: dict[str, Any] = {
            "position": random.randint(1, history.head),
            "lang": random.choice(("en", "tr")),
            "reported_by": random.choice((None, None, "2022-06-30", "2024-12-31")),
        }
        actors = called.setdefault(min(asked["position"], NAMED), history.question(valid, asked["position"]).actors)
        warm, cold = [page_for(history, format_, valid, made=one, actors=actors, **asked) for one in (made, None)]
        assert bytes(format_.body(warm)) == bytes(format_.body(cold))
        assert (warm.title, warm.updated) == (cold.title, cold.updated)


@EVERY
def test_a_piece_is_kept_by_the_address_that_it_names(format_: Format) -> None:
    history, made = saying("2021-05-03"), Made()
    actors, bodies = history.question("2024-01-01").actors, []
    for base in ("https://one.example", "https://two.example"):
        page, anew = [page_for(history, format_, made=one, actors=actors) for one in (made, None)]
        page.addresses = anew.addresses = msgspec.structs.replace(ADDRESSES, base=base)
        bodies.append(bytes(format_.body(page)))
        assert bodies[-1] == bytes(format_.body(anew))
    assert (b"two.example" in bodies[1]) == (b"one.example" in bodies[0])
    assert b"one.example" not in bodies[1]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_what_is_known_of_all_claims_at_once_is_what_each_of_them_says(random: Random) -> None:
    history = told(random)
    position, day = random.randint(1, history.head), f"20{random.randint(19, 27)}-0{random.randint(1, 9)}-15"
    question = history.question(day, position)
    every = page_for(history, FORMATS[random.choice(("atom", "csv"))], day, position=position).told
    whole = Whole([one for one, _ in every])
    which = random.getrandbits(len(every))
    here = whole.first(which, len(every))
    assert here == [one for number, (one, _) in enumerate(every) if which >> number & 1]
    assert whole.named == {name for one, _ in every for name in one.named}
    around = whole.around(which, question.as_of.valid)
    standing = [one for one in here if not one.withdrawn]
    assert (around is None) == any(one.claim.expectation for one in standing)
    extents = []
    for known in (None, around):
        picker = Picker(question.as_of, Criteria(), Filters(), TYPES, question.actors.aliases)
        assert picker.take(here, len(here), len(here))
        picked = picker.picked(START, Omitted(), known)
        assert picked.bearing == standing
        extents.append(extent_of(question, picked, ADDRESSES.subject))
    assert extents[0] == extents[1]
