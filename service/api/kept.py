"""Final answers kept whole, in front of the router: asked again at the same address, nothing below is asked."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from service import metrics, traces
from service.api.access import REMEMBERED
from service.api.accounts import account_of, route_of
from service.api.encodings import GZIP, LEAST, takes_gzip, unzipped
from service.api.streams import send_whole
from service.api.validators import is_among
from service.projections.made import compact

MOST_BYTES = 12 * 2**20
MOST_ASKED = 8192
"""Addresses that are remembered for having been asked for once, at least; twice as many at most."""
OVERHEAD = 2000
"""Bytes that an entry costs beside its body, about."""
LONG = 32 * 1024
"""Bytes of a body that is kept as gzip alone: to make it out of that takes less than to send it."""
HANGS_ON = (b"authorization", b"accept", b"host")
"""What an answer hangs on beside its address: who asks, for which form, and under which name it is reached."""

_HITS = metrics.HITS.labels("kept")

OF_THE_BODY = 2
"""Headers that tell of a body, and come last: its type and its length."""

Header = tuple[bytes, bytes]
Headers = tuple[Header, ...]
Key = tuple[str, str, bytes, Headers]
Still = Callable[[Sequence[str], str, bytes], str | None]
"""Of those of Authorization, a ledger and its epoch: ``public`` or ``private``; None where they may not read it, it is
another one now, or that is not known."""


class Whole(Protocol):
    """An answer that is there already."""

    content: bytes

    def raw(self) -> Sequence[Header]:
        """Its headers; those that tell of the body come last."""

    def zipped(self) -> bytes:
        """Its body as gzip."""


class Kept(msgspec.Struct):
    """An answer as it is sent, without what is each request's own."""

    until: float
    """When it is to be asked whether this caller may still have it."""
    tag: str
    headers: Headers
    """Without those that tell of its body; they go with 304, too."""
    media_type: Header
    body: bytes | None
    """None where it is kept as gzip alone."""
    zipped: bytes | None
    """None where it is too short for that."""
    route: str
    traced: str | None
    ledger: str | None
    epoch: bytes
    """Empty where nobody said which; then it is made anew when its time is over."""
    scope: str
    """``public`` or ``private``, as it says itself."""

    @property
    def weight(self) -> int:
        return len(self.body or b"") + len(self.zipped or b"") + OVERHEAD

    def sent(self, *, as_gzip: bool) -> tuple[Headers, bytes]:
        """Its headers and its body, for whoever takes gzip or not."""
        if as_gzip and self.zipped is not None:
            body = self.zipped
            return (*self.headers, self.media_type, GZIP, _length(body)), body
        body = unzipped(self.zipped or b"") if self.body is None else self.body
        return (*self.headers, self.media_type, _length(body)), body


class KeptAnswers:
    """Those that no later event changes, as long as a caller may read their ledger and it is the same one.

    Kept is what is asked for a second time: most points are asked for once, and would drive out what is asked again.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes, self.clock, self._bytes = most_bytes, clock, 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        """What was not asked for longest comes first."""
        self._asked: set[int] = set()
        """Keys that were asked for, by their hashes: two that share one lose nothing by it."""
        self._asked_before: set[int] = set()

    def put(self, scope: HTTPScope, tag: str, whole: Whole, epoch: bytes = b"") -> None:
        """The answer to the request of that scope; nothing where it alone would be too much.

        ``epoch``: of the ledger that the address names.
        """
        key = _key(scope)
        if not self._again(key):
            return
        raw, body = tuple(whole.raw()), whole.content
        common, media_type = raw[:-OF_THE_BODY], raw[-OF_THE_BODY]
        cache = dict(common).get(b"cache-control", b"")
        kept = Kept(
            until=self.clock() + REMEMBERED,
            tag=tag,
            headers=common,
            media_type=media_type,
            body=None if len(body) > LONG else compact(body),
            zipped=None if len(body) < LEAST else whole.zipped(),
            route=route_of(scope.get("path_template", "")),
            traced=traces.ledger.get(),
            ledger=scope.get("path_params", {}).get("ledger"),
            epoch=epoch,
            scope=cache.partition(b",")[0].decode(),
        )
        if kept.weight > self._most_bytes // 4:
            return
        self._let_go(key)
        self._kept[key] = kept
        self._bytes += kept.weight
        while self._bytes > self._most_bytes:
            self._let_go(next(iter(self._kept)))

    def _again(self, key: Key) -> bool:
        """Whether it was asked for before, as far as that is remembered."""
        hashed = hash(key)
        if hashed in self._asked or hashed in self._asked_before:
            return True
        if len(self._asked) == MOST_ASKED:
            self._asked, self._asked_before = set(), self._asked
        self._asked.add(hashed)
        return False

    def _let_go(self, key: Key) -> None:
        if (gone := self._kept.pop(key, None)) is not None:
            self._bytes -= gone.weight

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    @property
    def bytes(self) -> int:
        return self._bytes

    def get(self, scope: HTTPScope, still: Still) -> Kept | None:
        """What is kept of it; access, or the ledger, may have changed since that was last asked.

        Nothing is waited for: what is not known is found out by whoever makes the answer anew.
        """
        kept = self._kept.get(key := _key(scope))
        if kept is None:
            return None
        now = self.clock()
        if now >= kept.until:
            if kept.ledger is None or still(_given(scope, b"authorization"), kept.ledger, kept.epoch) != kept.scope:
                return None
            kept.until = now + REMEMBERED
        self._kept.move_to_end(key)
        return kept

    def in_front_of(self, app: ASGIApp, still: Still) -> ASGIApp:
        """Answers what is kept; any other request goes on to ``app``."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            asked = scope["type"] == ScopeType.HTTP and scope["method"] in ("GET", "HEAD")
            kept = self.get(cast("HTTPScope", scope), still) if asked else None
            if kept is None:
                await app(scope, receive, send)
                return
            _HITS.inc()
            account_of(scope).route = kept.route
            traces.ledger.set(kept.traced)
            if (given := _given(scope, b"if-none-match")) and is_among(kept.tag, given):
                status, headers, body = 304, kept.headers, b""
            else:
                status = 200
                headers, body = kept.sent(as_gzip=takes_gzip(_given(scope, b"accept-encoding")))
            await send_whole(send, {"type": "http.response.start", "status": status, "headers": headers}, body)

        return answer


def _given(scope: Scope, wanted: bytes) -> list[str]:
    """Each value of a header."""
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]


def _length(body: bytes) -> Header:
    return b"content-length", b"%d" % len(body)


def _key(scope: HTTPScope) -> Key:
    hangs_on = tuple((name, value) for name, value in scope["headers"] if name in HANGS_ON)
    return scope["scheme"], scope["path"], scope["query_string"], hangs_on
