"""Sets of facts are integers: what is in them, in order, and which things are said of any of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.types import TYPES
from service.projections import facts
from service.projections.facts import Facts, Sets, set_of
from service.projections.made import Made
from service.projections.present import Present
from tests.projections.histories import History

PLATFORMS = ("p0", "p1", "p2")
HELD = ("tur recipient, pak recipient", "pak recipient, tur recipient", "pak recipient")


def presents(count: int) -> list[Present]:
    """In their order: one a day."""
    history, made = History(), Made()
    for number in range(count):
        day = f"20{10 + number // 28:02}-01-{1 + number % 28:02}"
        data = {"platform": f"p{number % 3}"} | ({"platform_name": f"P {number % 2}"} if number % 4 else {})
        history.say(f"c{number}", "acquisition", day, HELD[number % 3], relationships=["pak--tur"], data=data)
    claims = history.folded(history.head).claims.values()
    return [made.present(claim, "certain", claim.bounds.starts_latest, TYPES) for claim in claims]


ALL = presents(90)


@given(chosen=st.sets(st.integers(0, len(ALL) - 1)), small=st.sampled_from([4, facts.SMALL]))
def test_a_set_gives_back_what_was_put_into_it_in_order_however_full_it_is(chosen: set[int], small: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(facts, "SMALL", small)
        one = Facts(ALL)
        bits = one.set_of(ALL[number] for number in sorted(chosen, reverse=True))
        assert bits == set_of(sorted(chosen)) == sum(1 << number for number in chosen)
    assert one.among(bits) == [ALL[number] for number in sorted(chosen)]
    assert one.among(one.last(bits, 7)) == [ALL[number] for number in sorted(chosen)[-7:]]
    assert one.ids_among(bits, 5) == tuple(ALL[number].id for number in sorted(chosen)[:5])
    if chosen:
        first = min((ALL[number] for number in chosen), key=lambda present: present.by_first)
        assert {Facts(ALL, lasting=lasting).earliest(bits) for lasting in (True, False)} == {first}


@given(chosen=st.sets(st.integers(0, len(ALL) - 1)))
def test_things_stand_in_the_order_of_the_first_that_says_them_and_in_its_own_order(chosen: set[int]) -> None:
    sets = Sets(lambda present: present.holders, ALL, (1 << len(ALL)) - 1)
    said = dict.fromkeys(slug for number in sorted(chosen) for slug in ALL[number].holders)
    assert sets.within(set_of(sorted(chosen))) == list(said)
    assert {slug: sets.platforms[slug] for slug in sets} == {"tur": ("p0", "p1"), "pak": ("p0", "p1", "p2")}


@given(chosen=st.sets(st.integers(0, len(ALL) - 1)), lasting=st.booleans())
def test_a_platform_is_called_as_the_latest_of_them_calls_it(*, chosen: set[int], lasting: bool) -> None:
    wanted = {slug: name for number in sorted(chosen) for slug, name in ALL[number].names}
    one, bits = Facts(ALL, lasting=lasting), set_of(sorted(chosen))
    assert {slug: name for slug in PLATFORMS if (name := one.name(slug, bits)) is not None} == wanted
