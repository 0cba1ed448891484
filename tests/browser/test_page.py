"""The first page in a real browser: both sliders, what differs, the address, links, without scripts, on paper."""

import re
from pathlib import Path

import pytest

from tests.browser.conftest import Browsing, Site, screenshot
from tests.browser.reading import claims, element, entry, faults, figures, rest, sentence, set_date, slide

pytestmark = pytest.mark.anyio
PLANT = "Assembly plant for combat drones in Pakistan"
AT_THE_END_OF_2025 = "/#valid=2025-12-31"


async def test_the_sample_is_there_at_once(browsing: Browsing) -> None:
    page = await browsing.open("/")
    await rest(page)
    assert re.match(r"As of today, \w+ \d+, \d+, as published so far\.", await sentence(page))
    shown = await figures(page)
    assert shown["Bayraktar TB2"].startswith("9")
    assert "not officially confirmed" in shown[PLANT]
    assert len(await claims(page)) == 24
    assert await element(page).locator(".odd.entry").count() == 0


async def test_knowledge_moved_back_takes_the_plant_away_and_makes_six_of_nine(browsing: Browsing) -> None:
    page = await browsing.open(AT_THE_END_OF_2025)
    await rest(page)
    await set_date(page, "reported", "2025-11-30")
    assert "as published by November 30, 2025" in await sentence(page)
    shown = await figures(page)
    assert shown["Bayraktar TB2"].startswith("9")
    assert shown[PLANT] == "– now reported"
    plant = await entry(page, "plant-reported")
    assert "Not published by then" in await plant.inner_text()
    assert "ghost" in str(await plant.get_attribute("class"))
    await screenshot(page, "page-1280-light-2025-11-30", whole=False)

    await set_date(page, "reported", "2024-06-30")
    shown = await figures(page)
    assert shown["Bayraktar TB2"] == "6? now 9"
    assert shown["Akıncı"] == "2? now 3"
    delivered = await (await entry(page, "sipri-tb2-delivered")).inner_text()
    assert "6 (uncertain)" in delivered
    assert "number now: 9" in delivered
    assert await element(page).locator(".spoken").inner_text() == "17 entries differ"
    await screenshot(page, "page-1280-light-2024-06-30", whole=False)


async def test_the_first_page_offers_both_steps_back_as_links(browsing: Browsing) -> None:
    page = await browsing.open("/")
    await rest(page)
    for words, drones in (("nobody had written of a plant", "9?"), ("nine drones were six", "6? now 9")):
        await page.get_by_role("link", name=words).click()
        await page.wait_for_url("**#valid=2025-12-31**")
        await element(page).locator(".figure.ghost").first.wait_for()
        await rest(page)
        assert (await figures(page))[PLANT] == "– now reported"
        assert (await figures(page))["Bayraktar TB2"] == drones


async def test_the_sliders_stop_where_answers_change_and_say_the_day_in_words(browsing: Browsing) -> None:
    page = await browsing.open("/")
    await rest(page)
    reported = element(page).locator(".axis.reported input[type=range]")
    stops = []
    for _ in range(3):
        await slide(page, "reported", "ArrowLeft")
        stops.append(await reported.get_attribute("aria-valuetext"))
    assert stops == ["December 5, 2025", "October 23, 2025", "March 18, 2024"]
    assert (await figures(page))["Bayraktar TB2"] == "6? now 9"
    await slide(page, "reported", "End")
    await slide(page, "valid", "Home")
    assert (
        await element(page).locator(".axis.valid input[type=range]").get_attribute("aria-valuetext")
        == "December 31, 2012"
    )
    assert await figures(page) == {}
    assert await element(page).locator(".entry.not-yet").count() > 15
    await slide(page, "valid", *["ArrowRight"] * 7)
    assert "As of January 1, 2021" in await sentence(page)
    assert (await figures(page))["Bayraktar TB2"] == "held possible"


async def test_a_hand_that_slides_has_one_question_out_and_ends_where_it_stopped(browsing: Browsing) -> None:
    page = await browsing.open("/#reported=2025-11-30")
    await rest(page)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.partition("/glance?")[2]) if "/glance?" in one.url else None)
    await (
        element(page)
        .locator(".axis.valid input[type=range]")
        .evaluate(
            """(slider) => {
            for (slider.value = 15; slider.value > 6; slider.stepDown()) slider.dispatchEvent(new Event("input"));
        }"""
        )
    )
    await page.wait_for_url("**#valid=2021-01-01&reported=2025-11-30")
    await rest(page)
    assert "As of January 1, 2021" in await sentence(page)
    assert [one for one in asked if "reported_by" in one][:2] == [
        "valid_at=2024-12-31&reported_by=2025-11-30",
        "valid_at=2021-01-01&reported_by=2025-11-30",
    ]


