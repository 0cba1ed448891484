"""Bytes of whatever origin as numbered lines of text, and lines as records of cells; hostile ones are told, not held.

A file is read as it comes: no more of it is held than a line, or a record, of bounded length.
"""

import codecs
import csv
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

LONGEST_LINE = 1_000_000
"""Bytes, or characters; longer ones are refused, and passed over without being held."""
MOST_LINES = 200
"""That one record may reach over, between its quotes."""
LARGEST = 8 << 30
"""Bytes that a compressed file may come to."""
MOST_TIMES = 1100
"""A compressed file may come to so many times its size: deflate cannot do better than 1032 with honest data."""
UNSUSPECTED = 64 << 20
"""Bytes up to which nobody counts."""
_STEP = 1 << 18
Encoding = Literal["auto", "utf-8", "windows-1252"]


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why, and what to do."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line, counted from 1, without its end; ``wrong`` says why it is no text."""

    number: int
    text: str
    wrong: str | None = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """The cells of one row, which may reach over several lines; or why there are none."""

    number: int
    """Of its first line."""
    text: str
    cells: tuple[str, ...] = ()
    wrong: str | None = None


def inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same, or what they hold if they are gzip; raises Unreadable."""
    chunks = iter(chunks)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 2:
            break
    if head[:2] != b"\x1f\x8b":
        if head:
            yield head
        yield from chunks
        return
    if head[:2] == b"PK":
        raise Unreadable("this is a ZIP archive: unpack it first")
    taken, given, inflater = 0, 0, zlib.decompressobj(wbits=31)
    for chunk in _after(head, chunks):
        taken += len(chunk)
        held = chunk
        while held:
            try:
                out = inflater.decompress(held, _STEP)
            except zlib.error as error:
                raise Unreadable(f"the compressed file is damaged after {given:,} bytes: {error}") from None
            given += len(out)
            if given > LARGEST or given > max(UNSUSPECTED, MOST_TIMES * taken):
                raise Unreadable(f"the compressed file holds more than is taken: {given:,} bytes and more")
            if out:
                yield out
            held = inflater.unconsumed_tail
            if inflater.eof and inflater.unused_data:  # several members, one after another, are one file
                held, inflater = inflater.unused_data, zlib.decompressobj(wbits=31)
    while tail := inflater.decompress(b"", _STEP) if not inflater.eof else b"":
        yield tail
    if not inflater.eof:
        raise Unreadable("the compressed file ends before it is whole")


def _after(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


def lines_of(chunks: Iterable[bytes], encoding: Encoding = "auto", longest: int = LONGEST_LINE) -> Iterator[Line]:
    """Of UTF-8, with or without its mark, of UTF-16 with its mark, or of windows-1252; ends are LF or CRLF.

    By itself a file counts as UTF-8 until a line is none; it is windows-1252 from there on, unless a line before was
    UTF-8 beyond doubt: then that line is refused. Raises Unreadable for what is no text at all.
    """
    chunks = iter(chunks)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        chunks, head = _from_utf16(_after(head, chunks)), b""
    if head[:2] == b"PK":
        raise Unreadable("this is a ZIP archive, or a spreadsheet: unpack it, or save it as CSV")
    if b"\0\0" in (head[0:4:2], head[1:4:2]):
        raise Unreadable("this looks like UTF-16 without a byte order mark: save it as UTF-8")
    reading = _Decoder(encoding, marked=head.startswith(codecs.BOM_UTF8))
    number, held, too_long, told = 1, bytearray(), False, f"the line has more than {longest:,} bytes"
    for chunk in _after(head.removeprefix(codecs.BOM_UTF8), chunks):
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            if too_long or len(held) + len(end) > longest:
                yield Line(number, "", told)
            elif held:
                yield reading.line(number, bytes(held + end))
            else:
                yield reading.line(number, end)
            number, too_long = number + 1, False
            held.clear()
        held += rest
        if len(held) > longest:
            held.clear()
            too_long = True
    if too_long:
        yield Line(number, "", told)
    elif held:
        yield reading.line(number, bytes(held))


def _from_utf16(chunks: Iterable[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="surrogatepass")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", errors="replace")
    yield decoder.decode(b"", final=False).encode("utf-8", errors="replace")


class _Decoder:
    """Decides what a file's bytes mean, once, and keeps to it."""

    def __init__(self, encoding: Encoding, *, marked: bool) -> None:
        self.sure = encoding == "utf-8" or marked
        self.windows = encoding == "windows-1252" and not marked

    def line(self, number: int, raw: bytes) -> Line:
        if b"\0" in raw:
            return Line(number, raw.decode("utf-8", errors="replace").replace("\0", "�"), "it holds U+0000")
        if raw.endswith(b"\r"):
            raw = raw[:-1]
        if raw.isascii():
            return Line(number, raw.decode("ascii"))
        if not self.windows:
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                if self.sure:
                    shown = raw.decode("utf-8", errors="replace")
                    return Line(number, shown, f"it is not UTF-8: {error.reason} at byte {error.start + 1}")
                self.windows = True
            else:
                self.sure = True
                return Line(number, text)
        try:
            return Line(number, raw.decode("windows-1252"))
        except UnicodeDecodeError as error:
            shown = raw.decode("windows-1252", errors="replace")
            return Line(number, shown, f"it is neither UTF-8 nor windows-1252: byte {error.start + 1}")


