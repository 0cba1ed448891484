"""A real Chromium on a real service with the sample ledger; every page it opens is watched, see ``Browsing``."""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, async_playwright

from tests.serving import Serving, free_port

CHECKOUT = Path(__file__).parents[2]
PACKAGES = Path(__file__).parent / "node_modules"
SCREENSHOTS = CHECKOUT / "build" / "screenshots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000.0  # milliseconds for anything in a page
OURS = ("127.0.0.1", "localhost")


def missing(what: str) -> NoReturn:
    """A laptop may do without; where CI is set, nothing is skipped."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is needed where CI is set", pytrace=False)
    pytest.skip(f"{what} is needed")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or missing("Chromium on the path")


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with the packages that tests read our pages and feeds with."""
    return PACKAGES if PACKAGES.is_dir() else missing("`make browser`")


@pytest.fixture(scope="session")
def site(chromium: str) -> Iterator["Site"]:
    """One service for all tests of this process. The sample is only to be read; what else a test needs it makes."""
    folder = Path(tempfile.mkdtemp(prefix="tarih-"))
    folder.chmod(0o755)
    serving = Serving(folder, free_port(), TARIH_LOG_LEVEL="WARNING")
    try:
        site = Site(serving.until_it_answers())
        serving.watchdog.cancel()  # it may run for as long as the tests do
        yield site
    finally:
        if serving.process.poll() is None:
            serving.end(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


class Site:
    """The service that pages are of."""

    def __init__(self, serving: Serving) -> None:
        self.base = f"http://127.0.0.1:{serving.port}"
        self.admin = (serving.data_dir / "admin.key").read_text().strip()
        self.serving = serving

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.base + path, headers=headers, timeout=30)

    def make_ledger(self, name: str, **settings: Any) -> None:
        """One that anyone may read, unless ``settings`` say otherwise; no other test has one of that name."""
        body = {"title": name, "public_read": True} | settings
        assert self._send("PUT", f"/v1/ledgers/{name}", body) == 201, f"another test has a ledger {name}"

    def add_type(self, ledger: str, name: str, said: Any) -> None:
        self._send("PUT", f"/v1/ledgers/{ledger}/types/{name}", said)

    def append(self, ledger: str, *events: Mapping[str, Any]) -> None:
        self._send("POST", f"/v1/ledgers/{ledger}/events", {"events": list(events)})

    def _send(self, method: str, path: str, body: Any) -> int:
        key = {"Authorization": f"Bearer {self.admin}"}
        answer = httpx.request(method, self.base + path, json=body, headers=key, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        return answer.status_code


class Browsing:
    """Opens pages and writes down what they should not have done.

    No page may log an error, throw, or ask another host for anything; a test that brings such a thing about takes it
    off these lists.
    """

    def __init__(self, browser: Browser, site: Site, packages: Path | None) -> None:
        self.site = site
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self._browser, self._packages = browser, packages
        self._contexts: list[BrowserContext] = []

    async def open(self, path: str = "/", *, width: int = 1280, height: int = 900, **context: Any) -> Page:
        """A page in a context of its own. ``context`` is what Playwright calls so: ``color_scheme``, ``locale`` …"""
        page = await self.new(width=width, height=height, **context)
        await page.goto(self.site.base + path)
        return page

    async def show(self, html: str, *, width: int = 1280, height: int = 900, **context: Any) -> Page:
        """A page of the test's own, of our origin, without any policy; ``/npm/…`` are the files of packages there."""
        page = await self.new(width=width, height=height, **context)

        async def own(route: Route) -> None:
            await route.fulfill(body=html, content_type="text/html; charset=utf-8")

        await page.route(f"{self.site.base}/test.html", own)
        await page.goto(f"{self.site.base}/test.html")
        return page

    async def new(self, *, width: int = 1280, height: int = 900, **context: Any) -> Page:
        """A page that is nowhere yet."""
        viewport = ViewportSize(width=width, height=height)
        opened = await self._browser.new_context(viewport=viewport, **({"locale": "en-GB"} | context))
        opened.set_default_timeout(PATIENCE)
        self._contexts.append(opened)
        opened.on("request", lambda request: self._asked(request.url))
        opened.on("console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None)
        opened.on("weberror", lambda error: self.errors.append(str(error.error)))
        await opened.route(lambda url: urlsplit(url).hostname not in (*OURS, None), lambda route: route.abort())
        await opened.route("**/npm/**", self._from_packages)
        return await opened.new_page()

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname not in OURS:
            self.elsewhere.append(url)

    async def _from_packages(self, route: Route) -> None:
        folder = self._packages or missing("`make browser`")
        await route.fulfill(path=folder / urlsplit(route.request.url).path.partition("/npm/")[2])

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, headless=True)
        yield browser
        await browser.close()


@pytest.fixture
async def browsing(browser: Browser, site: Site) -> AsyncIterator[Browsing]:
    """Pages that are watched: at the end none of them has logged an error or asked another host."""
    browsing = Browsing(browser, site, PACKAGES if PACKAGES.is_dir() else None)
    yield browsing
    await browsing.close()
    assert browsing.errors == []
    assert browsing.elsewhere == []


async def screenshot(page: Page, name: str, *, whole: bool = True) -> None:
    """Kept with the build, for people to look at; never compared."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)
