"""What the headers of a write ask for: that a relationship be as expected, and that a repeat be known by its key."""

import hashlib
import re

import msgspec

from service.api.refused import bad_header
from service.api.site import Request
from service.store.appender import EXISTS, NONE, Expectation

_MATCH = re.compile(r'"r(0|[1-9][0-9]{0,14})"', re.ASCII)
_QUOTED = re.compile(r'"((?:[!#-\[\]-~]|\\["\\])*)"', re.ASCII)
_BARE = re.compile(r"[!#-+\--:<-\[\]-~]+", re.ASCII)
LONGEST_KEY = 255


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Where events are sent, by whom, and what the relationship must be before."""

    ledger: str
    by: str
    """The caller's key."""
    scope: str | None = None
    """The relationship whose address they were sent to."""
    precondition: Expectation | None = None


class Idempotency(msgspec.Struct, frozen=True):
    """The caller's name for a request, and what tells the request from another."""

    key: str
    fingerprint: bytes


def precondition(request: Request, relationship: str) -> Expectation | None:
    """What If-Match or If-None-Match ask for; raises BadRequest."""
    given = [(name, value) for name in ("if-match", "if-none-match") for value in request.given(name)]
    if not given:
        return None
    name, value = given[0][0], given[0][1].strip()
    if len(given) > 1:
        raise bad_header(name, "repeated", "send one of `If-Match` and `If-None-Match`, once")
    if name == "if-none-match":
        if value != "*":
            raise bad_header(name, "unreadable", "`If-None-Match` can only be * here: the relationship must not exist")
        return Expectation(relationship, NONE)
    if value == "*":
        return Expectation(relationship, EXISTS)
    match = _MATCH.fullmatch(value)
    if match is None:
        raise bad_header(name, "unreadable", '`If-Match` must be one revision, such as "r7" with its quotes, or *')
    return Expectation(relationship, int(match[1]))


def no_precondition(request: Request, instead: str) -> None:
    """Raises BadRequest where one is given."""
    for name in ("if-match", "if-none-match"):
        if name in request.headers:
            raise bad_header(name, "not-here", f"`{name}` goes with events sent to one relationship; {instead}")


def idempotency_key(request: Request) -> str | None:
    """A string of RFC 9651, or what stands there without quotes; raises BadRequest."""
    given = request.given("idempotency-key")
    if not given:
        return None
    if len(given) > 1:
        raise bad_header("idempotency-key", "repeated", "send `Idempotency-Key` once")
    text = given[0].strip()
    if quoted := _QUOTED.fullmatch(text):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    else:
        key = text if _BARE.fullmatch(text) else ""
    if not 1 <= len(key) <= LONGEST_KEY:
        detail = f"`Idempotency-Key` must be 1 to {LONGEST_KEY} visible ASCII characters, best in quotes"
        raise bad_header("idempotency-key", "unreadable", detail)
    return key


def idempotency(request: Request, write: Write, media_type: str, body: bytes) -> Idempotency | None:
    """None where the caller sends no key; raises BadRequest."""
    key = idempotency_key(request)
    if key is None:
        return None
    headers = sorted((str(name), value) for name, value in request.headers.multi_items() if _bears_on_it(name))
    address = msgspec.json.encode([write.ledger, write.scope, media_type, headers])
    return Idempotency(key, hashlib.sha256(address + b"\n" + body).digest())


def _bears_on_it(header: str) -> bool:
    return header in ("if-match", "if-none-match") or header.startswith("ce-")
