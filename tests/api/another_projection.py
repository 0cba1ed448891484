"""The service with one more line in the catalogue of projections, asked by itself; prints what it answered, as JSON.

A process of its own, because the catalogue is read once: ``python -m tests.api.another_projection ADDRESS``.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec

from service import projections
from service.projections import Projection, View
from service.projections.lines import Answer, Total
from service.projections.stability import StandsOn, standpoint_of
from service.store.log import Log


class Tally(Answer, frozen=True, kw_only=True):
    """How many claims are so."""

    relationship: str
    as_of: StandsOn
    certain: Total
    possible: Total


def tally(view: View) -> Tally:
    certain = sum(present.certain for present in view.present)
    return Tally(
        relationship=view.question.relationship,
        as_of=standpoint_of(view),
        certain=certain,
        possible=len(view.present) - certain,
    )


LINE = Projection(
    name="tally",
    version=1,
    answer=Tally,
    fold=tally,
    path="/tally",
    title="How many claims are so",
    description="As of that point.",
)


async def ask(address: str) -> dict[str, object]:
    from service.app import build, followed_log, openapi_document

    @asynccontextmanager
    async def open_log() -> AsyncIterator[Log]:
        async with followed_log(address) as log:
            yield log

    app = build(open_log)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar names the same protocol otherwise
    path = "/v1/ledgers/drones/relationships/pak--tur/tally"
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://tarih.test") as client:
        first = await client.get(f"{path}?valid_at=2021-06-01")
        turned = await client.get(path.replace("pak--tur", "tur--pak"))
        pinned = await client.get(first.headers["content-location"])
        tag = {"If-None-Match": pinned.headers["etag"]}
        again = await client.get(first.headers["content-location"], headers=tag)
    document = msgspec.json.decode(openapi_document())
    return {
        "answer": first.json(),
        "again": again.status_code,
        "turned": turned.headers["location"],
        "pinned": [pinned.headers["cache-control"], pinned.json()["certain"]],
        "described": document["paths"]["/v1/ledgers/{ledger}/relationships/{relationship}/tally"]["get"]["operationId"],
        "schema": sorted(document["components"]["schemas"]["Tally"]["properties"]),
    }


if __name__ == "__main__":
    projections.CATALOGUE += (LINE,)  # type: ignore[assignment]  # as if it had been written there
    projections.PROJECTIONS[LINE.name] = LINE
    sys.stdout.write(msgspec.json.encode(asyncio.run(ask(sys.argv[1]))).decode())
