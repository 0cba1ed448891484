"""From rows to claims, as a mapping says: templates are filled, values read, names resolved; nothing is run."""

import re
from collections.abc import Mapping as Rows
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import msgspec
from msgspec import UNSET

from service.domain.actors import LARGEST_RELATIONSHIP, relationship_of
from service.domain.events import Assert, Party, Source
from service.importers.names import Found, Names
from service.importers.table.dates import Unfit, check_order, date_of
from service.importers.table.mapping import ByValue, ClaimOf, Mapping, PartyOf, Value

_FIELD = re.compile(r"\{([^{}@]+)(@name)?\}")
MOST_RELATIONSHIPS = 400
Row = Rows[str, str | None]
"""The cells by their columns; None where there is none."""
assert LARGEST_RELATIONSHIP >= 2  # noqa: S101 - pairs are relationships


class Filler:
    """Makes the claims of rows that belong together."""

    def __init__(self, mapping: Mapping, names: Names, day: str | None, parties: Sequence[tuple[str, str]]) -> None:
        self.mapping, self.names, self.parties = mapping, names, parties
        self.data = {one.name: _values_in(one.data) for one in mapping.claims}
        source = mapping.source
        self.sources: tuple[Source, ...] = () if source is None else (_dated(source, day),)

    def check(self, rows: Sequence[Row]) -> None:
        """What no claim of theirs could be right with. Raises Unfit."""
        for order in self.mapping.order:
            check_order(order.first, order.then, rows)

    def claims(self, rows: Sequence[Row], stem: str) -> tuple[tuple[Assert, ...], tuple[Found, ...]]:
        """Those for which there is a date, and whom they name. Raises Unfit."""
        actors: dict[str, Found] = {}
        made = [claim for one in self.mapping.claims if (claim := self._claim(one, rows, stem, actors)) is not None]
        return tuple(made), tuple(actors.values())

    def _claim(self, one: ClaimOf, rows: Sequence[Row], stem: str, actors: dict[str, Found]) -> Assert | None:
        occurred = date_of(one.occurred, rows)
        if occurred is None or occurred == "..":
            return None
        until = None if one.until is None else date_of(one.until, rows)
        first = rows[0]
        parties = self._parties(one, rows, actors)
        data = self._data(self.data[one.name], first)
        return Assert(
            claim=f"{stem}.{one.name}",
            type=one.type,
            occurred=occurred,
            until=until,
            title=_cut(self._filled(one.title, first), 500),
            phrase=_cut(self._filled(one.phrase, first), 500),
            lang=one.lang if one.title is not None else None,
            parties=parties,
            relationships=_relationships(one, parties),
            data=msgspec.Raw(msgspec.json.encode(data)) if data else UNSET,
            sources=self.sources,
            tags=tuple(tag for text in one.tags if (tag := _cut(self._filled(text, first), 200))),
        )

    def _parties(self, one: ClaimOf, rows: Sequence[Row], actors: dict[str, Found]) -> tuple[Party, ...]:
        """Each once, in the order of the rows."""
        found: dict[Party, None] = {}
        for row in rows:
            for party in one.parties:
                known = self._actor(party, row)
                actors[known.slug] = known
                found[Party(actor=known.slug, role=_role(party, row))] = None
        for slug, role in self.parties:
            actors[slug] = self.names.slug(slug)
            found[Party(actor=slug, role=role)] = None
        return tuple(found)

    def _actor(self, party: PartyOf, row: Row) -> Found:
        if party.column is None:
            return self.names.slug(party.actor or "")
        name = row[party.column]
        if name is None:
            raise Unfit(f"`{party.column}` is empty: whom is it about?")
        return self.names.actor(name, codes=party.codes)

    def _data(self, template: Rows[str, Any], row: Row) -> dict[str, Any]:
        found = {}
        for name, said in template.items():
            value = self._value(said, row)
            if value is not None and value != {} and value != "":
                found[name] = value
        return found

    def _value(self, said: Any, row: Row) -> Any:
        if isinstance(said, str):
            return self._filled(said, row)
        if isinstance(said, Value):
            return _read(said, row)
        return self._data(said, row) if isinstance(said, dict) else said

    def _filled(self, template: str | None, row: Row) -> str | None:
        """None where a column in it holds nothing."""
        if template is None:
            return None
        missing = False

        def put(found: re.Match[str]) -> str:
            nonlocal missing
            cell = row.get(found[1])
            if cell is None:
                missing = True
                return ""
            return self.names.actor(cell, codes=True).name if found[2] else cell

        text = _FIELD.sub(put, template)
        return None if missing else text


def _values_in(said: Any) -> Any:
    """The same, with what is told of columns made ready."""
    if not isinstance(said, dict):
        return said
    if "column" in said:
        return msgspec.convert(said, Value)
    return {name: _values_in(value) for name, value in said.items()}


def columns_in(template: Any) -> list[str]:
    """Of a template, of a value, and of what holds some."""
    if isinstance(template, str):
        return [name for name, _ in _FIELD.findall(template)]
    if isinstance(template, dict):
        if "column" in template:
            return [str(template["column"])]
        return [name for said in template.values() for name in columns_in(said)]
    return []


def _dated(source: Source, day: str | None) -> Source:
    return source if day is None else msgspec.structs.replace(source, published=day)


def _role(party: PartyOf, row: Row) -> str:
    if not isinstance(party.role, ByValue):
        return party.role
    cell = row[party.role.column]
    role = None if cell is None else party.role.values.get(cell)
    if role is None:
        raise Unfit(f"`{party.role.column}` is {cell!r}, none of {', '.join(party.role.values)}")
    return role


def _read(value: Value, row: Row) -> Any:
    cell = row[value.column]
    if cell is None:
        return None
    if cell in value.values:
        return value.values[cell]
    try:
        match value.as_:
            case "integer":
                return int(cell) if re.fullmatch(r"-?[0-9]{1,15}(\.0+)?", cell) else int(float(_number(cell)))
            case "decimal":
                return float(_number(cell))
            case "truth":
                return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[cell.lower()]
            case _:
                return cell
    except (ValueError, KeyError):
        raise Unfit(f"`{value.column}` is {cell[:40]!r}, not {value.as_}") from None


def _number(cell: str) -> str:
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", cell):
        raise ValueError(cell)
    return cell


def _cut(text: str | None, most: int) -> str | None:
    return None if not text else text if len(text) <= most else text[: most - 1] + "…"


def _relationships(one: ClaimOf, parties: Sequence[Party]) -> tuple[str, ...]:
    """None where two parties make their own. Raises Unfit where there are too many."""
    actors = {party.actor for party in parties}
    if one.relationships == "none" or len(actors) < 3:
        return ()
    if one.relationships == "pairs":
        found = {relationship_of(pair) for pair in combinations(sorted(actors), 2)}
    else:
        found = {
            relationship_of((a.actor, b.actor))
            for a, b in combinations(parties, 2)
            if a.role != b.role and a.actor != b.actor
        }
    if len(found) > MOST_RELATIONSHIPS:
        raise Unfit(f"{len(actors)} actors make {len(found)} relationships; a claim belongs to {MOST_RELATIONSHIPS}")
    return tuple(sorted(found))
