"""A published example as a ledger of its own: what its author stored and when, and what is so at any of his points."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.api.conftest import Api

Json = dict[str, Any]


def midnight(day: str) -> str:
    """The instant at which ``day`` begins (UTC), as periods of whole days are half-open in the literature."""
    return f"{day}T00:00:00Z"


class Book:
    """One example. The known axis has the position of each transaction, in the order of the author's own dates.

    What the author stored on a day has that day as its source's date of publication, too, so that every question can
    be asked on the reported axis in his dates; ``lines`` asks on both, and both must agree.
    """

    def __init__(self, api: Api, ledger: str, relationship: str, author: str) -> None:
        self.api, self.address, self.relationship = api, f"/v1/ledgers/{ledger}", relationship
        self.author = author
        self.stored: dict[str, int] = {}
        """By the author's date of a transaction: the position that it made known."""

    async def open(self, types: Mapping[str, Json]) -> None:
        assert (await self.api.put(self.address, {"title": self.author, "public_read": True})).status_code == 201
        for name, body in types.items():
            answer = await self.api.put(f"{self.address}/types/{name}", body)
            assert answer.status_code == 201, answer.text

    async def store(self, day: str, *events: Json) -> Json:
        """One transaction of the author's, as one batch; the answer is its receipt."""
        assert all(day > before for before in self.stored)
        sources = [{"publisher": self.author, "published": day}]
        answer = await self.api.append(
            *({"sources": sources, **event} for event in events), to=f"{self.address}/events"
        )
        assert answer.status_code == 201, answer.text
        receipt: Json = answer.json()
        self.stored[day] = receipt["position"]
        return receipt

    def position(self, stored: str | None) -> int:
        """What had been stored by the end of that day; by now, where none is given."""
        return max((position for day, position in self.stored.items() if stored is None or day <= stored), default=0)

    async def lines(self, valid: str, stored: str | None = None) -> list[Json]:
        """What the relationship's state tells of the author's own types."""
        known = await self._state(f"valid_at={valid}&known_position={self.position(stored)}")
        if stored is not None:
            reported = await self._state(f"valid_at={valid}&reported_by={stored}")
            assert reported["other"] == known["other"]
        found: list[Json] = known["other"]
        return found

    async def _state(self, query: str) -> Json:
        return await self.get(f"relationships/{self.relationship}?{query}")

    async def get(self, path: str) -> Json:
        answer = await self.api.get(f"{self.address}/{path}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def claims(self, valid: str, stored: str | None = None) -> list[str]:
        """The ids of the claims that are certain at the point, by start."""
        found = []
        for line in await self.lines(valid, stored):
            assert line["certainty"] == "certain", "the author's days are exact"
            found += line["claims"]
        return found

    async def data(self, valid: str, stored: str | None = None) -> list[Json]:
        """What the claims that are certain at the point hold, each as its own address tells it."""
        query = f"valid_at={valid}&known_position={self.position(stored)}"
        found = [await self.get(f"claims/{claim}?{query}") for claim in await self.claims(valid, stored)]
        assert [claim["certainty"] for claim in found] == ["certain"] * len(found)
        return [claim["event"]["data"] for claim in found]


def type_of(kind: str, title: str, **properties: str) -> Json:
    """A ledger's own type, whose ``data`` has these properties, each of that JSON type."""
    schema = {
        "type": "object",
        "properties": {name: {"type": type_} for name, type_ in properties.items()},
        "required": sorted(properties),
        "additionalProperties": False,
    }
    return {"kind": kind, "title": title, "schema": schema}


def said(action: str, claim: str, type_: str, data: Json, parties: Sequence[tuple[str, str]], **more: Any) -> Json:
    """``assert`` or ``correct`` of ``claim``; a correction gets an id of its own from the server."""
    named = {"id": claim} if action == "assert" else {"claim": claim}
    roles = [{"actor": actor, "role": role} for actor, role in parties]
    return {"action": action, **named, "type": type_, "data": data, "parties": roles, **more}