async def test_what_a_move_does_not_change_is_not_made_again(browsing: Browsing) -> None:
    page = await browsing.open(AT_THE_END_OF_2025)
    await rest(page)
    await element(page).evaluate(
        "(one) => one.shadowRoot.querySelectorAll('.entry, .figure').forEach((part) => (part.seen = true))"
    )
    await set_date(page, "valid", "2025-12-30")
    again = "(one) => [...one.shadowRoot.querySelectorAll('.entry, .figure')].filter((part) => !part.seen).length"
    assert await element(page).evaluate(again) == 0
    await set_date(page, "valid", "2025-12-01")
    assert 0 < await element(page).evaluate(again) < 12


async def test_a_date_between_two_stops_is_asked_for_itself_and_the_slider_goes_on_from_there(
    browsing: Browsing,
) -> None:
    page = await browsing.open("/")
    await rest(page)
    await set_date(page, "reported", "2024-06-30")
    slider = element(page).locator(".axis.reported input[type=range]")
    assert await slider.get_attribute("aria-valuetext") == "June 30, 2024"
    step = element(page).get_by_label("What had been published by: The next change")
    await step.click()
    await rest(page)
    assert await slider.get_attribute("aria-valuetext") == "October 23, 2025"


async def test_where_the_reader_stands_is_in_the_address_and_comes_back_from_it(browsing: Browsing) -> None:
    page = await browsing.open("/")
    await rest(page)
    await set_date(page, "valid", "2025-12-31")
    await set_date(page, "reported", "2024-06-30")
    await (await entry(page, "sipri-akinci-delivered")).click()
    await rest(page)
    await page.wait_for_url("**#valid=2025-12-31&reported=2024-06-30&item=sipri-akinci-delivered")
    said, shown = await sentence(page), await figures(page)
    again = await browsing.open(page.url.removeprefix(browsing.site.base))
    await rest(again)
    assert (await sentence(again), await figures(again)) == (said, shown)
    assert await (await entry(again, "sipri-akinci-delivered")).get_attribute("aria-current") == "true"
    await again.evaluate("location.hash = '#valid=2021-06-01'")
    await element(again).get_by_text("June 1, 2021").first.wait_for()
    await rest(again)
    assert await sentence(again) == "As of June 1, 2021, as published so far."
    await element(again).get_by_role("button", name="Back to now").click()
    await rest(again)
    await again.wait_for_url(lambda url: "#" not in url)


async def test_a_copied_link_shows_the_same_whatever_is_recorded_later(browsing: Browsing, site: Site) -> None:
    site.make_ledger("copied")
    parties = [{"actor": "a", "role": "supplier"}, {"actor": "b", "role": "recipient"}]
    said = {"action": "assert", "type": "delivery", "occurred": "2021", "parties": parties, "data": {"platform": "p"}}
    site.append("copied", said | {"id": "first", "title": "The first"})
    page = await browsing.open("/?ledger=copied&relationship=a--b", permissions=["clipboard-read", "clipboard-write"])
    await rest(page)
    await element(page).get_by_role("button", name="Copy link").click()
    await element(page).get_by_text("Copied.").wait_for()
    link = await page.evaluate("navigator.clipboard.readText()")
    assert "known=" in link
    site.append("copied", said | {"id": "second", "title": "The second"})
    await element(page).locator('[data-claim="second"]').wait_for()
    frozen = await browsing.open(link.removeprefix(site.base))
    await rest(frozen)
    assert await element(frozen).locator(".entry.ghost").count() == 1
    assert "Not known here by then" in await (await entry(frozen, "second")).inner_text()
    assert "as recorded here by" in await sentence(frozen)


async def test_what_is_recorded_meanwhile_arrives_by_itself_unless_knowledge_is_frozen(
    browsing: Browsing, site: Site
) -> None:
    site.make_ledger("live")
    parties = [{"actor": "a", "role": "supplier"}, {"actor": "b", "role": "recipient"}]
    said = {"action": "assert", "type": "order", "occurred": "2021", "parties": parties, "data": {"platform": "p"}}
    site.append("live", said | {"id": "first"})
    page = await browsing.open("/?ledger=live&relationship=a--b")
    await rest(page)
    frozen = await browsing.open("/?ledger=live&relationship=a--b#known=1")
    await rest(frozen)
    site.append("live", said | {"id": "second", "title": "Right now"})
    await element(page).get_by_text("Right now").wait_for()
    assert await element(page).locator(".spoken").inner_text() == "Updated just now"
    assert await claims(page) == ["first", "second"]
    assert await element(frozen).locator(".entry").count() == 1


