"""What the other tests in a browser lean on: that a page's faults and requests to others are noticed."""

import pytest

from tests.browser.conftest import Browsing

pytestmark = pytest.mark.anyio


async def test_the_first_page_opens_without_a_fault(browsing: Browsing) -> None:
    page = await browsing.open("/")
    assert "Tarih" in await page.title()


async def test_faults_and_requests_to_other_hosts_are_noticed(browsing: Browsing) -> None:
    page = await browsing.show(
        "<!doctype html><title>t</title><script>console.error('said'); setTimeout(() => { throw Error('thrown') })"
        "</script><img src='http://elsewhere.example/a.png'>"
    )
    await page.wait_for_load_state("networkidle")
    assert browsing.elsewhere == ["http://elsewhere.example/a.png"]
    assert any("said" in error for error in browsing.errors)
    assert any("thrown" in error for error in browsing.errors)
    browsing.errors.clear()
    browsing.elsewhere.clear()


async def test_a_page_of_a_tests_own_can_read_with_packages(browsing: Browsing) -> None:
    page = await browsing.show("<!doctype html><title>t</title><script src='/npm/axe-core/axe.min.js'></script>")
    assert await page.evaluate("typeof axe.run") == "function"
