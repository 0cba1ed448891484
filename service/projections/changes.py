"""What differs between the answers at two points, in the lines of the state and in the claims, each with its causes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, field

from service.domain.claims import Recorded
from service.projections.causes import Cause, EventCause, causes_of, event_cause
from service.projections.changed import (
    PARTS,
    Absent,
    FieldChange,
    Key,
    Line,
    Part,
    Place,
    ShownClaim,
    Side,
    differences,
    plain,
)
from service.projections.lines import Answer, Total
from service.projections.made import Made
from service.projections.question import Question
from service.projections.stability import StandsOn

VERSION = 1
"""Raised whenever the same question gets other bytes than before."""
MOST_CAUSES = 20
NAMING = ("/actor_label", "/suppliers", "/parties", "/host/label")
"""Where lines have names of actors."""
MOST = 1000
"""How many a list can hold at most."""
Causes = Annotated[tuple[Cause, ...], Meta(max_length=MOST_CAUSES)]
Fields = Annotated[tuple[FieldChange, ...], Meta(min_length=1)]
T = TypeVar("T")


class Caused(Answer, frozen=True, kw_only=True):
    """Something that differs, and why."""

    causes: Causes
    """What time did, then what events did, in order."""
    more_causes: bool = False
    """There are more than are listed."""


class LineThere(Caused, frozen=True, kw_only=True):
    """A line that is in one of the two answers only."""

    part: Part
    key: dict[str, str]
    """What tells it from the other lines of its part."""
    line: msgspec.Raw
    """As it stands in the state."""


class LineChange(Caused, frozen=True, kw_only=True):
    """A line that reads differently; the phase and the members are lines too."""

    part: Part
    key: dict[str, str]
    """What tells it from the other lines of its part; of the phase, nothing."""
    fields: Fields


class ClaimThere(Caused, frozen=True, kw_only=True):
    """A claim that is in one of the two answers only."""

    claim: str
    shown: ShownClaim
    absent: Absent
    """Why it is not in the other: not known there yet, known and not reported yet, retracted, not so yet, so no more,
    about another relationship by what it said there, or left out by what was asked for."""


class ClaimChange(Caused, frozen=True, kw_only=True):
    """A claim that reads differently."""

    claim: str
    fields: Fields


class Totals(Answer, frozen=True, kw_only=True):
    """How many there are, though the lists may be shorter."""

    added: Total
    changed: Total
    removed: Total


class StateChanges(Answer, frozen=True, kw_only=True):
    """Of the lines of the state."""

    totals: Totals
    added: Annotated[tuple[LineThere, ...], Meta(max_length=MOST)]
    changed: Annotated[tuple[LineChange, ...], Meta(max_length=MOST)]
    removed: Annotated[tuple[LineThere, ...], Meta(max_length=MOST)]


class ClaimChanges(Answer, frozen=True, kw_only=True):
    """Of the claims that are so, certainly or possibly, and of expectations."""

    totals: Totals
    added: Annotated[tuple[ClaimThere, ...], Meta(max_length=MOST)]
    changed: Annotated[tuple[ClaimChange, ...], Meta(max_length=MOST)]
    removed: Annotated[tuple[ClaimThere, ...], Meta(max_length=MOST)]


class Changes(Answer, frozen=True, kw_only=True):
    """What differs between the answers at two points."""

    relationship: str
    from_: StandsOn = field(name="from")
    to: StandsOn
    state: StateChanges
    claims: ClaimChanges
    rest: tuple[FieldChange, ...]
    """What else differs in the state: `known`, `retracted`, `omitted`."""


class _Listed(msgspec.Struct, Generic[T], frozen=True):
    """What differs of one kind, each list cut."""

    totals: Totals
    added: Sequence[T]
    changed: Sequence[T]
    removed: Sequence[T]

    def __iter__(self) -> Iterator[T]:
        yield from (*self.added, *self.changed, *self.removed)


class Comparison:
    """Two answers. First it says which claims' histories it needs, then what differs, and why."""

    def __init__(self, before: Question, after: Question, most: int = MOST, made: Made | None = None) -> None:
        """``made``: before, of the same past as both."""
        self.before, self.after = before, after
        self._one, self._other = self._sides = Side(before, made), Side(after, made)
        one, other = self._one, self._other
        both = one.claims.keys() & other.claims.keys()
        self._moved = {id_ for id_ in both if one.reads_as(id_) != other.reads_as(id_)}
        self._moved |= one.claims.keys() ^ other.claims.keys()
        self._claims = _listed(
            sorted(other.claims.keys() - both, key=other.order),
            [id_ for id_ in sorted(both & self._moved) if self._fields(id_)],
            sorted(one.claims.keys() - both, key=one.order),
            most,
        )
        shared = [line for place, line in other.lines.items() if place in one.lines]
        self._line_fields = {
            line.place: list(differences(one.lines[line.place].shown, line.shown))
            for line in shared
            if one.lines[line.place].shown != line.shown
        }
        self._lines = _listed(
            [line for place, line in other.lines.items() if place not in one.lines],
            sorted((line for line in shared if line.place in self._line_fields), key=_place_in_order),
            [line for place, line in one.lines.items() if place not in other.lines],
            most,
        )
        self._behind = {line.place: self._claims_behind(line.place) for line in self._lines}
        some = sorted(self._moved)[:MOST_CAUSES]
        self._anything = [*some, *self._of_actors(some)]
        """Behind what differs for no reason of its own."""

    @property
    def wanted(self) -> set[str]:
        """Claims whose whole histories, up to the later of the two positions, are needed."""
        behind = (*self._behind.values(), self._anything, *map(self._with_fulfilling, self._claims))
        return {id_ for ids in behind for id_ in ids}

    @property
    def merged_differently(self) -> bool:
        """Whether actors were merged at one point who were not at the other."""
        return self.before.actors.aliases.survivors != self.after.actors.aliases.survivors

    def answer(self, histories: Mapping[str, Sequence[Recorded]], merges: Iterable[Recorded] = ()) -> Changes:
        """``histories`` of those ``wanted``, each in order; ``merges``: events that merged actors or took that back."""
        points = self.before.as_of, self.after.as_of
        merged: list[Cause] = [event_cause(recorded, *points) for recorded in merges]

        @cache
        def causes(claim: str) -> list[Cause]:
            return causes_of(histories.get(claim, ()), *points)

        def together(claims: Iterable[str]) -> list[Cause]:
            return sorted({cause for id_ in claims for cause in causes(id_)}, key=_cause_in_order)

        def because(claims: Iterable[str]) -> dict[str, Any]:
            found = together(claims) or merged or together(self._anything)
            return {"causes": tuple(found[:MOST_CAUSES]), "more_causes": len(found) > MOST_CAUSES}

        def line(one: Line) -> LineThere:
            shown = msgspec.Raw(msgspec.json.encode(one.shown))
            return LineThere(part=one.part, key=dict(one.key), line=shown, **because(self._behind[one.place]))

        def changed_line(one: Line) -> LineChange:
            fields = tuple(self._line_fields[one.place])
            return LineChange(part=one.part, key=dict(one.key), fields=fields, **because(self._behind[one.place]))

        def claim(id_: str, there: Side, elsewhere: Side) -> ClaimThere:
            return ClaimThere(
                claim=id_,
                shown=there.shown(id_),
                absent=elsewhere.absent(histories.get(id_, ())),
                **because(self._with_fulfilling(id_)),
            )

        def changed_claim(id_: str) -> ClaimChange:
            return ClaimChange(claim=id_, fields=tuple(self._fields(id_)), **because(self._with_fulfilling(id_)))

        one, other = self._one, self._other
        return Changes(
            relationship=self.after.relationship,
            from_=one.state.as_of,
            to=other.state.as_of,
            state=StateChanges(
                totals=self._lines.totals,
                added=tuple(line(one) for one in self._lines.added),
                changed=tuple(changed_line(one) for one in self._lines.changed),
                removed=tuple(line(one) for one in self._lines.removed),
            ),
            claims=ClaimChanges(
                totals=self._claims.totals,
                added=tuple(claim(id_, other, one) for id_ in self._claims.added),
                changed=tuple(changed_claim(id_) for id_ in self._claims.changed),
                removed=tuple(claim(id_, one, other) for id_ in self._claims.removed),
            ),
            rest=tuple(differences(one.rest, other.rest)),
        )

    def _fields(self, claim: str) -> list[FieldChange]:
        return list(differences(plain(self._one.shown(claim)), plain(self._other.shown(claim))))

    def _with_fulfilling(self, claim: str) -> list[str]:
        found = (side.claims[claim].fulfilled_by for side in self._sides if claim in side.claims)
        return list(dict.fromkeys([claim, *(by for by in found if by is not None)]))

    def _claims_behind(self, place: Place) -> list[str]:
        """Those of the line that read differently; else the actors that it names; some of them where there are many."""
        pointers = [change.pointer for change in self._line_fields.get(place, ())] or ["/"]
        pairs = [side.lines[place].behind(pointers) for side in self._sides if place in side.lines]
        group = list(dict.fromkeys(id_ for claims in pairs for id_ in claims))
        found = [id_ for id_ in group if id_ in self._moved or self._has_parts(id_)][:MOST_CAUSES]
        key = dict(place[1])
        if "platform" in key and not {"/label", "/delivered"}.isdisjoint(_tops(pointers)):
            found += self._that_name(key["platform"])
        if any(pointer.endswith(NAMING) for pointer in pointers) or place[0] == "members":
            found += self._of_actors(group[:MOST_CAUSES], key.get("actor"))
        if not found:
            found = self._of_actors(group[:MOST_CAUSES])
        return list(dict.fromkeys(id_ for claim in found for id_ in self._with_fulfilling(claim)))

    def _has_parts(self, claim: str) -> bool:
        """Whether it tells of several dates, so that time alone may have changed how much of it is so."""
        return any(claim in side.claims and side.claims[claim].content.members for side in self._sides)

    def _that_name(self, platform: str) -> list[str]:
        """Of the claims that read differently."""
        presents = (present for side in self._sides for present in side.view.present if present.claim.id in self._moved)
        naming = (one.claim.id for one in presents if getattr(one.data, "platform", None) == platform)
        return list(dict.fromkeys(islice(naming, MOST_CAUSES)))

    def _of_actors(self, claims: Iterable[str], *actors: str | None) -> list[str]:
        """What describes the actors that are named otherwise at the other point, or are part of something else."""
        slugs = dict.fromkeys([*self._other.view.members, *(actor for actor in actors if actor is not None)])
        for side in self._sides:
            for claim in (side.claims[id_] for id_ in claims if id_ in side.claims):
                slugs |= dict.fromkeys(actor for actor, _ in side.view.named(claim.statement))
        waiting, found = list(slugs), dict[str, None]()
        for slug in waiting:
            said = [side.question.actors.at(slug, side.question.as_of.valid) for side in self._sides]
            above = {one.said.part_of for one in said if one is not None and one.said.part_of is not None}
            waiting += sorted(above - set(waiting))
            if len({None if one is None else (one.claim, one.position) for one in said}) > 1:
                found |= dict.fromkeys(one.claim for one in said if one is not None)
        return list(found)


def _listed(added: Sequence[T], changed: Sequence[T], removed: Sequence[T], most: int) -> _Listed[T]:
    totals = Totals(added=len(added), changed=len(changed), removed=len(removed))
    return _Listed(totals, added[:most], changed[:most], removed[:most])


def _tops(pointers: Iterable[str]) -> set[str]:
    return {f"/{pointer.split('/')[1]}" for pointer in pointers}


def _place_in_order(line: Line) -> tuple[int, Key]:
    return PARTS.index(line.part), line.key


def _cause_in_order(cause: Cause) -> tuple[bool, int, str, str]:
    """Time first."""
    if isinstance(cause, EventCause):
        return True, cause.position, "", ""
    return False, 0, cause.at, f"{cause.axis} {cause.passing} {cause.claim}"
