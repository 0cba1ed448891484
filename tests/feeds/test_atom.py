"""The Atom feed: what RFC 4287 demands, read by feedparser and by an XML parser; tombstones, paging, escaping."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest

from service.feeds.atom import NAMESPACE
from service.feeds.markup import fit
from tests.feeds.telling import ADDRESSES, HOSTILE, ITSELF, URDU, at, hostile, lasting, saying, told
from tests.projections.histories import History
from tests.projections.sample import pak_and_tur

ATOM, TOMBSTONES = "{http://www.w3.org/2005/Atom}", "{http://purl.org/atompub/tombstones/1.0}"
OURS = f"{{{NAMESPACE}}}"


def read(history: History, **more: Any) -> Any:
    found = feedparser.parse(told(history, "atom", **more))
    assert not found.bozo, found.get("bozo_exception")
    return found


def parsed(history: History, **more: Any) -> ElementTree.Element:
    return ElementTree.fromstring(told(history, "atom", **more))


def musts(feed: ElementTree.Element) -> None:
    """The demands of RFC 4287, 4.1 and 4.2, on a feed and its entries."""
    assert feed.tag == f"{ATOM}feed"
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"{ATOM}{name}")) == 1, name
        id_ = one.findtext(f"{ATOM}id") or ""
        assert urlsplit(id_).scheme, id_
        for name in ("updated", "published"):
            for instant in one.findall(f"{ATOM}{name}"):
                assert dt.datetime.fromisoformat(instant.text or "").tzinfo is not None
        for name in ("generator", "subtitle", "icon", "logo", "rights", "published", "content", "summary"):
            assert len(one.findall(f"{ATOM}{name}")) <= 1
        links = one.findall(f"{ATOM}link")
        alternates = [(link.get("type"), link.get("hreflang")) for link in links if link.get("rel") == "alternate"]
        assert len(alternates) == len(set(alternates))
        for link in links:
            assert urlsplit(link.get("href") or "").scheme in ("http", "https")
        for category in one.findall(f"{ATOM}category"):
            assert category.get("term")
        for title in one.findall(f"{ATOM}title"):
            assert title.get("type", "text") == "text"
            assert len(title) == 0
    assert len(feed.findall(f"{ATOM}author")) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")].count("self") == 1
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    for entry in feed.findall(f"{ATOM}entry"):
        assert all(child.text and len(child) == 0 for child in entry.findall(f"{ATOM}content[@type='html']"))


@pytest.mark.parametrize("history", [History(), saying("2024"), pak_and_tur(), hostile(), lasting(("2019", ".."))])
@pytest.mark.parametrize("lang", ["en", "tr", "ur"])
def test_a_feed_is_as_the_rfc_demands(history: History, lang: str) -> None:
    musts(parsed(history, lang=lang, next=f"{ITSELF}.atom?cursor=a&lang=x", point="as of <a> day"))
    read(history, lang=lang)


def test_what_was_recorded_last_stands_first_and_updated_is_when_that_was() -> None:
    history = saying("2024", "1999", "2021")
    assert [one.title for one in read(history).entries] == ["Agreement 2", "Agreement 1", "Agreement 0"]
    history.record("confirm", "c1", published="2025-01-01")
    found = read(history)
    assert [one.id.rpartition("/")[2] for one in found.entries] == ["c1", "c2", "c0"]
    assert found.entries[0].updated == found.feed.updated == at(history.head)
    assert found.entries[0].published == at(4)
    assert found.entries[0].id == ADDRESSES.claim("c1")


def test_a_retraction_is_a_tombstone_and_an_entry_that_says_so() -> None:
    history = saying("2024", "2023")
    retraction = history.record("retract", "c0", by="curator", reason="Told <b>twice</b>")
    feed = parsed(history)
    [gone] = feed.findall(f"{TOMBSTONES}deleted-entry")
    assert (gone.get("ref"), gone.get("when")) == (ADDRESSES.claim("c0"), at(history.head))
    assert gone.findtext(f"{TOMBSTONES}comment") == "Withdrawn as a mistake of this record. Told <b>twice</b>"
    first, second = read(history).entries
    assert (first.id, first.title) == (ADDRESSES.event(retraction.id), "Retracted: Agreement 0")
    assert second.id == ADDRESSES.claim("c1")
    retracts = feed.find(f"{ATOM}entry/{OURS}retracts")
    assert retracts is not None
    assert retracts.attrib == {"claim": "c0", "event": retraction.id, "by": "curator"}
    assert feed.findtext(f"{ATOM}updated") == at(history.head)


def test_an_entry_carries_its_date_as_data_in_our_own_namespace() -> None:
    history = lasting(("2019-05~", "2021"))
    entry = parsed(history).find(f"{ATOM}entry")
    assert entry is not None
    occurred, until = entry.find(f"{OURS}occurred"), entry.find(f"{OURS}until")
    assert occurred is not None
    assert until is not None
    assert (occurred.text, occurred.attrib) == ("2019-05~", {"earliest": "2019-05-01", "latest": "2019-05-31"})
    assert until.text == "2021"
    assert entry.findtext(f"{OURS}certainty") == "over"
    assert entry.findtext(f"{OURS}standing") == "reported"
    assert entry.findtext(f"{OURS}displayDate") == "about May 2019 – 2021"


def test_hostile_text_is_text_in_titles_and_escaped_once_more_in_html() -> None:
    found = read(hostile())
    titles = {one.id.rpartition("/")[2]: one.title for one in found.entries}
    assert titles["h6"] == "]]>"
    entry = next(
        one for one in parsed(hostile()).findall(f"{ATOM}entry") if (one.findtext(f"{ATOM}id") or "").endswith("/h0")
    )
    assert entry.findtext(f"{ATOM}title") == fit(HOSTILE.replace("\x00", "")).replace("\n", " ")
    html = entry.findtext(f"{ATOM}content") or ""
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;img" in html
    for link in entry.findall(f"{ATOM}link"):
        assert '"' not in (link.get("href") or "")
        assert "<" not in (link.get("href") or "")


def test_a_title_has_its_own_language_and_the_feed_the_one_asked_for() -> None:
    history = saying()
    history.say("u", "agreement", "2024", "tur party, pak party", title=URDU, lang="ur")
    feed = parsed(history, lang="tr")
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert feed.get(language) == "tr"
    title = feed.find(f"{ATOM}entry/{ATOM}title")
    assert title is not None
    assert (title.text, title.get(language)) == (URDU, "ur")


def test_a_page_says_which_feed_it_is_of_and_where_the_next_one_is() -> None:
    way_on = f"{ITSELF}.atom?cursor=abc&lang=tr"
    found = read(saying("2024"), next=way_on, itself=f"{ITSELF}.atom?limit=1", series=f"{ITSELF}.atom")
    links = {link.rel: link.href for link in found.feed.links}
    assert links == {"self": f"{ITSELF}.atom?limit=1", "alternate": ITSELF, "next": way_on}
    assert found.feed.id == f"{ITSELF}.atom"
    assert "next" not in {link.rel for link in read(saying("2024")).feed.links}


def test_a_feed_of_nothing_is_a_feed() -> None:
    found = read(History())
    assert (found.entries, found.feed.updated) == ([], "1970-01-01T00:00:00Z")
