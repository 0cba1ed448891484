"""What an importer makes of a file: what the file says of itself, then units of claims, and rows that say nothing.

A unit is what stands or falls together: a row, or the rows that tell of one thing. Units that may be taken for one
another, as deals without a number are, come in one group.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

import msgspec

from service.domain.claims import Recorded
from service.domain.events import Assert, Source
from service.domain.revising import Merge, as_told
from service.importers.names import Found, Names

LONGEST_ROW = 10_000
"""Characters of a refused row that are told."""


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself."""

    reported: str | None = None
    """The day on which it was made."""
    prefix: str
    """What the ids of all its claims begin with; it ends with a full stop. Nothing, where they are anybody's."""
    scope: str = ""
    """What it tells of, in words."""
    source: Source | None = None
    """Whose it is."""
    notes: tuple[str, ...] = ()
    """What its reader should know."""


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A row that is not taken, and why."""

    line: int
    code: str
    reason: str
    row: str


class Unit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Claims that one row, or several, make together."""

    line: int
    row: str
    claims: tuple[Assert, ...]
    actors: tuple[Found, ...] = ()
    """Whom they name."""
    id: str = ""
    """What the ids of its claims begin with, where it has to be found among others of its group."""
    name: str = ""
    """What tells it from others of its group."""
    evidence: Hashable = None
    """What is so of it alone, whatever it is called; None where too little is."""


class Group(msgspec.Struct, frozen=True, gc=False):
    """Units that may have to be told apart, and what all their ids begin with: nothing, where they need not."""

    units: tuple[Unit, ...]
    family: str = ""


class Given(msgspec.Struct, frozen=True, gc=False):
    """An event as its sender wrote it, or as a feed or an export has it: nothing is made of it."""

    line: int
    event: bytes
    row: str


Item = Export | Group | Given | Refused


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the user says besides the file."""

    names: Names
    reported: str | None = None
    """The day of the export, where the user says it: it comes before what the file says."""
    mapping: str | None = None
    """Of a table: the TOML text."""
    parties: tuple[tuple[str, str], ...] = ()
    """(slug, role): whom all of it is about, where the file does not name anybody."""
    type: str | None = None
    count: Callable[[str], int] = lambda key: 1
    """How often a key has come by now: the one thing that a file of any length makes necessary to remember."""


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """How an export can tell that a claim of an earlier one is gone."""

    source: Source
    covers: Callable[[Sequence[Recorded]], bool]
    """Whether the export would tell of such a unit, by the last contents of its claims, if it were still so."""


Read = Callable[[Iterable[bytes], Options], Iterator[Item]]
Match = Callable[[Group, Sequence["Standing"]], "Matched"]


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What the ledger holds already of one unit of a group."""

    id: str
    names: frozenset[str]
    evidence: frozenset[Hashable]


class Matched(msgspec.Struct, frozen=True, gc=False):
    """The same units under the ids that they have in the ledger, and how sure that is."""

    units: tuple[Unit, ...]
    renamed: tuple[tuple[Unit, str], ...] = ()
    """Those that only their evidence tells, with the name that the ledger has for them."""
    ambiguous: tuple[Unit, ...] = ()
    """Those whose place among their equals decided, where the ledger has another number of equals."""


class Importer(msgspec.Struct, frozen=True, kw_only=True):
    """One format."""

    name: str
    title: str
    description: str
    read: Read
    merge: Merge = as_told
    """What a later telling leaves as the earlier one had it."""
    match: Match | None = None
    standing: Callable[[str, Sequence[Recorded], Names], "Standing"] | None = None
    missing: Callable[[Export, str], "Missing | str"] | None = None
    """From what the file says of itself and its day; or why it cannot tell what is gone."""
