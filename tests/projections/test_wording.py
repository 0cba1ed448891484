"""Dates in words: every form that docs/dates.md lists, in English and in Turkish."""

import re

import pytest
from hypothesis import given, settings

from service.projections.wording import display_date
from tests.domain.test_edtf import valid


@pytest.mark.parametrize(
    ("text", "english", "turkish"),
    [
        ("2023-05-03", "May 3, 2023", "3 Mayıs 2023"),
        ("2023-05", "May 2023", "Mayıs 2023"),
        ("2023", "2023", "2023"),
        ("2023-21", "spring 2023", "2023 ilkbaharı"),
        ("2023-24", "winter 2023–24", "2023–24 kışı"),
        ("1999-24", "winter 1999–00", "1999–00 kışı"),
        ("2023-33", "the first quarter of 2023", "2023 yılının ilk çeyreği"),
        ("2023-36", "the fourth quarter of 2023", "2023 yılının son çeyreği"),
        ("2023-38", "the second third of 2023", "2023 yılının ikinci üçte biri"),
        ("2023-41", "the second half of 2023", "2023 yılının ikinci yarısı"),
        ("201X", "the 2010s", "2010’lar"),
        ("192X", "the 1920s", "1920’ler"),
        ("200X", "between 2000 and 2009", "2000 ile 2009 arasında"),
        ("20XX", "between 2000 and 2099", "2000 ile 2099 arasında"),
        ("XXXX", "date unknown", "tarih bilinmiyor"),
        ("2023-XX", "2023, month unknown", "2023, ay bilinmiyor"),
        ("2023-XX-XX", "2023, month and day unknown", "2023, ay ve gün bilinmiyor"),
        ("2023-05-XX", "May 2023, day unknown", "Mayıs 2023, gün bilinmiyor"),
        ("XXXX-05", "May, year unknown", "Mayıs, yıl bilinmiyor"),
        ("156X-12-25", "December 25, in the 1560s", "25 Aralık, 1560’lar"),
        ("1984-X2", "February 1984 or December 1984", "Şubat 1984 veya Aralık 1984"),
        ("1984-0X", "between January 1984 and September 1984", "Ocak 1984 ile Eylül 1984 arasında"),
        (
            "2018-02-2X",
            "between February 20, 2018 and February 28, 2018",
            "20 Şubat 2018 ile 28 Şubat 2018 arasında",
        ),
        ("1X84", "between 1084 and 1984 (1X84)", "1084 ile 1984 arasında (1X84)"),
        (
            "201X-21",
            "between March 2010 and May 2019 (201X-21)",
            "Mart 2010 ile Mayıs 2019 arasında (201X-21)",
        ),
        ("2023-05-03T14:00:00Z", "May 3, 2023, 14:00 UTC", "3 Mayıs 2023 14:00 UTC"),
        ("2023-05-03T14:00:05+03:00", "May 3, 2023, 14:00:05 UTC+03:00", "3 Mayıs 2023 14:00:05 UTC+03:00"),
        ("[2018..2025]", "between 2018 and 2025", "2018 ile 2025 arasında"),
        ("[2018,2020]", "2018 or 2020", "2018 veya 2020"),
        ("[2018,2019,2020]", "2018, 2019, or 2020", "2018, 2019 veya 2020"),
        ("[2018..2020,2022]", "between 2018 and 2020, or 2022", "2018 ile 2020 arasında, ya da 2022"),
        ("[..2018]", "2018 or earlier", "2018 veya öncesi"),
        ("[2018..]", "2018 or later", "2018 veya sonrası"),
        ("{2022..2024}", "every year from 2022 to 2024", "2022’den 2024’e kadar her yıl"),
        ("{2018,2020-05}", "2018 and May 2020", "2018 ve Mayıs 2020"),
        ("{..1984}", "1984 and earlier", "1984 ve öncesi"),
        ("2018/2025", "2018 – 2025", "2018 – 2025"),
        ("2018/..", "since 2018", "2018’den beri"),
        ("2018/", "from 2018, end unknown", "2018’den itibaren, bitişi bilinmiyor"),
        ("../2018", "until 2018", "2018’e kadar"),
        ("/2018", "until 2018, start unknown", "2018’e kadar, başlangıcı bilinmiyor"),
        ("2018~", "about 2018", "yaklaşık 2018"),
        ("2018-05?", "possibly May 2018", "muhtemelen Mayıs 2018"),
        ("2018%", "possibly about 2018", "muhtemelen yaklaşık 2018"),
        ("2018?-05~", "May 2018 (year uncertain and approximate, month approximate)", None),
        ("2004-06~-11", "June 11, 2004 (year and month approximate)", "11 Haziran 2004 (yıl ve ay yaklaşık)"),
        ("2004-06-~11", "June 11, 2004 (day approximate)", "11 Haziran 2004 (gün yaklaşık)"),
        ("1984-0X?", "between January 1984 and September 1984 (uncertain)", None),
        ("2018~/2020?", "about 2018 – possibly 2020", "yaklaşık 2018 – muhtemelen 2020"),
        ("0044", "44 AD", "MS 44"),
        ("0044-03-15", "Mar 15, 44 AD", "MS 15 Mar 44"),
    ],
)
def test_a_date_is_told_in_words(text: str, english: str, turkish: str | None) -> None:
    assert display_date(text) == english
    assert turkish is None or display_date(text, lang="tr") == turkish


