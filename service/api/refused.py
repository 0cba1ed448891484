"""Why a request itself cannot be taken, beside what the domain refuses; a new one needs its line in ``problems.py``."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from service.domain.refusals import Fault, Refusal


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong with the request, at one place of it."""

    pointer: str | UnsetType = UNSET
    """JSON Pointer (RFC 6901) into the body; empty for the whole of it."""
    parameter: str | UnsetType = UNSET
    """The name of a parameter of the address."""
    header: str | UnsetType = UNSET
    """The name of a header."""
    line: int | UnsetType = UNSET
    """The number of the line, from 1, where the body is lines."""
    code: str
    detail: str


def entry_of(fault: Fault) -> Entry:
    line = UNSET if fault.line is None else fault.line
    return Entry(pointer=fault.pointer, line=line, code=fault.code, detail=fault.detail)


class BadRequest(Refusal):
    """Parameters, headers or a body that cannot be read; every fault is listed."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__("; ".join(entry.detail for entry in entries))
        self.entries = tuple(entries)


def bad_parameter(name: str, code: str, detail: str) -> Entry:
    return Entry(parameter=name, code=code, detail=detail)


def bad_header(name: str, code: str, detail: str) -> BadRequest:
    return BadRequest([Entry(header=name, code=code, detail=detail)])


class Unauthorized(Refusal):
    """A key is needed, or the one given opens nothing."""

    def __init__(self, detail: str, *, invalid: bool = False) -> None:
        super().__init__(detail)
        self.challenge = 'Bearer realm="tarih"' + (', error="invalid_token"' if invalid else "")


class Forbidden(Refusal):
    """The key is good, but not for this."""


class WrongMedia(Refusal):
    """The body is of a kind that is not taken here."""

    def __init__(self, detail: str, taken: Sequence[str]) -> None:
        super().__init__(detail)
        self.taken = tuple(taken)


class NotAcceptable(Refusal):
    """The answer cannot be had in any form that the request names."""


class NotOffered(Refusal):
    """A form of the answer that a convention names, and that is not offered here."""


class TypeDiffers(Refusal):
    """A type of that name is there already, and says something else; types never change."""


class TooManyRequests(Refusal):
    """The caller has asked, or follows, as much as it may for now; in so many seconds it may be worth trying again."""

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds
