"""Events as clients write them, for tests that record; each function gives the JSON-ready form of one."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from service import history
from service.domain.batches import read_batch
from service.domain.reading import read_events
from service.domain.types import TYPES
from service.store import appender
from service.store.log import Log

LEDGER = "test"
Json = dict[str, Any]


def acquired(claim: str | None = None, *, actors: Sequence[str] = ("tur", "pak"), **more: Any) -> Json:
    """An assertion that ties two actors."""
    parties = [{"actor": actor, "role": "party"} for actor in actors]
    named = {} if claim is None else {"claim": claim}
    content = {"type": "acquisition", "occurred": "2021", "parties": parties, "data": {"platform": "tb2"}}
    return {"action": "assert", **named, **content, **more}


def corrected(claim: str, **more: Any) -> Json:
    return acquired(claim, **{"action": "correct", "occurred": "2022", **more})


def retracted(claim: str, **more: Any) -> Json:
    return {"action": "retract", "claim": claim, "by": "curator", "reason": "a mistake", **more}


def reinstated(claim: str, **more: Any) -> Json:
    return {"action": "reinstate", "claim": claim, **more}


def said(action: str, claim: str, publisher: str = "Dawn", **more: Any) -> Json:
    return {"action": action, "claim": claim, "sources": [{"publisher": publisher, "published": "2025-12-05"}], **more}


def expected(claim: str, **more: Any) -> Json:
    return acquired(claim, **{"action": "expect", "occurred": "2026-33", **more})


def fulfilled(claim: str, by: str, **more: Any) -> Json:
    return {"action": "fulfil", "claim": claim, "fulfilled_by": by, **more}


def merged(claim: str, gone: str, survivor: str) -> Json:
    parties = [{"actor": gone, "role": "merged"}, {"actor": survivor, "role": "survivor"}]
    return {"action": "assert", "claim": claim, "type": "actor-merge", "occurred": "2020", "parties": parties}


def reported(day: str) -> list[Json]:
    return [{"publisher": "A register", "published": day}]


def request(*events: Json, **conditions: Any) -> appender.Request:
    drafts = read_events([msgspec.json.encode(event) for event in events], TYPES, history.new_id)
    return appender.Request(batch=read_batch(drafts), by="a key", **conditions)


async def write(log: Log, *events: Json, ledger: str = LEDGER, **conditions: Any) -> appender.Receipt:
    """Records one batch; raises the Refusal."""
    return await log.append(ledger, request(*events, **conditions))


async def write_group(log: Log, requests: Iterable[appender.Request], ledger: str = LEDGER) -> list[appender.Outcome]:
    async with log.connection() as connection:
        return await appender.append(connection, ledger, list(requests))
