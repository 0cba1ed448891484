"""Ledgers into files and back, word for word: what ``tarih export`` and ``tarih import --verbatim`` do."""

import contextlib
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import asyncpg
import click

from service.importers.reading import inflated
from service.store.exported import LONGEST_LINE, NotAnExport, read_export
from service.store.exporting import export
from service.store.restoring import Restored, restore

CHUNK = 65_536


async def write(url: str, ledger: str, to: Path | None) -> int:
    """The whole export to a file, or to the standard output; how many bytes. Raises NotFound, OSError.

    The file has its name only once it is whole.
    """
    show = _progress()
    connection = await asyncpg.connect(url, server_settings=_session("export"))
    written = 0
    draft = None if to is None else to.with_name(f".{to.name}.new")
    try:
        with contextlib.ExitStack() as stack:
            out = sys.stdout.buffer if draft is None else stack.enter_context(draft.open("wb"))
            async for chunk in export(connection, ledger, report=lambda done, of: show("exporting", done, of)):
                out.write(chunk)
                written += len(chunk)
            out.flush()
            if draft is not None:
                os.fsync(out.fileno())
        if draft is not None and to is not None:
            draft.replace(to)
    finally:
        connection.terminate()
        if draft is not None:
            draft.unlink(missing_ok=True)
    show("exporting", 0, 0)
    return written


async def read(owner_url: str, ledger: str, file: BinaryIO, checkpoint: str | None) -> Restored:
    """An export into a ledger that is empty or not there. Raises NotAnExport, CannotRestore, Unreadable."""
    show = _progress()
    connection = await asyncpg.connect(owner_url, server_settings=_session("import"))
    try:
        lines = read_export(_lines(inflated(iter(lambda: file.read(CHUNK), b""))))
        opening = next(lines)
        if checkpoint is not None and checkpoint.removeprefix("sha256:") != getattr(opening, "digest", ""):
            raise NotAnExport("its digest is not the one that was noted: this is another ledger, or another past of it")
        done = await restore(connection, ledger, itertools.chain([opening], lines), report=show)
    finally:
        connection.terminate()
    show("restoring", 0, 0)
    return done


def _session(what: str) -> dict[str, str]:
    return {"application_name": f"tarih {what}", "timezone": "UTC"}


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """With their ends; one that is too long comes as what is held of it, and is refused for that."""
    held = bytearray()
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield bytes(held) + end + b"\n"
            held.clear()
        held += rest
        if len(held) > LONGEST_LINE:
            break
    if held:
        yield bytes(held)


def _progress() -> Callable[[str, int, int], None]:
    """A line on the terminal that says how far it is and how fast; nothing where nobody looks. 0 of 0 takes it away."""
    began = time.monotonic()

    def show(what: str, done: int, of: int) -> None:
        if not of:
            click.echo("\r\x1b[K", nl=False, err=True)
            return
        rate = done / max(time.monotonic() - began, 1e-9)
        click.echo(f"\r{what}: {done:,} of {of:,} events, {rate:,.0f} a second \x1b[K", nl=False, err=True)

    return show if sys.stderr.isatty() else lambda what, done, of: None
