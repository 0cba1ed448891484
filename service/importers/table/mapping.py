"""How a table is told of: a mapping in TOML, from columns to claims; nothing in it is ever run.

A new thing that a mapping can say is a field here, and what reads it in ``rows.py`` or ``dates.py``.
"""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from service.domain.events import Role, Source
from service.domain.types import TypeName
from service.importers.names import AliasFile
from service.importers.reading import Encoding, Unreadable

MAPPINGS = ("treaties", "disputes")
"""Those that are shipped."""
_FOLDER = files("service.importers") / "data" / "mappings"
Notation = Literal["edtf", "iso", "ymd", "dmy", "mdy", "messydates"]
Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9-]*$(?!\n)",
        max_length=32,
        description="A name in lower case: ASCII letters, digits and hyphens, a letter first.",
    ),
]
Column = Annotated[str, Meta(min_length=1, max_length=200)]
Template = Annotated[str, Meta(min_length=1, max_length=1000)]
"""Text, in which ``{Column}`` is what stands there, and ``{Column@name}`` the name of the actor that it means."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping; what it does not know is refused."""


class Date(Part, frozen=True):
    """A date of one column, or of three: year, month and day."""

    column: Column | None = None
    columns: tuple[Column, Column, Column] | None = None
    notation: Notation = "edtf"
    unknown: tuple[str, ...] = ()
    """What stands for a date, a month or a day that is not known."""
    open: tuple[str, ...] = ()
    """What stands for "still so" in an end."""
    of: Literal["first", "earliest", "latest"] = "first"
    """Which of the rows of one claim decides."""

    def __post_init__(self) -> None:
        if (self.column is None) == (self.columns is None):
            raise ValueError("a date has a `column`, or three `columns`")
        if (self.columns is not None) != (self.notation == "ymd"):
            raise ValueError("three `columns` have the notation `ymd`, and no other")

    @property
    def named(self) -> tuple[str, ...]:
        return self.columns or ((self.column,) if self.column is not None else ())


class ByValue(Part, frozen=True):
    """What is meant by the values of a column; a value that is not listed refuses the row."""

    column: Column
    values: dict[str, str]


class PartyOf(Part, frozen=True):
    """An actor in a claim: by its name or code in a column, or always the same."""

    role: Role | ByValue
    column: Column | None = None
    actor: str | None = None
    codes: bool = False
    """Three capital letters are a code of ISO 3166."""

    def __post_init__(self) -> None:
        if (self.column is None) == (self.actor is None):
            raise ValueError("a party has a `column`, or an `actor`")


class Value(Part, frozen=True):
    """A value of ``data`` from a column; none where that holds nothing."""

    column: Column
    as_: Literal["text", "integer", "decimal", "truth"] = msgspec.field(default="text", name="as")
    values: dict[str, Any] = {}
    """What is meant by certain values; the others are read as they are."""


class ClaimOf(Part, frozen=True):
    """A claim that a row makes, where it has the date for it."""

    name: Name
    """Of all claims of a row, in their ids."""
    type: TypeName
    occurred: Date
    parties: Annotated[tuple[PartyOf, ...], Meta(min_length=1, max_length=10)]
    until: Date | None = None
    title: Template | None = None
    phrase: Template | None = None
    lang: str = "en"
    data: dict[str, Any] = {}
    """Texts are templates; tables with a `column` are values."""
    tags: tuple[Template, ...] = ()
    relationships: Literal["pairs", "sides", "none"] = "pairs"
    """Where three or more are parties: every two of them, every two of different roles, or nobody's."""
    expected: bool = False


class Order(Part, frozen=True):
    """Dates of which the second cannot lie before the first: a row in which it does is refused."""

    first: Date
    then: Date


class Mapping(Part, frozen=True):
    """A whole one."""

    name: Name
    """What the ids of all its claims begin with."""
    title: str
    claims: Annotated[tuple[ClaimOf, ...], Meta(min_length=1, max_length=20)]
    key: tuple[Column, ...] = ()
    """What tells rows apart; all of a row, where none is given."""
    equals: Literal["apart", "once"] = "apart"
    """What rows are that are equal in every cell: several things, or one that was written twice."""
    group: tuple[Column, ...] = ()
    """Rows that follow one another and are equal in these make one claim."""
    order: tuple[Order, ...] = ()
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    encoding: Encoding = "auto"
    nulls: tuple[str, ...] = ("",)
    source: Source | None = None
    complete: bool = False
    """A file has all that the register has: what is missing from it is gone."""
    actors: dict[str, Any] = {}
    """As in a file of aliases."""

    @property
    def aliases(self) -> AliasFile:
        return msgspec.convert({"actors": self.actors}, AliasFile)

    def columns(self) -> Iterator[str]:
        """Those that it names, apart from those in templates."""
        yield from self.key
        yield from self.group
        for order in self.order:
            yield from (*order.first.named, *order.then.named)
        for claim in self.claims:
            for date in (claim.occurred, claim.until):
                yield from () if date is None else date.named
            for party in claim.parties:
                if party.column is not None:
                    yield party.column
                if isinstance(party.role, ByValue):
                    yield party.role.column


def _check(mapping: Mapping) -> None:
    """What is wrong with its inner parts, told before any row is read. Raises ValidationError."""
    _ = mapping.aliases
    for claim in mapping.claims:
        _check_values(claim.data)


def _check_values(said: Any) -> None:
    if isinstance(said, dict) and "column" in said:
        msgspec.convert(said, Value)
    elif isinstance(said, dict):
        for value in said.values():
            _check_values(value)


def read_mapping(given: str | None) -> Mapping:
    """A shipped one by its name, or the text of one. Raises Unreadable."""
    if given is None:
        raise Unreadable(f"a table needs a mapping: a TOML text, or one of {', '.join(MAPPINGS)}")
    if given in MAPPINGS:
        text = (_FOLDER / f"{given}.toml").read_text(encoding="utf-8")
    elif "\n" in given or "=" in given:
        text = given
    else:
        raise Unreadable(f"there is no mapping `{given}`; shipped are {', '.join(MAPPINGS)}")
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
        names = [claim.name for claim in mapping.claims]
        if len(set(names)) < len(names):
            raise ValueError("two claims have the same name")
        _check(mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise Unreadable(f"the mapping cannot be used: {error}") from None
    return mapping
