"""Timelines made for TimelineJS, as JSON or as its spreadsheet saved as CSV: one slide, one claim; words, no markup."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from service.domain.events import Assert, Party, Source
from service.domain.types import TYPES, Note
from service.importers.items import LONGEST_ROW, Export, Group, Importer, Item, Missing, Options, Refused, Unit
from service.importers.markup import plain
from service.importers.reading import Line, Unreadable, inflated, lines_of, positions_of, records_of

LARGEST = 50_000_000
"""Bytes: a timeline is one document, and is held whole."""
TITLE = "A timeline made with TimelineJS"
"""What one without a title slide is called."""


class _Day(msgspec.Struct, frozen=True):
    """As it is written: numbers, or text with numbers in it, or nothing."""

    year: int | str | None = None
    month: int | str | None = None
    day: int | str | None = None
    hour: int | str | None = None
    minute: int | str | None = None
    second: int | str | None = None
    display_date: str | None = None

    @property
    def given(self) -> bool:
        return any(_cell(part) for part in (self.year, self.month, self.day))

    @property
    def time(self) -> str:
        parts = [cell.zfill(2) for part in (self.hour, self.minute, self.second) if (cell := _cell(part))]
        return ":".join(parts)


class _Words(msgspec.Struct, frozen=True):
    headline: str | None = None
    text: str | None = None


class _Media(msgspec.Struct, frozen=True):
    url: str | None = None
    caption: str | None = None
    credit: str | None = None


class _Slide(msgspec.Struct, frozen=True):
    start_date: _Day | None = None
    end_date: _Day | None = None
    display_date: str | None = None
    text: _Words = _Words()
    media: _Media | None = None
    group: str | None = None
    unique_id: str | int | None = None


class _Timeline(msgspec.Struct, frozen=True):
    events: list[msgspec.Raw]
    title: _Slide | None = None
    eras: list[Any] = []


class _Found(msgspec.Struct, frozen=True):
    """The slides that are there, each with its number or line, and as it was written; or what is wrong with one."""

    title: str
    slides: list[tuple[int, str, _Slide | str]]
    eras: int = 0


class _Unfit(Exception):
    """The slide cannot be a claim; the message says why."""


def read(chunks: Iterable[bytes], options: Options) -> Iterator[Item]:
    """Raises Unreadable."""
    if not options.parties:
        raise Unreadable(
            "a timeline does not say whom it is about: say it, as in --party pak:subject --party tur:subject"
        )
    lines = list(lines_of(_bounded(inflated(chunks)), longest=LARGEST))
    first = next((line.text for line in lines if line.text.strip()), "")
    found = _from_json(lines) if first.lstrip().startswith(("{", "[")) else _from_sheet(lines)
    prefix = f"timelinejs.{_digest(found.title)[:8]}."
    source = Source(publisher=found.title[:200], published=options.reported)
    type_ = options.type or "note"
    notes = [f"{found.eras} eras are left out: no slide stands for them"] if found.eras else []
    if type_ != "note" and any(isinstance(slide, _Slide) and slide.text.text for _, _, slide in found.slides):
        notes.append(f"of the slides' texts only the headlines are taken: `{type_}` has no place for more")
    yield Export(prefix=prefix, reported=options.reported, scope=found.title, source=source, notes=tuple(notes))
    actors = tuple({slug: options.names.slug(slug) for slug, _ in options.parties}.values())
    for number, row, slide in found.slides:
        try:
            if isinstance(slide, str):
                raise _Unfit(slide)
            claim = _claim(slide, prefix, source, type_, options)
        except _Unfit as error:
            yield Refused(number, "unfit", str(error), row[:LONGEST_ROW])
        else:
            yield Group((Unit(line=number, row=row, claims=(claim,), actors=actors),))


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise Unreadable(f"a timeline has at most {LARGEST:,} bytes")
        yield chunk


def _from_json(lines: Iterable[Line]) -> _Found:
    lines = list(lines)
    if wrong := next((line for line in lines if line.wrong is not None), None):
        raise Unreadable(f"line {wrong.number}: {wrong.wrong}")
    try:
        timeline = msgspec.json.decode("\n".join(line.text for line in lines), type=_Timeline)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable(f"this is no timeline as TimelineJS has them: {error}") from None
    slides: list[tuple[int, str, _Slide | str]] = []
    for number, raw in enumerate(timeline.events, 1):
        text = bytes(raw).decode()
        try:
            slides.append((number, text, msgspec.json.decode(raw, type=_Slide)))
        except (msgspec.DecodeError, RecursionError) as error:
            slides.append((number, text, f"the slide cannot be read: {error}"))
    title = "" if timeline.title is None else plain(timeline.title.text.headline)
    return _Found(title or TITLE, slides, len(timeline.eras))


def _from_sheet(lines: Iterable[Line]) -> _Found:
    records = records_of(lines)
    header = next(records, None)
    if header is None or header.wrong is not None:
        raise Unreadable("the file is empty" if header is None else f"the header: {header.wrong}")
    columns = positions_of([cell.strip().lower() for cell in header.cells])
    if absent := [name for name in ("year", "headline") if name not in columns]:
        raise Unreadable(f"this is no spreadsheet of TimelineJS: the column `{absent[0].title()}` is not there")
    title, slides, eras = "", list[tuple[int, str, _Slide | str]](), 0
    for record in records:
        if record.wrong is not None or len(record.cells) != len(header.cells):
            wrong = f"the row has {len(record.cells):,} columns, where there are {len(header.cells)}"
            slides.append((record.number, record.text, record.wrong or wrong))
            continue
        row = {name: record.cells[index].strip() for name, index in columns.items()}
        if not any(row.values()):
            continue
        slide = _slide_of(row)
        match row.get("type", "").lower():
            case "title":
                title = plain(slide.text.headline)
            case "era":
                eras += 1
            case _:
                slides.append((record.number, record.text, slide))
    return _Found(title or TITLE, slides, eras)


def _slide_of(row: dict[str, str]) -> _Slide:
    start, end = (
        _Day(*(row.get(before + name, "") for name in ("year", "month", "day")), *_clock(row.get(before + "time", "")))
        for before in ("", "end ")
    )
    return _Slide(
        start_date=start,
        end_date=end,
        display_date=row.get("display date"),
        text=_Words(row.get("headline"), row.get("text")),
        media=_Media(row.get("media"), row.get("media caption"), row.get("media credit")),
        group=row.get("group"),
    )


def _clock(text: str) -> list[str]:
    return text.split(":")[:3]


def _claim(slide: _Slide, prefix: str, source: Source, type_: str, options: Options) -> Assert:
    """Raises _Unfit."""
    if slide.start_date is None or not slide.start_date.given:
        raise _Unfit("the slide has no date")
    occurred = _edtf(slide.start_date)
    end = None if slide.end_date is None or not slide.end_date.given else _edtf(slide.end_date)
    headline, text = plain(slide.text.headline), plain(slide.text.text)
    if not headline and not text:
        raise _Unfit("the slide says nothing: it has neither a headline nor a text")
    key = _cell(slide.unique_id) or f"{occurred}\x1f{headline}\x1f{'' if headline else text}"
    stem = _digest(key)
    lasts = type_ in TYPES and TYPES[type_].lasts
    if end is not None and not lasts and end != occurred:
        occurred, end = f"{occurred}/{end}", None
    group = plain(slide.group)
    told = type_ == "note" and text
    return Assert(
        claim=f"{prefix}{stem}.{options.count(f'# {prefix}{stem}')}",
        type=type_,
        occurred=occurred,
        until=end if lasts else None,
        phrase=_cut(_date_in_words(slide), 500) or None,
        title=_cut(headline or text, 500),
        parties=tuple(Party(actor=slug, role=role) for slug, role in options.parties),
        data=msgspec.Raw(msgspec.json.encode(Note(text=_cut(text, 4000)))) if told else UNSET,
        sources=(source, *_shown(slide.media)),
        tags=(_cut(group, 200),) if group else (),
    )


def _date_in_words(slide: _Slide) -> str:
    """As the timeline shows it. A time of day is in no zone, so that it can only be told as it stands there."""
    start, end = slide.start_date or _Day(), slide.end_date or _Day()
    said = plain(slide.display_date) or plain(start.display_date)
    times = [f"{_edtf(one)} {one.time}" for one in (start, end) if one.given and one.time]
    return said or " to ".join(times)


def _edtf(day: _Day) -> str:
    """Raises _Unfit."""
    year, month, date = (_cell(part) for part in (day.year, day.month, day.day))
    if not all(part.removeprefix("-").isdecimal() for part in (year, month, date) if part):
        raise _Unfit(f"the date {year}-{month}-{date} is not in numbers".replace("--", "-").rstrip("-"))
    if not year or (date and not month):
        raise _Unfit("the date has no year" if not year else "the date has a day, and no month")
    if year.startswith("-") or len(year) > 4:
        raise _Unfit(f"the year {year} cannot be held: years run from 0002 to 9998")
    return "-".join([year.zfill(4), *(part.zfill(2) for part in (month, date) if part)])


def _cell(part: str | int | None) -> str:
    return "" if part is None else str(part).strip()


def _shown(media: _Media | None) -> tuple[Source, ...]:
    """Who made what the slide shows, where it is on the web."""
    url = "" if media is None else _cell(media.url)
    if media is None or not url.startswith(("http://", "https://")) or len(url) > 2000 or any(map(str.isspace, url)):
        return ()
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ()
    publisher = plain(media.credit) or host
    caption = plain(media.caption)
    return (Source(publisher=_cut(publisher, 200), title=_cut(caption, 1000) or None, url=url),) if publisher else ()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def missing(export: Export, day: str) -> Missing | str:
    source = export.source or Source(publisher=export.scope)
    return Missing(source=msgspec.structs.replace(source, published=day), covers=lambda contents: True)


IMPORTER = Importer(
    name="timelinejs",
    title="TimelineJS",
    description="A timeline made for TimelineJS, as JSON or as its spreadsheet saved as CSV; say whom it is about.",
    read=read,
    missing=missing,
)
