"""What is asked of the append function: a batch and its conditions; and a group of them as its parameters."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.domain.batches import Batch, merged_actor
from service.domain.events import Confirm, Correct, Deny, Fulfil
from service.domain.reading import Draft, timelines_of

NONE, EXISTS = -1, -2
"""Expected revisions that are no number: the relationship must not exist; it must."""


class Expectation(msgspec.Struct, frozen=True):
    """What a relationship's revision must be before the batch; ``pointer`` is its place in the body, if any."""

    relationship: str
    revision: int
    pointer: str | None = None

    @property
    def wording(self) -> str:
        return {NONE: '"none"', EXISTS: '"exists"'}.get(self.revision, str(self.revision))


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One batch and the conditions under which it may be recorded."""

    batch: Batch
    by: str
    """The key that writes."""
    scope: str | None = None
    """A relationship that every event must touch."""
    expectations: tuple[Expectation, ...] = ()
    idempotency_key: str | None = None
    fingerprint: bytes | None = None
    """SHA-256 of where the request was sent and of its body; with a key only."""
    parameters: tuple[Any, ...] | None = None
    """Where it is a group by itself, made ready before its turn."""


def alone(request: Request) -> Request:
    """The same, with its parameters ready for a group of its own."""
    return msgspec.structs.replace(request, parameters=parameters([request]))


def parameters(requests: Sequence[Request]) -> tuple[Any, ...]:
    """The function's arrays, in order: requests, events, parties, publishers, touches, requirements, expectations."""
    if len(requests) == 1 and requests[0].parameters is not None:
        return requests[0].parameters
    events: list[tuple[Any, ...]] = []
    parties: list[tuple[Any, ...]] = []
    words: list[tuple[Any, ...]] = []
    touches: list[tuple[Any, ...]] = []
    prior: list[tuple[Any, ...]] = []
    requirements: list[tuple[Any, ...]] = []
    expectations: list[tuple[Any, ...]] = []
    for number, request in enumerate(requests, 1):
        first = len(events) + 1
        for event, draft in enumerate(request.batch.drafts, first):
            events.append((number, *_event(draft)))
            if draft.statement is not None:
                parties += [(event, party.actor, party.role) for party in draft.statement.parties]
            elif isinstance(draft.event, Confirm | Deny):
                words += [(event, source.publisher) for source in draft.event.sources]
        touches += [(first + index, relationship) for index, relationship in request.batch.touches]
        prior += [(first + touch.index, touch.claim) for touch in request.batch.prior]
        requirements += [(first + r.index, r.claim, r.demand) for r in request.batch.requirements]
        expectations += [(number, e.relationship, e.revision) for e in request.expectations]
    return (
        _literal([request.by for request in requests]),
        _literal([request.scope for request in requests]),
        _literal([request.idempotency_key for request in requests]),
        [request.fingerprint for request in requests],
        *_columns(events, 17),
        *_columns(parties, 3),
        *_columns(words, 2),
        *_columns(touches, 2),
        *_columns(prior, 2),
        *_columns(requirements, 3),
        *_columns(expectations, 3),
    )


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[str]:
    """One array a column; one without any value is left empty, which PostgreSQL's unnest fills with nulls."""
    return [_literal(column) for column in zip(*rows, strict=True)] if rows else ["{}"] * width


def _event(draft: Draft) -> tuple[Any, ...]:
    bounds, reported, statement = draft.bounds, draft.reported, draft.statement
    return (
        draft.id,
        draft.claim,
        draft.action,
        draft.content,
        statement.type if statement else None,
        bounds.starts_earliest if bounds else None,
        bounds.starts_latest if bounds else None,
        bounds.ends_earliest if bounds else None,
        bounds.ends_latest if bounds else None,
        _literal([edge for span in draft.members for edge in (span.earliest, span.latest)]) if draft.members else None,
        _literal(timelines_of(statement)) if statement else None,
        merged_actor(draft),
        reported.earliest if reported else None,
        reported.latest if reported else None,
        True if isinstance(draft.event, Correct) and draft.event.late else None,
        draft.event.fulfilled_by if isinstance(draft.event, Fulfil) else None,
    )


def _literal(values: Sequence[str | int | None]) -> str:
    """A PostgreSQL array literal: asyncpg's own encoding of an array costs several times as much an element."""
    if None not in values:
        if not values or not isinstance(values[0], str):
            return "{" + ",".join(map(str, values)) + "}"
        # All at once: PostgreSQL's texts have no NUL, so that it can stand between them for a moment.
        escaped = "\0".join(map(str, values)).replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
        return '{"' + escaped + '"}'
    if all(value is None for value in values):
        return "{}"
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
