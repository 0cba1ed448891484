"""Final answers kept whole, in front of the router: asked again at the same address, nothing below is asked."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from service import metrics, traces
from service.api.access import REMEMBERED
from service.api.accounts import account_of, route_of
from service.api.streams import send_whole
from service.api.validators import is_among
from service.projections.made import compact

MOST_BYTES = 26 * 2**20
MOST_ASKED = 8192
"""Addresses that are remembered for having been asked for once, at least; twice as many at most."""
OVERHEAD = 2000
"""Bytes that an entry costs beside its body, about."""
HANGS_ON = (b"authorization", b"accept", b"host")
"""What an answer hangs on beside its address: who asks, for which form, and under which name it is reached."""

_HITS = metrics.HITS.labels("kept")

OF_THE_BODY = 2
"""Headers that tell of a body, and come last."""

Header = tuple[bytes, bytes]
Headers = tuple[Header, ...]
Key = tuple[str, str, bytes, Headers]


class Kept(msgspec.Struct, frozen=True):
    """An answer as it is sent, without what is each request's own."""

    until: float
    tag: str
    headers: Headers
    bodiless: Headers
    """Those that go with 304."""
    body: bytes
    route: str
    ledger: str | None

    @property
    def weight(self) -> int:
        return len(self.body) + OVERHEAD


class KeptAnswers:
    """Those that no later event changes; each no longer than a caller's access is taken from memory.

    Kept is what is asked for a second time: most points are asked for once, and would drive out what is asked again.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes, self._clock, self._bytes = most_bytes, clock, 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._asked: set[int] = set()
        """Keys that were asked for, by their hashes: two that share one lose nothing by it."""
        self._asked_before: set[int] = set()

    def put(self, scope: HTTPScope, tag: str, headers: Callable[[], Sequence[Header]], body: bytes) -> None:
        """The answer to the request of that scope; nothing where it alone would be too much.

        ``headers``: those that tell of the body come last.
        """
        key = _key(scope)
        if not self._again(key):
            return
        raw = tuple(headers())
        route = route_of(scope.get("path_template", ""))
        ledger = traces.ledger.get()
        kept = Kept(self._clock() + REMEMBERED, tag, raw, raw[:-OF_THE_BODY], compact(body), route, ledger)
        if kept.weight > self._most_bytes // 4:
            return
        if (old := self._kept.pop(key, None)) is not None:
            self._bytes -= old.weight
        self._kept[key] = kept
        self._bytes += kept.weight
        while self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.weight

    def _again(self, key: Key) -> bool:
        """Whether it was asked for before, as far as that is remembered."""
        hashed = hash(key)
        if hashed in self._asked or hashed in self._asked_before:
            return True
        if len(self._asked) == MOST_ASKED:
            self._asked, self._asked_before = set(), self._asked
        self._asked.add(hashed)
        return False

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    @property
    def bytes(self) -> int:
        return self._bytes

    def get(self, scope: HTTPScope) -> Kept | None:
        kept = self._kept.get(_key(scope))
        return kept if kept is not None and self._clock() < kept.until else None

    def in_front_of(self, app: ASGIApp) -> ASGIApp:
        """Answers what is kept; any other request goes on to ``app``."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            asked = scope["type"] == ScopeType.HTTP and scope["method"] in ("GET", "HEAD")
            kept = self.get(cast("HTTPScope", scope)) if asked else None
            if kept is None:
                await app(scope, receive, send)
                return
            _HITS.inc()
            account_of(scope).route = kept.route
            traces.ledger.set(kept.ledger)
            given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match"]
            unchanged = bool(given) and is_among(kept.tag, given)
            headers, body = (kept.bodiless, b"") if unchanged else (kept.headers, kept.body)
            status = 304 if unchanged else 200
            await send_whole(send, {"type": "http.response.start", "status": status, "headers": headers}, body)

        return answer


def _key(scope: HTTPScope) -> Key:
    hangs_on = tuple((name, value) for name, value in scope["headers"] if name in HANGS_ON)
    return scope["scheme"], scope["path"], scope["query_string"], hangs_on
