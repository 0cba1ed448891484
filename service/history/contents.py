"""Contents of events that one process has read already, and how timelines tell them; events never change."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from uuid import UUID

from service.domain.claims import Recorded
from service.domain.types import EventType
from service.history.histories import Histories
from service.projections.told import Item, plain
from service.store import timelines
from service.store.pool import Connection

MOST_CHARACTERS = 6 * 2**20
"""Of all contents that are kept, as they were recorded; read, they take some five times as much."""
LONGEST = 16_384
"""Characters of one that is kept."""
MOST_LANGUAGES = 2


class Content(dict[str, Item]):
    """An event, and by language how it is told; of the two, the languages asked for last."""

    def __init__(self, recorded: Recorded, length: int) -> None:
        self.recorded, self.length = recorded, length

    def told(self, lang: str, types: Mapping[str, EventType]) -> Item:
        """Without anything that hangs on the point of a question; all its sources are shown."""
        item = self.get(lang)
        if item is None:
            assert self.recorded.bounds is not None  # noqa: S101 - it is a content
            type_ = types.get(self.recorded.event.type)  # type: ignore[union-attr]  # only contents are told
            item = plain(self.recorded, self.recorded.bounds, type_, lang, None)
            if type_ is None:  # one that was added since the types were read
                return item
            if len(self) >= MOST_LANGUAGES:
                del self[next(iter(self))]
            self[lang] = item
        return item


class Contents:
    """Bounded by their length; what was not asked for longest goes first."""

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self.histories = Histories()
        """What is asked by a reported day needs more than contents."""
        self._most, self._characters = most_characters, 0
        self._kept: OrderedDict[tuple[int, int], Content] = OrderedDict()

    async def at(self, connection: Connection, ledger: str, epoch: UUID, positions: Sequence[int]) -> list[Content]:
        """In the order of ``positions``; those that are not kept are read at once."""
        of, kept = epoch.int, self._kept
        found: dict[int, Content] = {}
        for position in positions:
            content = kept.get((of, position))
            if content is not None:
                kept.move_to_end((of, position))
                found[position] = content
        missing = [position for position in positions if position not in found]
        if missing:
            for recorded, length in await timelines.contents(connection, ledger, missing):
                content = found[recorded.position] = Content(recorded, length)
                self._keep((of, recorded.position), content)
        return [found[position] for position in positions]

    def _keep(self, key: tuple[int, int], content: Content) -> None:
        if content.length > LONGEST or key in self._kept:
            return
        self._kept[key] = content
        self._characters += content.length
        while self._characters > self._most:
            _, gone = self._kept.popitem(last=False)
            self._characters -= gone.length
