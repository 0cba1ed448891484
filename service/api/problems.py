"""Refusals as HTTP: one table from each class to its problem (RFC 9457); a new refusal is a line in ``TABLE``."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from msgspec import UNSET, Meta, UnsetType

from service.api.accounts import account_of
from service.api.refused import (
    BadRequest,
    Entry,
    Forbidden,
    NotAcceptable,
    NotOffered,
    TooManyRequests,
    TypeDiffers,
    Unauthorized,
    WrongMedia,
    bad_parameter,
    entry_of,
)
from service.api.requests import base_of, instance
from service.api.site import Request
from service.domain.refusals import (
    AnotherEpoch,
    BeyondHead,
    Conflict,
    CutShort,
    Invalid,
    KeyReused,
    NotFound,
    OutsideRelationship,
    RevisionConflict,
    TooLarge,
    TooSlow,
    Unavailable,
)
from service.domain.shape import MOST_FAULTS
from service.history import TooBroad, UnusablePoint

MEDIA_TYPE = "application/problem+json"
LARGEST_BODY = 10_000_000
"""Bytes of a request's body, unless it is lines."""
RETRY_AFTER = "1"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not answered as hoped (RFC 9457)."""

    type: Annotated[str, Meta(description="An address that explains this kind of problem.")]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    instance: Annotated[str, Meta(description="This occurrence: the request id as a URN.", pattern="^urn:uuid:")]
    errors: Annotated[tuple[Entry, ...], Meta(min_length=1)] | UnsetType = UNSET
    """Every fault of the request, where it has several places at which it can be at fault."""
    relationship: str | UnsetType = UNSET
    """Of a conflict of revisions: which relationship."""
    expected: str | UnsetType = UNSET
    """Of a conflict of revisions: what the request expected."""
    revision: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    """Of a conflict of revisions: the actual one."""
    head: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    """Of a position beyond it, or in another epoch: the last position there is."""
    recorded: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    """Of lines whose recording was cut short: how many are recorded."""


class ProblemKind(msgspec.Struct, frozen=True):
    """One kind of problem, as its page explains it."""

    status: int
    slug: str
    title: str
    meaning: str
    remedy: str


BAD_REQUEST = ProblemKind(
    400,
    "bad-request",
    "The request cannot be read",
    "A parameter, a header or the JSON itself is not of the form it must have; `errors` names each place.",
    "Mend what `errors` names. A date parameter is a full date or an instant with its zone; `+` in an address is %2B.",
)
UNAUTHORIZED = ProblemKind(
    401,
    "unauthorized",
    "A key is needed, or this one opens nothing",
    "Writing needs a key. A key that is malformed, unknown, expired or revoked is refused even where none is needed.",
    "Send `Authorization: Bearer tarih_…` with a key that has the right; leave it out to read a public ledger.",
)
FORBIDDEN = ProblemKind(
    403,
    "forbidden",
    "The key may not do this",
    "The key may read this ledger, but lacks the right that this request needs.",
    "Ask whoever runs the ledger for a key with the right that `detail` names.",
)
NOT_FOUND = ProblemKind(
    404,
    "not-found",
    "There is no such thing",
    "Nothing is at this address as far as the caller may know. A ledger that may not be read looks like none.",
    "Check the address, and send a key if the ledger is not public.",
)
BEYOND_HEAD = ProblemKind(
    404,
    "beyond-head",
    "The ledger has not come that far",
    "The question stands on a position that nothing is recorded at yet; `head` is the last there is.",
    "Ask for a position up to `head`, or for none to be answered as of now.",
)
TOO_BROAD = ProblemKind(
    422,
    "too-broad",
    "The question takes in too much",
    "To answer it, more claims would have to be read than one answer may take.",
    "Narrow it as the detail says.",
)
METHOD_NOT_ALLOWED = ProblemKind(
    405,
    "method-not-allowed",
    "This method is not offered here",
    "There is something at this address, but not for this method; the header `Allow` lists those there are.",
    "Use a method that `Allow` lists. What is recorded is never changed or deleted: append a correction instead.",
)
NOT_ACCEPTABLE = ProblemKind(
    406,
    "not-acceptable",
    "It cannot be had in that form",
    "The header `Accept` names no form in which this can be had; `detail` lists those there are.",
    "Send one of them, or `*/*`, or leave the header out.",
)
TOO_SLOW = ProblemKind(
    408,
    "too-slow",
    "The body came too slowly",
    "It paused for too long, or brought too few bytes a second, as `detail` says. Of lines, those that had come are "
    "recorded, as `recorded` counts; of any other body nothing is.",
    "Send the same request again, whole; events with ids of their own are never stored twice.",
)
CONFLICT = ProblemKind(
    409,
    "conflict",
    "The ledger cannot take this",
    "The events are well formed, but do not fit what the ledger holds; nothing is recorded. `errors` names each.",
    "Read the claim as it stands. An id that is recorded with other content needs another id, or a correction.",
)
REVISION_CONFLICT = ProblemKind(
    409,
    "revision-conflict",
    "Someone else appended first",
    "A relationship is not at the revision that `expect` names; nothing is recorded. `revision` is the actual one.",
    "Read the relationship again, decide whether the events still hold, and send them with the new revision.",
)
TYPE_DIFFERS = ProblemKind(
    409,
    "type-differs",
    "The type is there, and says something else",
    "Types never change, because recorded events are read by them; nothing is changed.",
    "Choose another name.",
)
ANOTHER_EPOCH = ProblemKind(
    410,
    "another-epoch",
    "The ledger has another past now",
    "The ledger was restored from a backup, or its database was replaced, since this place in its feed was given out; "
    "its positions from then may hold other events now, or none. `head` is the last there is.",
    "Read the feed again from the beginning, or from a position that you know to be the same: `after=0`.",
)
STALE_REVISION = ProblemKind(
    412,
    "stale-revision",
    "The precondition does not hold",
    "The relationship is not as `If-Match` or `If-None-Match` says; nothing is recorded. `revision` is the actual one.",
    "Read the relationship again, decide whether the events still hold, and send them with the new revision.",
)
TOO_LARGE = ProblemKind(
    413,
    "too-large",
    "The body is too large",
    f"A body of JSON has at most {LARGEST_BODY:,} bytes; one of lines that are recorded at once, as `detail` says.",
    "Send the events in several requests, or as lines without `atomic`, of which there may be any number. Their ids "
    "make a retry safe.",
)
WRONG_MEDIA = ProblemKind(
    415,
    "unsupported-media-type",
    "A body of this kind is not taken here",
    "The header `Content-Type` must name one that is taken, as `Accept` lists them; the text is UTF-8, not compressed.",
    "Send `Content-Type: application/json`, or another that `Accept` lists.",
)
INVALID = ProblemKind(
    422,
    "invalid",
    "The input does not fit",
    "The JSON is well formed, but says what cannot be taken whatever the ledger holds. Nothing is recorded; `errors` "
    "names every place by JSON Pointer.",
    "Mend every place that `errors` names, and send the whole request again.",
)
OUTSIDE = ProblemKind(
    422,
    "outside-relationship",
    "An event does not touch this relationship",
    "Events sent to one relationship must each touch it; nothing is recorded.",
    "Send them to the ledger's events, or name the relationship in the event.",
)
KEY_REUSED = ProblemKind(
    422,
    "idempotency-key-reused",
    "The idempotency key was another request's",
    "The same `Idempotency-Key` came before with another body, address or precondition; nothing is recorded.",
    "Give every request a key of its own, and send the same body again with the same key.",
)
TOO_MANY = ProblemKind(
    429,
    "too-many-requests",
    "Too much was asked for now",
    "A key, or an address that sends none, may ask so much at once and in each window of time, as `RateLimit-Policy` "
    "says; `RateLimit` says what is left. It may also have only so many live streams at one time, as `detail` says.",
    "Send the same request again after `Retry-After` seconds. Many events go in one request; several relationships can "
    "be followed by one stream of their ledger's events.",
)
INTERNAL = ProblemKind(
    500,
    "internal",
    "Something failed here",
    "A fault of the service, not of the request. It is logged with the request id.",
    "Send the request again; events with ids of their own are never stored twice. Report the `instance` if it stays.",
)
NOT_OFFERED = ProblemKind(
    501,
    "not-offered",
    "This form is not offered",
    "The convention of this address knows more forms than this service gives.",
    "Ask for one of those that the detail names.",
)
UNAVAILABLE = ProblemKind(
    503,
    "unavailable",
    "The service cannot answer now",
    "The database cannot be reached, or has too much to do.",
    "Send the same request again after `Retry-After` seconds; events with ids of their own are never stored twice.",
)


class ProblemKinds(msgspec.Struct, frozen=True, kw_only=True):
    """Every kind of problem there is."""

    problems: tuple[ProblemKind, ...]


KINDS = (
    *(
        BAD_REQUEST,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        BEYOND_HEAD,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        TOO_SLOW,
        CONFLICT,
    ),
    *(REVISION_CONFLICT, TYPE_DIFFERS, ANOTHER_EPOCH, STALE_REVISION, TOO_LARGE, WRONG_MEDIA, INVALID, OUTSIDE),
    *(KEY_REUSED, TOO_BROAD, TOO_MANY, INTERNAL, NOT_OFFERED, UNAVAILABLE),
)
_BY_STATUS: dict[int, ProblemKind] = {
    kind.status: kind for kind in (BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED, TOO_LARGE, WRONG_MEDIA)
}
TABLE: dict[type[Exception], ProblemKind | Callable[[Any], ProblemKind]] = {
    BadRequest: BAD_REQUEST,
    UnusablePoint: BAD_REQUEST,
    TooBroad: TOO_BROAD,
    Unauthorized: UNAUTHORIZED,
    Forbidden: FORBIDDEN,
    NotFound: NOT_FOUND,
    BeyondHead: BEYOND_HEAD,
    AnotherEpoch: ANOTHER_EPOCH,
    NotAcceptable: NOT_ACCEPTABLE,
    NotOffered: NOT_OFFERED,
    Conflict: CONFLICT,
    RevisionConflict: lambda refusal: STALE_REVISION if refusal.pointer is None else REVISION_CONFLICT,
    TypeDiffers: TYPE_DIFFERS,
    WrongMedia: WRONG_MEDIA,
    OutsideRelationship: OUTSIDE,
    Invalid: INVALID,
    KeyReused: KEY_REUSED,
    TooLarge: TOO_LARGE,
    TooSlow: TOO_SLOW,
    TooManyRequests: TOO_MANY,
    Unavailable: UNAVAILABLE,
    HTTPException: lambda error: _BY_STATUS.get(error.status_code, INTERNAL),
    Exception: INTERNAL,
}


def respond(request: Request, error: Exception) -> Response[bytes]:
    """The answer to a request that ``error`` ended."""
    found = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    kind = found if isinstance(found, ProblemKind) else found(error)
    if kind in (INTERNAL, UNAVAILABLE):
        account_of(request.scope).error = error  # for its line in the log
    headers = {"cache-control": "no-store"} | _headers(error)
    detail = _detail(request, error, kind, headers)
    problem = Problem(
        type=f"{base_of(request)}/problems/{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=instance(request.scope),
        **_particulars(error),
    )
    return Response(msgspec.json.encode(problem), status_code=kind.status, media_type=MEDIA_TYPE, headers=headers)


def _headers(error: Exception) -> dict[str, str]:
    match error:
        case Unauthorized():
            return {"www-authenticate": error.challenge}
        case Unavailable():
            return {"retry-after": RETRY_AFTER}
        case TooManyRequests():
            return {"retry-after": str(error.seconds)}
        case WrongMedia():
            return {"accept": ", ".join(error.taken)}
        case HTTPException():
            allow = (error.headers or {}).get("allow", "")
            return {"allow": ", ".join(sorted(allow.split(", ")))} if allow else {}
    return {}


def _detail(request: Request, error: Exception, kind: ProblemKind, headers: dict[str, str]) -> str:
    match error:
        case Invalid() | Conflict() if len(error.faults) > 1:
            return f"{len(error.faults)} places are at fault; nothing is recorded"
        case CutShort():
            return str(error)
        case Unavailable():
            return kind.meaning
        case HTTPException(status_code=404):
            return "there is nothing at this address"
        case HTTPException(status_code=405):
            return f"{request.method} is not offered here; {headers.get('allow', 'nothing')} is"
        case HTTPException(status_code=400):
            return error.detail
    return kind.meaning if isinstance(error, HTTPException) or kind is INTERNAL else str(error)


def _particulars(error: Exception) -> dict[str, Any]:
    """What a program may read besides the words."""
    match error:
        case BadRequest():
            return {"errors": error.entries}
        case UnusablePoint():
            return {"errors": (bad_parameter(error.parameter, "unusable", str(error)),)}
        case Invalid() | Conflict():
            return {"errors": tuple(map(entry_of, error.faults[:MOST_FAULTS]))}
        case RevisionConflict():
            actual = {"relationship": error.relationship, "expected": error.expected, "revision": error.actual}
            if error.pointer is not None:
                actual["errors"] = (Entry(pointer=error.pointer, code="revision", detail=str(error)),)
            return actual
        case CutShort() | TooSlow(recorded=int()):
            return {"recorded": error.recorded}
        case BeyondHead() | AnotherEpoch():
            return {"head": error.head}
    return {}
