"""Why a text is no date of ours: where reading stopped, and a sentence that tells the form to use."""

import re
from typing import Final, Literal, TypeAlias

# What holds the date being read: its neighbours decide which reason to give where reading stops.
Place: TypeAlias = Literal["alone", "in an interval", "in a set"]


def _beginnings(*atoms: str) -> str:
    """A pattern whose match ends where reading stops: the longest beginning of what the atoms spell."""
    pattern = ""
    for atom in reversed(atoms):
        pattern = f"(?:{atom}{pattern})?"
    return pattern


_Q, _X, _D = "[?~%]?", "[0-9X]", "[0-9]"
_CLOCK = ("T", _D, _D, ":", _D, _D, ":", _D, _D)
_AHEAD = f"(?:Z|{_beginnings('[+-]', _D, _D, ':', _D, _D)})"
_DATE_BEGINNING = re.compile(_beginnings(_Q, _X, _X, _X, _X, _Q, "-", _Q, _X, _X, _Q, "-", _Q, _X, _X, _Q))
_DATE_TIME_BEGINNING = re.compile(_beginnings(_D, _D, _D, _D, "-", _D, _D, "-", _D, _D, *_CLOCK, _AHEAD))


class UnreadableDate(ValueError):
    """A text is no date of ours: the 0-based ``offset`` where reading stopped, a ``reason`` telling what to write."""

    def __init__(self, text: str, offset: int, reason: str) -> None:
        super().__init__(text, offset, reason)
        self.text = text
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.text!r}, at character {self.offset}: {self.reason}"


def stopped(text: str, offset: int, part: str, place: Place) -> UnreadableDate:
    """The error for ``part``, which begins at ``offset`` of ``text`` and is not written as a date is."""
    stop = _end_of(_DATE_BEGINNING, part)
    if place == "alone":
        stop = max(stop, _end_of(_DATE_TIME_BEGINNING, part))
    if part.startswith("..") and place != "alone":  # more than two dots, or an open end where the place has none
        stop = 2
    character = part[stop : stop + 1]
    in_time = stop > len("YYYY-MM-DD") and part[10] == "T"
    return UnreadableDate(text, offset + stop, _reason(character, stop, place, in_time=in_time))


def no_month(code: int) -> str:
    """The reason for two digits after the year that are neither a month nor a grouping of months."""
    if 25 <= code <= 32:
        return f"The season {code} depends on the hemisphere: use 21 to 24, or quarters 33 to 36."
    return f"There is no month {code}: months are 01-12, seasons 21-24, quarters 33-36, thirds 37-39, halves 40-41."


def _end_of(pattern: re.Pattern[str], part: str) -> int:
    match = pattern.match(part)
    return match.end() if match else 0


def _reason(character: str, stop: int, place: Place, *, in_time: bool) -> str:
    if character.isspace():
        return "A date holds no spaces or line ends."
    if not character.isascii():
        return "A date is written in ASCII: digits 0-9, hyphen-minus, / and dots."
    if place != "alone":
        if character in _IN_PLACE[place]:
            return _IN_PLACE[place][character]
    elif in_time:
        return _IN_TIME.get(
            character, "A time of day is written hh:mm:ss, then Z, a difference such as +03:00, or nothing."
        )
    if stop == 0 and character == "-":
        return "Negative years are not held: years run from 0002 to 9998."
    if character in _ANYWHERE:
        return _ANYWHERE[character]
    if character.isdigit():
        return "Digits too many: a date is written YYYY, YYYY-MM or YYYY-MM-DD, with hyphens."
    return "A date is written YYYY, YYYY-MM or YYYY-MM-DD, a range of time start/end, a set [a,b] or {a,b}."


_LONG_YEAR: Final = "Long and exponential years are not held: years have four digits, 0002 to 9998."
_SIGNIFICANT: Final = "Significant digits (S) are not held: write X for the digits that are open, as in 19XX."
_UPPER: Final = "Letters are upper-case: X for an open digit, T before a time, Z for UTC."
_NESTED: Final = "Sets cannot be nested."
_NO_TIME: Final = (
    "A time of day stands alone, not in an interval or a set: give two date-times as `occurred` and `until`."
)
_MISMATCHED: Final = "A set ends with the bracket that matches its first: [a,b] or {a,b}."
_UNOPENED: Final = "A bracket closes that none opened: a set is [a,b] (one of them) or {a,b} (all of them)."
_ANYWHERE: Final = {
    "": "The date ends too soon: write YYYY, YYYY-MM or YYYY-MM-DD.",
    "Y": _LONG_YEAR,
    "y": _LONG_YEAR,
    "E": _LONG_YEAR,
    "e": _LONG_YEAR,
    "S": _SIGNIFICANT,
    "x": _UPPER,
    "t": _UPPER,
    "z": _UPPER,
    "u": "An open digit is X (u was of an older draft), as in 199X.",
    "T": "A time of day needs a full date before it, of digits only: YYYY-MM-DDThh:mm:ss.",
    "Z": "A zone needs a time of day before it: YYYY-MM-DDThh:mm:ssZ.",
    "?": "A part has one qualifier: ? uncertain, ~ approximate, % both.",
    "~": "A part has one qualifier: ? uncertain, ~ approximate, % both.",
    "%": "A part has one qualifier: ? uncertain, ~ approximate, % both.",
    "[": "A set stands alone: it begins with [ or {, and is no part of an interval.",
    "{": "A set stands alone: it begins with [ or {, and is no part of an interval.",
    "]": _UNOPENED,
    "}": _UNOPENED,
    ",": "Several dates are written [a,b] (one of them) or {a,b} (all of them).",
    ".": "A range of time is written start/end; one unknown date of a range [a..b].",
    "/": "An interval has one slash: start/end.",
}
_IN_PLACE: Final[dict[Place, dict[str, str]]] = {
    "alone": {},
    "in an interval": {"T": _NO_TIME},
    "in a set": {
        "T": _NO_TIME,
        "[": _NESTED,
        "{": _NESTED,
        "]": _MISMATCHED,
        "}": _MISMATCHED,
        "/": "An interval cannot stand in a set: write a range a..b.",
        ".": "A range in a set has two dots and one date at each end: a..b.",
    },
}
_IN_TIME: Final = {
    "z": _UPPER,
    ".": "Fractions of a second are not held: write hh:mm:ss.",
    ",": "Fractions of a second are not held: write hh:mm:ss.",
}
