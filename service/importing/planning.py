"""From groups of units to events: what the ledger has of them already decides what is to be recorded of each."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from service.domain.events import Assert, Event
from service.domain.lines import read_line
from service.domain.reading import Draft, read_event
from service.domain.refusals import Fault, Invalid
from service.domain.revising import Irreconcilable, Revision, revised
from service.domain.types import EventType
from service.importers.items import LONGEST_ROW, Given, Group, Importer, Matched, Refused, Unit
from service.importers.names import Found, Names
from service.store.registers import History

OPENING = ("assert", "expect")
"""What makes a claim; all else is about one that there is."""


class Planned(msgspec.Struct, frozen=True, gc=False):
    """What to record of one unit, or of one actor, together or not at all."""

    drafts: tuple[Draft, ...]
    unit: Unit | None = None
    """None of an actor."""
    revisions: tuple[Revision, ...] = ()
    actor: Found | None = None


def families_of(groups: Iterable[Group]) -> list[str]:
    return sorted({group.family for group in groups if group.family})


def claims_of(groups: Iterable[Group]) -> set[str]:
    return {str(claim.claim) for group in groups for unit in group.units for claim in unit.claims}


def matched(importer: Importer, group: Group, history: History, names: Names) -> Matched:
    """The group's units under the ids that the ledger has for them."""
    if importer.match is None or importer.standing is None or not group.family:
        return Matched(group.units)
    by_unit: dict[str, list[str]] = {}
    for claim in history:
        if claim.startswith(group.family):
            by_unit.setdefault(claim.rpartition(".")[0], []).append(claim)
    if not by_unit:
        return Matched(group.units)
    known = [
        importer.standing(id_, [event for claim in claims for event in history[claim]], names)
        for id_, claims in sorted(by_unit.items())
    ]
    return importer.match(group, known)


def planned(unit: Unit, importer: Importer, history: History, types: Mapping[str, EventType]) -> Planned | Refused:
    """One fault anywhere refuses the whole unit."""
    try:
        drafts, revisions = list[Draft](), list[Revision]()
        for claim in unit.claims:
            told = draft_of(claim, types)  # compared as it would be kept: what is left out and its default are one
            assert isinstance(told.event, Assert)  # noqa: S101 - an import tells claims
            revision = revised(history.get(told.claim, ()), told.event, importer.merge)
            revisions.append(revision)
            drafts += [told] if revision.outcome == "new" else [draft_of(event, types) for event in revision.events]
        return Planned(tuple(drafts), unit, tuple(revisions))
    except Irreconcilable as error:
        return Refused(unit.line, "irreconcilable", str(error), unit.row[:LONGEST_ROW])
    except Invalid as invalid:
        return refused(unit, invalid.faults)


def as_given(given: Given, types: Mapping[str, EventType], count: Callable[[str], int]) -> Planned | Refused:
    """An event without an id gets one that follows from its line, and from how many were equal to it before."""
    unit = Unit(line=given.line, row=given.row, claims=())

    def new_id() -> str:
        stem = f"line.{hashlib.sha256(given.event.strip()).hexdigest()[:24]}"
        return f"{stem}.{count(stem)}"

    try:
        draft, _ = read_line(given.event, types, new_id)
    except Invalid as invalid:
        return refused(unit, invalid.faults)
    return Planned((draft,), unit, (Revision("new" if draft.action in OPENING else "revised"),))


def described(actor: Found, types: Mapping[str, EventType]) -> Planned:
    return Planned(tuple(draft_of(claim, types) for claim in actor.claims()), actor=actor)


def refused(unit: Unit, faults: Sequence[Fault]) -> Refused:
    told = dict.fromkeys(f"{fault.pointer.rpartition('/')[2]}: {fault.detail}".lstrip(": ") for fault in faults)
    return Refused(unit.line, faults[0].code, "; ".join(told), unit.row[:LONGEST_ROW])


def draft_of(event: Event, types: Mapping[str, EventType]) -> Draft:
    """Under an id that follows from what it says of which claim, so that it is recorded once. Raises Invalid."""
    draft = read_event(msgspec.json.encode(event), types, lambda: "")
    what = hashlib.sha256(draft.content.encode()).hexdigest()[:16]
    return msgspec.structs.replace(draft, id=f"{draft.claim}.{what}")
