"""Who a name in a source means: what an alias says, a country of the table, or else an actor of its own."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from service.domain.actors import LanguageTag, Slug
from service.domain.events import Assert, Party
from service.domain.names import Kind
from service.domain.types import Actor, Label
from service.importers import countries
from service.importers.reading import Unreadable
from service.importers.slugs import digest, key_of, slug_of

How = Literal["alias", "name", "code", "own"]
MOST_REMEMBERED = 100_000
LONGEST_NAME = 200


class AliasedActor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a name means, and what is to be said of that actor where the ledger says nothing yet."""

    slug: Slug
    kind: Kind = "other"
    names: dict[LanguageTag, Label] = {}
    part_of: Slug | None = None


class AliasFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a user adds, and what is shipped: names and designations, to slugs."""

    actors: dict[str, Slug | AliasedActor] = {}
    platforms: dict[str, Slug] = {}


class Found(msgspec.Struct, frozen=True):
    """Whom a name means, and how that was found."""

    slug: str
    how: How
    name: str
    """For titles: the table's, or the source's own."""
    kind: Kind = "state"
    said: AliasedActor | None = None

    def claims(self) -> tuple[Assert, ...]:
        """What to record of it where the ledger says nothing of it."""
        if self.slug in countries.table():
            return countries.claims_of(self.slug)
        said = self.said
        names = said.names if said is not None and said.names else {"en": self.name}
        data = Actor(names=names, kind=self.kind, part_of=None if said is None else said.part_of)
        return (
            Assert(
                claim=f"named.{self.slug}",
                type="actor",
                # Since when it has been called that is not known; that somebody calls it so now is.
                occurred="[..2012]",
                until="..",
                parties=(Party(actor=self.slug, role="subject"),),
                data=msgspec.Raw(msgspec.json.encode(data)),
            ),
        )


def read_aliases(text: str) -> AliasFile:
    """Raises Unreadable."""
    try:
        return msgspec.convert(tomllib.loads(text), AliasFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Unreadable(f"the file of aliases cannot be used: {error}") from None


@cache
def _shipped() -> AliasFile:
    return read_aliases((files("service.importers") / "data" / "aliases.toml").read_text(encoding="utf-8"))


@cache
def _by_name() -> Mapping[str, str]:
    """Slugs by the keys of all names in the table; a name that two of them have means neither."""
    known = countries.table()
    found: dict[str, set[str]] = {}
    for slug in (*known.countries, *known.states):
        for name in countries.names_of(slug):
            found.setdefault(key_of(name), set()).add(slug)
    return {key: next(iter(slugs)) for key, slugs in found.items() if len(slugs) == 1}


class Names:
    """Resolves names and designations by aliases given and shipped; the same text always the same way."""

    def __init__(self, *aliases: AliasFile) -> None:
        """The first file that has a name decides."""
        self._files = aliases
        self._actors: dict[str, AliasedActor] = {}
        self._platforms: dict[str, str] = {}
        for file in reversed((*aliases, _shipped())):
            for name, actor in file.actors.items():
                self._actors[key_of(name)] = AliasedActor(actor) if isinstance(actor, str) else actor
            self._platforms.update({key_of(name): slug for name, slug in file.platforms.items()})
        self._found: dict[tuple[str, Kind | None, bool], Found] = {}

    def with_more(self, aliases: AliasFile) -> "Names":
        """With aliases that count where those given so far say nothing."""
        return Names(*self._files, aliases)

    def actor(self, text: str, kind: Kind | None = None, *, codes: bool = False) -> Found:
        """Whom ``text`` means. With a ``kind`` the source says that it is none of the countries.

        With ``codes``, three capital letters are a code of ISO 3166 before they are a name.
        """
        asked = (text, kind, codes)
        if (found := self._found.get(asked)) is None:
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            found = self._found[asked] = self._find(text.strip(), kind, codes=codes)
        return found

    def _find(self, text: str, kind: Kind | None, *, codes: bool) -> Found:
        known = countries.table()
        if (alias := self._actors.get(key_of(text))) is not None:
            name = countries.name_of(alias.slug) or alias.names.get("en") or text
            return Found(
                alias.slug, "alias", name[:LONGEST_NAME], "state" if alias.slug in known else alias.kind, alias
            )
        if kind is None:
            code = text.lower()
            if codes and len(text) == 3 and text.isascii() and text.isupper() and code in known:
                return Found(code, "code", countries.name_of(code) or text)
            if (slug := _by_name().get(key_of(text))) is not None:
                return Found(slug, "name", countries.name_of(slug) or text)
        slug = slug_of(text)
        if slug in known:  # it is written like a code, and means another
            slug = f"{slug}-{digest(text, 8)}"
        return Found(slug, "own", text[:LONGEST_NAME], kind or "other")

    def slug(self, slug: str) -> Found:
        """An actor that is named by its slug."""
        state = slug in countries.table()
        return Found(slug, "alias", countries.name_of(slug) or slug, "state" if state else "other")

    def platform(self, designation: str) -> str:
        """The slug of a designation."""
        return self.platform_alias(designation) or slug_of(designation)

    def platform_alias(self, designation: str) -> str | None:
        return self._platforms.get(key_of(designation))
