"""Importing a file from the command line: what ``tarih import`` does once it has a database."""

import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from service import importing
from service.importers import IMPORTERS
from service.importers.items import Importer, Options, Refused
from service.importers.names import Names, read_aliases
from service.importing import ImportReport
from service.store import ledgers
from service.store.log import Log
from service.store.pool import open_pool
from service.store.wakeups import Wakeups

BY = "tarih import"
"""Who recorded it, where no key was asked for."""
CHUNK = 65_536


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be loaded, and where."""

    format: str
    ledger: str
    reported: str | None = None
    mapping: str | None = None
    """The text of a mapping, or the name of a shipped one."""
    aliases: str | None = None
    """The text of a file of aliases."""
    parties: tuple[tuple[str, str], ...] = ()
    type: str | None = None
    dry_run: bool = False
    retract_missing: bool = False
    title: str | None = None
    public: bool = False


class UnknownFormat(Exception):
    """There is no importer of that name."""


def importer_of(name: str) -> Importer:
    """Raises UnknownFormat."""
    if (found := IMPORTERS.get(name)) is None:
        raise UnknownFormat(f"there is no format `{name}`; known are {', '.join(IMPORTERS)}")
    return found


async def load(url: str, asked: Asked, file: BinaryIO, size: int | None, refused_to: Path) -> ImportReport:
    """Reads ``file``, of ``size`` bytes where that is known; what is refused goes to ``refused_to`` as lines of JSON.

    The ledger is made where there is none. Raises UnknownFormat, and what ``import_file`` raises.
    """
    importer = importer_of(asked.format)
    names = Names(*([read_aliases(asked.aliases)] if asked.aliases is not None else []))
    wanted = importing.Wanted(
        importer=importer, names=names, by=BY, dry_run=asked.dry_run, retract_missing=asked.retract_missing
    )
    options = Options(
        names=names, reported=asked.reported, mapping=asked.mapping, parties=asked.parties, type=asked.type
    )
    async with _opened(url) as log:
        if not asked.dry_run:
            await _make(log, asked)
        with _bar(size) as moved, contextlib.closing(_Refused(refused_to)) as refused:
            return await importing.import_file(log, asked.ledger, _chunks(file, moved), wanted, options, refused.tell)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Log]:
    """A log whose events wake the followers of a service beside it."""
    pool = await open_pool(url, size=3)
    wakeups = Wakeups(url, pool)
    log = Log(pool, wakeups)
    wakeups.start()
    try:
        yield log
    finally:
        await log.close()


async def _make(log: Log, asked: Asked) -> None:
    async with log.connection() as connection:
        if not await ledgers.ledgers(connection, asked.ledger):
            title = asked.title or asked.ledger
            await ledgers.create_ledger(connection, asked.ledger, title, public_read=asked.public)


def _chunks(file: BinaryIO, moved: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        moved(len(chunk))
        yield chunk


@contextlib.contextmanager
def _bar(size: int | None) -> Iterator[Callable[[int], None]]:
    """Shows how much of the file is read, how fast, and how long it takes still; nothing where nobody looks."""
    err = sys.stderr
    if size is None or not err.isatty():
        yield lambda count: None
        return
    began, done = time.monotonic(), 0

    def rate(_item: object) -> str:
        return f"{done / max(time.monotonic() - began, 1e-9) / 1e6:,.2f} MB a second"

    with click.progressbar(length=size, file=err, label="importing", item_show_func=rate, show_pos=False) as bar:

        def moved(count: int) -> None:
            nonlocal done
            done += count
            bar.update(count, current_item="")

        yield moved


class _Refused:
    """A file that is there only if a row is refused; what an earlier run left in it goes."""

    def __init__(self, path: Path) -> None:
        self.path, self._file = path, path.open("wb") if path.exists() else None

    def tell(self, refused: Refused) -> None:
        if self._file is None:
            self._file = self.path.open("wb")
        self._file.write(msgspec.json.encode(refused) + b"\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
