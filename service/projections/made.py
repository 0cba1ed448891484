"""What pure functions made of the same parts before is not made again: lines, and what lines are made of."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar, cast

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


class _Kept(Generic[T]):
    __slots__ = ("thing", "used", "weight")

    def __init__(self, thing: T, weight: int) -> None:
        self.thing, self.weight, self.used = thing, weight, False


class Shelf(Generic[T]):
    """Bounded by weight; the oldest goes first, unless it was asked for since it was last looked at for that."""

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._kept: OrderedDict[Hashable, _Kept[T]] = OrderedDict()
        self.beside: dict[int, Any] = {}
        """What goes with a thing, by the id of that; it goes when the thing does."""

    def get(self, key: Hashable) -> T | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        kept.used = True
        return kept.thing

    def put(self, key: Hashable, thing: T, weight: int = 1) -> None:
        """In place of what was there; nothing that alone would be too much."""
        if (old := self._kept.pop(key, None)) is not None:
            self._let_go(old)
        if weight > self._most:
            return
        while self._weight + weight > self._most:
            oldest, kept = self._kept.popitem(last=False)
            if kept.used:
                kept.used = False
                self._kept[oldest] = kept
            else:
                self._let_go(kept)
        self._kept[key] = _Kept(thing, weight)
        self._weight += weight

    def _let_go(self, kept: _Kept[T]) -> None:
        self._weight -= kept.weight
        self.beside.pop(id(kept.thing), None)


class Made:
    """What was made of one past of one ledger; on a shelf that others may share.

    A maker is a pure function, and the equality of its parts says all that it may read of them: they are values, or
    were made here themselves. So what a line hangs on stands in the call that makes it, and no key can forget it.
    """

    def __init__(self, shelf: Shelf[Any] | None = None) -> None:
        self._shelf: Shelf[Any] = Shelf(MOST_BYTES) if shelf is None else shelf

    def of(self, maker: Callable[P, T], *parts: P.args, **none: P.kwargs) -> T:
        """``maker(*parts)``; never None."""
        key = (self, maker, *parts)
        found: T | None = self._shelf.get(key)
        if found is None:
            found = maker(*parts, **none)
            self._keep(key, found)
        return found

    def present(self, claim: Claim, certainty: Certainty, types: Mapping[str, EventType]) -> Present:
        """No other content has its position, and only words and fulfilments come to a claim beside its content."""
        which = (Present, claim.content.position, claim.words, claim.fulfilled_by, certainty)
        statement = claim.statement
        return self.by(which, lambda: Present(claim, certainty, types.get(statement.type), data_of(statement, types)))

    def by(self, which: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """What is made of parts that cannot be compared; ``which`` tells it from all others."""
        key = (self, *which)
        found: T | None = self._shelf.get(key)
        if found is None:
            found = make()
            self._keep(key, found)
        return found

    def _keep(self, key: tuple[Hashable, ...], thing: object) -> None:
        """By the bytes that it keeps from being freed, about."""
        json = msgspec.json.encode(thing) if isinstance(thing, Answer) else b""
        self._shelf.put(key, thing, OVERHEAD + 2 * len(json))
        if json:
            self._shelf.beside[id(thing)] = msgspec.Raw(json)

    def sent(self, thing: T) -> T:
        """To be encoded only: its JSON, where that was made; what lies in many places takes long to be encoded."""
        return cast("T", self._shelf.beside.get(id(thing), thing))
