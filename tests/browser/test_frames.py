"""In other people's pages: frames that keep their height, the element on a site of another origin, its policy."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.async_api import Page

from tests.browser.conftest import CHECKOUT, PACKAGES, Browsing, Site
from tests.browser.reading import element, rest, sentence

pytestmark = pytest.mark.anyio
DOCUMENTED = "http://127.0.0.1:8000"


class Elsewhere:
    """A site of another origin, with pages and a policy of the test's own."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.policy: str | None = None
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = elsewhere.pages.get(self.path.partition("?")[0])
                self.send_response(404 if body is None else 200)
                self.send_header(
                    "Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8"
                )
                if elsewhere.policy is not None:
                    self.send_header("Content-Security-Policy", elsewhere.policy)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                """Silently."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://localhost:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def put(self, path: str, html: str) -> str:
        self.pages[path] = html.encode()
        return self.base + path

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()
    yield elsewhere
    elsewhere.close()


def blocks(name: str, site: Site) -> list[str]:
    """What a how-to page shows as HTML, for this service."""
    text = (CHECKOUT / "docs" / "howto" / name).read_text(encoding="utf-8").replace(DOCUMENTED, site.base)
    return re.findall(r"^```html\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


async def height_of(page: Page) -> float:
    """Of the frame."""
    box = await page.locator("iframe").bounding_box()
    assert box is not None
    return box["height"]


async def whole_frame_is_seen(page: Page) -> None:
    """The frame is as high as what it shows."""
    frame = page.frame_locator("iframe")
    await frame.locator("tarih-timeline").locator(".entry").first.wait_for()
    inner = await (await page.locator("iframe").element_handle()).content_frame()
    assert inner is not None
    for _ in range(100):
        shown = await inner.evaluate("document.documentElement.getBoundingClientRect().height")
        if abs(await height_of(page) - shown) < 12:
            return
        await page.wait_for_timeout(50)
    pytest.fail(f"it is {await height_of(page)} high, and shows {shown}")


async def test_a_frame_keeps_its_height_by_pym(
    browsing: Browsing, site: Site, elsewhere: Elsewhere, packages: Path
) -> None:
    elsewhere.pages["/js/pym.v1.min.js"] = (packages / "pym.js" / "dist" / "pym.v1.min.js").read_bytes()
    [way] = [block for block in blocks("newsroom-cms.md", site) if "pym" in block]
    page = await browsing.new(width=900)
    await page.goto(elsewhere.put("/", f"<!doctype html><title>t</title>{way}"))
    await whole_frame_is_seen(page)
    before = await height_of(page)
    frame = page.frame_locator("iframe")
    await frame.locator("tarih-timeline").get_by_label("Kind").select_option("facility")
    await frame.locator("tarih-timeline").locator(".entry").nth(1).wait_for(state="detached")
    await whole_frame_is_seen(page)
    assert await height_of(page) < before
    await page.set_viewport_size({"width": 400, "height": 900})
    await whole_frame_is_seen(page)


async def test_a_frame_keeps_its_height_by_embed_size(browsing: Browsing, site: Site, elsewhere: Elsewhere) -> None:
    [frame] = [block for block in blocks("newsroom-cms.md", site) if block.startswith("<iframe")]
    [script] = [block for block in blocks("newsroom-cms.md", site) if "embed-size" in block]
    page = await browsing.new(width=900)
    await page.goto(elsewhere.put("/", f"<!doctype html><title>t</title>{script}{frame}"))
    await whole_frame_is_seen(page)
    said = await page.frame_locator("iframe").locator("tarih-timeline").locator(".sentence").inner_text()
    assert said == "As of December 31, 2025, as published by November 30, 2025."
    await page.evaluate("""() => addEventListener("message", ({ data }) => {
        if (data.type === "embed-size") window.told = data;
    })""")
    await page.set_viewport_size({"width": 420, "height": 900})
    told = await (await page.wait_for_function("window.told")).json_value()
    assert told["sentinel"] == "amp"
    assert told["height"] > 1000


async def test_what_oembed_answers_shows_what_was_seen(browsing: Browsing, site: Site, elsewhere: Elsewhere) -> None:
    seen = await browsing.open("/#valid=2025-12-31&reported=2024-06-30")
    await rest(seen)
    said = site.get(f"/oembed?url={seen.url.replace('#', '%23').replace('&', '%26')}").json()
    page = await browsing.new(width=1000)
    await page.goto(elsewhere.put("/", f"<!doctype html><title>t</title>{said['html']}"))
    shown = page.frame_locator("iframe").locator("tarih-timeline").locator(".sentence")
    await shown.get_by_text("June 30, 2024").wait_for()
    assert await shown.inner_text() == await sentence(seen)


async def test_no_other_page_can_be_framed(browsing: Browsing, site: Site, elsewhere: Elsewhere) -> None:
    page = await browsing.new()
    for path in ("/", "/docs", "/v1/ledgers"):
        await page.goto(elsewhere.put("/", f"<!doctype html><title>t</title><iframe src='{site.base}{path}'></iframe>"))
        await page.wait_for_load_state("networkidle")
    assert len([error for error in browsing.errors if "frame-ancestors" in error or "X-Frame-Options" in error]) >= 3
    browsing.errors.clear()


async def test_the_element_runs_on_another_site_as_the_how_to_says_under_its_policy(
    browsing: Browsing, site: Site, elsewhere: Elsewhere
) -> None:
    text = (CHECKOUT / "docs" / "howto" / "own-site.md").read_text(encoding="utf-8").replace(DOCUMENTED, site.base)
    [policy] = re.findall(r"^```text\n(script-src.*)\n```", text, flags=re.MULTILINE)
    whole, listening = blocks("own-site.md", site)
    elsewhere.policy = f"default-src 'none'; style-src 'self'; {policy}"
    elsewhere.pages["/own.js"] = (
        b"document.addEventListener('tarih-change', () => document.body.classList.add('told'));"
    )
    own = whole.replace("</html>", '<script src="/own.js"></script></html>')
    page = await browsing.new()
    await page.goto(elsewhere.put("/", own))
    await rest(page)
    assert await sentence(page) == "As of December 31, 2025, as published by June 30, 2024."
    assert await element(page).locator(".figure").count() > 0
    await page.locator("body.told").wait_for()
    assert "tarih-change" in listening
    assert not await page.get_by_text("The timeline of Pakistan and Türkiye").is_visible()


async def test_it_runs_under_the_strictest_policy_of_our_own(browsing: Browsing, site: Site) -> None:
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
    page = await browsing.new()

    async def own(route: object) -> None:
        await route.fulfill(  # type: ignore[attr-defined]
            body="<!doctype html><title>t</title><script type=module src=/widget/v1/tarih-timeline.js></script>"
            "<tarih-timeline src=/v1/ledgers/drones/relationships/pak--tur></tarih-timeline>",
            headers={"content-type": "text/html", "content-security-policy": policy},
        )

    await page.route(f"{site.base}/strict.html", own)
    await page.goto(f"{site.base}/strict.html")
    await rest(page)
    assert await element(page).locator(".entry").count() == 24
    assert await element(page).locator(".figure").count() > 0


async def test_the_page_is_one_that_asks_nobody_else_and_sets_no_cookie(browsing: Browsing) -> None:
    page = await browsing.open("/")
    await rest(page)
    assert await page.context.cookies() == []
    assert browsing.elsewhere == []
    assert PACKAGES.is_dir()
