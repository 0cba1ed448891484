"""That everybody can use it: by keys alone, narrow and wide, light and dark, and axe-core finds nothing."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Browsing, Site, screenshot
from tests.browser.reading import claims, element, entry, faults, rest, sentence

pytestmark = pytest.mark.anyio
LOOKS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]
FOCUSED = """() => {
    let node = document.activeElement;
    while (node && node.shadowRoot && node.shadowRoot.activeElement) node = node.shadowRoot.activeElement;
    if (!node || node === document.body) return "";
    const label = node.getAttribute("aria-label") || node.labels?.[0]?.textContent || node.textContent;
    return `${node.tagName.toLowerCase()}:${node.type || ""}:${label.trim().slice(0, 60)}`;
}"""


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("lang", ["en", "tr"])
async def test_axe_finds_nothing_on_the_page(
    browsing: Browsing, packages: Path, width: int, scheme: str, lang: str
) -> None:
    page = await browsing.open(f"/?lang={lang}", width=width, color_scheme=scheme)
    await rest(page)
    assert await faults(page, packages) == []
    await screenshot(page, f"page-{width}-{scheme}-{lang}")
    await page.evaluate("location.hash = '#valid=2025-12-31&reported=2024-06-30&item=sipri-tb2-delivered'")
    await element(page).locator(".entry.chosen").wait_for()
    await rest(page)
    assert await faults(page, packages) == []
    await screenshot(page, f"page-{width}-{scheme}-{lang}-2024-06-30")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_axe_finds_nothing_on_the_page_that_is_framed(
    browsing: Browsing, packages: Path, width: int, scheme: str
) -> None:
    page = await browsing.open("/embed/drones/pak--tur#valid=2021-06-01", width=width, color_scheme=scheme)
    await rest(page)
    await element(page).get_by_role("button", name="Compare with this point").click()
    await element(page).locator(".legend summary").click()
    await rest(page)
    assert await faults(page, packages) == []
    await screenshot(page, f"embed-{width}-{scheme}")


async def test_axe_finds_nothing_where_there_is_nothing(browsing: Browsing, packages: Path) -> None:
    page = await browsing.open("/embed/drones/pak--zzz")
    await rest(page)
    assert await element(page).get_by_text("Nothing was known of this by then.").count() == 1
    assert await element(page).get_by_role("button", name="Zoom in").count() == 0
    assert await faults(page, packages) == []


@pytest.mark.parametrize("path", ["/docs", "/problems", "/problems/invalid"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_what_explains_the_api_is_no_wider_than_its_window(browsing: Browsing, path: str, width: int) -> None:
    page = await browsing.open(path, width=width)
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_long_words_and_letters_from_right_to_left_stay_on_a_narrow_page(
    browsing: Browsing, packages: Path, site: Site
) -> None:
    site.make_ledger("odd")
    words, urdu = "Of a long official name that registers have", "پاکستان نے ترکیہ سے ڈرون حاصل کیے، 2022 میں"
    named = [{"actor": slug, "role": "subject"} for slug in "ab"]
    parties = [{"actor": "a", "role": "supplier"}, {"actor": "b", "role": "recipient"}]
    said = {"action": "assert", "type": "delivery", "occurred": "2022-05", "parties": parties}
    sources = [{"publisher": f"https://{'publisher' * 8}.example.org/"}]
    thing = {"platform": "p", "platform_name": "Unspaced" * 8, "quantity": {"low": 956, "high": 1976}}
    for party, name in zip(named, (f"{words} {words}", urdu), strict=True):
        describing = {"id": f"named-{party['actor']}", "data": {"names": {"en": name}, "kind": "state"}}
        site.append("odd", said | describing | {"type": "actor", "occurred": "1947/..", "parties": [party]})
    site.append(
        "odd",
        said | {"id": "c", "title": urdu, "lang": "ur", "phrase": urdu, "data": {"platform": "q"}},
        said | {"id": "d", "title": "Donaudampfschifffahrt" * 4, "data": thing, "sources": sources},
    )
    for path in ("/?ledger=odd&relationship=a--b#item=c", "/embed/odd/a--b#item=d"):
        page = await browsing.open(path, width=360)
        await rest(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        wide = (
            "(one) => [...one.shadowRoot.querySelectorAll('p, span, select')].filter((p) => p.scrollWidth > 340).length"
        )
        assert await element(page).evaluate(wide) == 0
        assert await faults(page, packages) == []
    await screenshot(page, "odd-360")


async def test_the_keyboard_alone_reaches_everything_in_the_order_it_is_read(browsing: Browsing) -> None:
    page = await browsing.open("/embed/drones/pak--tur")
    await rest(page)
    found = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        found.append(await page.evaluate(FOCUSED))
        if "Tarih" in found[-1]:
            break
    expected = [
        "button:button:What was so on: The change before",
        "input:range:What was so on",
        "button:button:What was so on: The next change",
        "input:date:What was so on: date",
        "button:button:What had been published by: The change before",
        "input:range:What had been published by",
        "button:button:What had been published by: The next change",
        "input:date:What had been published by: date",
        "button:button:Compare with this point",
        "button:button:Copy link",
        "input:radio:what was published",
        "select:select-one:Kind",
        "select:select-one:Actor",
        "select:select-one:Platform",
        "button:button:Zoom out",
        "button:button:Zoom in",
        "button:button:Whole time",
    ]
    seen = list(dict.fromkeys(found))  # a date has several parts
    assert seen[: len(expected)] == expected
    assert seen[len(expected)].startswith("li::")
    assert seen[-2].startswith("summary")
    assert "Tarih" in seen[-1]


async def test_the_list_is_walked_opened_and_left_by_keys(browsing: Browsing) -> None:
    page = await browsing.open("/embed/drones/pak--tur")
    await rest(page)
    entries = await claims(page)
    await element(page).locator(".entry").first.focus()

    async def here() -> str:
        focused = "document.querySelector('tarih-timeline').shadowRoot.activeElement.dataset.claim"
        return str(await page.evaluate(focused))

    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    assert await here() == entries[2]
    await page.keyboard.press("End")
    assert await here() == entries[-1]
    await page.keyboard.press("ArrowDown")
    assert await here() == entries[-1]
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowUp")
    assert await here() == entries[0]
    await page.keyboard.press("Enter")
    await rest(page)
    assert await here() == entries[0], "the focus stays where it was"
    opened = await entry(page, entries[0])
    assert "army recognition" in (await opened.inner_text()).lower()
    assert await opened.locator(".details").count() == 1
    await page.wait_for_url(f"**#item={entries[0]}")
    await page.keyboard.press("+")
    await rest(page)
    await page.keyboard.press("Escape")
    await rest(page)
    assert await element(page).locator(".details").count() == 0
    await page.keyboard.press("Escape")
    await rest(page)
    assert await claims(page) == entries


async def test_the_switch_between_what_was_published_and_what_was_recorded_takes_keys(browsing: Browsing) -> None:
    page = await browsing.open("/embed/drones/pak--tur#reported=2024-06-30")
    await rest(page)
    await element(page).get_by_label("what was published").focus()
    await page.keyboard.press("ArrowRight")
    await rest(page)
    assert await element(page).locator(".axis.known").is_visible()
    assert not await element(page).locator(".axis.reported").is_visible()
    assert "published so far" in await sentence(page)
    slider = element(page).locator(".axis.known input[type=range]")
    await slider.focus()
    await page.keyboard.press("Home")
    await rest(page)
    assert "as recorded here by" in await sentence(page)
    assert await element(page).locator(".entry.ghost").count() > 0


async def test_marks_differ_by_shape_and_every_mark_has_its_words(browsing: Browsing, site: Site) -> None:
    site.make_ledger("marks")
    parties = [{"actor": "a", "role": "party"}, {"actor": "b", "role": "party"}]
    sources = [{"publisher": "P", "published": "2024-01-01"}]

    def said(id_: str, occurred: str, type_: str = "agreement", **more: Any) -> dict[str, Any]:
        claim = {"id": id_, "type": type_, "occurred": occurred, "parties": parties, "sources": sources, "title": id_}
        return {"action": "assert", **claim, **more}

    talks: dict[str, Any] = {"type_": "negotiation", "data": {"subject": "s"}}
    site.append(
        "marks",
        said("day", "2020-05-03"),
        said("year", "2020"),
        said("before", "[..2020]"),
        said("open", "2018-01-01", until="..", **talks),
        said("unknown", "2018-01-01", until="", **talks),
        said("ended", "2018-01-01", until="2019", **talks),
        said("denied", "2021-05-03"),
        said("coming", "2099", action="expect"),
        {"action": "deny", "id": "no", "claim": "denied", "sources": [{"publisher": "Q", "published": "2024-02-01"}]},
    )
    page = await browsing.open("/embed/marks/a--b")
    await rest(page)
    shapes = {}
    for claim in await claims(page):
        parts = await (await entry(page, claim)).locator(".track i").all()
        shapes[claim] = [await part.get_attribute("class") for part in parts]
    assert shapes == {
        "day": ["dot"],
        "year": ["hatch"],
        "before": ["fadein"],
        "open": ["solid arrow"],
        "unknown": ["solid fadeout"],
        "ended": ["solid", "hatch"],
        "denied": ["dot"],
        "coming": ["hatch"],
    }
    assert "denied" in await (await entry(page, "denied")).locator(".standing").inner_text()
    assert "ended" in await (await entry(page, "ended")).locator(".time").inner_text()
    assert "upcoming" in await (await entry(page, "coming")).inner_text()
    assert await element(page).locator(".expectations .entry").count() == 1
    assert await element(page).locator(".track:not([aria-hidden=true])").count() == 0
    await screenshot(page, "marks-1280")
