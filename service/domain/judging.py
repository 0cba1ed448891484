"""What is wrong with an event that could be decoded, fault by fault; a rule that needs no look at the ledger goes here.

What was found of short parts is kept: a register has many events of few dates, parties and data.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import UNSET

from service.domain import edtf
from service.domain.actors import canonical_relationship, pairs_of
from service.domain.edtf import Bounds
from service.domain.events import Correct, Event, Expect, Fulfil, Retract, Statement
from service.domain.refusals import Fault
from service.domain.shape import canonical, canonical_json, shape_faults
from service.domain.types import OF_ACTORS, Actor, Data, EventType

if TYPE_CHECKING:
    from service.domain.own_schemas import Checker

SHORT, FEW = 200, 8
"""Bytes of ``data``, and sources, up to which what was found is kept."""


def judged(event: Event, types: Mapping[str, EventType]) -> tuple[list[Fault], bytes]:
    """Every fault, and the canonical form of its ``data``, if that has none."""
    faults, data = list(_source_faults(tuple([source.published for source in event.sources]))), b"{}"
    if isinstance(event, Statement):
        faults += _statement_faults(event, types)
        of_data, data = _judged_data(event, types)
        faults += of_data
    faults += _action_faults(event)
    return faults, data


def bounds_of(event: Statement, type_: EventType) -> Bounds:
    """Raises ValueError where the period is impossible or the zone unknown, and UnreadableDate."""
    lasts = type_.lasts and not isinstance(event, Expect)
    return _cached_bounds(event.occurred, event.until if lasts else None, event.tz or "UTC", lasts)


@lru_cache(maxsize=8192)  # a register has many events of few dates
def _cached_bounds(occurred: str, until: str | None, tz: str, lasts: bool) -> Bounds:  # noqa: FBT001 - a cache's key
    if not lasts:
        return edtf.occurrence_bounds(edtf.parse(occurred), tz)
    ended: edtf.Edtf | Literal["..", ""] | None
    ended = None if until is None else "" if until == "" else ".." if until == ".." else edtf.parse(until)
    return edtf.state_bounds(edtf.parse(occurred), ended, tz)


def _statement_faults(event: Statement, types: Mapping[str, EventType]) -> Iterator[Fault]:
    type_ = types.get(event.type)
    if type_ is None:
        known = ", ".join(sorted(types))
        yield Fault("/type", "unknown-type", f"this ledger has no type `{event.type}`; it has {known}")
    lasts = None if type_ is None else type_.lasts
    yield from _date_faults(event.type, lasts, isinstance(event, Expect), event.occurred, event.until, event.tz)
    if len(set(event.parties)) < len(event.parties):
        for index, party in enumerate(event.parties):
            if party in event.parties[:index]:
                yield Fault(f"/parties/{index}", "repeated", f"{party.actor} is there as {party.role} already")
    if event.relationships or len(event.parties) > 2:
        yield from _relationship_faults(event)
    if event.type in OF_ACTORS:
        yield from _actor_faults(event)


@lru_cache(maxsize=8192)
def _date_faults(
    type_: str,
    lasts: bool | None,  # noqa: FBT001 - a cache's key
    expected: bool,  # noqa: FBT001
    occurred: str,
    until: str | None,
    tz: str | None,
) -> tuple[Fault, ...]:
    """``lasts`` is None where there is no such type."""
    return tuple(_faults_of_dates(type_, occurred, until, tz, lasts=lasts, expected=expected))


def _faults_of_dates(
    type_: str, occurred: str, until: str | None, tz: str | None, *, lasts: bool | None, expected: bool
) -> Iterator[Fault]:
    readable = True
    for name, text in (("occurred", occurred), ("until", until)):
        if text is None or (name == "until" and text in ("", "..")):
            continue
        try:
            edtf.parse(text)
        except edtf.UnreadableDate as error:
            readable = False
            yield Fault(f"/{name}", "unreadable-date", _advice(error))
    if tz is not None:
        try:
            edtf.span(edtf.parse("2000"), tz)
        except edtf.UnknownZone as error:
            yield Fault("/tz", "unknown-zone", str(error))
            return
    if lasts is None or not readable:
        return
    if until is not None and not lasts:
        yield Fault(
            "/until", "not-a-state", f"`{type_}` is an occurrence; it has no end: put its whole span in `occurred`"
        )
    elif until is not None and expected:
        yield Fault("/until", "not-a-state", "an expectation's window stands whole in `occurred`")
    else:
        try:
            _cached_bounds(occurred, until, tz or "UTC", lasts and not expected)
        except ValueError as error:
            yield Fault("/until" if until is not None else "/occurred", "impossible-period", str(error))


def _relationship_faults(event: Statement) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, relationship in enumerate(event.relationships):
        pointer = f"/relationships/{index}"
        try:
            right = canonical_relationship(relationship)
        except ValueError as error:
            yield Fault(pointer, "not-a-relationship", str(error))
            continue
        if right != relationship:
            yield Fault(pointer, "not-a-relationship", f"the id of this relationship is {right}")
        elif right in seen:
            yield Fault(pointer, "repeated", f"{right} is named already")
        seen.add(right)
    actors = {party.actor for party in event.parties}
    if len(actors) > 2 and not event.relationships and event.type not in OF_ACTORS:
        pairs = ", ".join(pairs_of(sorted(actors))[:20])
        yield Fault(
            "/relationships", "which-relationship", f"with three or more actors, name those it belongs to, of {pairs}"
        )


def _actor_faults(event: Statement) -> Iterator[Fault]:
    if event.relationships:
        yield Fault(
            "/relationships", "of-an-actor", f"an `{event.type}` claim is about actors themselves and belongs to none"
        )
    if isinstance(event, Expect):
        yield Fault("/type", "of-an-actor", f"an `{event.type}` claim cannot be an expectation")
    roles = sorted(party.role for party in event.parties)
    wanted = ["subject"] if event.type == "actor" else ["merged", "survivor"]
    if roles != wanted:
        yield Fault("/parties", "of-an-actor", f"an `{event.type}` claim has exactly these roles: {', '.join(wanted)}")
    elif len({party.actor for party in event.parties}) < len(wanted):
        yield Fault("/parties", "of-an-actor", "an actor cannot be merged with itself")


def _judged_data(event: Statement, types: Mapping[str, EventType]) -> tuple[list[Fault], bytes]:
    """The faults of ``data``, and its canonical form."""
    type_ = types.get(event.type)
    raw = b"{}" if event.data is UNSET else bytes(event.data)
    if type_ is None:
        return [], raw
    if type_.data is None:
        try:
            data = canonical_json(raw)
        except (ValueError, RecursionError) as error:
            return [Fault("/data", "invalid", str(error))], raw
        return _own_faults(type_, raw), data
    if len(raw) <= SHORT and type_.data is not Actor and (kept := _short_data(type_.data, raw)) is not None:
        return [], kept
    try:
        typed = msgspec.json.decode(raw, type=type_.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return shape_faults(raw, type_.data, "/data"), raw
    if isinstance(typed, Actor) and typed.part_of == event.parties[0].actor:
        return [Fault("/data/part_of", "of-an-actor", "an actor cannot be part of itself")], raw
    return [], canonical(typed)


@lru_cache(maxsize=8192)
def _short_data(of: type[Data], raw: bytes) -> bytes | None:
    """The canonical form of sound ``data``."""
    try:
        return canonical(msgspec.json.decode(raw, type=of))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _own_faults(type_: EventType, raw: bytes) -> list[Fault]:
    """Of the data of a ledger's own type."""
    from service.domain.own_schemas import faults_of

    check = _cached_checker(type_.schema or "{}")
    if isinstance(check, str):
        return [Fault("/data", "schema", f"the type's schema cannot be used any more: {check}")]
    return faults_of(check, raw, "/data")


