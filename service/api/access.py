"""Who calls, and whether they may: keys, and ledgers that look absent to those who may not read them."""

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from service import traces
from service.api.refused import Forbidden, Unauthorized
from service.domain.actors import SLUG
from service.domain.refusals import NotFound
from service.store import keys, ledgers
from service.store.keys import Key
from service.store.log import Log
from service.store.readers import Reader

if TYPE_CHECKING:
    from service.api.tokens import Tokens  # eight megabytes of cryptography, that most services have no use for

REMEMBERED = 2.0
"""Seconds for which a key, or a ledger's access, is taken from memory, where no word of a change reaches us."""
MOST_REMEMBERED = 10_000
LONGEST_TOKEN = 8192
"""Characters of a token."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_CREDENTIALS = re.compile(rf"[A-Za-z0-9._~+/=-]{{1,{LONGEST_TOKEN}}}", re.ASCII)
_NAME = re.compile(SLUG)
LONGEST_NAME = 64
T = TypeVar("T")


class Opened(msgspec.Struct, frozen=True):
    """A key that is good, by the gate's clock until ``ends``."""

    key: Key
    ends: float


class Pass:
    """What the gate gives to those who may read a ledger."""

    def __init__(self, key: Key | None, *, public: bool, ends: float = math.inf) -> None:
        self.key = key
        self.public = public
        """Anyone may read it, so that anyone's cache may keep the answer."""
        self.ends = ends
        """When the caller's key expires, by ``time.monotonic``."""

    @property
    def scope(self) -> str:
        """For Cache-Control."""
        return "public" if self.public else "private"


ANYBODY = Pass(None, public=True)
"""Without a key."""


class Memory(Generic[T]):
    """What was true a moment ago, by name; never that something is not there."""

    def __init__(self, clock: Callable[[], float], ends: Callable[[T], float] = lambda _: math.inf) -> None:
        self._clock, self._ends = clock, ends
        self._kept: dict[str, tuple[float, T]] = {}
        self._being_read: dict[str, asyncio.Event] = {}

    def get(self, name: str) -> T | None:
        until, kept = self._kept.get(name, (0.0, None))
        return kept if self._clock() < until else None

    async def read(
        self, name: str, read: Callable[[], Awaitable[T | None]], suits: Callable[[T], bool] = lambda _: True
    ) -> T | None:
        """What is true now. Whoever asks while it is read waits for that, and reads only if it does not suit."""
        if (being_read := self._being_read.get(name)) is not None:
            await being_read.wait()
            if (kept := self.get(name)) is not None and suits(kept):
                return kept
        own = self._being_read[name] = asyncio.Event()
        try:
            value = await read()
            # What was forgotten meanwhile may have changed since it was read.
            if value is not None and self._being_read.get(name) is own:
                self._put(name, value)
            return value
        finally:
            if self._being_read.get(name) is own:
                del self._being_read[name]
            own.set()

    def _put(self, name: str, value: T) -> None:
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        self._kept[name] = min(self._clock() + REMEMBERED, self._ends(value)), value

    def forget_all(self) -> None:
        self._kept.clear()
        self._being_read.clear()


