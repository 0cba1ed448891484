"""What every format is made from: the claims of a page in their order, where they are addressed, what it is all of."""

from collections.abc import Iterable, Sequence

import msgspec

from service.domain.as_of import rfc3339
from service.domain.claims import Recorded
from service.projections import View
from service.projections.clusters import Group
from service.projections.picking import Picked
from service.projections.stability import Extent
from service.projections.timeline import Layout, Subject, timeline
from service.projections.told import Item, Recent, Told


class Entry(msgspec.Struct, frozen=True):
    """A claim of a page: how it stands and reads at its point; or, if it was withdrawn, what it said."""

    told: Told
    item: Item

    @property
    def retraction(self) -> Recorded | None:
        return self.told.retraction if isinstance(self.told, Recent) else None


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Absolute addresses of what a page is of."""

    base: str
    ledger: str
    subject: Subject

    @property
    def of_subject(self) -> str:
        kind = "actors" if self.subject.is_actor else "relationships"
        return f"{self.of_ledger}/{kind}/{self.subject.slug}"

    @property
    def of_ledger(self) -> str:
        return f"{self.base}/v1/ledgers/{self.ledger}"

    def claim(self, claim: str) -> str:
        """What identifies a claim wherever an absolute identifier is needed: its id alone is unique in its ledger."""
        return f"{self.of_ledger}/claims/{claim}"

    def event(self, event: str) -> str:
        return f"{self.of_ledger}/events/{event}"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """All that hangs on the claims, and on the point they stand at."""

    addresses: Addresses
    lang: str
    at: int
    """The valid time, in µs: where what lasts beyond it is cut."""
    members: Sequence[str]
    """The names of those that the relationship is between; or of the actor."""
    known: bool
    """Whether anything is recorded of it at all."""
    entries: Sequence[Entry]
    """In the order that the format asks for; retracted ones among them only where that is the newest first."""
    retracted: Sequence[Entry] = ()
    """Where the format asks for them: those that were retracted last."""
    groups: Sequence[Group] = ()

    @property
    def title(self) -> str:
        return " \u2013 ".join(self.members)

    @property
    def updated(self) -> str | None:
        """When the last event on any of its claims was recorded."""
        return max((entry.item.updated for entry in (*self.entries, *self.retracted)), default=None)


def page_of(
    view: View,
    picked: Picked,
    addresses: Addresses,
    layout: Layout,
    retracted: Iterable[Told] = (),
    extent: Extent | None = None,
) -> Page:
    """Of what ``timeline`` takes; ``retracted`` is told besides."""
    standing = [one for one in picked.told if not one.withdrawn]
    told = timeline(view, msgspec.structs.replace(picked, told=standing), addresses.subject, layout, extent)
    items = iter(told.items)
    return Page(
        addresses=addresses,
        lang=view.question.lang,
        at=view.at,
        members=[one.label for one in told.members],
        known=told.known,
        entries=[_withdrawn(one, view) if one.withdrawn else Entry(one, next(items)) for one in picked.told],
        retracted=[_withdrawn(one, view) for one in retracted],
        groups=told.groups or (),
    )


def _withdrawn(told: Told, view: View) -> Entry:
    """What it said, of which nothing stands any more."""
    parties = view.parties(told.claim.statement)
    return Entry(told, msgspec.structs.replace(told.plain, updated=rfc3339(told.updated), parties=parties))


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a page as a whole."""

    addresses: Addresses
    lang: str
    title: str
    updated: str | None
    """When the last event on any of its claims was recorded, RFC 3339; None where there are none."""
    itself: str
    """Its own address, as it was asked for."""
    series: str
    """The address of the feed that it is a page of: the same for each page."""
    timeline: str
    """The address of the timeline that it tells, without the form."""
    next: str | None
    point: str | None = None
    """The points it stands at, in words, where the question named any."""
