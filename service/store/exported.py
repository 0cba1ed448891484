"""A ledger as lines of JSON with everything that it is made of: how each line is read, strictly; pure.

The first line says which ledger, and where it stood; then one line an event, as it is stored, with the digest at the
end of each batch; the last line has the SHA-256 of all bytes before it: a file that was cut off or damaged shows it.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain.events import Id

FORM = 1
"""Of the file; another one is refused."""
LONGEST_LINE = 4_000_000
"""Bytes."""
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$(?!\n)")]
Micros = int


class OwnType(msgspec.Struct, frozen=True, kw_only=True):
    """A type of the ledger's own."""

    type: str
    kind: str
    title: str
    schema: str
    created_at: Micros


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    tarih_export: int
    ledger: str
    title: str
    public_read: bool
    created_at: Micros
    epoch: str
    position: int
    digest: Digest
    types: tuple[OwnType, ...] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event as it is stored; instants in microseconds since 1970. ``id`` and ``event`` are as in the feed."""

    position: int
    id: Id
    recorded_at: Micros
    recorded_by: str
    event: msgspec.Raw
    bounds: tuple[int, int, int, int] | None = None
    members: tuple[int, ...] | None = None
    reported: tuple[int, int] | None = None
    revisions: dict[str, int] = {}
    digest: Digest | UnsetType = UNSET
    """Of the ledger up to here, at the end of a batch."""


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """The last line."""

    tarih_export_ends: int
    """The position."""
    sha256: Digest
    """Of all bytes before this line."""


class NotAnExport(Exception):
    """What was read is not a whole export, word for word; the message says where."""


_opening, _line, _closing = msgspec.json.Decoder(Opening), msgspec.json.Decoder(Line), msgspec.json.Decoder(Closing)


class Chain:
    """The digests of batches, as log.md defines them; raises NotAnExport where an event cannot follow."""

    def __init__(self) -> None:
        self.digest = bytes(32)
        self.position = self.recorded_at = 0
        self._batch: hashlib._Hash | None = None

    def take(self, line: Line) -> None:
        where = f"position {line.position}"
        if line.position != self.position + 1:
            raise NotAnExport(f"after position {self.position} comes {line.position}")
        if self._batch is None:
            if line.recorded_at <= self.recorded_at and self.position:
                raise NotAnExport(f"{where} was recorded no later than the batch before it")
            self._batch = hashlib.sha256(self.digest)
        elif line.recorded_at != self.recorded_at:
            raise NotAnExport(f"{where} has another time than its batch")
        id_, content = line.id.encode(), bytes(line.event)
        self._batch.update(struct.pack(">qqi", line.position, line.recorded_at, len(id_)) + id_)
        self._batch.update(struct.pack(">i", len(content)) + content)
        self.position, self.recorded_at = line.position, line.recorded_at
        if line.digest is not UNSET:
            self.digest = self._batch.digest()
            if self.digest.hex() != line.digest:
                raise NotAnExport(f"the batch that ends at {where} does not have the digest that is given")
            self._batch = None

    @property
    def at_the_end_of_a_batch(self) -> bool:
        return self._batch is None


def closed(position: int, sha256: str) -> bytes:
    return msgspec.json.encode(Closing(tarih_export_ends=position, sha256=sha256)) + b"\n"


def read_export(lines: Iterable[bytes]) -> Iterator[Opening | Line]:
    """The opening, then every event, each judged by those before it. Raises NotAnExport, at the end too.

    ``lines`` are with their ends. Only once it has come to its end without raising has a whole export been read.
    """
    whole, chain, source = hashlib.sha256(), Chain(), iter(lines)
    opening: Opening | None = None
    for number, raw in enumerate(source, 1):
        if len(raw) > LONGEST_LINE:
            raise NotAnExport(f"line {number} is longer than {LONGEST_LINE:,} bytes")
        try:
            if opening is None:
                opening = _opening.decode(raw)
                if opening.tarih_export != FORM:
                    raise NotAnExport(f"the file has form {opening.tarih_export}; known is {FORM}")
                yield opening
            elif raw.startswith(b'{"tarih_export_ends"'):
                _end(_closing.decode(raw), whole.hexdigest(), chain, opening)
                if next(source, None) is not None:
                    raise NotAnExport(f"something follows the end, line {number}")
                return
            else:
                line = _line.decode(raw)
                chain.take(line)
                yield line
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NotAnExport(f"line {number} is none of an export: {error}") from None
        whole.update(raw)
    raise NotAnExport("the file was cut off: it has no last line" if opening else "the file is empty")


def _end(closing: Closing, sha256: str, chain: Chain, opening: Opening) -> None:
    if not chain.at_the_end_of_a_batch:
        raise NotAnExport(f"the last batch is not whole: it stops at position {chain.position}")
    if not closing.tarih_export_ends == opening.position == chain.position:
        raise NotAnExport(f"it says that it ends at {opening.position}, and ends at {chain.position}")
    if chain.digest.hex() != opening.digest:
        raise NotAnExport("its last digest is not the one that it begins with")
    if closing.sha256 != sha256:
        raise NotAnExport("its bytes are not those that were written: their SHA-256 differs")
