"""What must be answered, by nothing but the feed's events and the pure folds: no database, no cache, no address."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from service.domain.actors import Aliases
from service.domain.as_of import AsOf, parse_point
from service.domain.claims import Claim, Folded, Omitted, Recorded, fold, seen
from service.domain.events import Assert, Correct, Event, Expect, Fulfil, Retract, Statement
from service.domain.names import actors_of
from service.domain.reading import read_event, relationships_of
from service.domain.types import TYPES
from service.projections.claim import ClaimHistory, ClaimState, claim_history, claim_state, dates_of
from service.projections.criteria import Criteria
from service.projections.question import Question
from service.projections.state import State, state
from service.projections.view import View

Json = dict[str, Any]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The points and filters of one question, as its address gives them."""

    valid: str | None = None
    known_at: str | None = None
    position: int | None = None
    reported: str | None = None
    lang: str | None = None
    criteria: tuple[tuple[str, str], ...] = ()
    """Names and values of the filters' parameters."""

    @property
    def known(self) -> str:
        return _query(known_at=self.known_at, known_position=self.position)

    @property
    def points(self) -> str:
        return _query(
            valid_at=self.valid, known_at=self.known_at, known_position=self.position, reported_by=self.reported
        )

    @property
    def query(self) -> str:
        """All of it."""
        return "&".join(part for part in (self.points, _query(**dict(self.criteria), lang=self.lang)) if part)


def _query(**given: str | int | None) -> str:
    return "&".join(f"{name}={value}" for name, value in given.items() if value is not None)


