"""Text made safe for where it goes: HTML, XML, addresses; and a claim as a few lines of text or of HTML."""

import re
from urllib.parse import quote

from msgspec import UNSET

from service.domain.events import Retract
from service.feeds.page import Entry
from service.feeds.phrases import Phrases
from service.projections.lines import ShownSource
from service.projections.told import Item
from service.projections.wording import display_date

# What XML 1.0 and iCalendar cannot hold, however it is escaped; and what turns the direction of all that follows.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e]")
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_ADDRESS = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_ODD = re.compile(f"{_UNFIT.pattern}|[\r\x85\u2028\u2029]")
# Letters of scripts that run from right to left: Hebrew, Arabic and its like, and what presents them.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def fit(text: str) -> str:
    """Without what no reader can be given, and with ends of lines of one kind."""
    if _ODD.search(text) is None:  # nearly all texts; a feed has thousands
        return text
    return _LINE_END.sub("\n", _UNFIT.sub("\ufffd", text))


def escaped(text: str) -> str:
    """For HTML and XML, in text and in attributes."""
    text = fit(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;")


def isolated(text: str) -> str:
    """A text that may run from right to left, so that what is written beside it keeps its place."""
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def may_be_linked(url: str) -> bool:
    """Whether it is an address of the web: no script, no data, no mail."""
    return _ADDRESS.match(url) is not None


def address(url: str | None) -> str | None:
    """An address that may be a link, percent-encoded; None of anything else."""
    if url is None or not may_be_linked(url):
        return None
    return quote(url, safe="%/:=&?~#+!$,;@()*[]-._")


def title_of(item: Item) -> str:
    """Its title; without one, what it is about."""
    if isinstance(item.title, str):
        return fit(item.title).replace("\n", " ")
    about = [one.label for one in item.platforms] or list(dict.fromkeys(party.label for party in item.parties))
    type_ = item.type.replace("-", " ").capitalize()
    return fit(f"{type_}: {', '.join(about)}" if about else type_).replace("\n", " ")


def headline(entry: Entry, phrases: Phrases) -> str:
    """The title, for where nothing beside it can say that it must not be taken as it stands."""
    item, title = entry.item, title_of(entry.item)
    if entry.retraction is not None:
        return phrases.retracted.format(isolated(title))
    if item.standing == "denied":
        return phrases.denied.format(isolated(title))
    if item.expected is not UNSET:
        return phrases.expectation[item.expected.status].format(isolated(title))
    return title


def standing_words(item: Item, phrases: Phrases) -> list[str]:
    """How it stands: in time, by its sources, by officials."""
    said = []
    if item.expected is not UNSET:
        said.append(phrases.expected[item.expected.status])
    elif item.certainty is not UNSET:
        said.append(phrases.certainty[item.certainty])
    said.append(phrases.standing[item.standing])
    if item.official_status is not UNSET:
        said.append(phrases.official[item.official_status])
    return said


def why_retracted(entry: Entry, phrases: Phrases) -> str:
    """Who withdrew it, and the reason."""
    retraction = entry.retraction
    assert retraction is not None  # noqa: S101 - asked of no other
    assert isinstance(retraction.event, Retract)  # noqa: S101 - nothing else withdraws
    by = phrases.by_source if retraction.event.by == "source" else phrases.by_curator
    return f"{by} {fit(retraction.event.reason)}"


def cited(source: ShownSource, lang: str) -> str:
    """Who says so, without the link."""
    said = [isolated(source.publisher)]
    if source.title is not UNSET:
        said.append(isolated(source.title))
    if source.published is not UNSET:
        said.append(display_date(source.published, lang=lang))
    return fit(", ".join(said)).replace("\n", " ")


def summary(entry: Entry, phrases: Phrases) -> list[str]:
    """What a claim says and how it stands, line by line: when, of whom and what, in whose words."""
    item = entry.item
    if entry.retraction is not None:
        return [why_retracted(entry, phrases)]
    lines = [" · ".join((item.display_date, *standing_words(item, phrases)))]
    about = [*dict.fromkeys(party.label for party in item.parties), *(one.label for one in item.platforms)]
    if about:
        lines.append(" · ".join(isolated(one) for one in about))
    if item.phrase is not UNSET:
        lines.append(f"“{isolated(item.phrase)}”")
    return [fit(line) for line in lines]


def html(entry: Entry, phrases: Phrases, lang: str) -> str:
    """The same as paragraphs, with its sources as a list of links."""
    parts = [f"<p>{escaped(line)}</p>" for line in summary(entry, phrases)]
    sources = "".join(f"<li>{_linked(source, phrases, lang)}</li>" for source in entry.item.sources)
    if sources:
        parts.append(f"<p>{phrases.sources}:</p><ul>{sources}</ul>")
    return "".join(parts)


def _linked(source: ShownSource, phrases: Phrases, lang: str) -> str:
    words, url = escaped(cited(source, lang)), address(source.url or None)
    if url is not None:
        words = f'<a href="{escaped(url)}" rel="noopener nofollow">{words}</a>'
    return words if source.via is UNSET else f"{words} ({escaped(phrases.via.format(source.via))})"
