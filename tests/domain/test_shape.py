"""JSON against our structs: the one canonical form, and faults that say what a text must be."""

from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from service.domain.events import Id, Role, Url
from service.domain.shape import canonical, shape_faults
from service.domain.types import TypeName

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, -0.0, 1e-7, 1e-6, 0.1, 3.0, 21.6, 1e15, 1e16, 1e21, 1e22, 123456789.125, 5e-324, -2.50]
)


class Value(msgspec.Struct, omit_defaults=True):
    """Of all that the vocabulary's structs are made of."""

    number: float
    count: int
    words: str
    more: dict[str, float | str]


@given(
    NUMBERS | st.integers(-(10**6), 10**6).map(lambda cents: cents / 100),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dictionaries(st.sampled_from(["a", "b", "c1"]), NUMBERS | st.text(st.characters(exclude_categories=["Cs"]))),
)
def test_it_is_what_rfc_8785_says(number: float, count: int, words: str, more: dict[str, float | str]) -> None:
    value = Value(number, count, f"{words} 2.0, [3.50] 1e5", more)
    assert canonical(value) == rfc8785.dumps(msgspec.json.decode(msgspec.json.encode(value)))


class Told(msgspec.Struct):
    role: Role
    id: Id
    type: TypeName
    url: Url | None = None
    more: tuple[Role, ...] = ()


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"role": "side a"}, "/role", "Expected a word in lower case: ASCII letters and digits, `_` or `-` within it"),
        (
            {"type": "Visit"},
            "/type",
            "Expected a type's name in lower case: ASCII letters and digits, hyphens within it",
        ),
        ({"url": "ftp://a"}, "/url", "Expected an http or https address, without spaces"),
        (
            {"more": ["a", "b", ""]},
            "/more/2",
            "Expected a word in lower case: ASCII letters and digits, `_` or `-` within it",
        ),
        ({"id": 7}, "/id", "Expected `str`, got `int`"),
    ],
)
def test_what_a_text_must_be_is_told_in_words_not_as_a_pattern(
    change: dict[str, Any], pointer: str, words: str
) -> None:
    value = {"role": "host", "id": "a", "type": "visit"} | change
    [fault] = shape_faults(msgspec.json.encode(value), Told)
    assert (fault.pointer, fault.code, fault.detail) == (pointer, "invalid", words)
