"""Tables, as CSV or TSV, told of by a mapping: one row makes claims, or several that belong together."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from service.domain.events import Source
from service.importers.items import LONGEST_ROW, Export, Group, Importer, Item, Missing, Options, Refused, Unit
from service.importers.reading import Record, Unreadable, inflated, lines_of, positions_of, records_of
from service.importers.table.dates import Unfit
from service.importers.table.mapping import Mapping, read_mapping
from service.importers.table.rows import Filler, Row, columns_in

MOST_ROWS = 1000
"""Of one claim."""


def read(chunks: Iterable[bytes], options: Options) -> Iterator[Item]:
    """Raises Unreadable where the mapping cannot be used, or names a column that is not there."""
    mapping = read_mapping(options.mapping)
    records = records_of(lines_of(inflated(chunks), mapping.encoding), mapping.delimiter)
    header = next(records, None)
    if header is None or header.wrong is not None:
        raise Unreadable("the file has no header line" if header is None else f"the header: {header.wrong}")
    positions = positions_of(header.cells)
    wanted = [*mapping.columns(), *itertools.chain.from_iterable(map(_named_in, mapping.claims))]
    if absent := [name for name in dict.fromkeys(wanted) if name not in positions]:
        there = ", ".join(positions)[:400]
        raise Unreadable(f"the mapping names columns that are not there: {', '.join(absent)}; there are {there}")
    scope = mapping.title if mapping.complete else ""
    yield Export(prefix=f"{mapping.name}.", reported=options.reported, scope=scope, source=mapping.source)
    names = options.names.with_more(mapping.aliases)
    filler = Filler(mapping, names, options.reported, options.parties)
    for rows in _gathered(mapping, records, positions, len(header.cells)):
        yield rows if isinstance(rows, Refused) else _told(mapping, filler, rows, options)


def _named_in(claim: msgspec.Struct) -> list[str]:
    said = msgspec.structs.asdict(claim)
    texts = (said["title"], said["phrase"], *said["tags"])
    return [name for text in (*texts, said["data"]) for name in columns_in(text)]


def _gathered(
    mapping: Mapping, records: Iterator[Record], positions: dict[str, int], width: int
) -> Iterator[list[tuple[Record, Row]] | Refused]:
    """Rows that make claims together."""
    rows: list[tuple[Record, Row]] = []
    key: tuple[str | None, ...] | None = None
    for record in records:
        wrong = record.wrong
        if wrong is None and len(record.cells) != width:
            wrong = f"the row has {len(record.cells):,} columns, where there are {width}"
        if wrong is not None:
            yield Refused(record.number, "unreadable" if record.wrong else "columns", wrong, record.text[:LONGEST_ROW])
            continue
        cells = (cell.strip() for cell in record.cells)
        row = dict(
            zip(positions, (None if cell in mapping.nulls else cell for cell in _at(cells, positions)), strict=True)
        )
        own = tuple(row[name] for name in mapping.group)
        if rows and (not mapping.group or own != key or len(rows) >= MOST_ROWS):
            yield rows
            rows = []
        key = own
        rows.append((record, row))
    if rows:
        yield rows


def _at(cells: Iterable[str], positions: dict[str, int]) -> list[str]:
    every = list(cells)
    return [every[index] for index in positions.values()]


def _told(mapping: Mapping, filler: Filler, rows: Sequence[tuple[Record, Row]], options: Options) -> Group | Refused:
    first, text = rows[0][0], "\n".join(record.text for record, _ in rows)

    def refused(code: str, reason: str) -> Refused:
        return Refused(first.number, code, reason, text[:LONGEST_ROW])

    told = [row for _, row in rows]
    try:
        filler.check(told)
        if mapping.equals == "once" and options.count(f"= {text}") > 1:
            return refused("repeated", "the same row stands before, cell for cell")
        named = mapping.group or mapping.key
        key = "\x1f".join(told[0][name] or "" for name in named) if named else text
        stem = hashlib.sha256(key.encode()).hexdigest()[:16]
        nth = options.count(f"# {stem}")
        if mapping.group and nth > 1:
            what = key.replace("\x1f", ", ")
            return refused("unsorted", f"rows of {what} ended before this line: sort the file by what groups them")
        claims, actors = filler.claims(told, f"{mapping.name}.{stem}.{nth}")
    except Unfit as error:
        return refused(error.code, str(error))
    if not claims:
        return refused("empty", "the row has no date of anything that the mapping tells of")
    return Group((Unit(line=first.number, row=text, claims=claims, actors=actors),))


def missing(export: Export, day: str) -> Missing | str:
    if not export.scope:
        return "the mapping does not say that the file is `complete`"
    source = export.source or Source(publisher=export.scope)
    return Missing(source=msgspec.structs.replace(source, published=day), covers=lambda contents: True)


IMPORTER = Importer(
    name="table",
    title="Table",
    description="CSV or TSV of any columns, told of by a mapping in TOML; `treaties` and `disputes` are shipped.",
    read=read,
    missing=missing,
)
