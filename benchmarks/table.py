"""The results as a table that a terminal and a README show, and as lines of JSON."""

import unicodedata
from collections.abc import Iterable, Sequence

from benchmarks.results import Line

TITLES = ("what", "ours", "limit or peer", "ratio", "reach", "reached")


def table(lines: Iterable[Line]) -> str:
    """Markdown; what was found wrong stands below it."""
    lines = list(lines)
    rows = [_cells(line) for line in lines]
    widths = [max(_width(row[column]) for row in [TITLES, *rows]) for column in range(len(TITLES))]
    rule = "|".join("-" * (width + 2) for width in widths)
    text = "\n".join([_row(TITLES, widths), f"|{rule}|", *(_row(row, widths) for row in rows)])
    wrong = [f"WRONG, {line.what}: {one}" for line in lines for one in line.wrong]
    return "\n".join([text, *wrong])


def _cells(line: Line) -> tuple[str, ...]:
    what = f"{line.what}; {line.note}" if line.note and line.ours is not None else line.what
    beside = _figure(line.theirs, line.unit)
    beside = f"{line.beside}: {beside}" if beside else line.beside or line.note
    reached = {True: "yes", False: "NO", None: ""}[line.reached] if not line.wrong else "WRONG"
    ratio = "" if line.ratio is None else f"{line.ratio:.2f} ×"  # noqa: RUF001 - the sign, not a letter
    return (what, _figure(line.ours, line.unit), beside, ratio, line.target, reached)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def _width(text: str) -> int:
    return sum(not unicodedata.combining(character) for character in text)