@pytest.mark.parametrize(
    ("occurred", "until", "english", "turkish"),
    [
        ("2018", None, "from 2018", "2018’den itibaren"),
        ("2018", "..", "since 2018", "2018’den beri"),
        ("2018", "", "from 2018, end unknown", "2018’den itibaren, bitişi bilinmiyor"),
        ("2018", "2025-05", "2018 – May 2025", "2018 – Mayıs 2025"),
        ("2021", "2021", "2021", "2021"),
        ("2021-05-03", "2026-01-01T00:00:00Z", "May 3, 2021 – January 1, 2026, 00:00 UTC", None),
        ("[2018..2020]", "..", "began between 2018 and 2020, ongoing", "başlangıcı 2018 ile 2020 arasında, sürüyor"),
        ("[2018,2020]", None, "began 2018 or 2020", "başlangıcı 2018 veya 2020"),
        ("2018", "[2020,2021]", "began 2018, ended 2020 or 2021", "başlangıcı 2018, bitişi 2020 veya 2021"),
        ("{2022,2024}", None, "2022 and 2024", "2022 ve 2024"),
        ("2018-22", "..", "since summer 2018", "2018 yazından beri"),
        ("201X", "..", "since the 2010s", "2010’lardan beri"),
    ],
)
def test_a_state_is_told_with_its_end(occurred: str, until: str | None, english: str, turkish: str | None) -> None:
    assert display_date(occurred, until, lasts=True) == english
    assert turkish is None or display_date(occurred, until, lasts=True, lang="tr") == turkish


@pytest.mark.parametrize(
    ("year", "since", "until"),
    [
        *(("2001", "’den", "’e"), ("2002", "’den", "’ye"), ("2003", "’ten", "’e"), ("2004", "’ten", "’e")),
        *(("2005", "’ten", "’e"), ("2006", "’dan", "’ya"), ("2007", "’den", "’ye"), ("2008", "’den", "’e")),
        *(("2009", "’dan", "’a"), ("2010", "’dan", "’a"), ("2020", "’den", "’ye"), ("2030", "’dan", "’a")),
        *(("2040", "’tan", "’a"), ("2050", "’den", "’ye"), ("2060", "’tan", "’a"), ("2070", "’ten", "’e")),
        *(("2080", "’den", "’e"), ("2090", "’dan", "’a"), ("1900", "’den", "’e"), ("2000", "’den", "’e")),
    ],
)
def test_turkish_cases_follow_the_sound_of_the_number(year: str, since: str, until: str) -> None:
    assert display_date(f"{year}/..", lang="tr") == f"{year}{since} beri"
    assert display_date(f"../{year}", lang="tr") == f"{year}{until} kadar"


def test_a_time_of_day_without_a_zone_is_told_with_the_claims_own() -> None:
    assert display_date("2023-05-03T14:00:00", tz="Europe/Istanbul") == "May 3, 2023, 14:00 Europe/Istanbul"
    assert display_date("2023-05-03T14:00:00") == "May 3, 2023, 14:00 UTC"


def test_a_region_has_its_own_order_and_any_other_language_is_english() -> None:
    assert display_date("2018-05-03", lang="en-GB") == "3 May 2018"
    assert display_date("2018-05-03", lang="tr-TR") == "3 Mayıs 2018"
    for lang in ("de", "en-ZZ", "en-x-nobody", "ur", "zh-Hant-TW"):
        assert display_date("2018-05-03", lang=lang) == "May 3, 2018"


def test_what_was_recorded_and_cannot_be_read_is_told_as_it_is() -> None:
    assert display_date("Y17000") == "Y17000"


@settings(max_examples=500, deadline=None)
@given(valid)
def test_every_date_that_is_accepted_has_words_and_no_signs_of_its_notation(text: str) -> None:
    for lang in ("en", "tr"):
        for lasts in (False, True):
            said = display_date(text, lasts=lasts, lang=lang)
            assert said.strip() == said != ""
            # An X stands only where the mask is cited, after words for its bounds.
            assert not re.search(r"[?~%\[\]{}/]|\.\.", said), said
            assert "X" not in re.sub(r"\([0-9X-]+\)", "", said), said
