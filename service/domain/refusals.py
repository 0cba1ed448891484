"""Why something was not recorded or cannot be answered; a refusal is a class here, and a line in the API's table."""

from collections.abc import Sequence

import msgspec


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong at one place of the input."""

    pointer: str
    """JSON Pointer (RFC 6901) into the body; empty for the whole of it."""
    code: str
    detail: str
    line: int | None = None
    """Of a body that is read by lines, counted from 1."""

    def below(self, prefix: str) -> "Fault":
        """The same fault, seen from a document that holds this one at ``prefix``."""
        return Fault(prefix + self.pointer, self.code, self.detail, self.line)


class Refusal(Exception):
    """Nothing was recorded, or nothing can be answered, and this says why."""


class Invalid(Refusal):
    """The input itself is at fault, whatever the ledger holds; every fault is listed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = tuple(faults)


class Conflict(Refusal):
    """Events that are well formed but that the ledger, as it stands, cannot take; every fault is listed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = tuple(faults)


class OutsideRelationship(Invalid):
    """Events sent to one relationship that do not touch it."""


class RevisionConflict(Refusal):
    """Someone else appended first; read again and retry."""

    def __init__(self, relationship: str, expected: str, actual: int, pointer: str | None = None) -> None:
        super().__init__(f"{relationship} is at revision {actual}; the request expects {expected}")
        self.relationship, self.expected, self.actual, self.pointer = relationship, expected, actual, pointer


class KeyReused(Refusal):
    """An Idempotency-Key that stands for another request already."""


class TooLarge(Refusal):
    """More than is taken at once."""


class NotFound(Refusal):
    """There is no such thing here, as far as the caller may know."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(detail)
        self.what = what


class BeyondHead(Refusal):
    """The question stands on a position that the ledger has not reached."""

    def __init__(self, position: int, head: int) -> None:
        super().__init__(f"position {position} is beyond the head, {head}")
        self.position, self.head = position, head


class AnotherEpoch(Refusal):
    """The place to go on from lies in another past of the ledger: it was restored from a backup since."""

    def __init__(self, epoch: str, head: int) -> None:
        super().__init__(f"this ledger has no epoch that begins with {epoch}; its head is {head}")
        self.epoch, self.head = epoch, head


class Unavailable(Refusal):
    """The store cannot be reached, or has too much to do; the same request may be sent again."""


class CutShort(Unavailable):
    """The store became unavailable in the midst of many lines; those it had taken stay recorded."""

    def __init__(self, recorded: int) -> None:
        super().__init__(f"{recorded} lines are recorded; send all of them again, their ids keep them apart")
        self.recorded = recorded


class TooSlow(Refusal):
    """The caller stopped sending, or sends so slowly that it would hold its place for ever."""

    def __init__(self, detail: str, recorded: int | None = None) -> None:
        super().__init__(detail if recorded is None else f"{detail}; {recorded} lines are recorded")
        self.detail, self.recorded = detail, recorded
