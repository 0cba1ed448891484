"""The JSON Feed, against a schema made from its specification, version 1.1; order, retractions, paging."""

import re
from typing import Any

import jsonschema
import pytest

from tests.feeds.telling import ADDRESSES, HOSTILE, ITSELF, at, hostile, lasting, saying, told_as_json
from tests.projections.histories import History
from tests.projections.sample import pak_and_tur

URL = {"type": "string", "pattern": '^https?://[^\\s<>"]+$'}
TEXT = {"type": "string", "minLength": 1}
WHEN = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
AUTHORS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "minProperties": 1, "properties": {"name": TEXT, "url": URL, "avatar": URL}},
}
OWN = {"^_[a-zA-Z][^.]*$": {"type": "object"}}
"""Extensions: objects whose names begin with an underscore and a letter, and hold no dot."""
ITEM = {
    "type": "object",
    "required": ["id"],
    "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
    "properties": {
        **dict.fromkeys(("id", "title", "content_html", "content_text", "summary", "language"), TEXT),
        **dict.fromkeys(("url", "external_url", "image", "banner_image"), URL),
        **dict.fromkeys(("date_published", "date_modified"), WHEN),
        "authors": AUTHORS,
        "tags": {"type": "array", "items": {"type": "string"}},
        "attachments": {"type": "array"},
    },
    "patternProperties": OWN,
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        **dict.fromkeys(("title", "description", "user_comment", "language"), TEXT),
        **dict.fromkeys(("home_page_url", "feed_url", "next_url", "icon", "favicon"), URL),
        "authors": AUTHORS,
        "expired": {"type": "boolean"},
        "hubs": {"type": "array"},
        "items": {"type": "array", "items": ITEM},
    },
    "patternProperties": OWN,
    "additionalProperties": False,
}


def feed(history: History, **more: Any) -> Any:
    found = told_as_json(history, "jsonfeed", **more)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    ids = [item["id"] for item in found["items"]]
    assert len(ids) == len(set(ids))
    return found


@pytest.mark.parametrize("history", [History(), saying("2024"), pak_and_tur(), hostile(), lasting(("2019", ".."))])
@pytest.mark.parametrize("lang", ["en", "tr", "ur"])
def test_a_feed_is_as_its_specification_demands(history: History, lang: str) -> None:
    feed(history, lang=lang, next=f"{ITSELF}.jsonfeed?cursor=a", point="as of a day")


def test_a_schema_that_takes_anything_would_show_nothing() -> None:
    found = told_as_json(saying("2024"), "jsonfeed")
    for spoiled in ({**found, "version": "1"}, {**found, "items": [{"id": "a"}]}, {**found, "more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate(spoiled)


def test_what_was_recorded_last_stands_first() -> None:
    history = saying("2024", "1999", sources=[{"publisher": "A"}, {"publisher": "B", "url": "https://b.example/x"}])
    history.record("confirm", "c0", published="2025-01-01")
    found = feed(history)
    assert [item["id"] for item in found["items"]] == [ADDRESSES.claim("c0"), ADDRESSES.claim("c1")]
    first = found["items"][0]
    assert (first["date_published"], first["date_modified"]) == (at(3), at(history.head))
    assert first["external_url"] == "https://b.example/x"
    assert first["tags"] == ["agreement"]
    assert first["_tarih"]["standing"] == "confirmed"


def test_a_retraction_is_an_item_of_its_own() -> None:
    history = saying("2024", "2023")
    retraction = history.record("retract", "c0", by="source", reason="Told twice", published="2025-01-01")
    first, second = feed(history)["items"]
    assert first["id"] == ADDRESSES.event(retraction.id)
    assert first["title"] == "Retracted: Agreement 0"
    assert first["_tarih_retracts"] == {
        "item": ADDRESSES.claim("c0"), "claim": "c0", "event": retraction.id, "by": "source", "reason": "Told twice",
    }  # fmt: skip
    assert "_tarih" not in first
    assert second["id"] == ADDRESSES.claim("c1")
    turkish = feed(history, lang="tr")["items"][0]
    assert turkish["title"] == "Geri çekildi: Agreement 0"


def test_html_holds_no_tag_but_ours() -> None:
    for item in feed(hostile())["items"]:
        tags = set(re.findall(r"<(/?\w+)", item["content_html"]))
        assert tags <= {"p", "/p", "ul", "/ul", "li", "/li", "a", "/a"}
        for href in re.findall(r'href="([^"]*)"', item["content_html"]):
            assert href.startswith("https://example.org/")
        assert HOSTILE[:10] not in item["content_html"]


def test_a_page_leads_to_the_next_one() -> None:
    assert feed(saying("2024"), next=f"{ITSELF}.jsonfeed?cursor=a")["next_url"] == f"{ITSELF}.jsonfeed?cursor=a"
    assert "next_url" not in feed(saying("2024"))
