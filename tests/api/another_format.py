"""The service with one more line in the catalogue of formats, asked by itself; prints what it answered, as JSON.

A process of its own, because the catalogue is read once: ``python -m tests.api.another_format ADDRESS``.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec

from service import feeds
from service.feeds import Addresses, Body, Entry, Format, Frame, Page
from service.feeds.page import nothing_more
from service.store.log import Log


def body(page: Page) -> Body:
    return Body(page.pieces(_line, page.told, nothing_more))


def _line(entry: Entry, _addresses: Addresses, _lang: str, _: None) -> bytes:
    return f"* {entry.item.display_date}\n".encode()


def whole(frame: Frame, body: bytes) -> bytes:
    return f"# {frame.title}\n".encode() + body


LINE = Format(
    name="markdown",
    extension="md",
    media_type="text/markdown",
    version=1,
    title="as a list",
    description="Dates in Markdown.",
    body=body,
    whole=whole,
)


async def ask(address: str) -> dict[str, object]:
    from service.app import build, followed_log, openapi_document

    @asynccontextmanager
    async def open_log() -> AsyncIterator[Log]:
        async with followed_log(address) as log:
            yield log

    app = build(open_log)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar names the same protocol otherwise
    path = "/v1/ledgers/drones/relationships/pak--tur/timeline"
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://tarih.test") as client:
        first = await client.get(f"{path}.md?type=delivery&lang=tr")
        accepted = await client.get(f"{path}?type=delivery&lang=tr", headers={"Accept": "text/markdown"})
        actor = await client.get("/v1/ledgers/drones/actors/pak/timeline.md?limit=1")
        turned = await client.get(f"{path}.md".replace("pak--tur", "tur--pak"))
        pinned = await client.get(first.headers["content-location"])
        again = await client.get(first.headers["content-location"], headers={"If-None-Match": pinned.headers["etag"]})
    document = msgspec.json.decode(openapi_document())
    template = "/v1/ledgers/{ledger}/relationships/{relationship}/timeline"
    return {
        "text": first.text,
        "media_type": first.headers["content-type"],
        "accepted": accepted.text == first.text,
        "actor": [actor.status_code, "link" in actor.headers],
        "again": again.status_code,
        "turned": turned.headers["location"],
        "pinned": pinned.headers["cache-control"],
        "described": document["paths"][f"{template}.md"]["get"]["operationId"],
        "forms": "text/markdown" in document["paths"][template]["get"]["responses"]["200"]["content"],
    }


if __name__ == "__main__":
    feeds.CATALOGUE += (LINE,)
    sys.stdout.write(msgspec.json.encode(asyncio.run(ask(sys.argv[1]))).decode())
