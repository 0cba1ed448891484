"""What holds of every format: no nulls, any number of claims, hostile texts that stay texts, claims' own ids."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest

from service.domain.events import Source, Statement
from service.feeds import CATALOGUE, Format, Page
from tests.feeds.telling import FORMATS, HOSTILE, URDU, frame_of, hostile, lasting, many, page_for, saying, told
from tests.projections.histories import History
from tests.projections.sample import pak_and_tur

EVERY = pytest.mark.parametrize("format_", CATALOGUE, ids=lambda one: one.name)
JSON = [name for name, format_ in FORMATS.items() if format_.answer is not None]


@cache
def of_so_many(count: int) -> Page:
    return page_for(many(count), FORMATS["vis"])


def unfolded(feed: bytes) -> str:
    """A calendar's long lines, whole again."""
    return feed.decode().replace("\r\n ", "")


def nulls(value: Any, place: str = "") -> list[str]:
    if value is None:
        return [place]
    if isinstance(value, dict):
        return [one for key, part in value.items() for one in nulls(part, f"{place}/{key}")]
    if isinstance(value, list):
        return [one for key, part in enumerate(value) for one in nulls(part, f"{place}/{key}")]
    return []


@EVERY
def test_a_format_is_found_by_one_address_and_one_media_type(format_: Format) -> None:
    others = [one for one in CATALOGUE if one is not format_]
    assert format_.extension not in {one.extension for one in others}
    assert format_.media_type not in {one.media_type for one in others} | {"application/json"}
    assert re.fullmatch(r"[a-z]+", format_.name)
    assert format_.description.endswith(".")


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("history", [History(), pak_and_tur(), hostile(), lasting(("../2018", None), ("2019", ".."))])
def test_there_is_no_null_in_any_feed(name: str, history: History) -> None:
    for lang in ("en", "tr", "ur"):
        assert nulls(json.loads(told(history, name, lang=lang))) == []


@EVERY
def test_ids_are_those_of_claims_whatever_their_titles(format_: Format) -> None:
    feed = told(hostile(), format_.name).decode()
    for number in (0, 2, 3, 4, 5, 6, 7):
        assert re.search(rf"(claims/)?h{number}\b", feed)


@EVERY
@pytest.mark.parametrize("count", [0, 1, 10_000])
def test_none_one_or_ten_thousand_claims_are_told(format_: Format, count: int) -> None:
    page = of_so_many(count)
    assert len(page.told) == count
    feed = format_.whole(frame_of(page, format_), bytes(format_.body(page)))
    # A claim's id stands in a feed where nothing else of its like does.
    ids = set(re.findall(r"(?<![\w.-])m\d+(?![\w.-])", unfolded(feed)))
    assert ids == {f"m{number}" for number in range(count)}


@EVERY
def test_every_item_carries_date_certainty_standing_and_sources(format_: Format) -> None:
    history = saying(sources=[])
    history.say(
        "one", "agreement", "2021-05~", "tur party, pak party", title="One",
        sources=[{"publisher": "Dawn", "url": "https://dawn.example/1", "published": "2021-06-01"}],
    )  # fmt: skip
    feed = unfolded(told(history, format_.name))
    assert "2021-05~" in feed
    assert "2021-05-01" in feed
    assert "2021-05-31" in feed
    assert "certain" in feed
    assert "reported" in feed
    assert "Dawn" in feed
    assert "https://dawn.example/1" in feed
    assert "about May 2021" in feed


@EVERY
def test_dates_and_words_are_in_the_language_that_is_asked_for(format_: Format) -> None:
    history = saying("2021-05-03")
    assert "3 Mayıs 2021" in unfolded(told(history, format_.name, lang="tr"))
    assert re.search(r"May 3\\?, 2021", unfolded(told(history, format_.name, lang="ur")))


@EVERY
def test_what_text_cannot_hold_is_in_no_feed(format_: Format) -> None:
    feed = told(hostile(), format_.name).decode()
    if format_.answer is not None:
        feed = "".join(texts_for_people(json.loads(feed)))
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202e\ufffe]", feed)


def texts_for_people(value: Any) -> Iterator[str]:
    """All but what is given on as it was recorded."""
    if isinstance(value, str):
        yield value
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key not in ("tarih", "_tarih", "_tarih_retracts", "subjectOf", "party", "keywords", "tags"):
            yield from texts_for_people(part)


@EVERY
def test_what_is_written_from_right_to_left_stays_as_it_was(format_: Format) -> None:
    history = saying()
    history.say("u", "agreement", "2021-05-03", "tur party, pak party", title=URDU, lang="ur")
    assert URDU in unfolded(told(history, format_.name))


@EVERY
@pytest.mark.parametrize("url", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "https:alert(1)"])
def test_an_address_that_is_no_web_page_is_no_link(format_: Format, url: str) -> None:
    history = saying("2021-05-03")
    [event] = [one for one in history.events if one.claim == "c0"]
    assert isinstance(event.event, Statement)
    # Recording refuses it; and if one stood in a log all the same, it would be told.
    statement = msgspec.structs.replace(event.event, sources=(Source(publisher="Dawn", url=url),))
    history.events[history.events.index(event)] = msgspec.structs.replace(event, event=statement)
    feed = told(history, format_.name).decode()
    assert "Dawn" in feed
    assert url not in feed


def test_the_hostile_text_is_as_hostile_as_it_should_be() -> None:
    for sign in ("<", '"', "'", "\r\n", "&lt;", "]]>", ";", "\\", "\x07", "\u2028", "\u202e"):
        assert sign in HOSTILE
