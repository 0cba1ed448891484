"""What an event must be by itself, whatever was recorded before it; and how what is found wrong is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
import msgspec

from service.domain.edtf import Bounds
from service.domain.events import Event, Statement, action_of
from service.domain.reading import Draft, read_event
from service.domain.refusals import Invalid
from service.domain.shape import canonical_json, nfc
from service.domain.types import EventType

_events = msgspec.json.Decoder(Event)
MOST_LISTED = 100
BOUNDS = ("starts_earliest", "starts_latest", "ends_earliest", "ends_latest")


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is not as it should be, and where; docs/log.md lists the codes."""

    code: str
    expected: str
    found: str
    position: int | None = None
    claim: str | None = None
    relationship: str | None = None


class Findings:
    """All of them counted, the first listed."""

    def __init__(self) -> None:
        self.listed: list[Finding] = []
        self.counts = Counter[str]()
        self.notes: list[Finding] = []
        self.notes_counted = 0

    def find(self, code: str, expected: str, found: str, **where: Any) -> None:
        self.counts[code] += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(Finding(code=code, expected=expected, found=found, **where))

    def note(self, code: str, expected: str, found: str, position: int) -> None:
        self.notes_counted += 1
        if len(self.notes) < MOST_LISTED:
            self.notes.append(Finding(code=code, expected=expected, found=found, position=position))


def content_of(
    findings: Findings, types: Mapping[str, EventType], position: int, id_: str, content: bytes
) -> tuple[Event | None, Draft | None]:
    """As it would be recorded today; where that differs, it must still be canonical, and an event."""
    try:
        draft = read_event(content, types, lambda: id_)
        if draft.content.encode() == content:
            return draft.event, draft
        why = "other content"
    except Invalid as invalid:
        draft, why = None, str(invalid)
    try:
        event = _events.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        findings.find("content-unreadable", "an event", f"{error}", position=position)
        return None, None
    try:
        canonical = canonical_json(nfc(content))
    except ValueError as error:
        canonical = str(error).encode()
    if canonical != content:
        findings.find("content-not-canonical", canonical.decode()[:200], content.decode()[:200], position=position)
    elif isinstance(event, Statement) and event.type not in types:
        findings.find("type-unknown", "a type of this ledger", event.type, position=position)
    else:
        findings.note("reads-differently", "the content as it stands", why, position)
    return event, draft


def judge_columns(findings: Findings, row: asyncpg.Record, event: Event, draft: Draft | None) -> None:
    position = row["position"]
    said = isinstance(event, Statement)
    wanted = {
        "claim": event.claim,
        "action": action_of(event),
        "type": event.type if isinstance(event, Statement) else None,
    }
    for column, value in wanted.items():
        if row[column] != value:
            findings.find("column", f"{column} {value}", f"{row[column]}", position=position, claim=row["claim"])
    bounds, reported = tuple(row[name] for name in BOUNDS), (row["reported_earliest"], row["reported_latest"])
    members = tuple(row["members"] or ())
    pairs = [bounds[:2], bounds[2:], reported, *zip(members[::2], members[1::2], strict=False)]
    there = [None not in bounds, None not in reported, row["members"] is not None]
    absent = [bounds == (None,) * 4, reported == (None, None), not there[2]]
    should = [said, draft.reported is not None if draft else there[1], bool(draft.members) if draft else there[2]]
    if any(a == b for a, b in zip(there, absent, strict=True)) or there != should or len(members) % 2:
        findings.find("bounds", f"bounds, reported and members there: {should}", f"{there}", position=position)
    elif any(pair[0] is not None and pair[0] > pair[1] for pair in pairs):
        findings.find("bounds", "the earlier before the later", f"{pairs}", position=position)
    elif draft is not None:
        edges = tuple(edge for span in draft.members for edge in (span.earliest, span.latest))
        today = (
            _edges(draft.bounds) or (None,) * 4,
            (draft.reported.earliest, draft.reported.latest) if draft.reported else (None, None),
            edges,
        )
        if today != (bounds, reported, members):
            findings.note("bounds-differ", f"{today}", f"{(bounds, reported, members)}", position)


def judge_parties(findings: Findings, position: int, event: Event, rows: Iterable[asyncpg.Record]) -> None:
    wanted = {(party.actor, party.role) for party in event.parties} if isinstance(event, Statement) else set()
    stored = {(row["actor"], row["role"]) for row in rows}
    for actor, role in sorted(wanted - stored):
        findings.find("party-missing", f"{actor} as {role}", "none", position=position)
    for actor, role in sorted(stored - wanted):
        findings.find("party-extra", "none", f"{actor} as {role}", position=position)


def _edges(bounds: Bounds | None) -> tuple[int, ...] | None:
    if bounds is None:
        return None
    return bounds.starts_earliest, bounds.starts_latest, bounds.ends_earliest, bounds.ends_latest
