"""What the handlers share in one process: the log, who may pass, and what the roof has decided."""

from collections.abc import Callable
from typing import TypeAlias

import litestar
from litestar.datastructures import State

from service.api.access import Gate
from service.api.streams import Streams
from service.history import Cores
from service.store.log import Log

Request: TypeAlias = litestar.Request[None, None, State]


class Site:
    """One per application, at ``app.state.site``."""

    def __init__(self, document: Callable[[], bytes], public_url: str | None, revision: str | None) -> None:
        self.document = document
        self.public_url = public_url
        self.revision = revision
        """The schema's revision that this code was written for; None where it does not matter."""
        self.streams = Streams()
        self.cores = Cores()
        self._log: Log | None = None
        self.gate: Gate

    def open(self, log: Log) -> None:
        """From now on there is something to answer from."""
        self._log, self.gate = log, Gate(log)

    def close(self) -> None:
        """From now on it is not ready, and nobody follows."""
        self.streams.end()
        self._log = None

    @property
    def log(self) -> Log:
        assert self._log is not None, "the application's lifespan opens it"  # noqa: S101
        return self._log

    @property
    def is_open(self) -> bool:
        return self._log is not None


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site
