"""The sample ledger, as the events a client would send; a new fact of it is an event in drones.json."""

from importlib.resources import files

import msgspec

LEDGER, RELATIONSHIP = "drones", "pak--tur"
"""What it is called, and what a visitor is shown of it first."""


class Sample(msgspec.Struct, frozen=True):
    """A ledger to make, and what to append to it, in order."""

    ledger: str
    title: str
    public_read: bool
    batches: tuple[tuple[bytes, ...], ...]
    """Each is one request; each event is its JSON."""


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    events: tuple[msgspec.Raw, ...]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    ledger: str
    title: str
    public_read: bool
    batches: tuple[_Batch, ...]


def drones() -> Sample:
    """Actors; a register as exported on two days; then what an article told, as docs/sample-ledger.md says."""
    file = msgspec.json.decode(files(__name__).joinpath("drones.json").read_bytes(), type=_File)
    batches = tuple(tuple(bytes(event) for event in batch.events) for batch in file.batches)
    return Sample(file.ledger, file.title, file.public_read, batches)
