"""What the document says of outlines: the operation, and the parameter that only it has."""

from collections.abc import Sequence
from typing import Any

from service.api import outlines
from service.api.described.operation import MOVED, OF_LEDGER, Operation, read
from service.api.problems import BEYOND_HEAD
from service.projections.outline import MOST_POINTS

OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=outlines.read_outline,
        path="/v1/ledgers/{ledger}/relationships/{relationship}/outline",
        id="getRelationshipOutline",
        tag="timelines",
        summary="When a relationship's answers change, and what its claims are of",
        description="For sliders and filters: the points of each axis of time at which any answer about it may change, "
        "and its types, actors and platforms with their counts. Between two neighbouring points of an axis nothing "
        "changes by that axis. It stands at a known time, and on every reported day.",
        parameters=(*outlines.OF_AN_OUTLINE, "If-None-Match"),
        answers=(
            *read("As known then.", "Outline", "Content-Location", "Tarih-Revision", "Tarih-Epoch", "Server-Timing"),
            MOVED,
        ),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
)
PARAMETERS: dict[str, Any] = {
    "max_points": {
        "name": "max_points",
        "in": "query",
        "description": "How many points of each axis at most: where there are more, only the last one of each month is "
        "told, or of each longer period.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_POINTS, "default": outlines.POINTS},
        "example": 100,
    },
}
