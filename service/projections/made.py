"""What pure functions made of the same parts before is not made again: lines, and what lines are made of."""

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, TypeVar

import msgspec

from service.domain.claims import Claim
from service.domain.reading import data_of
from service.domain.types import EventType
from service.projections.lines import Answer, Certainty
from service.projections.present import Present

P = ParamSpec("P")
T = TypeVar("T")
MOST_BYTES = 56 * 2**20
"""Of all that is kept."""
OVERHEAD, OVERHEAD_OF_JSON, OVERHEAD_OF_A_LIST = 800, 400, 400
"""Bytes that anything costs beside as many as its JSON has, about; the JSON alone; and a list of what is kept."""
OVERHEAD_OF_A_WHOLE = 900
"""Of what is put together from lists."""
ROUNDS = 4
"""After which nothing is left that could go: what was used, then wholes, their lists, and the lines of these."""


class Kept(Generic[T]):
    """A thing on a shelf, and where that is."""

    __slots__ = ("digest", "drawer", "holders", "key", "parts", "thing", "used", "weight")

    def __init__(
        self, thing: T, weight: int, drawer: "Drawer[T]", key: Hashable, parts: "Sequence[Kept[Any]]" = ()
    ) -> None:
        self.thing, self.weight, self.drawer, self.key, self.used = thing, weight, drawer, key, False
        self.digest: bytes | None = None
        """Of the answer that it is, once that was worked out."""
        self.parts, self.holders = parts, 0
        """What it is put together from; and how many on the shelf are put together from it."""


Drawer = dict[Hashable, Kept[T]]
"""A part of a shelf that some may look into directly, after which ``used`` is to be set."""


class Shelf(Generic[T]):
    """Bounded by weight; the oldest goes first, unless it was asked for since it was last looked at for that."""

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._own: Drawer[T] = {}
        self._in_turn: deque[Kept[T]] = deque()
        """The next to be looked at first."""
        self.look = self._own.get
        """For whoever asks for much: a call less than ``get``, after which ``used`` is to be set."""

    def get(self, key: Hashable) -> T | None:
        kept = self._own.get(key)
        if kept is None:
            return None
        kept.used = True
        return kept.thing

    def put(
        self,
        key: Hashable,
        thing: T,
        weight: int = 1,
        drawer: Drawer[T] | None = None,
        parts: Sequence[Kept[Any]] = (),
    ) -> Kept[T]:
        """In place of what was there; nothing that alone would be too much. ``drawer``: where, if not with the rest.

        ``parts``: what lies here and would not be freed without this, and so goes no earlier.
        """
        drawer = self._own if drawer is None else drawer
        if (old := drawer.get(key)) is not None:
            self._in_turn.remove(old)
            self._let_go(old)
        put = Kept(thing, weight, drawer, key, parts)
        if weight > self._most:
            return put
        for part in parts:
            part.holders += 1
        left = ROUNDS * len(self._in_turn)
        while self._weight + weight > self._most:
            if not left:  # its parts alone are too much
                for part in parts:
                    part.holders -= 1
                return put
            left -= 1
            kept = self._in_turn.popleft()
            if kept.used or kept.holders:
                kept.used = False
                self._in_turn.append(kept)
            else:
                self._let_go(kept)
        drawer[key] = put
        self._in_turn.append(put)
        self._weight += weight
        return put

    def _let_go(self, kept: Kept[T]) -> None:
        del kept.drawer[kept.key]
        self._weight -= kept.weight
        for part in kept.parts:
            part.holders -= 1


class Made:
    """What was made of one past of one ledger; on a shelf that others may share.

    A maker is a pure function, and the equality of its parts says all that it may read of them: they are values, or
    were made here themselves. So what a line hangs on stands in the call that makes it, and no key can forget it.
    """

    def __init__(self, shelf: Shelf[Any] | None = None) -> None:
        self._shelf: Shelf[Any] = Shelf(MOST_BYTES) if shelf is None else shelf
        self.look, self.put = self._shelf.look, self._shelf.put

    def of(self, maker: Callable[P, T], *parts: P.args, **none: P.kwargs) -> T:
        """``maker(*parts)``; never None."""
        key = (self, maker, *parts)
        kept = self.look(key) or self.put(key, *as_it_is(maker(*parts, **none)))
        kept.used = True
        found: T = kept.thing
        return found

    def present(self, claim: Claim, certainty: Certainty, at: int, types: Mapping[str, EventType]) -> Present:
        """No other content has its position, and only words and fulfilments come to a claim beside its content."""
        content = claim.content
        passed = 0
        for member in content.members:
            passed += (member.earliest <= at) + (member.latest <= at)
        key = (self, Present, content.position, claim.words, claim.fulfilled_by, certainty, passed)
        kept = self.look(key)
        if kept is None:
            statement = claim.statement
            made = Present(claim, certainty, types.get(statement.type), data_of(statement, types), at)
            kept = self.put(key, made, OVERHEAD)
        kept.used = True
        found: Present = kept.thing
        return found

    def by(self, which: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """What is made of parts that cannot be compared; ``which`` tells it from all others."""
        key = (self, *which)
        kept = self.look(key) or self.put(key, *as_it_is(make()))
        kept.used = True
        found: T = kept.thing
        return found


def as_it_is(thing: Any) -> tuple[Any, int]:
    """And how many bytes it keeps from being freed, about."""
    return thing, OVERHEAD + (len(msgspec.json.encode(thing)) if isinstance(thing, Answer) else 0)


def as_json(thing: Any) -> tuple[msgspec.Raw, int]:
    """What is to be sent in its place; likewise."""
    json = compact(msgspec.json.encode(thing))
    return msgspec.Raw(json), OVERHEAD_OF_JSON + len(json)


def compact(json: bytes) -> bytes:
    """The same without the room for more, half as much again, in which msgspec leaves what it has encoded."""
    return bytes(memoryview(json))
