"""How long the element takes, in a real Chromium, from a slider's move until what it says is there: 2,000 claims."""

import json
import shutil
import statistics
from collections.abc import Iterator
from random import Random

import msgspec

from benchmarks import made
from benchmarks.dyads import SEED
from benchmarks.ground import Ground
from benchmarks.results import Line, Scale, Target, left_out

TARGET = Target(100, at_most=True, absolute="ms")
WHAT = "a slider of the element, {} axis, p95; 2,000 claims, any stop, nothing asked before"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MOVED = """async ([axis, stop]) => {
  const element = document.querySelector("tarih-timeline");
  const slider = element.shadowRoot.querySelector(`.axis.${axis} input[type=range]`);
  const answered = new Promise((resolve) => element.addEventListener("tarih-change", resolve, { once: true }));
  const begun = performance.now();
  slider.value = stop;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const { detail } = await answered;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const took = performance.now() - begun;
  const entries = [...element.shadowRoot.querySelectorAll(".list .entry:not(.ghost)")].map((one) => one.dataset.claim);
  return [took, detail.addresses[1], entries];
}"""


def moved(ground: Ground, scale: Scale) -> Iterator[Line]:
    """From the input event until the frame that shows the answer is painted; each stop is a random one."""
    chromium = shutil.which("chromium")
    axes = ("valid", "reported")
    if chromium is None:
        yield from (left_out(WHAT.format(axis), "there is no Chromium", TARGET) for axis in axes)
        return
    from playwright.sync_api import sync_playwright  # of the tests' requirements, and slow to import

    of = made.told(ground)
    times = max(20, int(scale.seconds * 50))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{ground.service_port}/embed/{of.ledger}/{of.relationships[0]}")
        page.locator("tarih-timeline .entry").first.wait_for()
        draw = Random(SEED)  # noqa: S311 - repeatable, not secret
        for axis in axes:
            stops = int(page.locator(f"tarih-timeline .axis.{axis} input[type=range]").get_attribute("max") or 0)
            took, wrong = [], []
            for number in range(times + 3):
                ms, address, entries = page.evaluate(MOVED, [axis, draw.randrange(stops + 1)])
                page.wait_for_timeout(30)
                if number >= 3:  # the first ones warm up
                    took.append(float(ms))
                if number % 10 == 0:
                    wrong += list(_faults(ground, address, entries))
            yield Line(
                what=WHAT.format(axis),
                ours=sorted(took)[int(len(took) * 0.95)],
                unit="ms",
                target=str(TARGET),
                reached=TARGET.reached_by(sorted(took)[int(len(took) * 0.95)]),
                note=f"median {statistics.median(took):.0f} ms, of {len(took)} moves; {stops + 1} stops",
                wrong=wrong,
                rounds=[took],
            )
            page.evaluate("location.hash = ''")
        browser.close()


def _faults(ground: Ground, address: str, entries: list[str]) -> Iterator[str]:
    """What is listed must be what the address answers."""
    path = address.partition("//")[2].partition("/")[2]
    items = json.loads(ground.get(f"/{path}")[2])["items"]
    expected = [item["claim"] for item in items if "expected" not in item]
    if expected != entries:
        yield f"{path} lists other claims: {msgspec.json.encode(entries[:3]).decode()}"
