"""How tests read the element: what it says, what it shows, and that it has come to rest."""

from typing import Any

from playwright.async_api import Locator, Page

ELEMENT = "tarih-timeline"


def element(page: Page) -> Locator:
    return page.locator(ELEMENT)


async def rest(page: Page) -> None:
    """Until the element has answered what it was asked last."""
    await element(page).locator(".whole[data-tools]:not([aria-busy])").locator(".entry, .divider").first.wait_for()


async def sentence(page: Page) -> str:
    return await element(page).locator(".sentence").inner_text()


async def figures(page: Page) -> dict[str, str]:
    """By what they are of: the number, and what is said of it."""
    found = {}
    for one in await element(page).locator(".figure").all():
        label = await one.locator(".label").inner_text()
        parts = [await one.locator(".number").inner_text(), *await one.locator(".note").all_inner_texts()]
        found[label] = " ".join(parts).replace("\n", "")
    return found


async def entry(page: Page, claim: str) -> Locator:
    return element(page).locator(f'.entry[data-claim="{claim}"]')


async def claims(page: Page) -> list[str]:
    return [str(await one.get_attribute("data-claim")) for one in await element(page).locator(".entry").all()]


async def slide(page: Page, axis: str, *keys: str) -> None:
    """By the keyboard, as anyone can."""
    slider = element(page).locator(f".axis.{axis} input[type=range]")
    await slider.focus()
    for key in keys:
        await slider.press(key)
    await rest(page)


async def set_date(page: Page, axis: str, day: str) -> None:
    await element(page).locator(f".axis.{axis} input[type=date]").fill(day)
    await rest(page)


async def faults(page: Page, packages: Any) -> list[str]:
    """What axe-core finds wrong on the page."""
    await page.evaluate((packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
