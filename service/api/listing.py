"""A timeline as a list in HTML, for readers without scripts, and for paper; the element shows the same, and more."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from msgspec import UnsetType

from service.domain.types import Quantity
from service.projections.lines import ShownSource
from service.projections.timeline import Timeline
from service.projections.told import Item
from service.widget import words

SAFE = ("http://", "https://")
TO = "\N{EN DASH}"


def listing(timeline: Timeline, page: dict[str, str]) -> str:
    """``page`` has the words of the page around it; every value that was recorded is escaped."""
    said = words().get(timeline.lang.partition("-")[0], words()["en"])
    happened = [item for item in timeline.items if isinstance(item.expected, UnsetType)]
    expected = [item for item in timeline.items if not isinstance(item.expected, UnsetType)]
    if not timeline.items:
        return f"<p>{escape(page['nothing'])}</p>"
    parts = [_list(happened, said, timeline.lang)]
    if expected:
        parts.append(f"<h3>{escape(page['expected'])}</h3>")
        parts.append(_list(expected, said, timeline.lang))
    return "\n".join(parts)


def _list(items: Iterable[Item], said: dict[str, Any], lang: str) -> str:
    entries = "\n".join(_entry(item, said, lang) for item in items)
    return f'<ol class="entries">\n{entries}\n</ol>'


def _entry(item: Item, said: dict[str, Any], lang: str) -> str:
    title = item.title if isinstance(item.title, str) else _untitled(item, said)
    in_lang = "" if not isinstance(item.lang, str) or item.lang == lang else f' lang="{escape(item.lang)}"'
    return (
        f"<li><p><time>{escape(item.display_date)}</time> <strong{in_lang}>{escape(title)}</strong></p>"
        f'<p class="quiet">{" · ".join(_facts(item, said))}</p>'
        f'<p class="quiet">{"; ".join(_source(source) for source in item.sources)}</p></li>'
    )


def _untitled(item: Item, said: dict[str, Any]) -> str:
    return f"{_type(item, said)}: {', '.join(party.label for party in item.parties)}"


def _type(item: Item, said: dict[str, Any]) -> str:
    return str(said["types"].get(item.type, item.type.replace("-", " ")))


def _facts(item: Item, said: dict[str, Any]) -> Iterator[str]:
    yield escape(_type(item, said))
    if isinstance(item.quantity, Quantity):
        count = _count(item.quantity)
        yield escape(f"{count} ({said['uncertain']})" if item.quantity.uncertain else count)
    if not isinstance(item.expected, UnsetType):
        yield escape(said["expected"][item.expected.status])
    elif item.certainty != "certain":
        yield escape(said["certainty"][item.certainty])
    yield escape(said["standing"][item.standing])
    if isinstance(item.official_status, str):
        yield escape(said["official"][item.official_status])


def _count(quantity: Quantity) -> str:
    if quantity.low is not None and quantity.high is not None and quantity.low != quantity.high:
        return f"{quantity.low}{TO}{quantity.high}"
    if quantity.best is not None:
        return str(quantity.best)
    return f"≥ {quantity.low}" if quantity.high is None else f"0{TO}{quantity.high}"


def _source(source: ShownSource) -> str:
    text = escape(source.publisher)
    if isinstance(source.url, str) and source.url.lower().startswith(SAFE):
        text = f'<a href="{escape(source.url)}" rel="noopener noreferrer">{text}</a>'
    return f"{text}, {escape(source.published)}" if isinstance(source.published, str) else text
