"""A page of claims in the order of their dates: items, or clusters where they are many; a layout is a field here."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.actors import members_of
from service.domain.as_of import AsOf
from service.domain.claims import Recorded
from service.domain.edtf import BEGINNING, FOREVER
from service.projections import expectations
from service.projections.clusters import Bucket, Cluster, Group, GroupBy, Grouping, gather, gather_to
from service.projections.lines import Answer, Instant, NamedActor, Total
from service.projections.picking import START, Filters, NotTold, Picked, Picker
from service.projections.present import order
from service.projections.question import Question
from service.projections.stability import Extent, KnownStable, Stable, stands_on
from service.projections.told import Grouped, Item, Teller, Told, told_of
from service.projections.view import View

VERSION = 2
"""Raised whenever the same question gets other bytes than before."""
MOST_GATHERED = 10_000
"""How many claims are looked at for one page of clusters."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How those are told that a page is of."""

    group_by: GroupBy | None = None
    bucket: Bucket | None = None
    """Not as items, but as clusters of such periods."""
    max_items: int | None = None
    """As items and clusters together, of which there are no more than so many."""

    @property
    def gathers(self) -> bool:
        """Whether a page is of as many claims as can be looked at."""
        return self.bucket is not None or self.max_items is not None


class TimelineStandsOn(Answer, frozen=True, kw_only=True):
    """The point a timeline stands on, resolved; the same on every page of it."""

    valid_at: Instant
    known_at: Instant | UnsetType = UNSET
    """Absent before the ledger knew anything."""
    position: Total
    revision: Total | UnsetType = UNSET
    """Of a relationship."""
    reported_by: Instant | UnsetType = UNSET
    final: bool
    """Nothing recorded later can change the answer at this address."""
    projected: bool
    """The valid time lies after the known one."""


class Stance(Answer, frozen=True, kw_only=True):
    """Where a page stands, and how far around it the page stays as it is."""

    as_of: TimelineStandsOn
    valid_stable: Stable
    known_stable: KnownStable


class Timeline(Answer, frozen=True, kw_only=True):
    """The claims of a relationship or of an actor in the order of their dates, or a page of them."""

    relationship: str | UnsetType = UNSET
    actor: str | UnsetType = UNSET
    as_of: TimelineStandsOn
    valid_stable: Stable
    """Of this page."""
    known_stable: KnownStable
    next: str | UnsetType = UNSET
    """The address of the next page, where there is more."""
    known: bool
    """False where nothing is recorded of it; that is no denial."""
    lang: str
    """The language that was asked for."""
    members: tuple[NamedActor, ...]
    """Of the relationship; or the actor itself."""
    units: tuple[NamedActor, ...] = ()
    """What the actor's timeline tells of besides: what was part of it at the valid time."""
    items: tuple[Item, ...]
    """By (earliest, latest, position)."""
    clusters: tuple[Cluster, ...] | UnsetType = UNSET
    """There where they were asked for, or took the place of items."""
    groups: tuple[Group, ...] | UnsetType = UNSET
    """There where they were asked for: those that the items or clusters of this answer are in."""
    total: Total | UnsetType = UNSET
    """How many claims are asked for, where this answer tells of all of them."""
    omitted: NotTold


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a timeline is of."""

    slug: str
    """Of an actor; or a relationship's id."""
    is_actor: bool = False
    units: tuple[str, ...] = ()
    """Actors that were part of it at the valid time, and are told of with it."""
    near: tuple[str, ...] = ()
    """These, and those that were part of it at any other time."""


def timeline(view: View, picked: Picked, subject: Subject, layout: Layout, extent: Extent | None = None) -> Timeline:
    """What is picked, told at the point of ``view``, whose question says nothing of claims; ``extent`` if known."""
    frame, alone = framed(view, picked, subject, layout, extent)
    teller = Teller(view)
    return msgspec.structs.replace(frame, items=tuple([teller.kept(*one).thing for one in alone]))


