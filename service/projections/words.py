"""The words that dates are told in, language by language; another language is a ``Words`` here, and its line below."""

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

Unit = Literal["day", "month", "season", "quarter", "third", "half", "year"]
Part = Literal["year", "month", "day"]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Templates: ``{0}`` and ``{1}`` are dates; ``{0_from}`` and ``{0_to}`` are in the cases of "from" and "to"."""

    about: str
    possibly: str
    possibly_about: str
    through: str
    between: str
    or_earlier: str
    or_later: str
    and_earlier: str
    and_later: str
    either: str
    """The last of several of which one is meant, and of which some are more than dates; so is what follows of all."""
    as_well: str
    every: Mapping[Unit, str]
    """Each such period from the one to the other."""
    since: str
    """It lasts."""
    from_: str
    until: str
    began: str
    """Of a date that is more than one word can tell; so are the three that follow."""
    ended: str
    lasting: str
    began_and_ended: str
    start_unknown: str
    end_unknown: str
    unknown: str
    """``{0}`` is known, and the parts ``{1}`` of the date are not."""
    of_unknown_date: str
    parts: Mapping[Part, str]
    with_parts: str
    """``{0}``, of which ``{1}`` says which parts are not sure."""
    approximate: str
    uncertain: str
    uncertain_and_approximate: str
    within: str
    """A day or a month ``{0}`` in a decade ``{1}``."""
    decade: Callable[[int], str]
    seasons: tuple[str, str, str, str]
    """From 21 on; a winter goes on into the year that ends with ``{1}``."""
    quarters: tuple[str, str, str, str]
    thirds: tuple[str, str, str]
    halves: tuple[str, str]
    instant: str
    """Date, time and zone."""
    inflected: Callable[[str], tuple[str, str]]
    """A date in the cases of "from" and "to"."""

    def said(self, template: str, *dates: str) -> str:
        """The dates put into a template."""
        cases: dict[str, str] = {}
        for number, date in enumerate(dates):
            if f"{{{number}_" in template:
                cases[f"{number}_from"], cases[f"{number}_to"] = self.inflected(date)
        return template.format(*dates, **cases)


ENGLISH = Words(
    about="about {0}",
    possibly="possibly {0}",
    possibly_about="possibly about {0}",
    through="{0} – {1}",
    between="between {0} and {1}",
    or_earlier="{0} or earlier",
    or_later="{0} or later",
    and_earlier="{0} and earlier",
    and_later="{0} and later",
    either="{0}, or {1}",
    as_well="{0}, and {1}",
    every={
        "day": "every day from {0} to {1}",
        "month": "every month from {0} to {1}",
        "season": "every season from {0} to {1}",
        "quarter": "every quarter from {0} to {1}",
        "third": "every third of a year from {0} to {1}",
        "half": "every half-year from {0} to {1}",
        "year": "every year from {0} to {1}",
    },
    since="since {0}",
    from_="from {0}",
    until="until {0}",
    began="began {0}",
    ended="ended {0}",
    lasting="began {0}, ongoing",
    began_and_ended="began {0}, ended {1}",
    start_unknown="{0}, start unknown",
    end_unknown="{0}, end unknown",
    unknown="{0}, {1} unknown",
    of_unknown_date="date unknown",
    parts={"year": "year", "month": "month", "day": "day"},
    with_parts="{0} ({1})",
    approximate="{0} approximate",
    uncertain="{0} uncertain",
    uncertain_and_approximate="{0} uncertain and approximate",
    within="{0}, in {1}",
    decade=lambda year: f"the {year}s",
    seasons=("spring {0}", "summer {0}", "autumn {0}", "winter {0}–{1}"),
    quarters=(
        *("the first quarter of {0}", "the second quarter of {0}"),
        *("the third quarter of {0}", "the fourth quarter of {0}"),
    ),
    thirds=("the first third of {0}", "the second third of {0}", "the last third of {0}"),
    halves=("the first half of {0}", "the second half of {0}"),
    instant="{0}, {1} {2}",
    inflected=lambda date: (date, date),
)

_SPOKEN = {
    1: "bir",
    2: "iki",
    3: "üç",
    4: "dört",
    5: "beş",
    6: "altı",
    7: "yedi",
    8: "sekiz",
    9: "dokuz",
    10: "on",
    20: "yirmi",
    30: "otuz",
    40: "kırk",
    50: "elli",
    60: "altmış",
    70: "yetmiş",
    80: "seksen",
    90: "doksan",
}
_VOWELS, _BACK, _VOICELESS = "aeıioöuü", "aıou", "çfhkpsşt"


def _spoken(number: int) -> str:
    """The last word of a number as it is said in Turkish: what follows it sounds after that."""
    if number % 10:
        return _SPOKEN[number % 10]
    if number % 100:
        return _SPOKEN[number % 100]
    return "yüz" if number % 1000 else "bin"


def _turkish_decade(year: int) -> str:
    return f"{year}’{'lar' if _is_back(_spoken(year)) else 'ler'}"


def _is_back(word: str) -> bool:
    return next(letter for letter in reversed(word) if letter in _VOWELS) in _BACK


def _turkish_cases(date: str) -> tuple[str, str]:
    """Ablative and dative, by vowel harmony. A word that ends in a vowel here is possessed, and takes an n."""
    word = date.rpartition(" ")[2]
    is_number = word.isdecimal()
    sounds = _spoken(int(word)) if is_number else word
    vowel = "a" if _is_back(sounds) else "e"
    buffers = ("", "y") if is_number else ("n", "n")
    between = buffers if sounds[-1] in _VOWELS else ("", "")
    consonant = "t" if sounds[-1] in _VOICELESS else "d"
    mark = "’" if is_number else ""
    return f"{date}{mark}{between[0]}{consonant}{vowel}n", f"{date}{mark}{between[1]}{vowel}"


TURKISH = Words(
    about="yaklaşık {0}",
    possibly="muhtemelen {0}",
    possibly_about="muhtemelen yaklaşık {0}",
    through="{0} – {1}",
    between="{0} ile {1} arasında",
    or_earlier="{0} veya öncesi",
    or_later="{0} veya sonrası",
    and_earlier="{0} ve öncesi",
    and_later="{0} ve sonrası",
    either="{0}, ya da {1}",
    as_well="{0}, ayrıca {1}",
    every={
        "day": "{0_from} {1_to} kadar her gün",
        "month": "{0_from} {1_to} kadar her ay",
        "season": "{0_from} {1_to} kadar her mevsim",
        "quarter": "{0_from} {1_to} kadar her çeyrek",
        "third": "{0_from} {1_to} kadar her dört ay",
        "half": "{0_from} {1_to} kadar her yarıyıl",
        "year": "{0_from} {1_to} kadar her yıl",
    },
    since="{0_from} beri",
    from_="{0_from} itibaren",
    until="{0_to} kadar",
    began="başlangıcı {0}",
    ended="bitişi {0}",
    lasting="başlangıcı {0}, sürüyor",
    began_and_ended="başlangıcı {0}, bitişi {1}",
    start_unknown="{0}, başlangıcı bilinmiyor",
    end_unknown="{0}, bitişi bilinmiyor",
    unknown="{0}, {1} bilinmiyor",
    of_unknown_date="tarih bilinmiyor",
    parts={"year": "yıl", "month": "ay", "day": "gün"},
    with_parts="{0} ({1})",
    approximate="{0} yaklaşık",
    uncertain="{0} belirsiz",
    uncertain_and_approximate="{0} belirsiz ve yaklaşık",
    within="{0}, {1}",
    decade=_turkish_decade,
    seasons=("{0} ilkbaharı", "{0} yazı", "{0} sonbaharı", "{0}–{1} kışı"),
    quarters=(
        *("{0} yılının ilk çeyreği", "{0} yılının ikinci çeyreği"),
        *("{0} yılının üçüncü çeyreği", "{0} yılının son çeyreği"),
    ),
    thirds=("{0} yılının ilk üçte biri", "{0} yılının ikinci üçte biri", "{0} yılının son üçte biri"),
    halves=("{0} yılının ilk yarısı", "{0} yılının ikinci yarısı"),
    instant="{0} {1} {2}",
    inflected=_turkish_cases,
)
WORDS: Mapping[str, Words] = {"en": ENGLISH, "tr": TURKISH}
"""By language, the first part of its tag."""
