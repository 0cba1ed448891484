"""What an answer must say: the pure fold of what the service's own feed tells of that relationship."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from benchmarks.ground import Ground
from service.api.events import StoredEvent
from service.domain.as_of import AsOf, parse_point
from service.domain.claims import Claim, Recorded, fold
from service.domain.names import actors_of
from service.domain.reading import read_event, relationships_of
from service.domain.types import TYPES
from service.projections import PROJECTIONS, Question, View

END = """
SELECT last_position, (extract(epoch FROM recorded_at) * 1000000)::bigint FROM tarih.batches
WHERE ledger = $1 AND last_position <= $2 ORDER BY last_position DESC LIMIT 1
"""
_lines = msgspec.json.Decoder(StoredEvent)


class Known(NamedTuple):
    """All that a ledger holds on one relationship at one position, and where and when that was recorded."""

    position: int
    at: int
    events: list[Recorded]
    claims: dict[str, Claim]
    """The visible ones of this relationship."""
    retracted: int
    fulfilments: dict[str, Claim]


class Feed:
    """One ledger's feed, read as any client reads it; the claims on actors are its first events."""

    def __init__(self, ground: Ground, ledger: str) -> None:
        self._ground, self._ledger = ground, ledger
        self._of: Callable[[str], list[Recorded]] = cache(
            lambda relationship: self._read(f"relationship={relationship}")
        )
        self._actors: Callable[[], list[Recorded]] = cache(self._read_actors)
        self._end: Callable[[int], tuple[int, int]] = cache(self._read_end)

    def _read(self, asked: str) -> list[Recorded]:
        status, _, body = self._ground.get(f"/v1/ledgers/{self._ledger}/events?{asked}", accept="application/x-ndjson")
        if status != 200:
            raise ValueError(f"the feed answered {status}: {body[:200]!r}")
        return [_recorded(line) for line in body.splitlines()]

    def _read_actors(self) -> list[Recorded]:
        found: list[Recorded] = []
        while page := self._read(f"limit=1000&after={len(found)}"):
            of_actors = [one for one in page if getattr(one.event, "type", "") == "actor"]
            found += of_actors
            if len(of_actors) < len(page):
                break
        return found

    def _read_end(self, position: int) -> tuple[int, int]:
        """Of the last batch up to ``position``: where and when."""
        [(end, at)] = self._ground.sql(END, self._ledger, position)
        return end, at

    def known(self, relationship: str, position: int) -> Known:
        """At the end of the last batch up to ``position``."""
        end, at = self._end(position)
        events = [one for one in self._of(relationship) if one.position <= end]
        folded = fold(events)
        here = {id_: claim for id_, claim in folded.claims.items() if relationship in relationships_of(claim.statement)}
        named = {claim.fulfilled_by for claim in here.values()}
        fulfilments = {id_: claim for id_, claim in folded.claims.items() if id_ in named}
        return Known(end, at, events, here, len(folded.retracted), fulfilments)

    def question(self, relationship: str, valid: int, position: int) -> Question:
        """What a projection is asked at that point."""
        known = self.known(relationship, position)
        described = fold(one for one in self._actors() if one.position <= known.position)
        return Question(
            relationship=relationship,
            as_of=AsOf(valid=valid, known=known.at, position=known.position, final=True, pinned=True),
            claims=list(known.claims.values()),
            retracted=known.retracted,
            actors=actors_of(described.claims.values()),
            fulfilments=known.fulfilments,
            known=bool(known.claims),
            revision=len(known.events),
            types=TYPES,
        )

    def faults(self, told: dict[str, str]) -> list[str]:
        """Of states as of a day and a position, by the paths they were asked with."""
        return [
            f"{path} is not answered as the fold of its feed"
            for path, body in told.items()
            if self._differs(path, body)
        ]

    def _differs(self, path: str, body: str) -> bool:
        asked = urlsplit(path)
        [valid], [position] = (parse_qs(asked.query)[name] for name in ("valid_at", "known_position"))
        question = self.question(asked.path.rpartition("/")[2], parse_point(valid).at, int(position))
        expected = msgspec.json.encode(PROJECTIONS["state"].fold(View(question)))
        return bool(_compared(body) != _compared(expected))


def _compared(state: str | bytes) -> Any:
    """Without how far back the answer was the same: that is told of what the store has kept, not of the claims."""
    told = msgspec.json.decode(state)
    told["as_of"].pop("known_stable", None)
    return told


def _recorded(line: bytes) -> Recorded:
    """As the ledger holds it; its dates are understood anew."""
    stored = _lines.decode(line)
    draft = read_event(bytes(stored.event), TYPES, lambda: stored.id)
    return Recorded(
        position=stored.position,
        recorded_at=parse_point(stored.recorded_at).at,
        id=stored.id,
        claim=draft.claim,
        event=draft.event,
        bounds=draft.bounds,
        members=draft.members,
        reported=draft.reported,
        recorded_by=stored.recorded_by,
    )