def framed(
    view: View, picked: Picked, subject: Subject, layout: Layout, extent: Extent | None = None
) -> tuple[Timeline, Sequence[Grouped]]:
    """The same without its items, and what these are of."""
    question = view.question
    grouping = Grouping(layout.group_by, view, question.types)
    groups = {one.claim.id: grouping.add(one) for one in picked.told} if layout.group_by else None
    alone, clusters = _laid_out(picked.told, layout, view.at)
    extent = extent_of(question, picked, subject) if extent is None else extent
    stands = stance(question.as_of, question.revision, subject, question.since, extent)
    frame = Timeline(
        relationship=UNSET if subject.is_actor else subject.slug,
        actor=subject.slug if subject.is_actor else UNSET,
        as_of=stands.as_of,
        valid_stable=stands.valid_stable,
        known_stable=stands.known_stable,
        known=question.known,
        lang=question.lang,
        members=tuple(view.actor(slug) for slug in view.members),
        units=tuple(view.actor(slug) for slug in subject.units),
        items=(),
        clusters=clusters,
        groups=grouping.groups(),
        total=len(picked.told) if picked.whole else UNSET,
        omitted=picked.omitted,
    )
    if groups is None:
        return frame, [(one, ()) for one in alone]
    return frame, [(one, groups[one.claim.id]) for one in alone]


def timeline_of(
    question: Question,
    last: Mapping[str, Recorded],
    subject: Subject,
    filters: Filters,
    layout: Layout,
    limit: int = MOST_GATHERED,
) -> Timeline:
    """The first page of the same from all visible claims at once; ``last`` is the last event on each, by its id."""
    view = View(msgspec.structs.replace(question, claims=[]))
    return timeline(view, picked_of(question, last, filters, limit), subject, layout)


def picked_of(question: Question, last: Mapping[str, Recorded], filters: Filters, limit: int) -> Picked:
    """What the first page is of."""
    lang, reported_by = question.lang, question.as_of.reported
    told = [
        told_of(claim, last[claim.id], question.types, lang, reported_by)
        for claim in sorted(question.claims, key=order)
    ]
    picker = Picker(question.as_of, question.criteria, filters, question.types, question.actors.aliases)
    picker.take(told, limit, max(limit, len(told)))
    return picker.picked(START, question.omitted)


def _laid_out(told: Sequence[Told], layout: Layout, at: int) -> tuple[Sequence[Told], tuple[Cluster, ...] | UnsetType]:
    """Those that are told one by one, and the clusters of the others."""
    if not layout.gathers:
        return told, UNSET
    if layout.max_items is None:
        assert layout.bucket is not None  # noqa: S101 - one of the two makes it gather
        return (), gather(told, layout.bucket).clusters(at, alone=True)
    if len(told) <= layout.max_items and layout.bucket is None:
        return told, UNSET
    gathered = gather_to(told, layout.bucket or "day", layout.max_items)
    return gathered.single(), gathered.clusters(at, alone=False)


def stance(as_of: AsOf, revision: int, subject: Subject, since: int, extent: Extent) -> Stance:
    """``since`` is the end of the last batch that bears on the answer; ``extent`` is what ``extent_of`` says."""
    said = stands_on(as_of, revision, since, extent)
    return Stance(
        as_of=TimelineStandsOn(
            valid_at=said.valid_at,
            known_at=said.known_at,
            position=said.position,
            revision=UNSET if subject.is_actor else revision,
            reported_by=said.reported_by,
            final=said.final,
            projected=said.projected,
        ),
        valid_stable=said.valid_stable,
        known_stable=said.known_stable,
    )


def extent_of(question: Question, picked: Picked, subject: Subject) -> Extent:
    """Between which valid times the page stays as it is, as long as it remains projected or not."""
    at = question.as_of.valid
    changes = sorted(_changes(question, picked, subject))
    after = bisect_right(changes, at)
    return changes[after - 1] if after else BEGINNING, changes[after] if after < len(changes) else FOREVER


def _changes(question: Question, picked: Picked, subject: Subject) -> set[int]:
    """Every instant from which on something may be otherwise."""
    survivor = question.actors.survivor
    # Whoever is named in what is left out is not named on the page.
    named = {*members_of(subject.slug), *subject.near}.union(*{told.parties for told in picked.told})
    if picked.around is not None:
        found, expected = set(picked.around), []
    else:
        found = set(chain.from_iterable([told.edges for told in picked.bearing]))
        expected = [told.claim for told in picked.bearing if not told.edges]
    for claim in expected:
        earliest, latest = expectations.window(claim)
        found |= {earliest, FOREVER if latest == FOREVER else latest + 1}
        by = None if claim.fulfilled_by is None else question.fulfilments.get(claim.fulfilled_by)
        if by is not None:
            found.update(msgspec.structs.astuple(by.bounds))
    for bounds in question.actors.bounds_of({survivor(actor) for actor in named}):
        found.update(msgspec.structs.astuple(bounds))
    return found
