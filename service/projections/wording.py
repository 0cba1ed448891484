"""Dates in words: what an EDTF text says, for people to read; a new notation's wording goes in here.

Names of months and the order of a date's parts are the CLDR's, by Babel; the words around them are in ``words.py``.
"""

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, get_args

import msgspec
from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.lists import format_list

from service.domain import edtf
from service.domain.edtf import UnreadableDate
from service.domain.spans import EPOCH_ORDINAL
from service.projections.words import WORDS, Part, Unit, Words

_DATE: Final = re.compile(
    r"(?P<before_year>[?~%]?)(?P<year>[0-9X]{4})(?P<after_year>[?~%]?)"
    r"(?:-(?P<before_month>[?~%]?)(?P<month>[0-9X]{2})(?P<after_month>[?~%]?)"
    r"(?:-(?P<before_day>[?~%]?)(?P<day>[0-9X]{2})(?P<after_day>[?~%]?))?)?"
)
_DECADE: Final = re.compile(r"[1-9][0-9][1-9]X")
_CENTURY_OR_SO: Final = re.compile(r"[0-9]+X+")
PARTS: tuple[Part, ...] = get_args(Part)
FEW = 4
"""Days or months that an X may mean, listed one by one."""
A_LEAP_YEAR = 2000


class Said(msgspec.Struct, frozen=True):
    """A date in words. Only the plain can be inflected; what is compound cannot stand beside a dash either."""

    text: str
    form: Literal["plain", "fixed", "compound"] = "plain"

    @property
    def plain(self) -> bool:
        return self.form == "plain"


@lru_cache(maxsize=16_384)
def display_date(
    occurred: str, until: str | None = None, *, lasts: bool = False, tz: str | None = None, lang: str = "en"
) -> str:
    """When it was, in the language asked for if it is one of ``WORDS``, else in English.

    Of what lasts, the whole: "since 2021". A text that is no date of ours is given back as it is.
    """
    try:
        return Wording(*_speaking(lang)).period(occurred, until, tz, lasts=lasts)
    except UnreadableDate:  # recorded by a version that could read it
        return occurred


@lru_cache(maxsize=256)
def _speaking(lang: str) -> tuple[Words, Locale]:
    language = lang.partition("-")[0]
    if language not in WORDS:
        language = lang = "en"
    try:
        return WORDS[language], Locale.parse(lang, sep="-")
    except (UnknownLocaleError, ValueError):
        return WORDS[language], Locale.parse(language)


