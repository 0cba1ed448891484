"""NDJSON in one request, beside COPY of the very rows that it left, into the same tables with the same indexes."""

from collections.abc import Iterator

from benchmarks.events import write_lines
from benchmarks.ground import Ground
from benchmarks.protocol import Json, figures
from benchmarks.results import Line, Scale, Series, Target, compared, left_out

TABLES = ["events", "batches", "memberships", "parties", "claims", "claim_versions"]
MISSING = {404, 405, 415, 501}
TARGET = Target(0.4)
PATIENCE = 300.0
ROUNDS = 3


def imported(ground: Ground, scale: Scale) -> Iterator[Line]:
    what = f"NDJSON import of {scale.imported:,} events in one request"
    ndjson = {"content-type": "application/x-ndjson"}
    probed = ground.new_ledger()
    status, _ = ground.status("POST", f"/v1/ledgers/{probed}/events", ndjson, b"{}\n")
    if status in MISSING:
        yield left_out(what, f"the service answers NDJSON with {status}", TARGET)
        return
    file = ground.folder / "events.ndjson"
    own, copied = Series(), Series()
    wrong: list[str] = []
    for number in range(min(scale.rounds, ROUNDS) + 1):
        count = scale.imported if number else max(1, scale.imported // 10)
        write_lines(file, count)
        ledger = ground.new_ledger()
        said = ground.service_load.ask(
            "send", path=f"/v1/ledgers/{ledger}/events", headers=ground.headers | ndjson, file=str(file),
            wait=PATIENCE, patience=2 * PATIENCE,
        )  # fmt: skip
        wrong += ground.faults_of(ledger, count)
        own.all.append(said | {"done": count})
        copied.all.append(copy_of(ground, ledger, TABLES, count))
    yield compared(what, own, "COPY of the same rows, six tables", copied, target=TARGET, wrong=wrong)


def copy_of(ground: Ground, ledger: str, tables: list[str], events: int) -> Json:
    """COPY of what these tables hold of a ledger of so many events."""
    ground.copier.ask("take", ledger=ledger, tables=tables)
    return figures(ground.copier.ask("copy_taken")["seconds"], [], done=events)