@lru_cache(maxsize=256)
def _cached_checker(schema: str) -> "Checker | str":
    """Why it cannot be, where it was taken when more was."""
    # Only here: few ledgers have own types, and JSON Schema takes 5 MB, and longer to load than a command runs.
    from service.domain.own_schemas import checker

    try:
        return checker(schema)
    except ValueError as error:
        return str(error)


def _action_faults(event: Event) -> Iterator[Fault]:
    if isinstance(event, Correct) and event.late and all(source.published is None for source in event.sources):
        yield Fault("/late", "undated", "a late correction counts by its source's day: give a source with `published`")
    if isinstance(event, Retract) and event.by == "source" and not event.sources:
        yield Fault("/sources", "missing", "which source withdrew it? Give it in `sources`")
    if isinstance(event, Fulfil) and event.claim == event.fulfilled_by:
        yield Fault("/fulfilled_by", "itself", "an expectation cannot fulfil itself")


def _source_faults(published: tuple[str | None, ...]) -> Iterable[Fault]:
    return _faults_of_few(published) if len(published) <= FEW else _faults_of_published(published)


@lru_cache(maxsize=8192)
def _faults_of_few(published: tuple[str | None, ...]) -> tuple[Fault, ...]:
    return tuple(_faults_of_published(published))


def _faults_of_published(published: tuple[str | None, ...]) -> Iterator[Fault]:
    for index, text in enumerate(published):
        if text is None:
            continue
        try:
            edtf.parse(text)
        except edtf.UnreadableDate as error:
            yield Fault(f"/sources/{index}/published", "unreadable-date", _advice(error))


def _advice(error: edtf.UnreadableDate) -> str:
    return f"{error.reason.removesuffix('.')} (reading stopped at character {error.offset})"
