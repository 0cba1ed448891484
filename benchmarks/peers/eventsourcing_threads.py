"""The Python library ``eventsourcing`` with its PostgreSQL recorder, in threads; runs in ``.venv-bench``."""

import sys
from uuid import uuid4

from eventsourcing.persistence import StoredEvent  # type: ignore[import-not-found]
from eventsourcing.postgres import PostgresFactory  # type: ignore[import-not-found]
from eventsourcing.utils import Environment  # type: ignore[import-not-found]

from benchmarks.protocol import Json, answer, in_threads

THREADS = 8
# As long as an event that the service is sent.
STATE = b"x" * 290


class Recorder:
    """Its recorder of application events, which numbers them under a lock on the table: no follower skips one."""

    def __init__(self, host: str, port: str, user: str, database: str) -> None:
        environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": database,
            "POSTGRES_HOST": host,
            "POSTGRES_PORT": port,
            "POSTGRES_USER": user,
            "POSTGRES_PASSWORD": "unused",
            "POSTGRES_POOL_SIZE": str(THREADS),
            "POSTGRES_LOCK_TIMEOUT": "30",
        }
        self._recorder = PostgresFactory(Environment("", environment)).application_recorder()

    def singles(self, *, seconds: float, most: int) -> Json:
        """One event a call, each of an aggregate of its own: handed to the recorder directly, nothing to serialise."""
        events = [[StoredEvent(uuid4(), 1, "benchmarks:Acquisition", STATE)] for _ in range(most)]
        return in_threads(THREADS, seconds, events, self._recorder.insert_events)

    def stored(self) -> Json:
        """How many it numbered."""
        return {"stored": self._recorder.max_notification_id() or 0}


if __name__ == "__main__":
    recorder = Recorder(*sys.argv[1:5])
    answer({"singles": recorder.singles, "stored": recorder.stored})
