"""What feeds say around the claims, for people to read: a language is a ``Phrases`` here, and its line below."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from service.domain.as_of import AsOf, rfc3339
from service.domain.claims import Standing
from service.domain.events import OfficialStatus
from service.projections.expectations import Status
from service.projections.told import InTime
from service.projections.wording import display_date


class Phrases(msgspec.Struct, frozen=True, kw_only=True):
    """Words of one language; ``{0}`` is what they are said of."""

    lang: str
    certainty: Mapping[InTime, str]
    expected: Mapping[Status, str]
    standing: Mapping[Standing, str]
    official: Mapping[OfficialStatus, str]
    sources: str
    via: str
    retracted: str
    """``{0}`` is the title of what was withdrawn; so it is in the two that follow."""
    denied: str
    expectation: Mapping[Status, str]
    by_source: str
    by_curator: str
    timeline_of: str
    valid_at: str
    known_at: str
    reported_by: str
    nothing_known: str
    nothing_here: str
    other: str
    """A group of what is in none."""


ENGLISH = Phrases(
    lang="en",
    certainty={"certain": "certain", "possible": "possible", "not-yet": "not yet", "over": "over"},
    expected={
        "upcoming": "expected",
        "due": "expected about now",
        "fulfilled": "expected, and has come",
        "lapsed": "expected, and has not come",
    },
    standing={"reported": "reported", "confirmed": "confirmed", "denied": "denied", "disputed": "disputed"},
    official={
        "confirmed": "officials confirm it",
        "denied": "officials deny it",
        "no_comment": "officials do not comment",
        "not_confirmed": "officials have not confirmed it",
        "not_asked": "officials were not asked",
    },
    sources="Sources",
    via="via {0}",
    retracted="Retracted: {0}",
    denied="Denied: {0}",
    expectation={
        "upcoming": "Expected: {0}",
        "due": "Expected: {0}",
        "fulfilled": "Expected, and has come: {0}",
        "lapsed": "Expected, and has not come: {0}",
    },
    by_source="Withdrawn by its source.",
    by_curator="Withdrawn as a mistake of this record.",
    timeline_of="Timeline: {0}",
    valid_at="as of {0}",
    known_at="as known on {0}",
    reported_by="as reported by {0}",
    nothing_known="Nothing is recorded of this.",
    nothing_here="Nothing recorded lies in what was asked for.",
    other="Other",
)
TURKISH = Phrases(
    lang="tr",
    certainty={"certain": "kesin", "possible": "olası", "not-yet": "henüz değil", "over": "sona erdi"},
    expected={
        "upcoming": "bekleniyor",
        "due": "bu sıralarda bekleniyor",
        "fulfilled": "bekleniyordu, gerçekleşti",
        "lapsed": "bekleniyordu, gerçekleşmedi",
    },
    standing={"reported": "bildirildi", "confirmed": "doğrulandı", "denied": "yalanlandı", "disputed": "tartışmalı"},
    official={
        "confirmed": "yetkililer doğruluyor",
        "denied": "yetkililer yalanlıyor",
        "no_comment": "yetkililer yorum yapmıyor",
        "not_confirmed": "yetkililer doğrulamadı",
        "not_asked": "yetkililere sorulmadı",
    },
    sources="Kaynaklar",
    via="{0} aracılığıyla",
    retracted="Geri çekildi: {0}",
    denied="Yalanlandı: {0}",
    expectation={
        "upcoming": "Bekleniyor: {0}",
        "due": "Bekleniyor: {0}",
        "fulfilled": "Bekleniyordu, gerçekleşti: {0}",
        "lapsed": "Bekleniyordu, gerçekleşmedi: {0}",
    },
    by_source="Kaynağı tarafından geri çekildi.",
    by_curator="Bu kaydın bir hatası olarak geri çekildi.",
    timeline_of="Zaman çizelgesi: {0}",
    valid_at="geçerlilik günü {0}",
    known_at="bilindiği gün {0}",
    reported_by="bildirildiği gün {0}",
    nothing_known="Bununla ilgili bir kayıt yok.",
    nothing_here="Sorulan aralıkta bir kayıt yok.",
    other="Diğer",
)
PHRASES: Mapping[str, Phrases] = {"en": ENGLISH, "tr": TURKISH}
"""By language, the first part of its tag."""


def phrases_in(lang: str) -> Phrases:
    """English where there are none of that language."""
    return PHRASES.get(lang.partition("-")[0], ENGLISH)


def _day(at: int, lang: str) -> str:
    return _said(rfc3339(at)[:10], lang)


@lru_cache(maxsize=4_096)
def _said(day: str, lang: str) -> str:
    return display_date(day, lang=lang)


def point_of(as_of: AsOf, lang: str, *, valid: bool, known: bool) -> str | None:
    """Where a page stands, of those points that were asked for."""
    phrases = phrases_in(lang)
    said = []
    if valid:
        said.append(phrases.valid_at.format(_day(as_of.valid, lang)))
    if known and as_of.known is not None:
        said.append(phrases.known_at.format(_day(as_of.known, lang)))
    if as_of.reported is not None:
        said.append(phrases.reported_by.format(_day(as_of.reported, lang)))
    return ", ".join(said) or None
