"""Small ledgers for tests: events in a client's words, read by the real rules, one recorded each day of 2026."""

from collections.abc import Mapping
from typing import Any

import msgspec

from service.domain.actors import relationship_of
from service.domain.as_of import AsOf, parse_point
from service.domain.claims import Claim, Folded, Recorded, fold
from service.domain.events import Statement
from service.domain.names import actors_of
from service.domain.reading import read_event, relationships_of
from service.domain.types import OF_ACTORS, TYPES, EventType
from service.projections.question import Question
from service.projections.state import State, state
from service.projections.view import View

LISTS = (
    "inventory",
    "orders",
    "agreements",
    "facilities",
    "negotiations",
    "programmes",
    "training",
    "expectations",
    "other",
)
"""The names of a state's lists."""
DAY = 86_400_000_000
FIRST = parse_point("2026-01-01T00:00:00Z").at


def recorded(position: int, types: Mapping[str, EventType] = TYPES, **fields: Any) -> Recorded:
    """One event as a ledger would hold it."""
    draft = read_event(msgspec.json.encode(fields), types, lambda: f"e{position}")
    return Recorded(
        position=position,
        recorded_at=FIRST + position * DAY,
        id=draft.id,
        claim=draft.claim,
        event=draft.event,
        bounds=draft.bounds,
        members=draft.members,
        reported=draft.reported,
    )


def source(published: str | None, publisher: str = "SIPRI", **more: Any) -> dict[str, Any]:
    return {"publisher": publisher, **({} if published is None else {"published": published}), **more}


def parties(text: str) -> list[dict[str, str]]:
    """``"tur supplier, pak recipient"``."""
    pairs = (part.split() for part in text.split(","))
    return [{"actor": actor, "role": role} for actor, role in pairs]


class History:
    """A ledger in the making."""

    def __init__(self, types: Mapping[str, EventType] = TYPES) -> None:
        self.events: list[Recorded] = []
        self.types = types

    @property
    def head(self) -> int:
        return len(self.events)

    def record(self, action: str, claim: str, **fields: Any) -> Recorded:
        if "published" in fields:
            fields["sources"] = [source(fields.pop("published"), fields.pop("publisher", "SIPRI"))]
        if isinstance(fields.get("parties"), str):
            fields["parties"] = parties(fields["parties"])
        event = recorded(self.head + 1, self.types, action=action, claim=claim, **fields)
        self.events.append(event)
        return event

    def say(
        self, claim: str, type_: str, occurred: str, who: str, *, action: str = "assert", **fields: Any
    ) -> Recorded:
        """A claim; of pak--tur where three or more are its parties."""
        named = parties(who)
        if type_ not in OF_ACTORS and len({party["actor"] for party in named}) != 2:
            fields.setdefault("relationships", ["pak--tur"])
        return self.record(action, claim, type=type_, occurred=occurred, parties=named, **fields)

    def name(self, slug: str, name: str, occurred: str = "1900/..", **fields: Any) -> Recorded:
        """An actor, by its English name."""
        data = {"names": {"en": name, **fields.pop("names", {})}, "kind": fields.pop("kind", "state")}
        if "part_of" in fields:
            data["part_of"] = fields.pop("part_of")
        claim = fields.pop("claim", f"actor-{slug}-{self.head}")
        return self.say(claim, "actor", occurred, f"{slug} subject", data=data, **fields)

    def folded(self, position: int | None = None, reported_by: str | None = None) -> Folded:
        reported = None if reported_by is None else parse_point(reported_by).at
        return fold(self.events[:position], reported)

    def claim(self, id_: str, position: int | None = None, reported_by: str | None = None) -> Claim | None:
        return self.folded(position, reported_by).claims.get(id_)

    def question(
        self,
        valid: str,
        position: int | None = None,
        reported_by: str | None = None,
        known: str | None = None,
        **more: Any,
    ) -> Question:
        """What the history says of pak--tur; known as of its head, or at the instant ``known``."""
        relationship = more.pop("relationship", relationship_of(["pak", "tur"]))
        at = self.head if position is None else position
        folded = self.folded(at, reported_by)
        theirs = {
            event.claim
            for event in self.events[:at]
            if isinstance(event.event, Statement) and relationship in relationships_of(event.event)
        }
        claims = [claim for claim in folded.claims.values() if relationship in relationships_of(claim.statement)]
        theirs_only = [event for event in self.events[:at] if event.claim in theirs]
        reported = None if reported_by is None else parse_point(reported_by).at
        named = {claim.fulfilled_by for claim in claims} - {None}
        default_known = FIRST + at * DAY if at else None
        return Question(
            relationship=relationship,
            as_of=AsOf(
                valid=parse_point(valid).at,
                known=default_known if known is None else parse_point(known).at,
                position=at,
                reported=reported,
                final=True,
            ),
            claims=claims,
            retracted=sum(id_ in theirs for id_ in folded.retracted),
            actors=actors_of(folded.claims.values()),
            fulfilments={id_: claim for id_, claim in folded.claims.items() if id_ in named},
            omitted=fold(theirs_only, reported).omitted,
            known=bool(claims),
            revision=len(theirs),
            types=self.types,
            **more,
        )

    def state(self, valid: str, position: int | None = None, reported_by: str | None = None, **more: Any) -> State:
        return state(View(self.question(valid, position, reported_by, **more)))


def encoded(answer: State) -> dict[str, Any]:
    """An answer as its reader gets it."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
    return decoded