async def test_any_two_points_can_be_compared(browsing: Browsing) -> None:
    page = await browsing.open("/#valid=2021-06-01")
    await rest(page)
    await element(page).get_by_role("button", name="Compare with this point").click()
    await rest(page)
    assert await element(page).locator(".compared").inner_text() == (
        "Compared with: As of June 1, 2021, as published so far."
    )
    await set_date(page, "valid", "2025-12-31")
    shown = await figures(page)
    assert shown["Akıncı"] == "3? New since the point compared with"
    assert shown["Bayraktar TB2"] == "9? was held"
    tb2 = await (await entry(page, "tb2-acquired")).inner_text()
    assert "was possible" in tb2
    changes = page.locator("#curl-changes pre")
    assert "/changes?from=2021-06-01&to=2025-12-31'" in await changes.inner_text()
    await element(page).get_by_role("button", name="Stop comparing").click()
    await rest(page)
    assert await element(page).locator(".entry.odd").count() == 0


async def test_the_question_behind_the_picture_is_the_one_that_was_asked(browsing: Browsing, site: Site) -> None:
    page = await browsing.open("/", permissions=["clipboard-read", "clipboard-write"])
    await rest(page)
    await set_date(page, "valid", "2025-12-31")
    await set_date(page, "reported", "2025-11-30")
    text = await page.locator("#curl-answers pre").inner_text()
    assert (
        text
        == f"curl '{site.base}/v1/ledgers/drones/relationships/pak--tur?valid_at=2025-12-31&reported_by=2025-11-30'"
    )
    await page.locator("#curl-answers button").click()
    assert await page.evaluate("navigator.clipboard.readText()") == text
    answer = site.get(text.split("'")[1].removeprefix(site.base)).json()
    assert [line["quantity"]["best"] for line in answer["inventory"] if line["platform"] == "tb2"] == [9]
    assert answer["facilities"] == []
    changes = (await page.locator("#curl-changes pre").inner_text()).split("'")[1]
    found = site.get(changes.removeprefix(site.base)).json()
    assert "plant-reported" in [one["claim"] for one in found["claims"]["added"]]


async def test_filters_and_zoom_narrow_the_list_and_escape_takes_them_back(browsing: Browsing) -> None:
    page = await browsing.open("/")
    await rest(page)
    await element(page).get_by_label("Kind").select_option("delivery")
    await rest(page)
    assert len(await claims(page)) == 7
    await element(page).get_by_label("Platform").select_option("akinci")
    await rest(page)
    assert await claims(page) == ["akinci-delivered", "sipri-akinci-delivered"]
    await element(page).locator(".entry").first.focus()
    await page.keyboard.press("Escape")
    await rest(page)
    assert len(await claims(page)) == 24
    await set_date(page, "valid", "2018-06-30")
    await element(page).get_by_label("Zoom in").click()
    await element(page).get_by_label("Zoom in").click()
    await rest(page)
    assert "sipri-milgem-ordered" in await claims(page)
    assert "plant-reported" not in await claims(page)


async def test_another_relationship_is_one_choice_away(browsing: Browsing) -> None:
    page = await browsing.open("/")
    await rest(page)
    await page.get_by_label("Relationship").select_option("chn--pak")
    await page.wait_for_url("**/?*relationship=chn--pak*")
    await rest(page)
    assert await page.locator("h1").inner_text() == "China and Pakistan"
    assert len(await claims(page)) >= 1


async def test_without_scripts_the_list_is_there_and_its_dates_can_be_sent(browsing: Browsing) -> None:
    page = await browsing.open("/?valid_at=2025-12-31", java_script_enabled=False)
    assert await page.locator(".entries li").count() == 24
    assert await page.get_by_text("assembly plant for combat drones").count() == 1
    await page.locator("[name=reported_by]").fill("2024-06-30")
    await page.locator("tarih-timeline button").click()
    assert await page.get_by_text("assembly plant for combat drones").count() == 0
    assert await page.get_by_text("Delivery · 6 (uncertain)").count() == 1
    await screenshot(page, "page-1280-without-scripts")


