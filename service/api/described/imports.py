"""What the document says of importing: its operation, its parameters, and an example."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.api import imports
from service.api.described.events import WRITING
from service.api.described.operation import Operation, Said
from service.domain.events import Role
from service.domain.types import TypeName
from service.importers import IMPORTERS
from service.importers.items import Refused
from service.importers.table.mapping import MAPPINGS
from service.importing import ImportReport

_FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The file, compressed by gzip or not."},
        "mapping": {"type": "string", "description": "Of a table: a mapping of your own, in TOML."},
        "aliases": {"type": "string", "description": "A file of aliases, in TOML."},
    },
}
UPLOADS: dict[str, Any] = {
    **{media: {"schema": {"type": "string", "format": "binary"}} for media in imports.FILES},
    imports.FORM: {"schema": _FORM},
}
OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=imports.import_file,
        method="post",
        path="/v1/ledgers/{ledger}/imports",
        id="importFile",
        tag="events",
        summary="Import a register, a table or another file",
        description="What `tarih import` does, for clients without a shell: the body is the file, or a form with the "
        "parts `file`, `mapping` and `aliases`. It is taken in whole, at most "
        f"{imports.PARTS['file']:,} bytes, and then recorded in batches; the answer comes once all of it is, and lists "
        "the first 1,000 rows that were refused. Sent again, it adds nothing, and goes on where it was cut off.",
        parameters=(
            "import_format",
            "reported",
            "mapping",
            "import_type",
            "party",
            "import_dry_run",
            "retract_missing",
        ),
        uploads=UPLOADS,
        answers=(
            Said(
                description="What became of the file. A row that was refused did not hold up the others.",
                schema="ImportReport",
                headers=("Cache-Control",),
                example="ImportReport",
            ),
        ),
        problems=WRITING,
        writes=True,
    ),
)


def _parameters() -> dict[str, Any]:
    def query(name: str, words: str, schema: dict[str, Any], example: Any, *, required: bool = False) -> dict[str, Any]:
        said = {"name": name, "in": "query", "description": words, "schema": schema, "example": example}
        return said | ({"required": True} if required else {})

    truth = {"type": "string", "enum": ["true", "false"], "default": "false"}
    party = msgspec.json.schema(Role)["pattern"].removesuffix(r"$(?!\n)").removeprefix("^")
    pair = rf"[a-z0-9]+(-[a-z0-9]+)*:{party}"
    return {
        "import_format": query(
            "format", "What the file is.", {"type": "string", "enum": list(IMPORTERS)}, "sipri", required=True
        ),
        "reported": query(
            "reported",
            "The day on which the file was made, where it does not say so; it comes before what the file says.",
            {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
            "2024-03-18",
        ),
        "mapping": query(
            "mapping",
            f"Of a table: a mapping that is shipped, {' or '.join(f'`{name}`' for name in MAPPINGS)}; or a TOML text.",
            {"type": "string"},
            MAPPINGS[0],
        ),
        "import_type": query(
            "type", "What its events are, where the file does not say so.", dict(msgspec.json.schema(TypeName)), "note"
        ),
        "party": query(
            "party",
            "Whom all of it is about, where the file names nobody: actors with their roles.",
            {"type": "string", "pattern": f"^{pair}(,{pair})*$"},
            "pak:subject,tur:subject",
        ),
        "import_dry_run": query("dry_run", "`true`: say what would be recorded, and record nothing.", truth, "true"),
        "retract_missing": query(
            "retract_missing",
            "`true`: take back, in the source's name, what an export of a whole register no longer has.",
            truth,
            "true",
        ),
    }


PARAMETERS = _parameters()


def answers(ledger: str) -> dict[str, Any]:
    return {
        "ImportReport": ImportReport(
            format="sipri",
            ledger=ledger,
            reported="2025-10-23",
            scope="from All countries to All countries; deals with deliveries; 1950..2025",
            rows=6,
            rows_refused=1,
            new=1,
            revised=4,
            unchanged=5,
            fields={"occurred": 3, "quantity": 4},
            events=5,
            first_position=52,
            last_position=56,
            refused=[Refused(17, "columns", "the row has 7 columns, where there are 16", "Mali,Italy,2008,,1,,X")],
        )
    }
