"""The walk through a ledger: each event is judged by what came before it, derived rows by the end of each batch."""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from service.domain.batches import Demand
from service.domain.edtf import FOREVER
from service.domain.events import (
    Assert,
    Confirm,
    Correct,
    Deny,
    Event,
    Expect,
    Fulfil,
    Reinstate,
    Retract,
    Statement,
    action_of,
)
from service.domain.reading import relationships_of
from service.domain.types import EventType
from service.store.ledgers import FIRST_DIGEST
from service.store.soundness import BOUNDS, Findings, content_of, judge_columns, judge_parties
from service.store.standings import CLAIM, Standing, row_of, standing_after, words_of

_revisions = msgspec.json.Decoder(dict[str, int])
_CONTENT = ("content_position", "type", *BOUNDS, "expectation", "retraction", "fulfilled_by")


class Batch(msgspec.Struct):
    """Positions that were recorded at once; without a time where the batch's own row is missing."""

    first: int
    last: int
    recorded_at: int | None = None
    digest: bytes = b""


class Walk:
    """All that is known of the ledger up to where the reading stands, and what was found on the way."""

    def __init__(self, types: Mapping[str, EventType]) -> None:
        self.types = types
        self.findings = Findings()
        self.events = self.position = 0
        self.claims: dict[str, Standing] = {}
        self.relationships: dict[str, tuple[int, int, int]] = {}
        """Revision, first and last position of each."""
        self.chain = FIRST_DIGEST
        self.batch = Batch(0, 0)
        self.acted: set[str] = set()
        """The claims that this batch acts on so far."""
        self.before: dict[str, frozenset[str]] = {}
        """What each of them, and of those they name, belonged to before the batch."""
        self.within: dict[str, frozenset[str]] = {}
        """And what, by this batch's own words, since."""
        self.versions: dict[str, list[asyncpg.Record]] = {}
        self.known: dict[Any, Any] = {}

    def begin(self, batch: Batch) -> None:
        self.batch, self.hash = batch, hashlib.sha256(self.chain)
        self.acted.clear()
        self.before.clear()
        self.within.clear()

    def read(
        self,
        events: Sequence[asyncpg.Record],
        memberships: Iterable[asyncpg.Record],
        parties: Iterable[asyncpg.Record],
        versions: Iterable[asyncpg.Record],
    ) -> None:
        """A part of the batch."""
        touching, taking = _by("position", memberships), _by("position", parties)
        for claim, rows in _by("claim", versions).items():
            self.versions.setdefault(claim, []).extend(rows)
        for row in events:
            self._event(row, touching.pop(row["position"], ()), taking.pop(row["position"], ()))
        for position, rows in touching.items():
            for row in rows:
                self.findings.find(
                    "membership-extra", "no event", "a membership", position=position, relationship=row["relationship"]
                )
        for position, rows in taking.items():
            self.findings.find("party-extra", "no event", f"{_named(rows)}", position=position)

    def end(self) -> None:
        for claim in sorted(self.acted | self.versions.keys()):
            self._judge_versions(claim, self.versions.pop(claim, []))
        if self.batch.recorded_at is not None:
            if self.position < self.batch.last:
                self.findings.find("position-missing", f"{self.position + 1}", "none", position=self.batch.last)
                self.position = self.batch.last
            if self.hash.digest() != self.batch.digest:
                self.findings.find("digest", self.hash.hexdigest(), self.batch.digest.hex(), position=self.batch.last)
            self.chain = self.batch.digest  # so that one broken link is one finding

    def _event(
        self, row: asyncpg.Record, memberships: Sequence[asyncpg.Record], parties: Sequence[asyncpg.Record]
    ) -> None:
        position, id_, content = row["position"], row["event_id"].encode(), row["content"].encode()
        self.events += 1
        if position != self.position + 1:
            code = "position-missing" if position > self.position else "position-repeated"
            self.findings.find(code, f"{self.position + 1}", f"{position}", position=position)
        self.position = position
        if self.batch.recorded_at is None or position < self.batch.first:
            self.findings.find("event-outside-batch", "a batch that holds it", "none", position=position)
        elif row["recorded_us"] != self.batch.recorded_at:
            self.findings.find(
                "event-time", f"{self.batch.recorded_at}, its batch's", f"{row['recorded_us']}", position=position
            )
        self.hash.update(struct.pack(">qqi", position, row["recorded_us"], len(id_)) + id_)
        self.hash.update(struct.pack(">i", len(content)) + content)

        event, draft = content_of(self.findings, self.types, position, row["event_id"], content)
        if event is None:
            return
        judge_columns(self.findings, row, event, draft)
        judge_parties(self.findings, position, event, parties)
        standing = self.claims.get(row["claim"])
        by = self.claims.get(event.fulfilled_by) if isinstance(event, Fulfil) else None
        if demand := _unmet(event, standing, by):
            found = f"{action_of(event)} all the same"
            self.findings.find("forbidden", f"a claim that is {demand}", found, position=position, claim=row["claim"])
        self._judge_memberships(row, self._touched(row["claim"], event), memberships)
        self.acted.add(row["claim"])
        standing = standing_after(standing, row, event)
        if standing is not None:
            # Equal values are kept once.
            standing.timelines = self.known.setdefault(standing.timelines, standing.timelines)
            standing.facts = self.known.setdefault(standing.facts, standing.facts)
            self.claims[row["claim"]] = standing

    def _touched(self, claim: str, event: Event) -> set[str]:
        """What the event touches: what its content belongs to, and what its claims belonged to before."""
        touched: set[str] = set()
        acted = [claim, event.fulfilled_by] if isinstance(event, Fulfil) else [claim]
        for one in acted:
            if one not in self.before:
                standing = self.claims.get(one)
                there = standing.timelines if standing else ()
                self.before[one] = frozenset(timeline for timeline in there if "--" in timeline)
            if not isinstance(event, Assert | Expect):
                touched |= self.within.get(one, self.before[one])
        if isinstance(event, Statement):
            own = frozenset(relationships_of(event))
            touched |= own
            if not (isinstance(event, Correct) and event.late):
                self.within[claim] = own
            elif claim in self.within:  # it may lose to what is in force: as service/domain/batches.py reads it
                self.within[claim] |= own
        return touched

    def _judge_memberships(self, row: asyncpg.Record, touched: set[str], rows: Sequence[asyncpg.Record]) -> None:
        position = row["position"]
        said = _revisions.decode(row["revisions"])
        stored = {one["relationship"]: one for one in rows}
        for relationship in sorted(touched):
            before, first, _ = self.relationships.get(relationship, (0, position, position))
            revision, one = before + 1, stored.get(relationship)
            where = {"position": position, "relationship": relationship}
            if one is None:
                self.findings.find("membership-missing", f"revision {revision}", "none", **where)
            elif one["claim"] != row["claim"]:
                self.findings.find("membership-claim", row["claim"], one["claim"], **where)
            held = one["revision"] if one else revision
            if said.get(relationship) != revision or held != revision:
                self.findings.find("revision", f"{revision}", f"{said.get(relationship)} and {held}", **where)
                if said.get(relationship) == held:
                    revision = held  # both agree: one finding where the count breaks, not one for each event after it
            self.relationships[relationship] = revision, first, position
        for relationship in sorted((stored.keys() | said.keys()) - touched):
            code = "membership-extra" if relationship in stored else "revision"
            self.findings.find(code, "not touched", "touched", position=position, relationship=relationship)

    def _judge_versions(self, claim: str, rows: list[asyncpg.Record]) -> None:
        """What begins in this batch, against the claim as the batch leaves it; what began before must end in it."""
        last, standing = self.batch.last, self.claims.get(claim)
        until = standing.until if standing else 0
        begins = rows[0]["position"] if rows else last
        if until and until < self.batch.first:
            self.findings.find(
                "version-missing",
                "one until the claim is acted on again",
                f"until {until}",
                position=until,
                claim=claim,
            )
        elif until > begins and rows:
            self.findings.find(
                "version-overlap", f"the version before until {begins}", f"until {until}", position=begins, claim=claim
            )
        ends: dict[str, int] = {}
        standing_rows: dict[str, asyncpg.Record] = {}
        for row in rows:
            timeline = row["timeline"]
            if ends.get(timeline, 0) > row["position"]:
                self.findings.find(
                    "version-overlap", f"{timeline} once", "twice", position=row["position"], claim=claim
                )
            ends[timeline] = row["to_position"]
            if row["to_position"] > last:
                standing_rows[timeline] = row
        wanted = standing.timelines if standing else ()
        content = () if standing is None else (
            standing.content_position, *standing.facts, standing.expectation, standing.retraction, standing.fulfilled_by
        )  # fmt: skip
        for timeline in wanted:
            stored = standing_rows.pop(timeline, None)
            if stored is None:
                self.findings.find("version-missing", f"one on {timeline}", "none", position=last, claim=claim)
                continue
            found = tuple(stored[name] for name in _CONTENT)
            assert standing is not None  # noqa: S101 - it has timelines
            if found != content or words_of(stored["words"]) != standing.words:
                self.findings.find("version-differs", f"{content} {dict(standing.words)}", f"{found} {stored['words']}",
                    position=last, claim=claim)  # fmt: skip
        for timeline in standing_rows:
            self.findings.find("version-extra", f"none on {timeline}", "one", position=last, claim=claim)
        if standing is not None:
            standing.until = min((ends[timeline] for timeline in wanted if timeline in ends), default=0)

    def judge_claims(self, rows: Iterable[asyncpg.Record]) -> None:
        for row in rows:
            claim, standing = row["claim"], self.claims.pop(row["claim"], None)
            if standing is None:
                self.findings.find("claim-extra", "no claim", "a row", claim=claim)
                continue
            for column, wanted, stored in zip(CLAIM, standing.row(), row_of(row), strict=True):
                if wanted != stored:
                    self.findings.find("claim-differs", f"{column} {wanted}", f"{stored}", claim=claim)
            if standing.until not in (0, FOREVER):
                self.findings.find("version-missing", "one in force", f"until {standing.until}", claim=claim)
        for claim in self.claims:
            self.findings.find("claim-missing", "a row", "none", claim=claim)

    def judge_relationships(self, rows: Iterable[asyncpg.Record]) -> None:
        for row in rows:
            relationship, *stored = row
            wanted = self.relationships.pop(relationship, None)
            if wanted != tuple(stored):
                self.findings.find("relationship-differs", f"{wanted}", f"{stored}", relationship=relationship)
        for relationship, wanted in self.relationships.items():
            self.findings.find("relationship-missing", f"{wanted}", "none", relationship=relationship)


def _by(column: str, rows: Iterable[asyncpg.Record]) -> dict[Any, list[asyncpg.Record]]:
    grouped: dict[Any, list[asyncpg.Record]] = {}
    for row in rows:
        grouped.setdefault(row[column], []).append(row)
    return grouped


def _named(rows: Iterable[asyncpg.Record]) -> list[str]:
    return [f"{row['actor']} as {row['role']}" for row in rows]


def _unmet(event: Event, claim: Standing | None, by: Standing | None) -> Demand | None:
    """What the claim, or the one that is named beside it, should have been for the event to be recorded."""
    if isinstance(event, Assert | Expect):
        return "absent" if claim is not None else None
    if claim is None:
        return "present"
    match event:
        case Reinstate():
            return "retracted" if claim.retraction is None else None
        case Correct(late=True):
            return None
        case Correct() | Retract() | Confirm() | Deny() | Fulfil() if claim.retraction is not None:
            return "standing"
        case Fulfil() if not claim.expectation:
            return "expectation"
        case Fulfil() if claim.fulfilled_by is not None:
            return "unfulfilled"
        case Fulfil():
            if by is None or by is claim:
                return "present"
            return "standing" if by.retraction is not None else "fact" if by.expectation else None
    return None