async def test_a_private_or_absent_relationship_says_so_in_the_element(browsing: Browsing, site: Site) -> None:
    page = await browsing.show(
        "<!doctype html><html lang=en><title>t</title><script type=module src=/widget/v1/tarih-timeline.js></script>"
        "<tarih-timeline src=/v1/ledgers/absent/relationships/a--b></tarih-timeline>"
    )
    await element(page).get_by_text("There is nothing here that may be read").wait_for()
    browsing.errors[:] = [error for error in browsing.errors if "404" not in error]  # the browser's own


async def test_on_paper_there_are_the_sentence_the_figures_and_the_list(browsing: Browsing) -> None:
    page = await browsing.open("/#reported=2024-06-30")
    await rest(page)
    await page.emulate_media(media="print")
    for gone in (".axes", ".tools", ".bar"):
        assert not await element(page).locator(gone).is_visible()
    for there in (".sentence", ".glance", ".list"):
        assert await element(page).locator(there).first.is_visible()
    await screenshot(page, "page-print")


async def test_it_speaks_turkish(browsing: Browsing) -> None:
    page = await browsing.open("/?lang=tr#valid=2025-12-31&reported=2024-06-30", locale="tr-TR")
    await rest(page)
    assert await sentence(page) == "31 Aralık 2025 günü itibarıyla, 30 Haziran 2024 gününe dek yayımlananlara göre."
    assert (await figures(page))["Bayraktar TB2"] == "6? şimdi 9"
    assert "Türkiye'den" in await (await entry(page, "sipri-milgem-ordered")).inner_text()
    opened = await browsing.open("/?lang=tr#item=sipri-milgem-ordered", locale="tr-TR")
    await rest(opened)
    details = await element(opened).locator(".details").inner_text()
    assert ("Türkiye (tedarikçi)" in details, "Pakistan (teslim alan)" in details) == (True, True), details


async def test_types_and_roles_of_a_ledgers_own_are_told_by_their_names(browsing: Browsing, site: Site) -> None:
    """Whatever these are: `constructor` is a name that every object of JavaScript knows."""
    site.make_ledger("own")
    site.add_type("own", "constructor", {"kind": "occurrence", "title": "Own", "schema": {"type": "object"}})
    parties = [{"actor": "a", "role": "constructor"}, {"actor": "b", "role": "chief_of_staff"}]
    site.append("own", {"action": "assert", "id": "c", "type": "constructor", "occurred": "2021", "parties": parties})
    page = await browsing.open("/?ledger=own&relationship=a--b#item=c")
    await rest(page)
    told = await (await entry(page, "c")).inner_text()
    assert "a (constructor) · b (chief of staff)" in told
    assert "function" not in told


async def test_nothing_that_was_recorded_can_do_more_than_be_read(browsing: Browsing, site: Site) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>{}|\u202e\"'&"
    site.make_ledger("hostile", title=hostile)
    parties = [{"actor": "a", "role": "supplier"}, {"actor": "b", "role": "recipient"}]
    named = {"names": {"en": hostile}, "kind": "state"}
    sources = [
        {"publisher": hostile, "url": "https://example.org/\u0022onclick=alert(3)", "title": hostile},
        {"publisher": "P", "url": "https://example.org/?a=<b>", "published": "2020-01-01"},
    ]
    data = {"platform": "p", "platform_name": hostile, "quantity": {"best": 3, "unit": "<b>"}}
    said = {"action": "assert", "type": "delivery", "occurred": "2021", "parties": parties, "data": data}
    site.append(
        "hostile",
        {"action": "assert", "id": "n", "type": "actor", "occurred": "2000/..", "data": named,
         "parties": [{"actor": "a", "role": "subject"}]},
        said | {"id": "c", "title": hostile, "phrase": hostile, "tags": [hostile], "sources": sources},
    )  # fmt: skip
    for path in ("/?ledger=hostile&relationship=a--b#item=c", "/embed/hostile/a--b#item=c"):
        page = await browsing.open(path)
        await rest(page)
        assert await element(page).locator(".entry .title").inner_text() == hostile
        assert await element(page).locator("img, script").count() == 0
        assert hostile in await page.locator("h1").inner_text()
        links = [await link.get_attribute("href") for link in await element(page).locator(".sources a").all()]
        assert all(str(link).startswith("https://") for link in links)


