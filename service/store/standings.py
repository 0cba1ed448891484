"""Claims as their events leave them, one event at a time: what the derived rows must say; pure."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec

from service.domain.edtf import BEGINNING, FOREVER
from service.domain.events import Confirm, Correct, Deny, Event, Expect, Fulfil, Reinstate, Retract, Statement
from service.domain.reading import timelines_of

CLAIM = (
    "expectation", "retraction", "fulfilled_by", "content_position", "rank_day", "words", "timelines", "merged",
)  # fmt: skip
"""The columns of a claim's row that its events decide."""
_events = msgspec.json.Decoder(Event)
_words = msgspec.json.Decoder(dict[str, tuple[str, int]])

Words = Mapping[str, tuple[str, int]]
"""Publisher -> (confirm or deny, position)."""


class Standing:
    """A claim as its events leave it, one at a time, so that a long history stays linear; equal to the pure fold."""

    __slots__ = (*CLAIM, "facts", "until")

    def __init__(self, *, expectation: bool) -> None:
        self.expectation = expectation
        self.retraction: int | None = None
        self.fulfilled_by: str | None = None
        self.content_position = 0
        self.rank_day = BEGINNING
        self.words: Words = {}
        self.timelines: tuple[str, ...] = ()
        self.merged: str | None = None
        self.facts: tuple[object, ...] = ()
        """The type and the four bounds of the content."""
        self.until = 0
        """For whoever compares: where the version that was met last ends."""

    def act(self, position: int, event: Event, reported: int | None, facts: tuple[object, ...]) -> None:
        match event:
            case Statement():
                day = BEGINNING if reported is None else reported
                late = isinstance(event, Correct) and event.late
                # What is in force has the greatest day so far, so only a late content can rank below it.
                if not late or day >= self.rank_day:
                    self.content_position, self.words, self.facts = position, {}, facts
                    self.timelines, self.merged = timelines_of(event), _merged(event)
                self.rank_day = max(self.rank_day, day)
            case Retract():
                self.retraction = position
            case Reinstate():
                self.retraction = None
            case Fulfil(fulfilled_by=by):
                self.fulfilled_by = by
            case Confirm() | Deny():
                action = "confirm" if isinstance(event, Confirm) else "deny"
                self.words = {**self.words, **{source.publisher: (action, position) for source in event.sources}}

    def row(self) -> tuple[Any, ...]:
        return tuple(getattr(self, column) for column in CLAIM)


def _merged(event: Statement) -> str | None:
    if event.type != "actor-merge":
        return None
    return next((party.actor for party in event.parties if party.role == "merged"), None)


def row_of(stored: asyncpg.Record) -> tuple[Any, ...]:
    """A claim's row as ``Standing.row`` gives it."""
    *others, words, timelines, merged = (stored[column] for column in CLAIM)
    return *others, words_of(words), tuple(timelines), merged


def words_of(stored: str) -> Words:
    """Nothing that a claim's words could equal, where the row holds something else."""
    try:
        return _words.decode(stored)
    except msgspec.DecodeError:
        return {"": (stored, 0)}


def standing_after(standing: Standing | None, row: asyncpg.Record, event: Event) -> Standing | None:
    """``standing`` itself, moved on by one event; None as long as nothing was said."""
    if standing is None:
        if not isinstance(event, Statement):
            return None
        standing = Standing(expectation=isinstance(event, Expect))
    facts = (row["type"], row["starts_earliest"], row["starts_latest"], row["ends_earliest"], row["ends_latest"])
    standing.act(row["position"], event, row["reported_latest"], facts)
    return standing


class Versions:
    """Turns events, claim by claim, into rows of a generation: a version of a claim for each batch on it."""

    def __init__(self, ledger: str, generation: int) -> None:
        self._begin = ledger, generation
        self.done: list[tuple[Any, ...]] = []
        self.claims: list[tuple[str, Standing | None, asyncpg.Record]] = []
        """Those that are read to their end, each with its last row."""
        self._row: asyncpg.Record | None = None
        self._standing: Standing | None = None
        self._open: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = []

    def read(self, row: asyncpg.Record) -> None:
        if self._row is None or row["claim"] != self._row["claim"]:
            self.end()
        elif row["recorded_us"] != self._row["recorded_us"]:  # another batch
            self._end_batch()
        self._row = row
        self._standing = standing_after(self._standing, row, _events.decode(row["content"]))

    def end(self) -> None:
        """Nothing more follows on the claim that is being read."""
        if self._row is not None:
            self._end_batch()
            self._close(FOREVER)
            self.claims.append((self._row["claim"], self._standing, self._row))
        self._row = self._standing = None

    def _end_batch(self) -> None:
        assert self._row is not None  # noqa: S101 - something was read
        position, one = self._row["position"], self._standing
        self._close(position)
        if one is not None:
            words = msgspec.json.encode(one.words).decode() if one.words else "{}"
            rest = (one.content_position, *one.facts, one.expectation, one.retraction, one.fulfilled_by, words)
            claim = self._row["claim"]
            self._open = [((*self._begin, timeline, claim, position), rest) for timeline in one.timelines]

    def _close(self, position: int) -> None:
        self.done += [(*begin, position, *rest) for begin, rest in self._open]
        self._open = []
