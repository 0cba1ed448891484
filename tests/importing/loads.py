"""Files loaded into a ledger, and what the ledger then holds."""

import json
from collections.abc import Sequence
from typing import Any

from service.domain.claims import Folded, Recorded, fold
from service.domain.edtf import parse, span
from service.domain.events import Statement
from service.domain.revising import data_in
from service.importers import IMPORTERS
from service.importers.items import Options, Refused
from service.importers.names import Names
from service.importing import ImportReport, Wanted, import_file
from service.store import reads
from service.store.log import Log
from service.store.verifying import verify
from tests.importers.registers import in_pieces
from tests.store.writing import LEDGER


async def load(log: Log, data: bytes, format_: str = "sipri", ledger: str = LEDGER, **how: Any) -> ImportReport:
    """Rows that are refused are compared with what the report says of them."""
    names = how.pop("names", Names())
    options = {name: how.pop(name) for name in ("reported", "mapping", "parties", "type") if name in how}
    wanted = Wanted(importer=IMPORTERS[format_], names=names, by="a test", **how)
    told: list[Refused] = []
    report = await import_file(
        log, ledger, in_pieces(data, 65_536), wanted, Options(names=names, **options), told.append
    )
    assert told[:1000] == report.refused
    assert len(told) == report.rows_refused
    return report


async def history(log: Log, ledger: str = LEDGER) -> list[Recorded]:
    """Every event, in order."""
    async with log.connection() as connection:
        head = await reads.head_of(connection, ledger)
        rows = await connection.fetch(
            "SELECT DISTINCT claim FROM tarih.events WHERE ledger = $1 AND position <= $2", ledger, head.position
        )
        stored = await reads.events_of_claims(connection, ledger, [row["claim"] for row in rows], head.position)
    return [one.recorded for one in stored]


def on(events: Sequence[Recorded], day: str | None) -> dict[str, str]:
    """What each claim says on a reported day, as comparable text: content, and who says so."""
    folded: Folded = fold(events, None if day is None else span(parse(day)).latest)
    found = {}
    for id_, claim in folded.claims.items():
        said = claim.statement
        content = {
            name: getattr(said, name) for name in ("type", "occurred", "until", "title", "tags", "relationships")
        }
        parties = sorted((party.actor, party.role) for party in said.parties)
        sources = [(source.title, source.published) for source in said.sources]
        found[id_] = json.dumps([content, parties, sources, data_in(said)], sort_keys=True)
    return found


def contents(events: Sequence[Recorded]) -> list[Statement]:
    return [one.event for one in events if isinstance(one.event, Statement)]


async def sound(log: Log, ledger: str = LEDGER) -> bool:
    async with log.connection() as connection:
        return (await verify(connection, ledger)).clean
