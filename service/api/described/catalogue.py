"""Every operation: its handler, and what the document says of it; a new endpoint is a line in one of these lists."""

from collections.abc import Sequence

from service.api import relationships
from service.api.described import (
    across,
    changes,
    events,
    imports,
    keys,
    ledgers,
    memento,
    outlines,
    pages,
    timelines,
    widget,
)
from service.api.described.changes import LIVE, NOTHING_MORE, STREAM
from service.api.described.operation import MOVED, OF_LEDGER, Operation, read
from service.api.problems import BEYOND_HEAD
from service.projections import CATALOGUE, Projection

TAGS = {
    "relationships": "What is so between two or more actors, as of any day and as it was known on any day.",
    "versions": "What a relationship was known to be after each change, at addresses that keep (Memento, RFC 7089).",
    "timelines": "What is told of a relationship or an actor, in the order of its dates, in pages or clusters.",
    "widget": "Timelines to look at, and to put into other pages.",
    "across": "Actors, what they hold and who supplies them, over all relationships at one point.",
    "events": "Everything that is recorded: appended as a batch, never changed.",
    "claims": "One statement about the world, through all its versions.",
    "ledgers": "Logs with their own order, access and clock.",
    "types": "The vocabulary of a ledger: what a claim can be about.",
    "keys": "Who may read, append and administer.",
    "service": "For people and for those who run the service.",
}


def _projection(projection: Projection) -> Operation:
    name = projection.answer.__name__
    headers = ["Content-Location", "Tarih-Revision", "Tarih-Epoch", "Server-Timing"]
    headers += ["Link"] if name == "State" else []
    return Operation(
        handler=relationships.READERS[projection.name],
        path="/v1/ledgers/{ledger}/relationships/{relationship}" + projection.path,
        id=f"getRelationship{name}",
        tag="relationships",
        summary=projection.title,
        description=f"{projection.description}\n\n{LIVE}" if name == "State" else projection.description,
        parameters=(*relationships.OF_A_PROJECTION, *(("Last-Event-ID",) if name == "State" else ()), "If-None-Match"),
        answers=(
            *read("As of that point.", name, *headers, forms=STREAM if name == "State" else ()),
            *((NOTHING_MORE,) if name == "State" else ()),
            MOVED,
        ),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    )


OPERATIONS: Sequence[Operation] = (
    *(_projection(projection) for projection in CATALOGUE),
    *changes.OPERATIONS,
    *memento.OPERATIONS,
    *timelines.OPERATIONS,
    *outlines.OPERATIONS,
    *widget.OPERATIONS,
    *across.OPERATIONS,
    *events.OPERATIONS,
    *imports.OPERATIONS,
    *ledgers.OPERATIONS,
    *keys.OPERATIONS,
    *pages.OPERATIONS,
)
HANDLERS = [operation.handler for operation in OPERATIONS]
