"""The one way into the log: groups of requests become one call of ``tarih.append``, and its rows become outcomes."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from service.domain.reading import Draft
from service.domain.refusals import Conflict, Fault, KeyReused, NotFound, OutsideRelationship, Refusal, RevisionConflict
from service.store.pool import PATIENCE, Connection
from service.store.request import EXISTS, NONE, Expectation, Request, parameters
from service.store.statements import statement

__all__ = ["EXISTS", "NONE", "Acceptable", "Expectation", "Outcome", "Receipt", "RecordedEvent", "Request", "append"]

_APPEND, _REPEATED, _MERGED = statement("append"), statement("repeated"), statement("merged_into")
_WHERE_IT_LIES, _IS_CLUSTER = statement("append_where_it_lies"), statement("is_cluster")


class RecordedEvent(msgspec.Struct, frozen=True, gc=False):
    """Where an event of a request is recorded."""

    id: str
    claim: str
    position: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """That a batch is recorded: now, or by an earlier request that this one repeats."""

    first_position: int
    last_position: int
    recorded_at: int
    digest: bytes
    """Of the log up to the end of the batch."""
    revisions: dict[str, int]
    """Of every relationship it touched, after it."""
    events: tuple[RecordedEvent, ...]
    """In the order of the request."""
    repeated: bool = False

    @property
    def positions(self) -> tuple[int, ...]:
        return tuple(event.position for event in self.events)


class Acceptable(msgspec.Struct, frozen=True):
    """A dry run's answer: it would be recorded."""


Outcome = Receipt | Acceptable | Refusal


async def append(
    connection: Connection,
    ledger: str,
    requests: Sequence[Request],
    *,
    dry_run: bool = False,
    patience: float = 2 * PATIENCE,
    on_cluster: bool = False,
) -> list[Outcome]:
    """One outcome per request, in order; the database has ``patience`` seconds. ``on_cluster``, it does it on the node
    that has the ledger.

    Raises NotFound where there is no such ledger.
    No two requests may share an event id, a claim or a relationship that one of them expects something of.
    """
    try:
        called = _WHERE_IT_LIES if on_cluster else _APPEND
        rows = await connection.fetch(called, ledger, dry_run, *parameters(requests), timeout=patience)
    except asyncpg.PostgresError as error:
        if error.sqlstate == "TA404":
            raise NotFound("ledger", f"there is no ledger `{ledger}`") from None
        raise
    outcomes: list[Outcome] = []
    events = requirements = 0
    answers = {row["request"]: row for row in rows}
    for number, request in enumerate(requests, 1):
        row = answers[number]
        match row["outcome"]:
            case "recorded":
                outcomes.append(_receipt(request, row))
            case "acceptable":
                outcomes.append(Acceptable())
            case "repeated":
                outcomes.append(await _receipt_of_old(connection, ledger, request.batch.drafts, row["detail"]))
            case _:
                problems = msgspec.json.decode(row["detail"])
                outcomes.append(await _refusal(connection, ledger, request, problems, events, requirements))
        events += len(request.batch.drafts)
        requirements += len(request.batch.requirements)
    return outcomes


async def is_cluster(connection: Connection) -> bool:
    """Whether ledgers are spread over nodes, so that appending is best done on one of them."""
    return bool(await connection.fetchval(_IS_CLUSTER))


def _receipt(request: Request, row: asyncpg.Record) -> Receipt:
    first = row["first_position"]
    return Receipt(
        first_position=first,
        last_position=row["last_position"],
        recorded_at=row["recorded_us"],
        digest=row["digest"],
        revisions=msgspec.json.decode(row["detail"]),
        events=tuple(
            RecordedEvent(draft.id, draft.claim, position) for position, draft in enumerate(request.batch.drafts, first)
        ),
    )


async def _receipt_of_old(connection: Connection, ledger: str, drafts: Sequence[Draft], detail: str) -> Receipt:
    """What was answered to the events with these ids; or to an Idempotency-Key, which may have had other ids."""
    found = msgspec.json.decode(detail)
    by_key = found["positions"] if isinstance(found, dict) else []
    rows = await connection.fetch(_REPEATED, ledger, [] if by_key else [draft.id for draft in drafts], by_key)
    events = [RecordedEvent(row["event_id"], row["claim"], row["position"]) for row in rows]
    if not by_key:
        order = {draft.id: index for index, draft in enumerate(drafts)}
        events.sort(key=lambda event: order[event.id])
    revisions: dict[str, int] = {}
    for row in rows:  # by position, so the last word stays
        revisions |= msgspec.json.decode(row["revisions"])
    return Receipt(
        first_position=rows[0]["position"],
        last_position=rows[-1]["last_position"],
        recorded_at=rows[-1]["recorded_us"],
        digest=rows[-1]["digest"],
        revisions=revisions,
        events=tuple(events),
        repeated=True,
    )


async def _refusal(
    connection: Connection,
    ledger: str,
    request: Request,
    problems: Sequence[dict[str, Any]],
    events_before: int,
    requirements_before: int,
) -> Refusal:
    """The codes of one refused request, in words; events and requirements count on from the requests before."""
    if problems[0]["problem"] == "key":
        return KeyReused(f"the Idempotency-Key `{request.idempotency_key}` was used for another request")
    if problems[0]["problem"] == "revision":
        failed = problems[0]
        expected = next(
            e
            for e in request.expectations
            if (e.relationship, e.revision) == (failed["relationship"], failed["expected"])
        )
        return RevisionConflict(expected.relationship, expected.wording, failed["actual"], expected.pointer)
    faults, outside = [], []
    for problem in problems:
        index = problem["event"] - 1 - events_before if "event" in problem else 0
        match problem:
            case {"problem": "id", "position": position, "same": same}:
                detail = f"event `{request.batch.drafts[index].id}` is recorded already, at position {position}"
                code = "event-recorded" if same else "event-differs"
                detail += "; the rest of this batch is not" if same else ", with other content"
                faults.append(Fault(f"/events/{index}/id", code, detail))
            case {"problem": "demand", "requirement": number}:
                faults.append(request.batch.requirements[number - 1 - requirements_before].fault())
            case {"problem": "merged", "actor": actor, "claim": claim}:
                survivors = {row["claim"]: row["survivor"] for row in await connection.fetch(_MERGED, ledger, [claim])}
                detail = f"`{actor}` was merged into `{survivors[claim]}`; name that one"
                faults.append(Fault(f"/events/{index}/parties", "merged-actor", detail))
            case {"problem": "merge-within", "relationship": relationship}:
                detail = f"they are both members of {relationship}, so they are not one actor"
                faults.append(Fault(f"/events/{index}/parties", "merge-within", detail))
            case {"problem": "outside"}:
                detail = f"this event does not touch {request.scope}; send it to the ledger's events"
                outside.append(Fault(f"/events/{index}", "outside-relationship", detail))
    return Conflict(faults) if faults else OutsideRelationship(outside)
