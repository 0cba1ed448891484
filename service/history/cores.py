"""Answers that one process has worked out already: what of each does not hang on the very point it was asked at."""

import hashlib
import time
from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import msgspec

from service import metrics
from service.history.remembering import Remembered
from service.projections.made import Kept

MOST_BYTES = 6 * 2**20
"""Of all that is kept."""
PIECE = 2_047
"""Bytes that hashlib takes in without letting go of the interpreter."""
OVERHEAD = 1000
"""Bytes that an entry costs beside what it holds, about."""


_HITS, _MISSES = metrics.HITS.labels("cores"), metrics.MISSES.labels("cores")


def digest_of(*parts: bytes | memoryview) -> bytes:
    """Of an answer, but for where it stands.

    In pieces: for longer ones hashlib lets others have the interpreter, and to get it back takes as long again.
    """
    digest = hashlib.sha256()
    for part in parts:
        view = memoryview(part)
        for begins in range(0, len(view), PIECE):
            digest.update(view[begins : begins + PIECE])
    return digest.digest()


def digests_of(kept: Iterable[Kept[Any]]) -> bytes:
    """Of the bytes of each, one after another, worked out once."""
    return b"".join([one.digest or _digest(one) for one in kept])


def _digest(kept: Kept[Any]) -> bytes:
    kept.digest = digest_of(kept.thing)
    return kept.digest


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """An answer's bytes before and after what says where it stands; and for which valid times they hold."""

    before: bytes
    after: bytes
    digest: bytes
    earlier: int
    later: int
    """From one instant until another, in µs."""
    since: int
    """The end of the last batch that bears on it."""
    elsewhere: bool = False
    """Events that touched other relationships alone bear on it, too."""

    @property
    def weight(self) -> int:
        return len(self.before) + len(self.after) + OVERHEAD


class Cores:
    """Bounded by bytes; what was not asked for longest goes first.

    A key says everything that an answer hangs on but the valid time. That a ledger has gone on makes another key, so
    nothing here grows stale.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self.remembered = Remembered(clock)
        """What more of them can be made from."""
        self._most_bytes, self._bytes = most_bytes, 0
        self._begin: dict[Hashable, list[int]] = {}
        """By key: where each of its cores begins to hold. They never overlap."""
        self._kept: OrderedDict[tuple[Hashable, int], Core] = OrderedDict()

    @property
    def bytes(self) -> int:
        return self._bytes

    def of(self, key: tuple[Hashable, ...], position: int, valid: int) -> Core | None:
        """What is kept of that question: for whatever position, or for this one only."""
        core = self.get((*key, None), valid) or self.get((*key, position), valid)
        (_MISSES if core is None else _HITS).inc()
        return core

    def get(self, key: Hashable, valid: int) -> Core | None:
        begin = self._begin.get(key)
        nearest = 0 if begin is None else bisect_right(begin, valid)
        if begin is None or nearest == 0:
            return None
        name = key, begin[nearest - 1]
        core = self._kept[name]
        if valid >= core.later:
            return None
        self._kept.move_to_end(name)
        return core

    def put(self, key: Hashable, core: Core) -> None:
        """Nothing, where one is kept already that begins there, or it alone would be too much."""
        name = key, core.earlier
        if name in self._kept or core.weight > self._most_bytes // 4:
            return
        self._kept[name] = core
        insort(self._begin.setdefault(key, []), core.earlier)
        self._bytes += core.weight
        while self._bytes > self._most_bytes:
            (oldest, earlier), gone = self._kept.popitem(last=False)
            self._bytes -= gone.weight
            begin = self._begin[oldest]
            begin.remove(earlier)
            if not begin:
                del self._begin[oldest]
