"""What is asked of the append function: a batch and its conditions; and a group of them as its parameters."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import msgspec

from service.domain.batches import Batch, merged_actor
from service.domain.events import Assert, Confirm, Correct, Deny, Expect, Fulfil, Statement
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
    """The function's, in order: requests, events, parties, publishers, touches, requirements, expectations."""
    if len(requests) == 1 and requests[0].parameters is not None:
        return requests[0].parameters
    events: list[tuple[Any, ...]] = []
    last: list[int] = []
    parties: list[tuple[Any, ...]] = []
    words: list[tuple[Any, ...]] = []
    touches: list[tuple[int, str]] = []
    prior: list[tuple[Any, ...]] = []
    requirements: list[tuple[Any, ...]] = []
    expectations: list[tuple[Any, ...]] = []
    for number, request in enumerate(requests, 1):
        batch, first = request.batch, len(events) + 1
        for ordinal, draft in enumerate(batch.drafts, first):
            event = draft.event
            if isinstance(event, Statement):
                events.append(_content(number, draft, event))
                parties += [(ordinal, party.actor, party.role) for party in event.parties]
            else:
                events.append(_word(number, draft))
                if isinstance(event, Confirm | Deny):
                    words += [(ordinal, source.publisher) for source in event.sources]
        last.append(len(events))
        touches += [(first + index, relationship) for index, relationship in batch.touches]
        prior += [(first + touch.index, touch.claim) for touch in batch.prior]
        requirements += [(first + r.index, r.claim, r.demand) for r in batch.requirements]
        expectations += [(number, e.relationship, e.revision) for e in request.expectations]
    single = not prior and [event for event, _ in touches] == list(range(1, len(events) + 1))
    plain = not expectations and all(map(_is_plain, requests))
    return (
        plain,
        single,
        _literal([request.by for request in requests]),
        _literal([request.scope for request in requests]),
        _literal([request.idempotency_key for request in requests]),
        [request.fingerprint for request in requests],
        _literal(last),
        *_columns(events, "#_____#####__###_"),
        # By actor, as in their index: rows that are inserted side by side then stand side by side.
        *_columns(sorted(parties, key=itemgetter(1)), "#__"),
        *_columns(words, "##"),
        *_columns(_counted(touches), "#_#"),
        *_columns(prior, "#_"),
        *_columns(requirements, "#__"),
        *_columns(expectations, "###"),
    )


def _is_plain(request: Request) -> bool:
    """Whether it makes nothing but claims, none of which merges actors, whatever else is so."""
    if request.scope is not None or request.idempotency_key is not None or request.batch.merges:
        return False
    return all(isinstance(draft.event, Assert | Expect) for draft in request.batch.drafts)


def _counted(touches: list[tuple[int, str]]) -> list[tuple[int, str, int]]:
    """Each touch with how many there are of its relationship up to it."""
    seen: dict[str, int] = {}
    counted = []
    for event, relationship in touches:
        nth = seen[relationship] = seen.get(relationship, 0) + 1
        counted.append((event, relationship, nth))
    return counted


def _columns(rows: Sequence[tuple[Any, ...]], kinds: str) -> list[str]:
    """One parameter a column: lines for ``_``, an array for ``#``; one without any value stays empty: it is cheap."""
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return [_lines(column) if kind == "_" else _literal(column) for column, kind in zip(columns, kinds, strict=True)]


def _lines(values: Sequence[str | None]) -> str:
    """Texts in which no line feed stands, which need no escaping then; PostgreSQL parts them faster than an array."""
    nulls = values.count(None)
    if nulls == len(values):
        return ""
    text = "\n".join([value or "" for value in values] if nulls else values)  # type: ignore[arg-type]
    if text.count("\n") >= len(values):
        raise ValueError("a line feed stands where none can")
    return text


def _content(number: int, draft: Draft, event: Statement) -> tuple[Any, ...]:
    bounds, reported, members = draft.bounds, draft.reported, draft.members
    assert bounds is not None, "a draft with content has its bounds"  # noqa: S101 - holds by construction
    return (
        number,
        draft.id,
        draft.claim,
        draft.action,
        draft.content,
        event.type,
        bounds.starts_earliest,
        bounds.starts_latest,
        bounds.ends_earliest,
        bounds.ends_latest,
        _literal([edge for span in members for edge in (span.earliest, span.latest)]) if members else None,
        " ".join(draft.relationships or timelines_of(event)),
        merged_actor(draft),
        reported.earliest if reported else None,
        reported.latest if reported else None,
        True if isinstance(event, Correct) and event.late else None,
        None,
    )


def _word(number: int, draft: Draft) -> tuple[Any, ...]:
    """An event without content: neither type nor bounds."""
    reported = draft.reported
    return (
        number,
        draft.id,
        draft.claim,
        draft.action,
        draft.content,
        *[None] * 8,
        reported.earliest if reported else None,
        reported.latest if reported else None,
        None,
        draft.event.fulfilled_by if isinstance(draft.event, Fulfil) else None,
    )


def _literal(values: Sequence[str | int | None]) -> str:
    """A PostgreSQL array literal: asyncpg's own encoding of an array costs several times as much an element."""
    nulls = values.count(None)
    if nulls == len(values):
        return "{}"
    if not nulls and not isinstance(values[0], str):
        return "{" + ",".join(map(str, values)) + "}"
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
