"""Cursors of paged lists: where the next page begins, at which point, of which question; opaque, and signed."""

import base64
import binascii
import hashlib
import hmac
from typing import Any
from uuid import UUID

import msgspec

from service.domain.as_of import AsOf

FORM = 1
"""Raised when a cursor's fields change; those of another form are refused."""
SIGNATURE = 16
"""Bytes."""
LONGEST = 1_000
"""Characters."""


class UnusableCursor(ValueError):
    """It was not given out here, or not for this question."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a list goes on."""

    form: int
    question: bytes
    """What ``question`` makes of all that must stay the same from page to page."""
    epoch: bytes
    """The beginning of the ledger's."""
    as_of: tuple[int, int | None, int, int | None, bool, bool]
    after: tuple[int | str, ...]
    """The place, in the list's own order, of the last thing on the page before."""

    @property
    def point(self) -> AsOf:
        valid, known, position, reported, final, pinned = self.as_of
        return AsOf(valid=valid, known=known, position=position, reported=reported, final=final, pinned=pinned)


_cursors = msgspec.msgpack.Decoder(Cursor)


def question(*said: Any) -> bytes:
    """Tells one question from any other: what is listed, of which ledger, with which filters, in which order."""
    return hashlib.sha256(msgspec.json.encode(said)).digest()[:16]


class Cursors:
    """Signs with a secret that all processes of the service share."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, asked: bytes, epoch: UUID, as_of: AsOf, after: tuple[int | str, ...]) -> str:
        point = (as_of.valid, as_of.known, as_of.position, as_of.reported, as_of.final, as_of.pinned)
        said = msgspec.msgpack.encode(Cursor(FORM, asked, epoch.bytes[:4], point, after))
        return base64.urlsafe_b64encode(self._signature(said) + said).decode().rstrip("=")

    def read(self, text: str, asked: bytes) -> Cursor:
        """Raises UnusableCursor."""
        try:
            if len(text) > LONGEST or not text.isascii():
                raise ValueError
            signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise UnusableCursor("a cursor, as `next` gave it; this is none") from None
        signature, said = signed[:SIGNATURE], signed[SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(said)):
            raise UnusableCursor("a cursor, as `next` gave it; this one was not given out here, or was changed")
        try:
            cursor = _cursors.decode(said)
        except msgspec.DecodeError:
            raise UnusableCursor(_OLD) from None
        if cursor.form != FORM:
            raise UnusableCursor(_OLD)
        if cursor.question != asked:
            raise UnusableCursor(
                "the cursor of this very question: this one is of another list, or with other filters; "
                "give all of them again, as `next` does"
            )
        return cursor

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self._secret, b"cursor" + said, "sha256")[:SIGNATURE]


_OLD = "a cursor of this version of the service: begin again with the first page"
