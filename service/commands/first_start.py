"""What a first start makes: the admin's key, the sample ledger, new epochs on another server; safe to repeat."""

import asyncio
import os
from pathlib import Path

import msgspec

from service import history
from service.domain.refusals import Refusal
from service.sample import Sample, drones
from service.store import keys, ledgers
from service.store.log import Log
from service.store.pool import open_pool

ADMIN_KEY = "admin.key"


class Founded(msgspec.Struct, frozen=True):
    """Where the admin's key is, and whether the sample ledger was made just now."""

    admin_key_file: Path
    created: bool


async def found(service_url: str, data_dir: Path, *, allow_owner: bool = False) -> Founded:
    """Brings a migrated database to where a user can start; raises UnsafeLogin."""
    key_file, secret = await asyncio.to_thread(_admin_key, data_dir)
    key_id = f"admin-{keys.hash_of(secret).hex()[:12]}"
    pool = await open_pool(service_url, size=2, allow_owner=allow_owner)
    log = Log(pool)
    try:
        async with log.connection() as connection:
            await keys.create_key(connection, secret, key_id, "made on the first start", {"*": ["admin"]})
            await ledgers.renew_epochs(connection)
        created = await _sample(log, drones())
    finally:
        await pool.close()
    return Founded(key_file, created)


def _admin_key(data_dir: Path) -> tuple[Path, str]:
    """The key and its file, made if missing: before its hash is stored, so that a start cut off is made good."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / ADMIN_KEY
    if not path.exists():
        draft = data_dir / f".{ADMIN_KEY}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(keys.new_secret() + "\n")
        try:
            os.link(draft, path)  # the first of several starts wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path, path.read_text(encoding="ascii").strip()


async def _sample(log: Log, sample: Sample) -> bool:
    """Its events carry their own ids, so that a start that was cut off halfway is made good by the next."""
    async with log.connection() as connection:
        known = await ledgers.ledgers(connection, sample.ledger)
        if known and known[0].position >= sum(len(batch) for batch in sample.batches):
            return False
        if not known:
            await ledgers.create_ledger(connection, sample.ledger, sample.title, public_read=sample.public_read)
    for batch in sample.batches:
        try:
            await history.record(log, sample.ledger, batch, by="sample")
        except Refusal:
            # Somebody made this ledger their own before the sample was complete in it; theirs stays as it is.
            return False
    async with log.connection() as connection:
        await connection.execute("SELECT tarih.refresh_statistics()")
    return True
