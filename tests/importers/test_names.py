"""Whom names mean: countries by all they are called, aliases before them, and actors of their own for the rest."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.actors import Slug
from service.domain.claims import Recorded, fold
from service.domain.edtf import parse, span
from service.domain.names import actors_of
from service.domain.reading import read_event
from service.domain.types import TYPES
from service.importers import countries
from service.importers.names import Names, read_aliases
from service.importers.reading import Unreadable
from service.importers.slugs import slug_of

NAMES = Names()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Turkey", "tur"), ("Turkiye", "tur"), ("Türkiye", "tur"), ("TÜRKİYE", "tur"), ("Turquie", "tur"),
        ("Pakistan", "pak"), ("باكستان", "pak"), ("Almanya", "deu"), ("Германия", "deu"),
        ("Cote d'Ivoire", "civ"), ("Côte d’Ivoire", "civ"), ("Ivory Coast", "civ"), ("UAE", "are"), ("Russia", "rus"),
        ("Burma", "mmr"), ("Swaziland", "swz"), ("Soviet Union", "sun"), ("USSR", "sun"), ("East Germany (GDR)", "ddr"),
        ("DR Congo", "cod"), ("Congo", "cog"), ("Guinea", "gin"), ("Kosovo", "xkx"), ("Viet Nam", "vnm"),
        ("North Korea", "prk"), ("Bosnia-Herzegovina", "bih"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_what_it_is_called_in_several_languages_and_times(text: str, slug: str) -> None:
    assert NAMES.actor(text).slug == slug


def test_what_means_nobody_known_is_an_actor_of_its_own_and_says_so() -> None:
    found = NAMES.actor("Libya GNC")
    assert (found.slug, found.how, found.kind, found.name) == ("libya-gnc", "own", "other", "Libya GNC")
    assert NAMES.actor("Hamas (Palestine)", "other").slug == "hamas-palestine"
    assert NAMES.actor("Pakistan", "other").slug == "pakistan", "the source says that it is no country"


def test_codes_count_only_where_they_are_asked_for() -> None:
    assert NAMES.actor("TUR", codes=True).slug == "tur"
    assert NAMES.actor("YUG", codes=True).slug == "yug"
    assert NAMES.actor("tur", codes=True).how == "own"
    assert NAMES.actor("EC", codes=True).how == "own", "two letters are a code of too many lists"


def test_an_actor_that_is_written_like_a_country_s_code_does_not_become_that_country() -> None:
    found = NAMES.actor("Tur")
    assert found.how == "own"
    assert found.slug.startswith("tur-")


def test_a_users_aliases_come_before_everything() -> None:
    actors = '"Libya GNC" = "lby"\n"Turkey" = {slug = "ottoman-empire", kind = "state", names = {en = "Ottomans"}}'
    names = Names(read_aliases(f'[actors]\n{actors}\n[platforms]\n"Bayraktar TB2" = "bayraktar-tb2"'))
    assert (names.actor("libya gnc").slug, names.actor("Libya GNC").how) == ("lby", "alias")
    assert names.actor("Turkey").slug == "ottoman-empire"
    [claim] = names.actor("Turkey").claims()
    assert msgspec.json.decode(bytes(claim.data))["names"] == {"en": "Ottomans"}  # type: ignore[arg-type]
    assert names.platform("Bayraktar TB2") == "bayraktar-tb2"
    assert NAMES.platform("Bayraktar TB2") == "tb2"


@pytest.mark.parametrize(
    "text", ["[actors", '[actors]\nx = "No Slug"', "[planets]\nx = 1", '[actors]\nx = {kind = "state"}']
)
def test_a_file_of_aliases_that_cannot_be_used_says_where(text: str) -> None:
    with pytest.raises(Unreadable, match="the file of aliases cannot be used: "):
        read_aliases(text)


@given(st.text(min_size=1, max_size=120))
def test_a_slug_is_always_one_and_the_same_for_the_same_text(text: str) -> None:
    assert msgspec.convert(slug_of(text), Slug) == slug_of(text)


def test_slugs_of_scripts_that_have_no_ascii_letters_are_told_apart() -> None:
    assert slug_of("中国") != slug_of("日本")
    assert slug_of("Jetŝtar") == "jetstar"
    assert slug_of("Kiliç") == "kilic"


def folded(slug: str) -> list[Recorded]:
    drafts = [read_event(msgspec.json.encode(claim), TYPES, str) for claim in countries.claims_of(slug)]
    return [
        Recorded(position=n, recorded_at=n, id=f"{n}", claim=draft.claim, event=draft.event, bounds=draft.bounds)
        for n, draft in enumerate(drafts, 1)
    ]


@pytest.mark.parametrize(
    ("slug", "day", "lang", "name"),
    [
        ("tur", "2022-05-31", "en", "Turkey"), ("tur", "2022-06-01", "en", "Türkiye"),
        ("tur", "1960-01-01", "tr", "Türkiye"), ("pak", "1990-01-01", "tr", "Pakistan"),
        ("deu", "2024-01-01", "tr", "Almanya"), ("deu", "2024-01-01", "fr", "Allemagne"),
        ("lka", "1972-05-21", "en", "Ceylon"), ("lka", "1972-05-22", "en", "Sri Lanka"),
        ("sun", "1991-12-25", "en", "Soviet Union"), ("sun", "1991-12-26", "en", "sun"),
        ("pak", "2024-01-01", "ar", "باكستان"),
    ],
)  # fmt: skip
def test_names_hold_in_their_time(slug: str, day: str, lang: str, name: str) -> None:
    actors = actors_of(fold(folded(slug)).claims.values())
    assert actors.label(slug, lang, span(parse(day)).latest) == name


def test_every_claim_of_the_table_can_be_recorded() -> None:
    known = countries.table()
    assert len(known.countries) == 249
    claims = [claim for slug in (*known.countries, *known.states) for claim in countries.claims_of(slug)]
    assert len({claim.claim for claim in claims}) == len(claims)
    for claim in claims:
        read_event(msgspec.json.encode(claim), TYPES, str)
