"""Dates in the notations that tables have them in, as EDTF; what is no date raises Unfit."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from service.domain import edtf
from service.domain.edtf import span
from service.importers.table.mapping import Date, Notation

_PARTS = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
OPEN = ".."


class Unfit(Exception):
    """What a cell holds is not what can stand there."""

    code = "unfit"


class OutOfOrder(Unfit):
    """It ends before it begins."""

    code = "order"


def date_of(date: Date, rows: Sequence[Mapping[str, str | None]]) -> str | None:
    """EDTF, ``..`` for an end that is open, or None where there is none. Raises Unfit."""
    found = [text for row in rows if (text := _in_row(date, row)) is not None]
    if not found:
        return None
    if date.of == "first" or len(found) == 1:
        return found[0]
    if date.of == "earliest":
        return min(found, key=lambda text: span(edtf.parse(text)).earliest)
    return OPEN if OPEN in found else max(found, key=lambda text: span(edtf.parse(text)).latest)


def check_order(first: Date, then: Date, rows: Sequence[Mapping[str, str | None]]) -> None:
    """Raises OutOfOrder where the second date certainly lies before the first; what is open lies after everything."""
    for row in rows:
        one, other = _in_row(first, row), _in_row(then, row)
        if one is None or other is None or other == OPEN:
            continue
        if one == OPEN or span(edtf.parse(other)).latest < span(edtf.parse(one)).earliest:
            shown = [", ".join(str(row[name]) for name in date.named) for date in (first, then)]
            raise OutOfOrder(
                f"`{', '.join(then.named)}`, {shown[1]}, lies before `{', '.join(first.named)}`, {shown[0]}"
            )


def _in_row(date: Date, row: Mapping[str, str | None]) -> str | None:
    cells = [row[name] for name in date.named]
    if any(cell in date.open for cell in cells if cell is not None):
        return OPEN
    if date.columns is not None:
        known = [None if cell is None or cell in date.unknown else cell for cell in cells]
        return None if known[0] is None else _checked(_ymd(known), ", ".join(date.columns))
    [cell] = cells
    if cell is None or cell in date.unknown:
        return None
    return _checked(_converted(date.notation, cell, str(date.column)), str(date.column))


def _checked(text: str, where: str) -> str:
    try:
        edtf.parse(text)
    except edtf.UnreadableDate as error:
        raise Unfit(f"`{where}` is no date: {error.reason.removesuffix('.')}") from None
    return text


def _ymd(cells: Sequence[str | None]) -> str:
    """What is known of it; a day without its month says nothing."""
    parts = []
    for cell, width in zip(cells, (4, 2, 2), strict=True):
        if cell is None:
            break
        if not cell.isascii() or not cell.isdecimal() or len(cell) > width:
            raise Unfit(f"{cell[:40]!r} is no part of a date")
        parts.append(cell.zfill(width))
    return "-".join(parts)


def _converted(notation: Notation, text: str, where: str) -> str:
    match notation:
        case "iso":
            if not _ISO.fullmatch(text):
                raise Unfit(f"`{where}` is {text[:40]!r}; a date there is 2024-03-18, 2024-03 or 2024")
            return text
        case "dmy" | "mdy":
            return _by_hand(notation, text, where)
        case "messydates":
            return _messy(text)
        case _:
            return text


def _by_hand(notation: Literal["dmy", "mdy"], text: str, where: str) -> str:
    if _ISO.fullmatch(text) and len(text) == 4:
        return text
    found = _PARTS.fullmatch(text)
    if found is None or len(found[3]) < 3 or len(found[1]) > 2:
        form = "31.12.2024" if notation == "dmy" else "12/31/2024"
        raise Unfit(f"`{where}` is {text[:40]!r}; a date there is {form}")
    day, month = (found[1], found[2]) if notation == "dmy" else (found[2], found[1])
    return f"{found[3].zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"


def _messy(text: str) -> str:
    """As the R package messydates writes them: ``..`` between two means one day of them, ``##`` is not known."""
    if text.startswith("{") and text.endswith("}"):
        return "[" + ",".join(_messy_day(part.strip()) for part in text[1:-1].split(",")) + "]"
    first, between, last = text.partition("..")
    if between:
        return f"[{_messy_day(first)}..{_messy_day(last)}]"
    return _messy_day(text)


def _messy_day(text: str) -> str:
    bare = text.replace("#", "X")
    return re.sub(r"(-XX)+(?=[?~%]?$)", "", bare) if re.fullmatch(r"\d{4}(-XX){1,2}[?~%]?", bare) else bare
