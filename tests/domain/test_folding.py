"""Searching does not ask how a name is written: case, accents, and the dots of Turkish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.folding import folded, says, words_of

DOTLESS, DOTTED = "\N{LATIN SMALL LETTER DOTLESS I}", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"


@pytest.mark.parametrize(
    "written",
    [f"Ak{DOTLESS}nc{DOTLESS}", "AKINCI", "akinci", f"AK{DOTTED}NC{DOTTED}", "Akinci\u0307", "  akinci "],
)
def test_however_it_is_written_a_name_folds_to_one(written: str) -> None:
    assert folded(written) == "akinci"


def test_words_are_found_in_any_order_and_in_any_of_the_texts() -> None:
    texts = ("Türkiye delivers drones", "Türkiye İHA teslim etti")
    assert says(texts, words_of("DRONES turkiye"))
    assert says(texts, words_of("iha delivers"))
    assert not says(texts, words_of("drones sold"))
    assert says(texts, ())


@given(st.text())
def test_folding_twice_changes_nothing_more_and_a_text_says_its_own_words(text: str) -> None:
    assert says((text,), words_of(text))
    assert folded(folded(text)) == folded(text)
