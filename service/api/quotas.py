"""How much each caller has asked of late, by everyone's first right to a share: kept in memory that processes share.

The rule is GCRA: a caller's debt grows by one interval a request, falls as time passes, and may reach one window.
"""

import fcntl
import hashlib
import mmap
import os
import secrets
import time
from pathlib import Path

import msgspec

SLOTS = 1 << 15
"""Callers that are told apart at one time; of more, those who owe least are forgotten."""
_WAYS = 4
"""Places where one caller may stand."""
_HEADER = 32
_SIZE = _HEADER + SLOTS * 16
_TRIES = 64
"""At a lock, before going on without: whoever holds it was stopped in the midst, and one count may be lost."""
_MOST_PLACES = 20_000
SECOND = 1_000_000_000
VERDICT = "tarih.quota"
"""Where a request's own verdict stands in its state."""


class Policy(msgspec.Struct, frozen=True):
    """So many requests at once, and so many in each window from then on."""

    name: str
    quota: int
    window: int
    """Seconds."""


class Spent(msgspec.Struct, frozen=True, gc=False):
    """What became of one request."""

    left: int
    """Requests that may still come at once; less than 0 where this one was too much."""
    wait: int
    """Nanoseconds until one more may come."""

    @property
    def allowed(self) -> bool:
        return self.left >= 0

    @property
    def seconds(self) -> int:
        """The same wait in whole seconds, none too few."""
        return -(-self.wait // SECOND)


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """Who asked, by which policy it was judged, and how."""

    caller: str
    policy: Policy
    spent: Spent

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        policy, spent, name = self.policy, self.spent, self.policy.name.encode()
        return [
            (b"ratelimit-policy", b'"%s";q=%d;w=%d' % (name, policy.quota, policy.window)),
            (b"ratelimit", b'"%s";r=%d;t=%d' % (name, max(spent.left, 0), spent.seconds)),
        ]


class Quotas:
    """By caller, until when its debt lasts, in nanoseconds of the machine's monotonic clock; the place it stands at is
    told by a keyed hash, so that nobody can choose to share another's."""

    def __init__(self, memory: bytearray | mmap.mmap, file: int | None) -> None:
        self._file = file
        self._secret = bytes(memory[:16])
        self._cells = memoryview(memory)[_HEADER:].cast("Q")
        self._places: dict[str, tuple[int, int]] = {}

    @classmethod
    def alone(cls) -> "Quotas":
        """Of this process only."""
        memory = bytearray(_SIZE)
        memory[:16] = secrets.token_bytes(16)
        return cls(memory, None)

    @staticmethod
    def lay_out(path: Path) -> None:
        """Makes the file that several processes share; what it held is forgotten."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(16))
            file.truncate(_SIZE)
        draft.replace(path)

    @classmethod
    def shared(cls, path: Path) -> "Quotas":
        """Raises OSError."""
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        return cls(mmap.mmap(file, _SIZE), file)

    def spend(self, caller: str, policy: Policy, now: int | None = None) -> Spent:
        """One request more, unless that is too much: then nothing is counted."""
        if now is None:
            now = time.monotonic_ns()
        window = policy.window * SECOND
        interval = window // policy.quota
        first, tag = self._places.get(caller) or self._place(caller)
        locked = self._file is not None and self._lock(self._file, first)
        try:
            cells = self._cells
            at, debt = self._find(first, tag)
            debt = max(debt, now) + interval
            if debt - now <= window:
                cells[at], cells[at + 1] = tag, debt
                left = (window - debt + now) // interval
                return Spent(left, (left + 1) * interval - (window - debt + now))
            return Spent(-1, debt - now - window)
        finally:
            if locked:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, first)  # type: ignore[arg-type]  # it was locked

    def _find(self, first: int, tag: int) -> tuple[int, int]:
        """The place of a caller and its debt; of one who has none, the place of whoever owes least."""
        cells = self._cells
        least, owed = first, cells[first + 1]
        for at in range(first, first + 2 * _WAYS, 2):
            if cells[at] == tag:
                return at, cells[at + 1]
            if cells[at + 1] < owed:
                least, owed = at, cells[at + 1]
        return least, 0

    def _place(self, caller: str) -> tuple[int, int]:
        hashed = hashlib.blake2b(caller.encode(), digest_size=16, key=self._secret).digest()
        bucket = int.from_bytes(hashed[:8], "little") % (SLOTS // _WAYS)
        place = bucket * 2 * _WAYS, int.from_bytes(hashed[8:], "little") or 1
        if len(self._places) >= _MOST_PLACES:
            self._places.clear()
        self._places[caller] = place
        return place

    def _lock(self, file: int, first: int) -> bool:
        """It falls with the process that holds it, and is never waited for: that would hold up everybody."""
        for _ in range(_TRIES):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, first)
            except OSError:
                os.sched_yield()
            else:
                return True
        return False
