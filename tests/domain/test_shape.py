"""The one canonical form of our own structs is what RFC 8785 makes of them."""

import msgspec
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from service.domain.shape import canonical

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
