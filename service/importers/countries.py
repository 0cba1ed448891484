"""The table of countries and states that ended, with their names in time, as claims about actors.

``data/countries.json`` is made of the UN's, ISO's and CLDR's names in https://github.com/datasets/country-codes (Open
Data Commons PDDL); names in Turkish are CLDR's, by Babel. ``data/states.toml`` adds what has no code there.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec
from babel import Locale

from service.domain.actors import Slug
from service.domain.events import Assert, Party, Source
from service.domain.types import Actor

SOURCE = Source(
    publisher="datasets/country-codes",
    title="Country codes",
    url="https://github.com/datasets/country-codes",
    via="the table of countries that Tarih is shipped with",
)
CURRENT = "[..2012]"
"""Since when today's countries are called what they are called: by 2012 at the latest."""
_DATA = files("service.importers") / "data"


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One that has a code today."""

    alpha2: str
    m49: str
    names: dict[str, str]
    also: tuple[str, ...] = ()
    """Other names that sources may give it."""


class FormerState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One that ended, or has no code in the table of countries."""

    occurred: str
    until: str
    names: dict[str, str]
    also: tuple[str, ...] = ()


class EarlierName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a country was called before a day."""

    slug: Slug
    until: str
    names: dict[str, str]
    also: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True):
    """All of them."""

    countries: Mapping[str, Country]
    states: Mapping[str, FormerState]
    earlier: tuple[EarlierName, ...]

    def __contains__(self, slug: object) -> bool:
        return slug in self.countries or slug in self.states


@cache
def table() -> Table:
    countries = msgspec.json.decode((_DATA / "countries.json").read_bytes(), type=dict[str, Country])
    states = tomllib.loads((_DATA / "states.toml").read_text(encoding="utf-8"))
    earlier = msgspec.convert(states.pop("earlier"), tuple[EarlierName, ...])
    turkish = Locale("tr").territories
    named = {
        slug: msgspec.structs.replace(
            one, names={**one.names, **({"tr": turkish[one.alpha2]} if one.alpha2 in turkish else {})}
        )
        for slug, one in countries.items()
    }
    return Table(named, msgspec.convert(states, dict[str, FormerState]), earlier)


def names_of(slug: str) -> list[str]:
    """Every name that a source may mean it by."""
    known = table()
    found: list[str] = []
    for one in (known.countries.get(slug), known.states.get(slug), *(e for e in known.earlier if e.slug == slug)):
        if one is not None:
            found += [*one.names.values(), *one.also]
    return found


def name_of(slug: str) -> str | None:
    """In English, today's or the last one."""
    known = table()
    one = known.countries.get(slug) or known.states.get(slug)
    return None if one is None else one.names["en"]


@cache
def claims_of(slug: str) -> tuple[Assert, ...]:
    """What the table says of one of its slugs: a claim for each name in time."""
    known = table()
    if (state := known.states.get(slug)) is not None:
        return (_claim(slug, 1, state.occurred, state.until, Actor(names=state.names, kind="state")),)
    country = known.countries[slug]
    codes = {"iso2": country.alpha2, "iso3": slug.upper(), "m49": country.m49}
    begins, claims = CURRENT, list[Assert]()
    for one in sorted((e for e in known.earlier if e.slug == slug), key=lambda e: e.until):
        change = f"{one.until}T00:00:00Z"
        said = Actor(names={**country.names, **one.names}, kind="state", codes=codes)
        claims.append(_claim(slug, len(claims) + 1, begins if claims else f"[..{one.until[:4]}]", change, said))
        begins = change
    claims.append(_claim(slug, len(claims) + 1, begins, "..", Actor(names=country.names, kind="state", codes=codes)))
    return tuple(claims)


def _claim(slug: str, nth: int, occurred: str, until: str, said: Actor) -> Assert:
    return Assert(
        claim=f"country.{slug}.{nth}",
        type="actor",
        occurred=occurred,
        until=until,
        parties=(Party(actor=slug, role="subject"),),
        data=msgspec.Raw(msgspec.json.encode(said)),
        sources=(SOURCE,),
    )