class Gate:
    """Lets callers through to a ledger, or refuses them; one per process."""

    def __init__(
        self,
        log: Log,
        clock: Callable[[], float] = time.monotonic,
        opened: Callable[[str, str], object] = lambda authorization, key_id: None,
        tokens: "Tokens | None" = None,
    ) -> None:
        self._log, self._clock, self._told, self._tokens = log, clock, opened, tokens
        self._keys: Memory[Opened] = Memory(clock, lambda opened: opened.ends)
        self._public: Memory[bool] = Memory(clock)
        self._used: set[str] = set()

    async def caller(self, authorization: Sequence[str]) -> Key | None:
        """None without a key; raises Unauthorized for one that is malformed, unknown, expired or revoked."""
        opened = await self._opened(authorization)
        return None if opened is None else opened.key

    async def known(self, authorization: Sequence[str]) -> Key:
        """Raises Unauthorized, without a key too."""
        key = await self.caller(authorization)
        if key is None:
            raise Unauthorized("this needs a key: send `Authorization: Bearer tarih_…`")
        return key

    async def _opened(self, authorization: Sequence[str]) -> Opened | None:
        if not authorization:
            return None
        secret = _secret_in(authorization)
        hashed = keys.hash_of(secret).hex()
        opened = self._keys.get(hashed)
        if opened is None:
            opened = await self._keys.read(hashed, lambda: self._key_of(secret))
            if opened is None:
                raise Unauthorized("this key does not exist, has expired or was revoked", invalid=True)
            self._told(authorization[0], opened.key.key_id)
        self._use(opened)
        return opened

    def _use(self, opened: Opened) -> None:
        if not opened.key.key_id.startswith(keys.OF_TOKENS):
            self._used.add(opened.key.key_id)

    async def _key_of(self, secret: str) -> Opened | None:
        asked = self._clock()
        if self._tokens is not None and is_token(secret):
            caller, left = await self._tokens.read(secret)
            return Opened(caller, asked + left)
        if not keys.is_secret(secret):
            return None

        async def question(reader: Reader) -> tuple[Key, float | None] | None:
            async with reader.connection() as connection:
                return await keys.key_of(connection, secret)

        found = await self._log.consult(question)
        if found is None:
            return None
        key, seconds = found
        return Opened(key, math.inf if seconds is None else asked + seconds)

    async def reader(self, authorization: Sequence[str], ledger: str) -> Pass:
        """Raises NotFound where there is no such ledger, and likewise, word for word, where the caller may not know."""
        opened = await self._opened(authorization) if authorization else None
        key = None if opened is None else opened.key
        permitted = key is not None and key.may("read", ledger)
        public = self._public.get(ledger)
        # That a ledger is private is remembered only for those who may know of it.
        if (public is None or not (public or permitted)) and _NAME.fullmatch(ledger) and len(ledger) <= LONGEST_NAME:
            public = await self._public.read(ledger, lambda: self._is_public(ledger), lambda it: it or permitted)
        if public is None or not (public or permitted):
            raise NotFound("ledger", f"there is no ledger `{ledger[:LONGEST_NAME]}`")
        return self._pass(ledger, opened, public=public)

    def reader_at_hand(self, authorization: Sequence[str], ledger: str) -> Pass | None:
        """The same, where nothing has to be asked for it; else None, whatever the reason."""
        opened = None
        if authorization:
            try:
                opened = self._keys.get(keys.hash_of(_secret_in(authorization)).hex())
            except Unauthorized:
                return None
            if opened is None:
                return None
            self._use(opened)
        public = self._public.get(ledger)
        if public is None or not (public or (opened is not None and opened.key.may("read", ledger))):
            return None
        return self._pass(ledger, opened, public=public)

    def _pass(self, ledger: str, opened: Opened | None, *, public: bool) -> Pass:
        traces.ledger.set(ledger if public else None)
        return ANYBODY if opened is None else Pass(opened.key, public=public, ends=opened.ends)

    async def _is_public(self, ledger: str) -> bool | None:
        """None where there is no such ledger."""

        async def question(reader: Reader) -> list[ledgers.Ledger]:
            async with reader.connection() as connection:
                return await ledgers.ledgers(connection, ledger)

        found = await self._log.consult(question)
        return found[0].public_read if found else None

    async def writer(self, authorization: Sequence[str], ledger: str, right: str = "append") -> Key:
        """Raises NotFound as ``reader`` does; Unauthorized without a key; Forbidden with one that may only read."""
        key = (await self.reader(authorization, ledger)).key
        if key is None:
            raise Unauthorized("writing needs a key: send `Authorization: Bearer tarih_…`")
        if not key.may(right, ledger):
            raise Forbidden(f"this key may read `{ledger}`, but it lacks the right `{right}`")
        return key

    def forget_all(self) -> None:
        """Something has changed, and nobody knows what."""
        self._keys.forget_all()
        self._public.forget_all()

    async def write_uses(self) -> None:
        """Notes which keys were used since the last time; raises Unavailable, and then they are noted the next time."""
        used, self._used = self._used, set()
        if not used:
            return
        try:
            async with self._log.connection() as connection:
                await keys.keys_used(connection, used)
        except BaseException:
            self._used |= used
            raise


def _secret_in(authorization: Sequence[str]) -> str:
    """Raises Unauthorized."""
    scheme, _, secret = authorization[0].partition(" ")
    secret = secret.strip(" ")
    if len(authorization) > 1 or scheme.lower() != "bearer" or not _CREDENTIALS.fullmatch(secret):
        raise Unauthorized("the header must be `Authorization: Bearer tarih_…`", invalid=True)
    return secret


def is_token(text: str) -> bool:
    """Whether it has the form of one."""
    return len(text) <= LONGEST_TOKEN and _TOKEN.fullmatch(text) is not None
