"""What the document says of changes and of live answers: the operation, its parameters, and what a stream is."""

from collections.abc import Sequence
from typing import Any

from service.api import changes
from service.api.changes import LIMIT, OF_CHANGES
from service.api.described.operation import MOVED, OF_LEDGER, UNCHANGED, VALIDATED, Form, Operation, Said
from service.api.problems import BEYOND_HEAD
from service.api.streams import EVENT_STREAM
from service.projections.changes import MOST

_OWN = {name: f"changes_{name}" for name in ("from", "to", "limit")}
"""Names of components, where another operation has a parameter of the same name that says something else."""
OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=changes.read_changes,
        path="/v1/ledgers/{ledger}/relationships/{relationship}/changes",
        id="getRelationshipChanges",
        tag="relationships",
        summary="What differs between two points, and what did it",
        description="Each point has a valid time, a known time and a reported day; on any of these the two may differ, "
        "in either order. The answer tells which lines of the state and which claims were added, changed field by "
        "field, or removed, and for each the events that did it, or the time that passed. With the points exchanged it "
        "is the inverse.",
        parameters=(*(_OWN.get(name, name) for name in OF_CHANGES), "If-None-Match"),
        answers=(
            Said(
                description="What differs.",
                schema="Changes",
                headers=(*VALIDATED, "Content-Location", "Tarih-Epoch", "Server-Timing"),
                example="Changes",
            ),
            UNCHANGED,
            MOVED,
        ),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
)

LIVE = (
    "As text/event-stream it is the state, and the state again whenever the answer to that question changes: when an "
    "event is recorded that bears on it, or the time comes at which it reads differently. Before it, `causes` tells "
    "why: by the last events that did it, and by the number of all that touched the relationship since the state "
    "before. Where events come faster than answers are made, one answer tells of several. What was known at a time "
    "that is given never changes: then there is one state, and `final`. A stream has no `ETag`, and takes no `v`. It "
    "is resumed with `Last-Event-ID`; access is looked at again while it lasts."
)
STREAM = (Form(EVENT_STREAM, "StateStream"),)
NOTHING_MORE = Said(
    status=204,
    description="Of a stream that is resumed, about what was known at a time that is given: it has told all.",
    headers=("Cache-Control", "Vary", "Tarih-Epoch", "Tarih-Revision"),
)


def _query(name: str, words: str, schema: dict[str, Any], example: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": schema, "example": example, **more}


_POINT = {"type": "string", "maxLength": 120}
_FORM = (
    "`valid[@known[@reported]]`. The valid part is a day or an instant; the known part too, or a position; the "
    "reported part is a day. Parts that are left out or empty: nothing is asked of when it was reported; known is now; "
    "valid is what is known then."
)
PARAMETERS: dict[str, Any] = {
    "changes_from": _query("from", f"The point before, as {_FORM}", _POINT, "2021-06-01", required=True),
    "changes_to": _query("to", f"The point after, as {_FORM} Left out, it is now.", _POINT, "2025-12-31@51"),
    "changes_limit": _query(
        "limit",
        "How many entries each list has at most; `totals` says how many there are.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
        20,
    ),
}
