"""Events as they are: lines of our own, of a feed or an export among them, and CloudEvents that hold one each."""

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from service.domain.cloudevents import read_cloudevent
from service.importers.items import LONGEST_ROW, Export, Given, Importer, Item, Options, Refused
from service.importers.reading import LONGEST_LINE, Line, Unreadable, inflated, lines_of

LARGEST_BATCH = 50_000_000
"""Characters of CloudEvents in one array, which is held whole; lines of them have no such bound."""

BLANK = b"\xef\xbb\xbf \t\r\n"


class _Opening(msgspec.Struct, frozen=True):
    """What counts here of the first line of an export."""

    tarih_export: int
    ledger: str
    types: tuple[dict[str, msgspec.Raw], ...] = ()


def read_lines(chunks: Iterable[bytes], options: Options) -> Iterator[Item]:
    """An export's own first and last line say nothing that is an event."""
    lines = _told(lines_of(inflated(chunks), "utf-8"))
    first = next(lines, None)
    opening = None if first is None else _opening_in(first.text)
    yield Export(prefix="", reported=options.reported, notes=_notes(opening))
    if first is None:
        return
    for line in lines if opening is not None else chain([first], lines):
        if line.wrong is not None:
            yield Refused(line.number, "unreadable", line.wrong, line.text[:LONGEST_ROW])
        elif opening is None or not line.text.startswith('{"tarih_export_ends":'):
            yield Given(line.number, line.text.encode(), line.text)


def _told(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if line.text.strip() or line.wrong is not None)


def _opening_in(text: str) -> _Opening | None:
    if not text.startswith('{"tarih_export":'):
        return None
    try:
        return msgspec.json.decode(text, type=_Opening)
    except msgspec.DecodeError:
        return None


def _notes(opening: _Opening | None) -> tuple[str, ...]:
    if opening is None:
        return ()
    notes = (f"an export of the ledger {opening.ledger}: its events are recorded anew; --verbatim restores it",)
    names = sorted(str(msgspec.json.decode(one["type"])) for one in opening.types if "type" in one)
    return (*notes, f"it has types of its own, which this ledger needs first: {', '.join(names)}") if names else notes


def read_cloudevents(chunks: Iterable[bytes], options: Options) -> Iterator[Item]:
    """One a line, or an array of them. Raises Unreadable."""
    yield Export(prefix="", reported=options.reported)
    is_array, chunks = _opened(inflated(chunks))
    lines = _told(lines_of(chunks, "utf-8", LARGEST_BATCH if is_array else LONGEST_LINE))
    for number, text, wrong in _in_array(lines) if is_array else _in_lines(lines):
        held = None if wrong is not None else read_cloudevent(text.encode(), "")
        if held is None:
            yield Refused(number, "unreadable", str(wrong), text[:LONGEST_ROW])
        elif held.faults:
            told = "; ".join(f"{fault.pointer[1:]}: {fault.detail}".removeprefix(": ") for fault in held.faults)
            yield Refused(number, held.faults[0].code, told, text[:LONGEST_ROW])
        else:
            yield Given(number, held.item, text)


def _opened(chunks: Iterable[bytes]) -> tuple[bool, Iterable[bytes]]:
    """Whether it is an array; and all of it."""
    chunks, head = iter(chunks), b""
    for chunk in chunks:
        head += chunk
        if head.lstrip(BLANK) or len(head) > LONGEST_LINE:
            break
    return head.lstrip(BLANK).startswith(b"["), chain([head], chunks)


def _in_lines(lines: Iterable[Line]) -> Iterator[tuple[int, str, str | None]]:
    return ((line.number, line.text, line.wrong) for line in lines)


def _in_array(lines: Iterable[Line]) -> Iterator[tuple[int, str, str | None]]:
    """With the place of each in the array, counted from 1."""
    texts, size = list[str](), 0
    for line in lines:
        if line.wrong is not None:
            raise Unreadable(f"line {line.number}: {line.wrong}")
        texts.append(line.text)
        size += len(line.text)
        if size > LARGEST_BATCH:
            raise Unreadable(f"an array has at most {LARGEST_BATCH:,} characters: write one CloudEvent a line")
    try:
        found = msgspec.json.decode("\n".join(texts), type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable(f"this is no array of CloudEvents: {error}") from None
    return ((number, bytes(raw).decode(), None) for number, raw in enumerate(found, 1))


NDJSON = Importer(
    name="ndjson",
    title="NDJSON",
    description="Events as lines of JSON: as clients write them, as a feed has them, or an export.",
    read=read_lines,
)
CLOUDEVENTS = Importer(
    name="cloudevents",
    title="CloudEvents",
    description="CloudEvents 1.0 that hold an event each, one a line or in an array.",
    read=read_cloudevents,
)
