"""Our feeds in the libraries they are for, TimelineJS3 and vis-timeline: everything is drawn, and nothing runs."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.conftest import CHECKOUT, Browsing, Site, screenshot

pytestmark = pytest.mark.anyio
OF_THE_SAMPLE = ("pak--tur", "baykar--pak", "chn--pak", "pak-navy--tur")
HOSTILE = (
    """<img src=x onerror="window.ran=1"><script>window.ran=1</script>&lt;img src=x onerror="window.ran=1"&gt; "'"""
)
URDU = "پاکستان کو بیرکتار ٹی بی ٹو ملے"
TURKISH = "Isparta'da Şırnak İğdır ıİ ğüşöç"
DATES = ["2021", "2021-05", "2021-05-03", "[2018..2025]", "{2019,2021}", "[..2018]", "202X", "0044-03-15", "2021~"]
STATES = [("2019", ".."), ("2019", "2019"), ("2019-05", "2021"), ("2021", ""), ("../2018", None), ("[..2018]", "..")]
MANY = 2_000


def note(number: int, **fields: Any) -> dict[str, Any]:
    parties = [{"actor": "one", "role": "side_a"}, {"actor": "other", "role": "side_b"}]
    return {"action": "assert", "id": f"n{number}", "type": "note", "occurred": "2021", "parties": parties} | fields


def of_every_kind() -> Iterator[dict[str, Any]]:
    """Every sort of date and of title, some denied and some expected."""
    titles = [HOSTILE, URDU, TURKISH, "null", "constructor", "http://elsewhere.example/ www.elsewhere.example"]
    number = 0
    for date in DATES:
        number += 1
        yield note(number, occurred=date, title=titles[number % len(titles)], tags=[HOSTILE[:60]])
    for occurred, until in STATES:
        number += 1
        state = {"type": "negotiation", "occurred": occurred, "data": {"subject": HOSTILE[:60]}}
        yield note(number, **state, **({} if until is None else {"until": until}), title=titles[number % len(titles)])
    yield note(101, action="expect", occurred="2031", title="Expected")
    yield note(102, title="Denied", sources=[{"publisher": HOSTILE[:60], "url": "https://example.org/?a='><b>"}])
    yield {"action": "deny", "claim": "n102", "sources": [{"publisher": "Dawn", "published": "2025-01-02"}]}


@pytest.fixture(scope="module")
def of_many(site: Site) -> str:
    """A ledger with a relationship of so many claims, each of a day, a month or a year of its own."""
    site.make_ledger("many")
    events = [
        note(
            n,
            occurred=f"{1950 + n // 25}-{n % 12 + 1:02}-{n % 28 + 1:02}"[: (10, 7, 10, 10)[n % 4]],
            title=f"Claim {n}",
        )
        for n in range(MANY)
    ]
    for first in range(0, MANY, 500):
        site.append("many", *events[first : first + 500])
    return "many"


@pytest.fixture(scope="module")
def of_kinds(site: Site) -> str:
    """A ledger with whatever may be difficult, one with a single claim, and one with none."""
    site.make_ledger("kinds")
    site.append("kinds", *of_every_kind())
    site.append("kinds", note(900, parties=[{"actor": "a", "role": "x"}, {"actor": "b", "role": "y"}], title="Alone"))
    return "kinds"


async def timelinejs(browsing: Browsing, address: str, lang: str = "en") -> Page:
    page = await browsing.show(f"""<!doctype html><meta charset="utf-8"><title>t</title>
        <link rel="stylesheet" href="/npm/@knight-lab/timelinejs/dist/css/timeline.css">
        <script src="/npm/@knight-lab/timelinejs/dist/js/timeline.js"></script>
        <div id="timeline" style="width: 100%; height: 620px"></div>
        <script>
          const options = {{font: null, language: {json.dumps(lang)},
            script_path: location.origin + "/npm/@knight-lab/timelinejs/dist/js/"}};
          window.timeline = new TL.Timeline("timeline", {json.dumps(address)}, options);
        </script>""")
    await page.wait_for_selector(".tl-timemarker", state="attached")
    return page


async def vis(browsing: Browsing, address: str) -> Page:
    page = await browsing.show(
        f"""<!doctype html><meta charset="utf-8"><title>t</title>
        <link rel="stylesheet" href="/npm/vis-timeline/styles/vis-timeline-graph2d.min.css">
        <script src="/npm/vis-timeline/standalone/umd/vis-timeline-graph2d.min.js"></script>
        <style>.open-end {{ border-right-style: dashed }} .imprecise {{ opacity: 0.7 }}</style>
        <div id="place"></div>
        <script>
          fetch({json.dumps(address)}).then(answer => answer.json()).then(feed => {{
            const items = new vis.DataSet(feed.items), groups = new vis.DataSet(feed.groups);
            window.timeline = new vis.Timeline(document.getElementById("place"), items, groups, {{}});
          }});
        </script>""",
        height=1600,
    )
    # It draws some frames later; asked in every frame it would never come to it.
    drawn = "window.timeline && timeline.getVisibleItems().length === timeline.itemsData.length"
    await page.wait_for_function(drawn, polling=500)
    return page


