"""Following a ledger's feed from afar, through restarts of its server: what ``tarih follow`` does."""

import http.client
import json
import os
import random
import re
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import BinaryIO
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from service.domain.actors import canonical_relationship

SILENCE = 45.0  # seconds without even a comment, after which the connection is given up
FIRST_WAIT, LONGEST_WAIT = 0.1, 10.0  # seconds until it tries again
PLACE = re.compile(r"(?:[0-9a-f]{8}-)?[0-9]{1,30}", re.ASCII)
GONE = http.client.GONE
PASSING = {http.client.REQUEST_TIMEOUT, http.client.TOO_MANY_REQUESTS}


class CannotFollow(Exception):
    """Trying again will not help; the message says why and what to do."""


class AnotherPast(CannotFollow):
    """The place lies in an epoch that the ledger no longer has."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is followed, and from where."""

    url: str
    """Of the server."""
    ledger: str
    after: str = "0"
    """A position or a feed id."""
    filters: Mapping[str, str] = {}
    key: str | None = None
    file: Path | None = None
    """Keeps the place; where it is there already, it is where to begin."""
    once: bool = False
    """End at what is there already."""


def filters(**given: str | None) -> dict[str, str]:
    """Those that are given; a relationship with its members in their order. Raises CannotFollow."""
    found = {name: value for name, value in given.items() if value is not None}
    try:
        return found | {name: canonical_relationship(value) for name, value in found.items() if name == "relationship"}
    except ValueError as error:
        raise CannotFollow(f"--relationship: {error}") from None


class _Stopped(BaseException):
    """A signal asked us to end."""


class _NobodyReads(Exception):
    """What we write to was closed."""


class _Failed(Exception):
    """It may work later: the server said so."""


def follow(wanted: Wanted, out: BinaryIO, say: Callable[[str], None]) -> None:
    """Write each event as a line, until SIGINT or SIGTERM, or until nobody reads.

    Each line is written once, however often the server restarts; the place is kept once the lines are flushed, so that
    only a kill of this process between the two can repeat some. Raises CannotFollow.
    """
    follower = _Follower(wanted, out, say)
    before = {number: signal.signal(number, follower.stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        follower.run()
    except (_Stopped, _NobodyReads):
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Follower:
    def __init__(self, wanted: Wanted, out: BinaryIO, say: Callable[[str], None]) -> None:
        self.wanted, self.out, self.say = wanted, out, say
        self.place = _place_of(wanted)
        self.stopping = self.interruptible = self.troubled = self.heard = False
        self._keep()

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Between two lines, unless it is asked twice."""
        if self.interruptible or self.stopping:
            raise _Stopped
        self.stopping = True

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While nothing is being written, a signal may come in between."""
        self.interruptible = True
        try:
            if self.stopping:
                raise _Stopped
            yield
        finally:
            self.interruptible = False

    def run(self) -> None:
        wait = FIRST_WAIT
        while True:
            self.heard = False
            try:
                if self._stream():
                    return
                self._trouble("the server ended the stream")
            except (OSError, http.client.HTTPException, _Failed) as error:
                self._trouble(f"cannot follow at {self.wanted.url}: {str(error) or type(error).__name__}")
            wait = FIRST_WAIT if self.heard else min(2 * wait, LONGEST_WAIT)
            with self.waiting():
                time.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 - so that many do not come back at once

    def _trouble(self, what: str) -> None:
        if not self.troubled:
            self.troubled = True
            self.say(f"{what}; trying again")

    def _stream(self) -> bool:
        """True once what was wanted is written; False where the server ended it."""
        scheme, netloc, path, *_ = urlsplit(self.wanted.url)
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        headers = {"Accept": "text/event-stream", "User-Agent": "tarih-follow"}
        if self.wanted.key is not None:
            headers["Authorization"] = f"Bearer {self.wanted.key}"
        query = urlencode({"after": self.place, **self.wanted.filters})
        connection = kind(netloc, timeout=SILENCE)
        try:
            with self.waiting():
                feed = f"{path.rstrip('/')}/v1/ledgers/{quote(self.wanted.ledger, safe='')}/events"
                connection.request("GET", f"{feed}?{query}", headers=headers)
                answer = connection.getresponse()
            if answer.status != http.client.OK:
                self._refused(answer)
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                raise CannotFollow(f"{self.wanted.url} answers, but not as Tarih does")
            return self._read(answer)
        finally:
            connection.close()

    def _refused(self, answer: http.client.HTTPResponse) -> None:
        with self.waiting():
            body = answer.read(100_000)
        try:
            problem = json.loads(body)
            what = f"{problem['title']}: {problem['detail']}"
        except (ValueError, TypeError, KeyError):
            what = f"status {answer.status}"
        if answer.status >= http.client.INTERNAL_SERVER_ERROR or answer.status in PASSING:
            raise _Failed(what)
        if answer.status == GONE:
            raise AnotherPast(
                f"{what}. What was written up to {self.place} may differ from what the ledger holds now: compare, or "
                "begin again with --after 0 and another position file"
            )
        raise CannotFollow(what)

    def _read(self, answer: http.client.HTTPResponse) -> bool:
        held = b""
        while True:
            with self.waiting():
                data = answer.read1(65_536)
            if not data:
                return False
            self.heard = True
            self._look_who_reads()
            if self.troubled:
                self.troubled = False
                self.say("following again")
            *blocks, held = (held + data).split(b"\n\n")
            if self._take(blocks):
                return True

    def _take(self, blocks: list[bytes]) -> bool:
        """Writes what they hold, then keeps the place; True at the end of what is wanted."""
        lines, place, end = [], self.place, False
        for block in blocks:
            fields = dict(line.partition(b": ")[::2] for line in block.split(b"\n"))
            if fields.get(b"event") == b"event":
                lines.append(fields[b"data"] + b"\n")
            place = fields.get(b"id", place.encode()).decode()
            if self.wanted.once and fields.get(b"event") == b"caught-up":
                end = True
                break
        if lines:
            try:
                self.out.write(b"".join(lines))
                self.out.flush()
            except BrokenPipeError:
                raise _NobodyReads from None
            except OSError as error:
                raise CannotFollow(f"cannot write: {error}") from None
        if place != self.place:
            self.place = place
            self._keep()
        return end

    def _look_who_reads(self) -> None:
        """A pipe says that nobody reads it only to those who write, or ask; a quiet ledger may not write for long."""
        if hasattr(select, "poll"):
            asking = select.poll()
            asking.register(self.out, 0)
            if any(event & select.POLLERR for _, event in asking.poll(0)):
                raise _NobodyReads

    def _keep(self) -> None:
        """The whole new place or the whole old one, whenever this is cut off."""
        if self.wanted.file is not None:
            draft = self.wanted.file.with_name(f".{self.wanted.file.name}.new")
            try:
                draft.write_text(self.place + "\n", encoding="ascii")
                os.replace(draft, self.wanted.file)
            except OSError as error:
                raise CannotFollow(f"cannot keep the position: {error}") from None


def _place_of(wanted: Wanted) -> str:
    """Raises CannotFollow."""
    if wanted.file is None or not wanted.file.exists():
        return wanted.after
    try:
        place = wanted.file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotFollow(f"cannot read the position: {error}") from None
    if not PLACE.fullmatch(place):
        raise CannotFollow(f"{wanted.file} holds no position; remove it to begin with --after")
    return place
