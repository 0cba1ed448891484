"""What pure functions made of the same parts before is not made again: lines, and what lines are made of."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar

import msgspec

from service.domain.claims import Claim
from service.domain.reading import data_of
from service.domain.types import EventType
from service.projections.lines import Answer, Certainty
from service.projections.present import Present

P = ParamSpec("P")
T = TypeVar("T")
MOST_BYTES = 24 * 2**20
"""Of all that is kept."""
OVERHEAD = 800
"""Bytes that anything costs beside what its JSON holds, about."""


class Kept(Generic[T]):
    """A thing on a shelf; ``sent`` is to be encoded in its place: its JSON, where that was made."""

    __slots__ = ("sent", "thing", "used", "weight")

    def __init__(self, thing: T, weight: int, sent: object = None) -> None:
        self.thing, self.weight, self.used = thing, weight, False
        self.sent: Any = thing if sent is None else sent


class Shelf(Generic[T]):
    """Bounded by weight; the oldest goes first, unless it was asked for since it was last looked at for that."""

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._kept: OrderedDict[Hashable, Kept[T]] = OrderedDict()
        self.look = self._kept.get
        """For whoever asks for much: a call less than ``get``, after which ``used`` is to be set."""

    def get(self, key: Hashable) -> T | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        kept.used = True
        return kept.thing

    def put(self, key: Hashable, thing: T, weight: int = 1, sent: object = None) -> Kept[T]:
        """In place of what was there; nothing that alone would be too much."""
        if (old := self._kept.pop(key, None)) is not None:
            self._weight -= old.weight
        put = Kept(thing, weight, sent)
        if weight > self._most:
            return put
        while self._weight + weight > self._most:
            oldest, kept = self._kept.popitem(last=False)
            if kept.used:
                kept.used = False
                self._kept[oldest] = kept
            else:
                self._weight -= kept.weight
        self._kept[key] = put
        self._weight += weight
        return put


class Made:
    """What was made of one past of one ledger; on a shelf that others may share.

    A maker is a pure function, and the equality of its parts says all that it may read of them: they are values, or
    were made here themselves. So what a line hangs on stands in the call that makes it, and no key can forget it.
    """

    def __init__(self, shelf: Shelf[Any] | None = None) -> None:
        self._shelf: Shelf[Any] = Shelf(MOST_BYTES) if shelf is None else shelf
        self.look = self._shelf.look

    def of(self, maker: Callable[P, T], *parts: P.args, **none: P.kwargs) -> T:
        """``maker(*parts)``; never None."""
        key = (self, maker, *parts)
        kept = self.look(key)
        if kept is None:
            kept = self.keep(key, maker(*parts, **none))
        kept.used = True
        found: T = kept.thing
        return found

    def present(self, claim: Claim, certainty: Certainty, types: Mapping[str, EventType]) -> Present:
        """No other content has its position, and only words and fulfilments come to a claim beside its content."""
        which = (Present, claim.content.position, claim.words, claim.fulfilled_by, certainty)
        statement = claim.statement
        return self.by(which, lambda: Present(claim, certainty, types.get(statement.type), data_of(statement, types)))

    def by(self, which: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """What is made of parts that cannot be compared; ``which`` tells it from all others."""
        found: T = self.kept(which, make).thing
        return found

    def kept(self, which: tuple[Hashable, ...], make: Callable[[], T]) -> Kept[T]:
        """The same, with what is sent in its place."""
        key = (self, *which)
        kept = self.look(key)
        if kept is None:
            kept = self.keep(key, make())
        kept.used = True
        return kept

    def keep(self, key: tuple[Hashable, ...], thing: Any) -> Kept[Any]:
        """By the bytes that it keeps from being freed, about. ``key`` begins with what keeps it.

        Of a part of an answer the JSON is kept too: what lies in many places takes long to be encoded.
        """
        if not isinstance(thing, Answer):
            return self._shelf.put(key, thing, OVERHEAD)
        json = msgspec.json.encode(thing)
        return self._shelf.put(key, thing, OVERHEAD + 2 * len(json), msgspec.Raw(json))
