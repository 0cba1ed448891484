"""What the document says of versions: their operations, and the parameters and headers that only they have."""

from collections.abc import Sequence
from typing import Any

from service.api import memento
from service.api.described.operation import JSON, MOVED, OF_LEDGER, UNCHANGED, VALIDATED, Form, Operation, Said
from service.api.links import LINK_FORMAT
from service.api.problems import BEYOND_HEAD, NOT_ACCEPTABLE

_RELATIONSHIP = "/v1/ledgers/{ledger}/relationships/{relationship}"
_TIMEMAP = (
    Said(
        description="The versions, the earliest one first. `Link` with `next` leads on, where there is more.",
        schema="TimeMapLinks",
        media_type=LINK_FORMAT,
        headers=(*VALIDATED, "Link", "Tarih-Epoch"),
        example="TimeMapLinks",
        forms=(Form(JSON, "TimeMap"),),
    ),
    UNCHANGED,
    MOVED,
)
OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=memento.pass_timegate,
        path="/v1/ledgers/{ledger}/timegate/relationships/{relationship}",
        id="passTimeGate",
        tag="versions",
        summary="The version that was known at a time (a TimeGate)",
        description="It leads to the last version that was recorded by `Accept-Datetime`, both taken to the second; to "
        "the first where all are later, and to the last one without that header. It negotiates known time only; a "
        "state with `known_at` says instead that nothing was known yet.",
        parameters=("Accept-Datetime",),
        answers=(
            Said(
                status=302,
                description="The way to the version. `Link` names the ones around it.",
                headers=("Location", "Link", "Vary", "Cache-Control", "Tarih-Epoch"),
            ),
            MOVED,
        ),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=memento.read_version,
        path=_RELATIONSHIP + "/versions/{position}",
        id="getRelationshipVersion",
        tag="versions",
        summary="A relationship as it was known from a position on (a Memento)",
        description="Its bytes never change. Left out, `valid_at` is the time at which that version was recorded.",
        parameters=(*memento.OF_A_VERSION, "If-None-Match"),
        answers=(
            Said(
                description="The state, as it was known then.",
                schema="State",
                headers=(
                    *(*VALIDATED, "Memento-Datetime", "Link", "Content-Location"),
                    *("Tarih-Revision", "Tarih-Epoch", "Server-Timing"),
                ),
                example="State",
            ),
            Said(
                status=301,
                description="Nothing touched the relationship there: the way to the version before; the query is kept.",
                headers=("Location", "Cache-Control"),
            ),
            UNCHANGED,
            MOVED,
        ),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
    Operation(
        handler=memento.read_timemap,
        path=_RELATIONSHIP + "/timemap",
        id="listRelationshipVersions",
        tag="versions",
        summary="The versions of a relationship (a TimeMap)",
        description="From the first one on; where there are many, the link `timemap` leads to the next page.",
        parameters=("timemap_format", "If-None-Match"),
        answers=_TIMEMAP,
        problems=(*OF_LEDGER, NOT_ACCEPTABLE),
    ),
    Operation(
        handler=memento.read_timemap_page,
        path=_RELATIONSHIP + "/timemap/{positions}",
        id="listRelationshipVersionsBetween",
        tag="versions",
        summary="The versions of a relationship from one position to another",
        description="The links of the list lead here; any two positions will do.",
        parameters=("timemap_format", "If-None-Match"),
        answers=_TIMEMAP,
        problems=(*OF_LEDGER, BEYOND_HEAD, NOT_ACCEPTABLE),
    ),
)
IN_PATH = {
    "position": (
        {"type": "string", "pattern": "^(0|[1-9][0-9]{0,29})$"},
        "A position of the ledger.",
        "51",
    ),
    "positions": (
        {"type": "string", "pattern": "^[1-9][0-9]{0,29}-[1-9][0-9]{0,29}$"},
        "The first and the last position, both included.",
        "1-51",
    ),
}
PARAMETERS: dict[str, Any] = {
    name: {"name": name, "in": "path", "required": True, "description": words, "schema": schema, "example": example}
    for name, (schema, words, example) in IN_PATH.items()
}
PARAMETERS["timemap_format"] = {
    "name": "format",
    "in": "query",
    "description": "The form of the list; it goes before `Accept`, and is kept in the links to further pages.",
    "schema": {"type": "string", "enum": list(memento.FORMATS)},
    "example": "json",
}
PARAMETERS["Accept-Datetime"] = {
    "name": "Accept-Datetime",
    "in": "header",
    "description": "A time as HTTP writes it. Any other form is refused; a wrong day of the week alone is not.",
    "schema": {
        "type": "string",
        "pattern": r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} "
        r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$",
    },
    "example": "Sun, 22 Nov 2026 16:00:00 GMT",
}
HEADERS: dict[str, Any] = {
    "Memento-Datetime": {
        "description": "When the version was recorded, cut to the second.",
        "schema": {"type": "string"},
        "example": "Sun, 22 Nov 2026 16:00:00 GMT",
    }
}
