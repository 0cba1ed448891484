"""What a ledger holds already of what an import brings: claims by their ids or the beginnings of these, actors."""

from collections.abc import Sequence

from service.domain.claims import Recorded
from service.domain.edtf import FOREVER
from service.store.pool import Connection
from service.store.reads import events_of_claims
from service.store.statements import statement

_OF_FAMILIES, _AFTER = statement("claims_of_families"), statement("claims_after")
_DESCRIBED = statement("actors_described")

History = dict[str, list[Recorded]]
"""Every event on some claims, in order, by claim."""


async def claims_of_families(connection: Connection, ledger: str, families: Sequence[str]) -> list[str]:
    """Ids that begin with one of ``families``, each of which ends with a full stop."""
    return [row["claim"] for row in await connection.fetch(_OF_FAMILIES, ledger, families)] if families else []


async def claims_after(connection: Connection, ledger: str, family: str, after: str, most: int) -> list[str]:
    """Ids of claims that are not retracted and begin with ``family``, in order."""
    return [row["claim"] for row in await connection.fetch(_AFTER, ledger, family, after, most)]


async def histories(connection: Connection, ledger: str, claims: Sequence[str]) -> History:
    found: History = {}
    for stored in await events_of_claims(connection, ledger, claims, FOREVER) if claims else ():
        found.setdefault(stored.recorded.claim, []).append(stored.recorded)
    return found


async def described(connection: Connection, ledger: str) -> set[str]:
    """Every actor of whom a claim says, or said, what it is."""
    return {row["timeline"] for row in await connection.fetch(_DESCRIBED, ledger)}