async def picture(page: Page, name: str) -> None:
    """Of vis-timeline: it warns of its own scale while a page is resized, as for a picture of the whole of it."""
    await screenshot(page, name, whole=False)


def feed(site: Site, address: str) -> Any:
    answer = site.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def address_of(ledger: str, relationship: str, form: str, query: str = "") -> str:
    return f"/v1/ledgers/{ledger}/relationships/{relationship}/timeline.{form}{query}"


@pytest.mark.parametrize("relationship", OF_THE_SAMPLE)
@pytest.mark.parametrize("lang", ["en", "tr"])
async def test_timelinejs_shows_every_claim_of_the_sample(
    browsing: Browsing, site: Site, relationship: str, lang: str
) -> None:
    address = address_of("drones", relationship, "timelinejs.json", f"?lang={lang}")
    told = feed(site, address)
    page = await timelinejs(browsing, address, lang)
    assert await page.locator(".tl-timemarker").count() == len(told["events"])
    ids = await page.evaluate("timeline.config.events.map(event => event.unique_id)")
    assert sorted(ids) == sorted(event["unique_id"] for event in told["events"])
    dates = await page.evaluate("timeline.config.events.map(event => event.display_date)")
    assert sorted(dates) == sorted(event["display_date"] for event in told["events"])
    await page.evaluate("timeline.goTo(1)")
    await page.wait_for_timeout(1500)  # its own animation, for the picture
    await screenshot(page, f"timelinejs-{relationship}-{lang}")


@pytest.mark.parametrize("relationship", OF_THE_SAMPLE)
async def test_vis_timeline_shows_every_claim_of_the_sample(browsing: Browsing, site: Site, relationship: str) -> None:
    address = address_of("drones", relationship, "vis.json")
    told = feed(site, address)
    page = await vis(browsing, address)
    ids = await page.evaluate("timeline.getVisibleItems()")
    assert sorted(ids) == sorted(item["id"] for item in told["items"])
    assert await page.locator(".vis-label").count() == len(told["groups"])
    await picture(page, f"vis-{relationship}")
    for item in told["items"]:
        await page.evaluate("id => timeline.focus(id, {animation: false})", item["id"])


async def test_timelinejs_shows_two_thousand_claims(browsing: Browsing, of_many: str) -> None:
    page = await timelinejs(browsing, address_of(of_many, "one--other", "timelinejs.json", f"?limit={MANY}"))
    assert await page.locator(".tl-timemarker").count() == MANY
    await page.evaluate("timeline.goToEnd()")
    await screenshot(page, "timelinejs-two-thousand")


async def test_vis_timeline_shows_two_thousand_claims(browsing: Browsing, of_many: str) -> None:
    page = await vis(browsing, address_of(of_many, "one--other", "vis.json", f"?limit={MANY}"))
    assert len(await page.evaluate("timeline.getVisibleItems()")) == MANY
    await picture(page, "vis-two-thousand")


@pytest.mark.parametrize("group_by", ["", "&group_by=tag", "&group_by=actor", "&group_by=year"])
async def test_nothing_that_a_title_or_a_source_holds_runs_in_timelinejs(
    browsing: Browsing, site: Site, of_kinds: str, group_by: str
) -> None:
    address = address_of(of_kinds, "one--other", "timelinejs.json", f"?valid_at=2024-06-30{group_by}")
    told = feed(site, address)
    page = await timelinejs(browsing, address)
    assert await page.locator(".tl-timemarker").count() == len(told["events"]) == len(DATES) + len(STATES) + 2
    for event in told["events"]:
        await page.evaluate("id => timeline.goToId(id)", event["unique_id"])
    await page.wait_for_timeout(300)
    assert await page.evaluate("window.ran") is None
    # What the title says is read as it was written, and no more is made of it.
    marker = page.locator(".tl-timemarker .tl-headline", has_text="onerror").first
    assert await marker.text_content() == HOSTILE
    assert await page.locator("#timeline img[src='x'], #timeline a[href*='elsewhere.example']").count() == 0
    if group_by == "&group_by=tag":
        assert HOSTILE[:60] in (await page.locator(".tl-timegroup-message").all_text_contents())
    await screenshot(page, f"timelinejs-kinds{group_by.replace('&group_by=', '-')}")


