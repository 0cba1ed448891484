"""For vis-timeline: its items and groups, as https://visjs.github.io/vis-timeline/docs/timeline/ has them.

Found by running it: a year alone is read as milliseconds, ends are exclusive, and a range without one, a missing start
or a double id throws; an item of a group that is not there is not shown; `content` and `title` are HTML.
"""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from service.feeds.drawing import DAY_AFTER, Drawn, cut_at, drawn
from service.feeds.evidence import Evidence, evidence
from service.feeds.format import Format
from service.feeds.markup import cited, escaped, headline, summary
from service.feeds.page import Addresses, Body, Entry, Frame, Page
from service.feeds.phrases import Phrases, phrases_in
from service.projections.lines import Answer
from service.projections.told import Item

UNGROUPED = ":none"
"""The id of the group of what is in no other; no claim, actor, type or tag of a period has it."""


class VisItem(Answer, frozen=True, kw_only=True, rename="camel"):
    """A claim in one of its groups."""

    id: str
    """The claim's; in a second group, and a third, with a colon and the group's id after it."""
    content: str
    """HTML."""
    title: str
    """HTML, for when the mouse is over it."""
    start: str
    """A full date."""
    end: str | UnsetType = UNSET
    """The day after its last one; absent of a single day."""
    group: str
    class_name: str
    """As docs/howto/vis-timeline.md lists them."""
    tarih: Evidence


class VisGroup(Answer, frozen=True, kw_only=True):
    """A row."""

    id: str
    content: str
    """HTML."""
    order: int


class VisTimeline(Answer, frozen=True, kw_only=True):
    """What vis-timeline is given: `new vis.Timeline(element, items, groups, options)`."""

    items: tuple[VisItem, ...]
    groups: tuple[VisGroup, ...]


def body(page: Page) -> Body:
    items = page.pieces(_json, page.told, lambda one, _: cut_at(one, page.at))
    groups = [(group.id, group.label) for group in page.groups]
    if not all(groups for _, groups in page.told):
        groups.append((UNGROUPED, phrases_in(page.lang).other))
    rows = [VisGroup(id=id_, content=escaped(label), order=order) for order, (id_, label) in enumerate(groups)]
    return Body(items, b'{"items":[', b",", b'],"groups":%b}' % msgspec.json.encode(rows))


def _json(entry: Entry, _: Addresses, lang: str, cut: int | None) -> bytes:
    return b",".join(map(msgspec.json.encode, _items(entry, lang, cut)))


def _items(entry: Entry, lang: str, cut: int | None) -> Iterator[VisItem]:
    """One for each group that it is in."""
    item, line, phrases = entry.item, drawn(entry, cut), phrases_in(lang)
    first = VisItem(
        id=item.claim,
        content=escaped(headline(entry, phrases)),
        title="<br>".join(map(escaped, _tooltip(entry, lang, phrases))),
        start=line.first.isoformat(),
        end=(line.last + DAY_AFTER).isoformat() if line.last > line.first else UNSET,
        group=item.groups[0] if item.groups else UNGROUPED,
        class_name=" ".join(_classes(item, line)),
        tarih=evidence(entry),
    )
    yield first
    for group in item.groups[1:]:
        yield msgspec.structs.replace(first, id=f"{item.claim}:{group}", group=group)


def _tooltip(entry: Entry, lang: str, phrases: Phrases) -> Sequence[str]:
    return [headline(entry, phrases), *summary(entry, phrases), *(cited(one, lang) for one in entry.item.sources)]


def _classes(item: Item, line: Drawn) -> Iterator[str]:
    yield f"type-{item.type}"
    if item.expected is not UNSET:
        yield "expectation"
        yield item.expected.status
    else:
        if item.kind is not UNSET:
            yield item.kind
        if item.certainty is not UNSET:
            yield item.certainty
    yield item.standing
    if item.late:
        yield "late"
    for name in ("imprecise", "open_start", "open_end", "unknown_end"):
        if getattr(line, name):
            yield name.replace("_", "-")


def whole(frame: Frame, body: bytes) -> bytes:
    return body


VIS = Format(
    name="vis",
    extension="vis.json",
    media_type="application/vnd.tarih.vis+json",
    version=1,
    title="for vis-timeline",
    description="Items and groups as vis-timeline takes them: `new vis.Timeline(element, items, groups, options)`. "
    "They are grouped by type unless `group_by` says otherwise; a claim in several groups stands in each.",
    body=body,
    whole=whole,
    answer=VisTimeline,
    cuts=True,
    group_by="type",
)
