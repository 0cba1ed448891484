"""Contents of events that one process has read already, and how timelines tell them; events never change."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from uuid import UUID

from service.domain.claims import Claim, Recorded
from service.domain.events import Statement
from service.domain.reading import named_in
from service.domain.types import EventType
from service.history.histories import Histories
from service.projections.made import Shelf
from service.projections.told import Item, plain
from service.store import timelines
from service.store.pool import Connection
from service.store.reads import Placed

MOST_CHARACTERS = 6 * 2**20
"""Of all contents that are kept, as they were recorded; read, they take some five times as much."""
LONGEST = 16_384
"""Characters of one that is kept."""
MOST_LANGUAGES = 2


class Content(dict[str, Item]):
    """An event, and by language how it is told; of the two, the languages asked for last."""

    def __init__(self, recorded: Recorded, length: int) -> None:
        self.recorded, self.length = recorded, length
        self._claimed: tuple[Placed, Claim] | None = None

    @cached_property
    def named(self) -> frozenset[str]:
        """Everyone whom a line may name for it: its parties, and who hosts it without being one."""
        return named_in(self.statement)

    @property
    def statement(self) -> Statement:
        assert isinstance(self.recorded.event, Statement)  # noqa: S101 - it is a content
        return self.recorded.event

    def claimed(self, placed: Placed) -> Claim:
        """The claim whose content it is; the same one for the same place."""
        if self._claimed is None or self._claimed[0] is not placed:
            self._claimed = placed, placed.claimed(self.recorded)
        return self._claimed[1]

    def told(self, lang: str, types: Mapping[str, EventType]) -> Item:
        """Without anything that hangs on the point of a question; all its sources are shown."""
        item = self.get(lang)
        if item is None:
            assert self.recorded.bounds is not None  # noqa: S101 - it is a content
            type_ = types.get(self.statement.type)
            item = plain(self.recorded, self.recorded.bounds, type_, lang, None)
            if type_ is None:  # one that was added since the types were read
                return item
            if len(self) >= MOST_LANGUAGES:
                del self[next(iter(self))]
            self[lang] = item
        return item


class Contents:
    """Bounded by their length."""

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self.histories = Histories()
        """What is asked by a reported day needs more than contents."""
        self._kept: Shelf[Content] = Shelf(most_characters)

    async def at(self, connection: Connection, ledger: str, epoch: UUID, positions: Sequence[int]) -> list[Content]:
        """In the order of ``positions``; those that are not kept are read at once."""
        of, get = epoch.int, self._kept.get
        found = {position: content for position in positions if (content := get((of, position))) is not None}
        missing = [position for position in positions if position not in found]
        if missing:
            for recorded, length in await timelines.contents(connection, ledger, missing):
                content = found[recorded.position] = Content(recorded, length)
                if length <= LONGEST:
                    self._kept.put((of, recorded.position), content, length)
        return [found[position] for position in positions]
