"""Timelines of TimelineJS: both their forms say the same, and words are all that is taken of them."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.events import Assert
from service.domain.reading import read_event
from service.domain.types import TYPES
from service.importers import IMPORTERS
from service.importers.items import Export, Group, Options, Refused
from service.importers.markup import plain
from service.importers.names import Names
from service.importers.reading import Unreadable
from service.importing.counted import Counted
from tests.importers.registers import in_pieces

TIMELINEJS = IMPORTERS["timelinejs"]
Json = dict[str, Any]
HEADER = (
    "Year,Month,Day,Time,End Year,End Month,End Day,End Time,Display Date,Headline,Text,"
    "Media,Media Credit,Media Caption,Media Thumbnail,Type,Group,Background"
)


class Made:
    """What the importer made of a timeline."""

    def __init__(self, data: bytes, type_: str | None = None, **options: Any) -> None:
        counted = Counted()
        parties = options.pop("parties", (("pak", "subject"), ("tur", "subject")))
        wanted = Options(names=Names(), parties=parties, type=type_, count=counted.count, **options)
        items = list(TIMELINEJS.read(in_pieces(data, 65_536), wanted))
        counted.close()
        [self.export] = [item for item in items if isinstance(item, Export)]
        self.refused = [(item.line, item.reason) for item in items if isinstance(item, Refused)]
        self.claims = [claim for item in items if isinstance(item, Group) for u in item.units for claim in u.claims]

    def told(self) -> list[Json]:
        return [read(claim) for claim in self.claims]


def read(claim: Assert) -> Json:
    found: Json = msgspec.json.decode(read_event(msgspec.json.encode(claim), TYPES, str).content)
    return found


def slides(*events: Json, **more: Any) -> bytes:
    return json.dumps({"events": list(events), **more}).encode()


def slide(year: object = 2021, headline: str = "Talks", **more: Any) -> Json:
    return {"start_date": {"year": year}, "text": {"headline": headline}, **more}


def test_a_slide_becomes_a_claim_of_those_it_is_said_to_be_about() -> None:
    data = slides(
        {
            "unique_id": "talks",
            "start_date": {"year": "2021", "month": "3", "day": "09"},
            "end_date": {"year": 2021, "month": 4},
            "display_date": "Spring <b>2021</b>",
            "text": {
                "headline": "Talks &amp; tea",
                "text": "<p>They <em>talked</em>.</p><script>alert(1)</script><p>Long.</p>",
            },
            "media": {"url": "https://example.org/a.jpg", "credit": "<a href='x'>An Agency</a>", "caption": "Tea"},
            "group": "Visits",
        },
        title={"text": {"headline": "Two states"}},
    )
    made = Made(data, reported="2024-05-01")
    assert (made.export.scope, made.export.reported) == ("Two states", "2024-05-01")
    [said] = made.told()
    assert said.pop("claim").startswith(made.export.prefix)
    assert said == {
        "action": "assert",
        "type": "note",
        "occurred": "2021-03-09/2021-04",
        "phrase": "Spring 2021",
        "title": "Talks & tea",
        "data": {"text": "They talked.\nLong."},
        "parties": [{"actor": "pak", "role": "subject"}, {"actor": "tur", "role": "subject"}],
        "sources": [
            {"publisher": "Two states", "published": "2024-05-01"},
            {"publisher": "An Agency", "title": "Tea", "url": "https://example.org/a.jpg"},
        ],
        "tags": ["Visits"],
    }


def test_of_a_type_that_lasts_the_end_is_its_end() -> None:
    made = Made(slides(slide(2019, end_date={"year": 2022}, text={"headline": "x", "text": "y"})), "training")
    [said] = made.told()
    assert (said["occurred"], said["until"], "data" in said) == ("2019", "2022", False)
    assert made.export.notes == ("of the slides' texts only the headlines are taken: `training` has no place for more",)


def test_a_time_of_day_is_told_in_words_as_it_is_in_no_zone() -> None:
    date = {"year": 2021, "month": 3, "day": 9, "hour": "9", "minute": 5}
    [said] = Made(slides({"start_date": date, "text": {"headline": "x"}})).told()
    assert (said["occurred"], said["phrase"]) == ("2021-03-09", "2021-03-09 09:05")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"text": {"headline": "x"}}, "no date"),
        (slide(""), "no date"),
        (slide(2021, "", text={"headline": " ", "text": "<br>"}), "says nothing"),
        (slide(-300), "the year -300 cannot be held"),
        (slide("13800000000"), "cannot be held"),
        (slide("c. 1900"), "not in numbers"),
        (slide("²"), "not in numbers"),
        ({"start_date": {"year": 2021, "day": 3}, "text": {"headline": "x"}}, "a day, and no month"),
        ({"start_date": {"month": 3}, "text": {"headline": "x"}}, "no year"),
        ({"start_date": [2021]}, "the slide cannot be read"),
        ("x", "the slide cannot be read"),
    ],
)
def test_a_slide_that_cannot_be_a_claim_is_refused_by_itself(event: Any, why: str) -> None:
    made = Made(slides(slide(), event, slide(2022)))
    [(number, reason)] = made.refused
    assert (number, len(made.claims)) == (2, 2)
    assert why in reason


def test_equal_slides_are_two_and_keep_their_claims_when_their_words_change() -> None:
    one = Made(slides(slide(), slide(), slide(2022, unique_id="a"))).claims
    assert len({claim.claim for claim in one}) == 3
    other = Made(slides(slide(), slide(), slide(2023, "Else", unique_id="a"))).claims
    assert [claim.claim for claim in one] == [claim.claim for claim in other]
    elsewhere = Made(slides(slide(), title={"text": {"headline": "Another"}})).claims
    assert {claim.claim for claim in one}.isdisjoint({claim.claim for claim in elsewhere})


def test_a_spreadsheet_says_the_same_as_json() -> None:
    rows = (
        HEADER,
        ",,,,,,,,,Two states,,,,,,title,,",
        '2021,3,9,14:30,2021,4,,,,"Talks, tea",<p>Long</p>,https://example.org/a,An Agency,Tea,,,Visits,',
        ",,,,,,,,,,,,,,,,,",
        "1990,,,,2000,,,,,The nineties,,,,,,era,,",
    )
    events = {
        "start_date": {"year": "2021", "month": "3", "day": "9", "hour": "14", "minute": "30"},
        "end_date": {"year": "2021", "month": "4"},
        "text": {"headline": "Talks, tea", "text": "<p>Long</p>"},
        "media": {"url": "https://example.org/a", "credit": "An Agency", "caption": "Tea"},
        "group": "Visits",
    }
    written = slides(events, title={"text": {"headline": "Two states"}}, eras=[{"text": {"headline": "The nineties"}}])
    made = Made("\n".join(rows).encode())
    assert made.claims == Made(written).claims
    assert made.export == Made(written).export
    assert made.export.notes == ("1 eras are left out: no slide stands for them",)


def test_the_published_examples_are_read_alike_in_both_forms(shared_data: Path) -> None:
    folder = shared_data / "timelines"
    sheet, written = (
        Made((folder / f"timelinejs3-women_in_computing.{kind}").read_bytes()) for kind in ("csv", "json")
    )
    assert (len(written.told()), written.refused, sheet.refused) == (10, [], [])
    assert [claim.title for claim in sheet.claims] == [claim.title for claim in written.claims]
    assert [claim.occurred for claim in sheet.claims] == [claim.occurred for claim in written.claims]
    media = Made((folder / "timelinejs3-all-media-types.json").read_bytes())
    assert (len(media.told()), media.refused) == (41, [])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b"{", "no timeline as TimelineJS has them"),
        (b'{"events": 1}', "no timeline"),
        (b"[" * 100_000, "no timeline"),
        (b'{"events": [\0]}', "U\\+0000"),
        (b'{"x": "\xff\xfe\x81"}', "neither UTF-8 nor windows-1252"),
        (b"title,count\na,1\n", "the column `Year` is not there"),
    ],
)
def test_what_is_no_timeline_is_refused_as_a_whole(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        Made(data)


def test_it_must_be_said_whom_a_timeline_is_about() -> None:
    with pytest.raises(Unreadable, match="does not say whom it is about"):
        Made(slides(slide()), parties=())


@given(st.text(alphabet="<>!-[]&;#/a ='\"?x\n", max_size=200))
def test_of_any_markup_some_words_are_left_and_no_error(text: str) -> None:
    assert plain(f"before {text}").startswith("before")


def test_of_markup_the_words_are_left() -> None:
    assert plain("a<!-- <b>no</b> -->b &lt;c&gt; <STYLE>p {}</style>d<br/>e <f 1 < 2") == "ab <c> d\ne <f 1 < 2"
    assert plain("a <!-- b") == "a"


@pytest.mark.parametrize("piece", ["<!--", "<![", "<a ", "&", "<", "</a", "<script>", "<!doctype ["])
def test_hostile_markup_is_done_with_in_time(piece: str) -> None:
    began = time.process_time()
    plain(piece * 1_000_000)
    assert time.process_time() - began < 1