class Wording:
    """Says dates in one language."""

    def __init__(self, words: Words, locale: Locale) -> None:
        self.words, self.locale = words, locale

    def period(self, occurred: str, until: str | None, tz: str | None, *, lasts: bool) -> str:
        start, slash, end = occurred.partition("/")
        if slash:
            return self._lasting(start, end, tz)
        if lasts and until is not None:
            return self._lasting(occurred, until, tz)
        date, words = self.date(occurred, tz), self.words
        if not lasts or occurred.startswith("{"):
            return date.text
        return words.said(words.from_ if date.plain else words.began, date.text)

    def _lasting(self, start: str, end: str, tz: str | None) -> str:
        """``start`` and ``end`` are dates, ``..``, or empty: unknown."""
        words = self.words
        if start in ("", ".."):
            until = self.date(end, tz)
            said = words.said(words.until if until.plain else words.ended, until.text)
            return words.said(words.start_unknown, said) if start == "" else said
        since = self.date(start, tz)
        if end == "..":
            return words.said(words.since if since.plain else words.lasting, since.text)
        if end == "":
            said = words.said(words.from_ if since.plain else words.began, since.text)
            return words.said(words.end_unknown, said)
        until = self.date(end, tz)
        if since.text == until.text:
            return since.text
        if "compound" in (since.form, until.form):
            return words.said(words.began_and_ended, since.text, until.text)
        return self.words.said(self.words.through, since.text, until.text)

    def date(self, text: str, tz: str | None = None) -> Said:
        """Of anything but an interval. Raises UnreadableDate."""
        read = edtf.parse(text)
        if read.moment is not None:
            return self._instant(text, tz)
        if text[0] in "[{":
            return self._set(text)
        return self._single(text)

    def _instant(self, text: str, tz: str | None) -> Said:
        at = dt.datetime.fromisoformat(text[:19])
        zone = text[19:]
        named = f"UTC{zone}" if zone[:1] in ("+", "-") and zone else "UTC" if zone else tz or "UTC"
        time = format_skeleton("Hms" if at.second else "Hm", at, locale=self.locale)
        return Said(self.words.said(self.words.instant, self._day(at.date()), time, named), "fixed")

    def _set(self, text: str) -> Said:
        one = text[0] == "["
        members = [self._member(part, one=one) for part in text[1:-1].split(",")]
        if len(members) == 1:
            return members[0]
        texts = [member.text for member in members]
        if all(member.form != "compound" for member in members):
            return Said(self._listed(texts, one=one), "compound")
        last, rest = texts.pop(), ", ".join(texts)
        return Said(self.words.said(self.words.either if one else self.words.as_well, rest, last), "compound")

    def _member(self, part: str, *, one: bool) -> Said:
        words = self.words
        first, dots, last = part.partition("..")
        if not dots:
            return self._single(part)
        if not first:
            return Said(words.said(words.or_earlier if one else words.and_earlier, self._single(last).text), "compound")
        if not last:
            return Said(words.said(words.or_later if one else words.and_later, self._single(first).text), "compound")
        begins, ends = self._single(first), self._single(last)
        if not one and begins.plain and ends.plain:
            return Said(words.said(words.every[_unit_of(first)], begins.text, ends.text), "compound")
        if not one:
            return Said(self.words.said(self.words.through, begins.text, ends.text), "compound")
        return Said(words.said(words.between, begins.text, ends.text), "compound")

    def _listed(self, texts: Sequence[str], *, one: bool) -> str:
        return str(format_list(texts, style="or" if one else "standard", locale=self.locale))

    def _single(self, text: str) -> Said:
        """A date with neither time nor set: its parts may be unknown, uncertain or approximate."""
        found = _DATE.fullmatch(text)
        if found is None:
            raise UnreadableDate(text, 0, "A date is missing: write YYYY, YYYY-MM or YYYY-MM-DD.")
        given = [part for part in PARTS if found[part] is not None]
        doubts = {part: _doubt_of(found, part, given) for part in given}
        date = self._masked(*(found[part] for part in PARTS))
        if len(set(doubts.values())) == 1:
            [doubt] = set(doubts.values())
            return self._doubted(date, doubt)
        said: dict[str, list[str]] = {}
        for part, doubt in doubts.items():
            said.setdefault(doubt, []).append(self.words.parts[part])
        which = [
            self.words.said(self._of_parts(doubt), self._listed(parts, one=False))
            for doubt, parts in said.items()
            if doubt
        ]
        return Said(self.words.said(self.words.with_parts, date.text, ", ".join(which)), _at_least(date, "fixed"))

    def _doubted(self, date: Said, doubt: str) -> Said:
        words = self.words
        if doubt and date.form == "compound":
            return Said(words.said(words.with_parts, date.text, self._of_parts(doubt).format("").strip()), date.form)
        templates = {"": "{0}", "~": words.about, "?": words.possibly, "%": words.possibly_about}
        return Said(words.said(templates[doubt], date.text), date.form)

    def _of_parts(self, doubt: str) -> str:
        words = self.words
        return {"~": words.approximate, "?": words.uncertain, "%": words.uncertain_and_approximate}[doubt]

    def _masked(self, year: str, month: str | None, day: str | None) -> Said:
        """A date whose digits may be X."""
        mask = "-".join(part for part in (year, month, day) if part is not None)
        if "X" not in mask:
            return Said(self._exact(year, month, day))
        decade = self.words.decade(int(year[:3] + "0")) if _DECADE.fullmatch(year) else None
        masked_year = "X" in year and year != "XXXX" and decade is None
        masked_month = month is not None and (int(month) > 12 if month.isdecimal() else month != "XX")
        masked_day = day is not None and not day.isdecimal() and day != "XX"
        if masked_year or masked_month or masked_day or ((day or "X").isdecimal() and month == "XX"):
            return self._matching(year, month, day, mask)
        known = self._known(year, month, day, decade)
        parts: list[str] = [
            self.words.parts[part]
            for part, digits in zip(PARTS, (year, month, day), strict=True)
            if digits is not None and "X" in digits and not (part == "year" and decade)
        ]
        if known is None:
            return Said(self.words.of_unknown_date, "fixed")
        if not parts:
            return Said(known, "plain" if known == decade else "fixed")
        return Said(self.words.said(self.words.unknown, known, self._listed(parts, one=False)), "fixed")

    def _known(self, year: str, month: str | None, day: str | None, decade: str | None) -> str | None:
        """What is known of a date whose parts are known or not: a year, a month, a day of a month."""
        month = month if month is not None and month.isdecimal() else None
        day = day if month is not None and day is not None and day.isdecimal() else None
        if year.isdecimal():
            return self._exact(year, month, day)
        if month is None:
            return decade
        in_a_year = dt.date(A_LEAP_YEAR, int(month), int(day or 1))
        named = self.locale.months["stand-alone"]["wide"][int(month)]
        said = str(format_skeleton("MMMMd", in_a_year, locale=self.locale) if day else named)
        return said if decade is None else self.words.said(self.words.within, said, decade)

    def _matching(self, year: str, month: str | None, day: str | None, mask: str) -> Said:
        """A few dates that the mask may mean, one by one, else between the first and the last of them."""
        [period] = edtf.parse(mask).periods
        assert period.first is not None  # noqa: S101 - only sets and intervals are open
        assert period.last is not None  # noqa: S101
        first, last = (dt.date.fromordinal(number + EPOCH_ORDINAL) for number in (period.first, period.last))
        if year.isdecimal() and month is not None and (day is None or month.isdecimal()):
            digits, low, high = (month, first.month, last.month) if day is None else (day, first.day, last.day)
            pattern = re.compile(digits.replace("X", "."))
            matching = [number for number in range(low, high + 1) if pattern.fullmatch(f"{number:02}")]
            if len(matching) <= FEW:
                dates = [
                    self._month(first.replace(month=one, day=1)) if day is None else self._day(first.replace(day=one))
                    for one in matching
                ]
                return Said(self._listed(dates, one=True), "compound")
            gapless = len(matching) == high - low + 1
        else:
            gapless = month is None and _CENTURY_OR_SO.fullmatch(year) is not None
        say = self._year if month is None else self._month if day is None else self._day
        between = self.words.said(self.words.between, say(first), say(last))
        return Said(between if gapless else self.words.said(self.words.with_parts, between, mask), "compound")

    def _exact(self, year: str, month: str | None, day: str | None) -> str:
        if month is None:
            return self._year(dt.date(int(year), 1, 1))
        if day is not None:
            return self._day(dt.date(int(year), int(month), int(day)))
        if int(month) <= 12:
            return self._month(dt.date(int(year), int(month), 1))
        return self._grouping(int(year), int(month))

    def _grouping(self, year: int, code: int) -> str:
        words, named = self.words, self._year(dt.date(year, 1, 1))
        for first, templates in ((40, words.halves), (37, words.thirds), (33, words.quarters), (21, words.seasons)):
            if code >= first:
                return words.said(templates[code - first], named, f"{(year + 1) % 100:02}")
        raise AssertionError(code)

    def _year(self, date: dt.date) -> str:
        return self._told("y", date)

    def _month(self, date: dt.date) -> str:
        return self._told("yMMMM", date)

    def _day(self, date: dt.date) -> str:
        return self._told("yMMMMd", date)

    def _told(self, skeleton: str, date: dt.date) -> str:
        if date.year < 1000:  # "44" alone would be no year to a reader
            skeleton = {"y": "Gy", "yMMMM": "GyMMM", "yMMMMd": "GyMMMd"}[skeleton]
        return str(format_skeleton(skeleton, date, locale=self.locale))


def _doubt_of(found: re.Match[str], part: Part, given: Sequence[Part]) -> str:
    """After a part, a sign is of it and all before it; before a part, of it alone."""
    signs = {found[f"before_{part}"]} | {found[f"after_{one}"] for one in given[given.index(part) :]}
    if "%" in signs or {"?", "~"} <= signs:
        return "%"
    return "".join(signs)


def _at_least(date: Said, form: Literal["fixed"]) -> Literal["fixed", "compound"]:
    return "compound" if date.form == "compound" else form


def _unit_of(text: str) -> Unit:
    """What a range in an all-members set counts by."""
    found = _DATE.fullmatch(text)
    month = None if found is None else found["month"]
    if month is None:
        return "year"
    if found is not None and found["day"] is not None:
        return "day"
    units: tuple[tuple[int, Unit], ...] = ((40, "half"), (37, "third"), (33, "quarter"), (21, "season"))
    return next((unit for first, unit in units if int(month) >= first), "month")
