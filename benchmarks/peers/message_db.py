"""Message DB: its functions from a checkout of its repository, installed beside, and called for one category."""

import sys
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.events import rows
from benchmarks.looping import Loop, in_tasks
from benchmarks.protocol import Json, answer

CONNECTIONS = 16
FILES = (
    "schema/message-store",
    "tables/messages",
    "types/message",
    *(f"functions/{name}" for name in ("hash-64", "category", "acquire-lock", "cardinal-id", "id", "is-category")),
    *(f"functions/{name}" for name in ("stream-version", "write-message")),
    *(f"indexes/messages-{name}" for name in ("id", "stream", "category")),
)
WRITE = "SELECT write_message($1, $2, 'Acquisition', $3::jsonb)"


def installation(checkout: Path) -> str:
    """The SQL that installs it, for its database's owner."""
    texts = [(checkout / "database" / f"{name}.sql").read_text(encoding="utf-8") for name in FILES]
    return "SET client_min_messages = warning;\n" + "\n;\n".join(texts)


class MessageDb:
    """A pool of connections to a database where it is installed."""

    def __init__(self, url: str) -> None:
        self._loop = Loop()
        self._pool: Any = self._loop.run(self._open(url))

    async def _open(self, url: str) -> Any:
        return await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)

    def singles(self, *, callers: int, seconds: float, most: int) -> Json:
        """One message a call, each to a stream of its relationship; all streams in one category, so in one order."""
        items = [(id_, f"bench-{relationship}", content) for id_, relationship, content in rows(most)]
        return self._loop.run(in_tasks(callers, seconds, items, lambda item: self._pool.fetchval(WRITE, *item)))

    def stored(self) -> Json:
        """How many messages there are."""
        return {"stored": self._loop.run(self._pool.fetchval("SELECT count(*) FROM message_store.messages"))}


if __name__ == "__main__":
    message_db = MessageDb(sys.argv[1])
    answer({"singles": message_db.singles, "stored": message_db.stored})