@pytest.mark.parametrize("group_by", ["", "&group_by=tag", "&group_by=actor", "&group_by=year"])
async def test_nothing_that_a_title_or_a_source_holds_runs_in_vis_timeline(
    browsing: Browsing, site: Site, of_kinds: str, group_by: str
) -> None:
    address = address_of(of_kinds, "one--other", "vis.json", f"?valid_at=2024-06-30{group_by}")
    told = feed(site, address)
    page = await vis(browsing, address)
    assert sorted(await page.evaluate("timeline.getVisibleItems()")) == sorted(item["id"] for item in told["items"])
    assert len({item["tarih"]["claim"] for item in told["items"]}) == len(DATES) + len(STATES) + 2
    shown = await page.locator(".vis-item-content").all_text_contents()
    assert HOSTILE in [text.strip() for text in shown]
    await page.locator(".vis-item.vis-range .vis-item-content").first.dispatch_event("mouseover")
    tooltip = page.locator(".vis-tooltip")
    await tooltip.wait_for()
    assert (await tooltip.text_content() or "").strip()
    assert await page.evaluate("window.ran") is None
    assert await page.locator("#place img, #place script, .vis-tooltip img").count() == 0
    await picture(page, f"vis-kinds{group_by.replace('&group_by=', '-')}")


@pytest.mark.parametrize(("relationship", "count"), [("a--b", 1), ("nobody--nothing", 0)])
async def test_one_claim_or_none_is_a_timeline_too(
    browsing: Browsing, site: Site, of_kinds: str, relationship: str, count: int
) -> None:
    page = await timelinejs(browsing, address_of(of_kinds, relationship, "timelinejs.json"))
    assert await page.locator(".tl-timemarker").count() == 1
    await screenshot(page, f"timelinejs-{count}")
    page = await vis(browsing, address_of(of_kinds, relationship, "vis.json"))
    assert len(await page.evaluate("timeline.getVisibleItems()")) == count


async def test_timelinejs_draws_what_lasts_to_the_day_that_is_asked_about(browsing: Browsing, of_kinds: str) -> None:
    page = await timelinejs(browsing, address_of(of_kinds, "one--other", "timelinejs.json", "?valid_at=2024-06-30"))
    ends = await page.evaluate("""Object.fromEntries(timeline.config.events.map(event =>
        [event.unique_id, event.end_date ? event.end_date.data.date_obj.toDateString() : null]))""")
    first = len(DATES) + 1
    assert ends[f"n{first}"] == "Sun Jun 30 2024"  # 2019 until ..
    assert ends[f"n{first + 1}"] == "Tue Dec 31 2019"  # 2019 until 2019
    assert ends[f"n{first + 3}"] is None  # 2021, and nobody says until when
    starts = await page.evaluate("""Object.fromEntries(timeline.config.events.map(event =>
        [event.unique_id, event.start_date.data.date_obj.getFullYear()]))""")
    assert starts["n8"] == 44


def page_of(how_to: str, site: Site, folder: str, package: str) -> str:
    """The page that a how-to page shows, of this service and with the packages that are here."""
    text = (CHECKOUT / "docs" / "howto" / how_to).read_text(encoding="utf-8")
    [html] = re.findall(r"```html\n(<!doctype html>.*?)```", text, flags=re.DOTALL)
    return str(html).replace("http://127.0.0.1:8000", site.base).replace(f'"{folder}/', f'"/npm/{package}/')


async def test_the_page_of_the_how_to_for_timelinejs_works_as_it_is(browsing: Browsing, site: Site) -> None:
    page = await browsing.show(page_of("timelinejs.md", site, "timelinejs", "@knight-lab/timelinejs/dist"))
    await page.wait_for_selector(".tl-timemarker", state="attached")
    told = feed(site, address_of("drones", "pak--tur", "timelinejs.json"))
    assert await page.locator(".tl-timemarker").count() == len(told["events"])


async def test_the_page_of_the_how_to_for_vis_timeline_works_as_it_is(browsing: Browsing, site: Site) -> None:
    page = await browsing.show(page_of("vis-timeline.md", site, "vis-timeline", "vis-timeline"), height=1200)
    told = feed(site, address_of("drones", "pak--tur", "vis.json"))
    last = told["items"][-1]["content"]
    await page.locator(".vis-item-content", has_text=last[:30]).first.wait_for()
    assert await page.locator(".vis-label").all_text_contents() == [group["content"] for group in told["groups"]]
    await page.wait_for_timeout(1000)  # its own animation, for the picture
    await picture(page, "vis-how-to")