async def test_of_many_claims_some_are_shown_and_more_when_they_are_wanted(browsing: Browsing, site: Site) -> None:
    site.make_ledger("hundreds")
    parties = [{"actor": "a", "role": "party"}, {"actor": "b", "role": "party"}]
    said = {"action": "assert", "type": "note", "parties": parties, "sources": [{"publisher": "P"}]}
    for begin in (0, 150):
        some = range(begin, begin + 150)
        site.append("hundreds", *[said | {"id": f"n{n:03}", "occurred": str(1700 + n), "title": str(n)} for n in some])
    page = await browsing.open("/embed/hundreds/a--b")
    await rest(page)
    assert await claims(page) == [f"n{n:03}" for n in range(40)]
    await element(page).get_by_role("button", name="Show more").click()
    await element(page).locator("[data-claim=n079]").wait_for()
    assert await claims(page) == [f"n{n:03}" for n in range(80)]
    focused = "document.querySelector('tarih-timeline').shadowRoot.activeElement.dataset.claim"
    assert await page.evaluate(focused) == "n040"
    await element(page).get_by_label("Zoom in").click()
    await rest(page)
    assert (await claims(page))[0] > "n100"


async def test_without_its_tools_the_list_and_its_sliders_work_and_say_so(browsing: Browsing, packages: Path) -> None:
    page = await browsing.new()
    await page.route("**/tarih-timeline-tools*", lambda route: route.abort())
    await page.goto(browsing.site.base + "/embed/drones/pak--tur")
    await rest(page)
    assert browsing.errors == ["Failed to load resource: net::ERR_FAILED"]
    browsing.errors.clear()
    assert "could not be loaded" in await element(page).locator(".partly").inner_text()
    assert len(await claims(page)) == 24
    await set_date(page, "reported", "2024-06-30")
    assert "as published by June 30, 2024" in await sentence(page)
    assert len(await claims(page)) < 24
    await slide(page, "valid", "Home")
    assert await element(page).locator(".entry.not-yet").count() > 5
    await element(page).locator(".entry").first.press("End")
    assert await faults(page, packages) == []
    await page.unroute("**/tarih-timeline-tools*")
    await element(page).get_by_role("button", name="Try again").click()
    await element(page).locator(".glance .rest").wait_for()
    assert await element(page).locator(".partly").count() == 0
    assert "as published by June 30, 2024" in await sentence(page)


async def test_without_the_words_of_its_language_the_element_speaks_english_and_says_so(browsing: Browsing) -> None:
    page = await browsing.new()
    await page.route("**/tarih-timeline-tr*", lambda route: route.abort())
    await page.goto(browsing.site.base + "/embed/drones/pak--tur?lang=tr")
    await rest(page)
    assert browsing.errors == ["Failed to load resource: net::ERR_FAILED"]
    browsing.errors.clear()
    assert (await sentence(page)).startswith("As of today")
    assert "could not be loaded" in await element(page).locator(".partly").inner_text()
    assert (await figures(page))["Bayraktar TB2"].startswith("9")
    await page.unroute("**/tarih-timeline-tr*")
    await element(page).get_by_role("button", name="Try again").click()
    await element(page).get_by_text("itibarıyla").first.wait_for()


async def test_several_elements_stand_on_one_page_and_the_first_keeps_the_address(
    browsing: Browsing, site: Site
) -> None:
    one = "<tarih-timeline src=/v1/ledgers/drones/relationships/pak--tur></tarih-timeline>"
    page = await browsing.show(
        "<!doctype html><html lang=en><title>t</title><script type=module src=/widget/v1/tarih-timeline.js></script>"
        + one + one.replace("<tarih-timeline", "<tarih-timeline lang=tr reported-by=2024-06-30")
    )  # fmt: skip
    first, second = page.locator("tarih-timeline:not([lang])"), page.locator("tarih-timeline[lang=tr]")
    await second.get_by_text("30 Haziran 2024").first.wait_for()
    await first.locator(".entry").first.wait_for()
    await second.locator(".axis.valid input[type=date]").fill("2021-06-01")
    await second.get_by_text("1 Haziran 2021").first.wait_for()
    assert page.url == f"{site.base}/test.html"
    await first.locator(".axis.valid input[type=date]").fill("2022-06-01")
    await page.wait_for_url("**#valid=2022-06-01")
    await second.evaluate("node => node.setAttribute('src', '/v1/ledgers/drones/relationships/chn--pak')")
    await second.locator("[data-claim=sipri-tb2-delivered]").wait_for(state="detached")
    await first.evaluate("node => node.remove()")
    await second.locator(".entry").first.wait_for()
