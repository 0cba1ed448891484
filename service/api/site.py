"""What the handlers share in one process: the log, who may pass, and what the roof has decided."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import litestar
from litestar.datastructures import Headers, State
from litestar.types import Scope

from service.api.access import Gate, Pass
from service.api.cursors import Cursors
from service.api.kept import KeptAnswers
from service.api.streams import Streams
from service.history import Cores, Watches
from service.store import secrets
from service.store.log import Log
from service.store.readers import Reader

if TYPE_CHECKING:
    from service.api.tokens import Tokens


class Request(litestar.Request[None, None, State]):
    """Litestar's, which looks its headers up anew whenever one is asked for."""

    __slots__ = ("_headers",)
    _headers: Headers

    def given(self, name: str) -> list[str]:
        """Each value of a header, of the name in lower case."""
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self.scope["headers"] if key == wanted]

    @property
    def headers(self) -> Headers:
        try:
            return self._headers
        except AttributeError:
            self._headers = Headers.from_scope(self.scope)
            return self._headers


class Site:
    """One per application, in its ``opt``."""

    def __init__(
        self,
        document: Callable[[], bytes],
        public_url: str | None,
        revision: str | None,
        opened: Callable[[str, str], object],
        address: Callable[[Scope], str],
        streams: Streams,
        tokens: "Tokens | None" = None,
    ) -> None:
        self._opened, self._address, self._tokens = opened, address, tokens
        self.document = document
        self.public_url = public_url
        self.revision = revision
        """The schema's revision that this code was written for; None where it does not matter."""
        self.streams = streams
        self.watches = Watches()
        self.kept = KeptAnswers()
        self.cores = Cores()
        self.leaving = False
        """It answers still, but nobody new should be sent here."""
        self.answering = 0
        """Requests that are being answered."""
        self._cursors: Cursors | None = None
        self._log: Log | None = None
        self.gate: Gate

    def open(self, log: Log) -> None:
        """From now on there is something to answer from."""
        self._log, self.gate = log, Gate(log, opened=self._opened, tokens=self._tokens)
        if log.wakeups is not None:
            log.wakeups.access_changed = self.access_changed

    def caller(self, request: Request, passed: Pass) -> str:
        """By its key, or where it came without one, by its address."""
        return self._address(request.scope) if passed.key is None else f"key {passed.key.key_id}"

    def still(self, authorization: Sequence[str], ledger: str, epoch: bytes) -> str | None:
        """To whom an answer of that ledger and epoch may be given, as ``Pass.scope``; None if that is not at hand."""
        now = self.cores.remembered.epoch_at_hand(ledger)
        if now is None or now.bytes != epoch:
            return None
        passed = self.gate.reader_at_hand(authorization, ledger)
        return None if passed is None else passed.scope

    def access_changed(self) -> None:
        """What was remembered of it is forgotten, and nobody follows further without being looked at."""
        self.gate.forget_all()
        self.kept.clear()
        self.streams.access_changed()

    def leave(self, *, at_once: bool) -> None:
        """It is to end: now, or at the next call."""
        if self.leaving or at_once:
            self.streams.end()
        self.leaving = True

    def close(self) -> None:
        """From now on it is not ready, and nobody follows."""
        self.streams.end()
        self._log = None

    @property
    def log(self) -> Log:
        assert self._log is not None, "the application's lifespan opens it"  # noqa: S101
        return self._log

    async def cursors(self) -> Cursors:
        """Raises Unavailable."""
        if self._cursors is None:
            self._cursors = Cursors(await self.log.consult(_secret_of_cursors))
        return self._cursors

    @property
    def is_open(self) -> bool:
        return self._log is not None


async def _secret_of_cursors(reader: Reader) -> bytes:
    async with reader.connection() as connection:
        return await secrets.secret(connection, "cursors")


def site_of(request: Request) -> Site:
    site: Site = request.app.opt["site"]
    return site
