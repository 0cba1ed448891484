"""What is known of one request while it is answered: who named it, where it goes, how it ends."""

import re
import time
from functools import cache

import uuid_utils
from litestar.types import HTTPScope, Scope

_SANE = re.compile(r"[A-Za-z0-9._~:/+=-]{1,128}", re.ASCII)
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
"""A `traceparent` (W3C Trace Context); the id of the trace is its only group."""


class Account:
    """What is known of one request while it is answered, and told of it at the end."""

    __slots__ = ("began", "error", "id", "lasting", "route", "status", "trace", "traceparent")

    def __init__(self, scope: HTTPScope) -> None:
        given = asked_with(scope, b"x-request-id")
        self.id = given if _SANE.fullmatch(given) else str(uuid_utils.uuid4())
        """The caller's, if it is fit to be logged and sent back; else a new one."""
        given = asked_with(scope, b"traceparent")
        found = _TRACE.fullmatch(given) if given else None
        self.traceparent = given if found else ""
        self.trace = found.group(1) if found else None
        self.began = time.perf_counter()
        self.status = 0
        """0 until the answer begins."""
        self.route = ""
        """The template of its path; empty where there is nothing at that address."""
        self.lasting = False
        """True of a live stream: how long it lasts says nothing of how fast it is answered."""
        self.error: Exception | None = None
        """What ended it, where that was not the caller's fault."""


def account_of(scope: Scope) -> Account:
    account: Account = scope["tarih"]  # type: ignore[typeddict-item]  # ours, put there by ``telling.py``
    return account


@cache
def route_of(template: str) -> str:
    """As the OpenAPI document writes it: Litestar's templates say types too."""
    return template.replace(":str}", "}").replace(":int}", "}")


def asked_with(scope: Scope, name: bytes) -> str:
    """The first header of that name, in lower case; empty where there is none.

    Read off the scope as it is: Litestar's own view of the headers is made anew for each that asks.
    """
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""
