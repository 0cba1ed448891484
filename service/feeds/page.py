"""What every format is made from: the claims of a page in their order, where they are addressed, what it is all of."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from service.domain.as_of import rfc3339
from service.domain.claims import Recorded
from service.projections import View
from service.projections.clusters import Group
from service.projections.made import OVERHEAD_OF_JSON, Kept
from service.projections.picking import Picked
from service.projections.stability import Extent
from service.projections.timeline import Layout, Subject, Timeline, framed
from service.projections.told import Grouped, Groups, Item, Recent, Teller, Told

More = TypeVar("More", bound=Hashable)


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


class Page:
    """All that hangs on the claims, and on the point they stand at."""

    def __init__(
        self, view: View, frame: Timeline, addresses: Addresses, told: Sequence[Grouped], retracted: Sequence[Told] = ()
    ) -> None:
        """``told``: in the order that the format asks for; retracted ones among them only where that is the newest
        first. ``retracted``: where the format asks for them, those that were retracted last."""
        self._view, self._teller = view, Teller(view)
        self.addresses, self.told, self.retracted = addresses, told, [(one, ()) for one in retracted]
        self.lang, self.known = view.question.lang, frame.known
        """``known``: whether anything is recorded of it at all."""
        self.at = view.at
        """The valid time, in µs: where what lasts beyond it is cut."""
        self.members: Sequence[str] = [one.label for one in frame.members]
        """The names of those that the relationship is between; or of the actor."""
        self.groups: Sequence[Group] = frame.groups or ()

    @property
    def title(self) -> str:
        return " \u2013 ".join(self.members)

    @property
    def updated(self) -> str | None:
        """When the last event on any of its claims was recorded."""
        last = max([one.updated for one, _ in (*self.told, *self.retracted)], default=None)
        return None if last is None else rfc3339(last)

    def entry(self, told: Told, groups: Groups) -> Entry:
        if told.withdrawn:  # of what it said nothing stands any more
            parties = self._view.parties(told.claim.statement)
            return Entry(told, msgspec.structs.replace(told.plain, updated=rfc3339(told.updated), parties=parties))
        return Entry(told, self._teller.item(told, self._teller.so(told), groups))

    def pieces(
        self,
        make: Callable[[Entry, Addresses, str, More], bytes],
        told: Iterable[Grouped],
        more: Callable[[Told, Groups], More],
    ) -> list[Kept[bytes]]:
        """What ``make`` says of each of ``told``, as long as nothing changes that it hangs on.

        That is the claim as it stands, the addresses of its ledger, the language, and ``more`` of it.
        """
        drawer, base = self._view.tongue.drawer(make), self.addresses.of_ledger
        found = []
        for one, groups in told:
            besides = more(one, groups)
            so = None if one.withdrawn else self._teller.so(one)
            key = (one.touched, so, groups, besides, base)
            kept = drawer.get(key)
            if kept is None:
                piece = make(self.entry(one, groups), self.addresses, self.lang, besides)
                kept = self._view.made.put(key, piece, OVERHEAD_OF_JSON + len(base) + len(piece), drawer)
            kept.used = True
            found.append(kept)
        return found


class Body(NamedTuple):
    """What a format says of a page's claims, and what goes before, between and after that."""

    pieces: Sequence[Kept[bytes]]
    before: bytes = b""
    between: bytes = b""
    after: bytes = b""

    def __bytes__(self) -> bytes:
        return b"".join((self.before, self.between.join([kept.thing for kept in self.pieces]), self.after))


def nothing_more(told: Told, groups: Groups) -> None:
    """Of what it hangs on."""


def page_of(
    view: View,
    picked: Picked,
    addresses: Addresses,
    layout: Layout,
    retracted: Iterable[Told] = (),
    extent: Extent | None = None,
) -> Page:
    """Of what ``timeline`` takes; ``retracted`` is told besides."""
    told, standing = picked.told, [one for one in picked.told if not one.withdrawn]
    frame, alone = framed(view, msgspec.structs.replace(picked, told=standing), addresses.subject, layout, extent)
    if len(alone) < len(told):
        stands = iter(alone)
        alone = [(one, ()) if one.withdrawn else next(stands) for one in told]
    return Page(view, frame, addresses, alone, list(retracted))


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
