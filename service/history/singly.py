"""To ask of one event or one claim, by its id."""

from service.domain.claims import Claim, fold, taken_back
from service.domain.refusals import NotFound
from service.history.points import Standpoint, When, needed, stand
from service.store import reads
from service.store.log import Log
from service.store.readers import NOW, Reader
from service.store.reads import Retracted, Stored


async def event(log: Log, ledger: str, event_id: str) -> Stored:
    """Raises NotFound."""

    async def question(reader: Reader) -> Stored:
        async with reader.connection() as connection:
            stored = await reads.event_by_id(connection, ledger, event_id)
        if stored is None:
            raise NotFound("event", f"there is no event `{event_id}` in this ledger")
        return stored

    return await log.ask(ledger, NOW, question)


async def claim_at(log: Log, ledger: str, claim_id: str, when: When) -> tuple[Claim | Retracted, Standpoint]:
    """Raises NotFound where nothing was known of it at that point."""
    return await log.ask(ledger, needed(when), lambda reader: _claim_at(reader, ledger, claim_id, when))


async def _claim_at(reader: Reader, ledger: str, claim_id: str, when: When) -> tuple[Claim | Retracted, Standpoint]:
    async with reader.connection() as connection:
        at = await stand(connection, ledger, when)
        if at.as_of.reported is None:
            found = await reads.claims_by_id(connection, ledger, at.head.generation, [claim_id], at.as_of.position)
            if found:
                return found[0], at
        else:
            history = await reads.events_of_claims(connection, ledger, [claim_id], at.as_of.position)
            folded = fold((one.recorded for one in history), at.as_of.reported)
            if claim_id in folded.claims:
                return folded.claims[claim_id], at
            if claim_id in folded.retracted:
                without = taken_back((one.recorded for one in history), folded, at.as_of.reported)
                return Retracted(without[claim_id], folded.retracted[claim_id].position), at
    raise NotFound("claim", f"no claim `{claim_id}` was known at that point")


async def claim_history(log: Log, ledger: str, claim_id: str, when: When) -> tuple[list[Stored], Standpoint]:
    """Every event that acted on it, in order; raises NotFound where none had."""

    async def question(reader: Reader) -> tuple[list[Stored], Standpoint]:
        async with reader.connection() as connection:
            at = await stand(connection, ledger, when)
            stored = await reads.events_of_claims(connection, ledger, [claim_id], at.as_of.position)
        if not stored:
            raise NotFound("claim", f"no claim `{claim_id}` was known at that point")
        return stored, at

    return await log.ask(ledger, needed(when), question)