class Truth:
    """A ledger as its feed tells it."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.revisions: list[dict[str, int]] = []
        """By event: of every relationship that it touched."""
        self.ends: list[tuple[int, int]] = []
        """Of each batch: its last position, and when it was recorded."""
        self.folded = cache(self._folded)

    def follow(self, feed: Iterable[Json]) -> None:
        """Further events, whole batches of them; what was answered before stays as it was."""
        for line in feed:
            event = _recorded(line)
            assert event.position == self.head + 1
            if self.ends and self.ends[-1][1] == event.recorded_at:
                self.ends.pop()
            self.ends.append((event.position, event.recorded_at))
            self.events.append(event)
            self.revisions.append(line["revisions"])

    @property
    def head(self) -> int:
        return len(self.events)

    def _folded(self, position: int, reported: int | None) -> Folded:
        return fold(self.events[:position], reported)

    def as_of(self, asked: Asked, now: int) -> AsOf:
        """``now`` is what the answer says of itself, where the question pins nothing."""
        at: int | None = now
        until = self.ends
        if asked.position is not None:
            until = [end for end in self.ends if end[0] <= asked.position]
            at = until[-1][1] if until else None
        elif asked.known_at is not None:
            at = parse_point(asked.known_at).at
            until = [end for end in self.ends if end[1] <= at]
        last = self.ends[-1][1] if self.ends else None
        pinned_at = asked.position is not None or (asked.known_at is not None and last is not None and at is not None)
        valid = at if asked.valid is None else parse_point(asked.valid).at
        assert valid is not None, "nothing was known then, so no day follows from it"
        return AsOf(
            valid=valid,
            known=at,
            position=until[-1][0] if until else 0,
            reported=None if asked.reported is None else parse_point(asked.reported).at,
            final=pinned_at and (asked.position is not None or (at or 0) <= (last or 0)),
        )

    def state(self, relationship: str, as_of: AsOf, *, lang: str, criteria: Criteria, since: int) -> State:
        return state(View(self.question(relationship, as_of, lang=lang, criteria=criteria, since=since)))

    def question(self, relationship: str, as_of: AsOf, *, lang: str, criteria: Criteria, since: int) -> Question:
        """``since`` is for ``known_stable`` only, which is judged by itself."""
        whole, folded = self.folded(as_of.position, None), self.folded(as_of.position, as_of.reported)
        aliases = aliases_of(whole.claims.values())
        here = set(aliases.timelines(relationship))
        claims = [claim for claim in folded.claims.values() if here & set(relationships_of(claim.statement))]
        named = {claim.fulfilled_by for claim in claims} - {None}
        return Question(
            relationship=relationship,
            as_of=as_of,
            claims=claims,
            retracted=sum(bool(here & set(self.belonged(id_, as_of))) for id_ in folded.retracted),
            actors=actors_of(whole.claims.values(), aliases),
            fulfilments={id_: claim for id_, claim in folded.claims.items() if id_ in named},
            omitted=self.omitted(here, as_of),
            known=bool(claims),
            revision=sum(relationship in touched for touched in self.revisions[: as_of.position]),
            since=since,
            lang=lang,
            criteria=criteria,
            types=TYPES,
        )

    def taken_back(self, claim: str, as_of: AsOf) -> Claim:
        """A retracted claim with what it would say if it had never been retracted."""
        events = [one for one in self.events[: as_of.position] if one.claim == claim]
        return fold((one for one in events if not isinstance(one.event, Retract)), as_of.reported).claims[claim]

    def last_seen(self, claim: str, as_of: AsOf) -> Recorded:
        """The last event on it that is visible there."""
        return seen([one for one in self.events[: as_of.position] if one.claim == claim], as_of.reported)[-1]

    def belonged(self, claim: str, as_of: AsOf) -> tuple[str, ...]:
        return relationships_of(self.taken_back(claim, as_of).statement)

    def omitted(self, here: set[str], as_of: AsOf) -> Omitted:
        """Of the claims that any content by then puts here."""
        if as_of.reported is None:
            return Omitted()
        events = self.events[: as_of.position]
        ever = {
            one.claim for one in events if isinstance(one.event, Statement) and here & set(relationships_of(one.event))
        }
        return fold((one for one in events if one.claim in ever), as_of.reported).omitted

    def claim(self, claim: str, as_of: AsOf) -> ClaimState | None:
        """None where nothing was known of it."""
        folded = self.folded(as_of.position, as_of.reported)
        if claim in folded.retracted:
            return claim_state(self.taken_back(claim, as_of), folded.retracted[claim].position, as_of)
        return claim_state(folded.claims[claim], None, as_of) if claim in folded.claims else None

    def history(self, claim: str, as_of: AsOf) -> ClaimHistory | None:
        events = [one for one in self.events[: as_of.position] if one.claim == claim]
        return claim_history(claim, events, as_of) if events else None


def aliases_of(claims: Iterable[Claim]) -> Aliases:
    """Who reads as whom, by the merges that are visible."""
    merges = [claim.statement for claim in claims if claim.statement.type == "actor-merge"]
    roles = [{party.role: party.actor for party in merge.parties} for merge in merges]
    return Aliases({role["merged"]: role["survivor"] for role in roles})


def touched_by(events: Iterable[Recorded]) -> list[set[str]]:
    """By position: the relationships that each event touches, by what its claims belonged to before and after it."""
    past: list[Recorded] = []
    found = []

    def belongs(claim: str) -> set[str]:
        acted = [one for one in past if one.claim == claim and isinstance(one.event, Statement)]
        folded = fold(acted).claims
        return set(relationships_of(folded[claim].statement)) if claim in folded else set()

    for one in events:
        event: Event = one.event
        touched = set() if isinstance(event, Assert | Expect) else belongs(one.claim)
        if isinstance(event, Fulfil):
            touched |= belongs(event.fulfilled_by)
        past.append(one)
        touched |= belongs(one.claim)
        if isinstance(event, Correct):  # a late one touches what it names, in force or not
            touched |= set(relationships_of(event))
        found.append(touched)
    return found


def criteria_of(parameters: Mapping[str, str]) -> Criteria:
    given: Json = dict(parameters)
    if "certainty" in given:
        given["certain_only"] = given.pop("certainty") == "certain"
    if "min_credibility" in given:
        given["min_credibility"] = int(given["min_credibility"])
    return msgspec.convert(given, Criteria)


def _recorded(line: Json) -> Recorded:
    """With bounds and days read anew from the event's own text."""
    draft = read_event(msgspec.json.encode({**line["event"], "id": line["id"]}), TYPES, str)
    assert draft.claim == line["claim"]
    dates = None if draft.bounds is None else msgspec.to_builtins(dates_of(draft.bounds))
    assert line.get("dates") == dates
    return Recorded(
        position=line["position"],
        recorded_at=parse_point(line["recorded_at"]).at,
        id=draft.id,
        claim=draft.claim,
        event=draft.event,
        bounds=draft.bounds,
        members=draft.members,
        reported=draft.reported,
        recorded_by=line["recorded_by"],
    )
