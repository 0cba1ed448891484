"""``python -m benchmarks``: measures row after row, prints the table, keeps the figures as lines of JSON."""

import signal
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
import msgspec

from benchmarks import machine
from benchmarks.children import CHECKOUT, Failed
from benchmarks.ground import Ground, Unavailable
from benchmarks.results import FULL, QUICK, Line, Scale
from benchmarks.rows import ROWS, Row
from benchmarks.table import table
from service.embedded.cluster import Unusable

FIGURES = CHECKOUT / "build" / "benchmarks.jsonl"
SIGNALS = (signal.SIGINT, signal.SIGTERM)
FILE = click.Path(path_type=Path)
MESSAGE_DB = CHECKOUT / ".venv-bench" / "message-db"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Fewer and shorter rounds, and rougher; without the large ledger.")
@click.option(
    "--only",
    metavar="PATTERN",
    multiple=True,
    help=f"Only the rows of such a name; may be given again: {', '.join(row.name for row in ROWS)}.",
)
@click.option("--events", type=click.IntRange(min=20_000), help="How many events the large ledger has: 1000000, say.")
@click.option("--keep", type=FILE, metavar="DIR", help="Large ledgers are kept there, and found in the next run.")
@click.option("--json", "figures", type=FILE, default=FIGURES, help="All figures go there, as JSON lines at its end.")
@click.option("--message-db", type=FILE, default=MESSAGE_DB, help="A checkout of Message DB, to measure beside.")
def main(
    *, quick: bool, only: tuple[str, ...], events: int | None, keep: Path | None, figures: Path, message_db: Path
) -> None:
    """Measure what must be fast, beside its limits and its peers, on a PostgreSQL of our own."""
    rows = [row for row in ROWS if not only or any(fnmatch(row.name, one) for one in only)]
    if not rows:
        raise click.ClickException(f"no row is called {' or '.join(only)}")
    scale = QUICK if quick else FULL
    if events is not None:
        scale = msgspec.structs.replace(scale, events=events)
    try:
        lines = measured(rows, scale, figures, message_db, keep)
    except (Unusable, Failed) as error:
        raise click.ClickException(str(error)) from None
    click.echo(table(lines))
    click.echo(f"\nAll figures: {figures}")
    sys.exit(any(line.wrong for line in lines))


def measured(
    rows: Iterable[Row], scale: Scale, figures: Path, message_db: Path | None = None, keep: Path | None = None
) -> list[Line]:
    """The lines of these rows, also added to ``figures``; a row that fails says so and leaves the others be."""
    figures.parent.mkdir(parents=True, exist_ok=True)
    lines: list[Line] = []
    with figures.open("ab") as kept, ExitStack() as stack:
        for number in SIGNALS:
            stack.callback(signal.signal, number, signal.getsignal(number))
        signal.signal(signal.SIGTERM, _leave)
        try:
            ground = Ground(stack, message_db, keep)
            [(postgres,)] = ground.sql("SHOW server_version")
            kept.write(msgspec.json.encode(machine.facts(postgres) | {"scale": scale}) + b"\n")
            for row in rows:
                begun = time.monotonic()
                click.echo(f"{row.name} … ", nl=False, err=True)
                for line in _lines(row, ground, scale):
                    line.row = row.name
                    lines.append(line)
                    kept.write(msgspec.json.encode(line) + b"\n")
                    kept.flush()
                click.echo(f"{time.monotonic() - begun:.0f} s", err=True)
        finally:
            for number in SIGNALS:  # all is being stopped, in bounded time: a second signal would leave some running
                signal.signal(number, signal.SIG_IGN)
    return lines


def _lines(row: Row, ground: Ground, scale: Scale) -> Iterable[Line]:
    try:
        yield from row.measure(ground, scale)
    except (Failed, Unavailable, Unusable) as error:
        yield Line(what=row.name, note="failed, as said below", wrong=[str(error)])


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
