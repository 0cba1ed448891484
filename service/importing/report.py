"""What became of an import: the same for the command and over HTTP."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from service.importers.items import Export, Refused, Unit
from service.importers.names import Found

MOST_LISTED = 1000
"""Of each list; all are counted."""
T = TypeVar("T")
Listed = Annotated[list[T], Meta(max_length=MOST_LISTED)]
Count = Annotated[int, Meta(ge=0)]
Position = Annotated[int, Meta(ge=1)]


class OwnActor(msgspec.Struct, frozen=True):
    """A name that means none of the countries and no alias, and became an actor of its own."""

    name: str
    actor: str
    line: int
    """Where it came first."""


class Renamed(msgspec.Struct, frozen=True):
    """What was known again by everything but its name."""

    line: int
    claim: str
    name: str
    known_as: str


class Ambiguous(msgspec.Struct, frozen=True):
    """What may be another of its equals: the ledger has more or fewer of them."""

    line: int
    claim: str


class Absent(msgspec.Struct, frozen=True):
    """A claim of the register that the export does not have, and that is left as it is."""

    claim: str
    title: str


class ImportReport(msgspec.Struct, kw_only=True):
    """What became of a file: all is counted, the first of each kind listed."""

    format: str
    ledger: str
    dry_run: bool = False
    """Nothing was recorded; this is what would be."""
    reported: str | None = None
    """The day of the export."""
    scope: str = ""
    notes: Annotated[list[str], Meta(max_length=20)] = []
    rows: Count = 0
    """That make claims, or were refused."""
    rows_refused: Count = 0
    new: Count = 0
    """Claims that the ledger did not have."""
    revised: Count = 0
    """Claims that now say something else."""
    late: Count = 0
    """Claims for which an older export counts now, until the day of the newer one."""
    unchanged: Count = 0
    """Claims that say the same already; nothing was recorded."""
    withdrawn: Count = 0
    """Claims that a curator took back here, and that stay so."""
    retracted: Count = 0
    """Claims that are no longer in the register, taken back in its name."""
    fields: Annotated[dict[str, Count], Meta(max_length=200)] = {}
    """Of the claims revised and late: how often each field differs."""
    events: Count = 0
    """Recorded, those about actors included."""
    first_position: Position | None = None
    last_position: Position | None = None
    actors_recorded: Count = 0
    """Actors of whom the ledger said nothing before."""
    own_actors: Listed[OwnActor] = []
    own_actors_total: Count = 0
    renamed: Listed[Renamed] = []
    renamed_total: Count = 0
    ambiguous: Listed[Ambiguous] = []
    ambiguous_total: Count = 0
    absent: Listed[Absent] = []
    absent_total: Count = 0
    refused: Listed[Refused] = []

    def exported(self, export: Export) -> None:
        self.reported, self.scope = export.reported, export.scope
        self.notes = [*self.notes, *export.notes]

    def refuse(self, refused: Refused) -> None:
        self.rows += 1
        self.rows_refused += 1
        if len(self.refused) < MOST_LISTED:
            self.refused = [*self.refused, refused]

    def differs(self, fields: tuple[str, ...]) -> None:
        if fields:
            self.fields = dict(Counter(self.fields) + Counter(fields))

    def own(self, found: Found, line: int) -> None:
        self.own_actors_total += 1
        if len(self.own_actors) < MOST_LISTED:
            self.own_actors = [*self.own_actors, OwnActor(found.name, found.slug, line)]

    def called_otherwise(self, unit: Unit, claim: str, known_as: str) -> None:
        self.renamed_total += 1
        if len(self.renamed) < MOST_LISTED:
            self.renamed = [*self.renamed, Renamed(unit.line, claim, unit.name, known_as)]

    def one_of_equals(self, unit: Unit, claim: str) -> None:
        self.ambiguous_total += 1
        if len(self.ambiguous) < MOST_LISTED:
            self.ambiguous = [*self.ambiguous, Ambiguous(unit.line, claim)]

    def recorded(self, first: int, last: int) -> None:
        self.events += last - first + 1
        self.first_position = first if self.first_position is None else self.first_position
        self.last_position = last

    def lines(self) -> Iterator[str]:
        """For people."""
        if self.scope or self.reported:
            yield ", ".join(part for part in (self.reported and f"export of {self.reported}", self.scope) if part)
        yield from (f"note: {note}" for note in self.notes)
        yield f"{self.rows:,} rows: {self.rows - self.rows_refused:,} taken, {self.rows_refused:,} refused"
        told = (("new", self.new), ("revised", self.revised), ("late", self.late), ("unchanged", self.unchanged))
        more = (("withdrawn here before", self.withdrawn), ("retracted", self.retracted))
        yield "claims: " + ", ".join(
            [f"{count:,} {what}" for what, count in told] + [f"{count:,} {what}" for what, count in more if count]
        )
        if self.fields:
            ordered = sorted(self.fields.items(), key=lambda item: (-item[1], item[0]))
            yield "what differs: " + ", ".join(f"{name} {count:,}" for name, count in ordered)
        if self.renamed_total:
            yield f"known again under another name: {self.renamed_total:,}, such as " + "; ".join(
                f"{one.name} for {one.known_as} (line {one.line})" for one in self.renamed[:3]
            )
        if self.ambiguous_total:
            where = ", ".join(str(one.line) for one in self.ambiguous[:5])
            yield f"may be others of their equals: {self.ambiguous_total:,} rows, such as lines {where}"
        if self.absent_total:
            kept = "would be left as they are" if self.dry_run else "left as they are"
            yield f"in the ledger and not in this export: {self.absent_total:,} claims, {kept}"
        if self.own_actors_total:
            yield (
                f"actors of their own, as their names mean nobody known: {self.own_actors_total:,}: "
                + ", ".join(f"{one.name} ({one.actor})" for one in self.own_actors[:10])
                + (", …" if self.own_actors_total > 10 else "")
            )
        what = "would be recorded" if self.dry_run else "recorded"
        where = f", positions {self.first_position:,} to {self.last_position:,}" if self.first_position else ""
        yield f"{self.events:,} events {what}{where}; {self.actors_recorded:,} actors described"