def records_of(lines: Iterable[Line], delimiter: str = ",") -> Iterator[Record]:
    """Rows as RFC 4180 has them, quoted or not, blank lines passed over.

    A row whose quotes are not balanced is refused by itself, and reading goes on with the line after its first.
    """
    waiting: deque[Line] = deque()
    lines = iter(lines)
    while (line := waiting.popleft() if waiting else next(lines, None)) is not None:
        if line.wrong is not None:
            yield Record(line.number, line.text, wrong=line.wrong)
        elif '"' not in line.text:
            if line.text:
                yield Record(line.number, line.text, tuple(line.text.split(delimiter)))
        elif not _is_open(line.text, delimiter):
            yield _parsed(line.number, line.text, delimiter)
        else:
            yield _joined(line, waiting, lines, delimiter)


def _joined(line: Line, waiting: deque[Line], lines: Iterator[Line], delimiter: str) -> Record:
    """The row that begins with ``line`` and goes on in others; those that are not its own are put back."""
    taken: list[Line] = []
    text = line.text
    while len(taken) < MOST_LINES and len(text) <= LONGEST_LINE:
        more = waiting.popleft() if waiting else next(lines, None)
        if more is None:
            break
        taken.append(more)
        if more.wrong is not None:
            break
        text += "\n" + more.text
        if '"' in more.text and not _is_open(text, delimiter):
            return _parsed(line.number, text, delimiter)
    waiting.extendleft(reversed(taken))
    return Record(line.number, line.text, wrong="its quotes are not balanced")


def _is_open(text: str, delimiter: str) -> bool:
    """Whether a quoted cell has begun and not ended; a quote within an unquoted cell is only a character."""
    at, length = 0, len(text)
    while at < length:
        if text[at] == '"':
            at += 1
            while True:
                at = text.find('"', at)
                if at < 0:
                    return True
                if text.startswith('""', at):
                    at += 2
                    continue
                break
        at = text.find(delimiter, at)
        if at < 0:
            return False
        at += 1
    return False


def _parsed(number: int, text: str, delimiter: str) -> Record:
    try:
        [cells] = csv.reader([text], delimiter=delimiter, strict=True) if "\n" not in text else _whole(text, delimiter)
    except (csv.Error, ValueError):
        return Record(number, text, wrong="its quotes are not where they can be")
    return Record(number, text, tuple(cells))


def _whole(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))


def positions_of(header: Sequence[str]) -> dict[str, int]:
    """Of each column by its name; of two that are called alike, the first."""
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        found.setdefault(name.strip(), index)
    return found
