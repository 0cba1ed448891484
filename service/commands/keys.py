"""Keys from the machine's own shell: made, listed and revoked in the database itself, without a key."""

from collections.abc import Mapping, Sequence

import asyncpg

from service.domain.as_of import UnreadablePoint, parse_point, rfc3339
from service.store import keys
from service.store.keys import KnownKey
from service.store.pool import Connection

PAGE = 1000


class CannotGrant(Exception):
    """What was asked for cannot be; the message says why."""


async def create(url: str, label: str, scopes: Mapping[str, Sequence[str]], expires: str | None) -> tuple[str, str]:
    """The key, which nobody will see again, and a line about it. Raises CannotGrant."""
    if not scopes:
        raise CannotGrant("say what it may do: --read, --append or --admin with a ledger, or '*' for every one")
    if not 1 <= len(label) <= 200:
        raise CannotGrant("a label has 1 to 200 characters")
    try:
        expires_at = None if expires is None else parse_point(expires).at
    except UnreadablePoint as error:
        raise CannotGrant(str(error)) from None
    connection = await _connected(url)
    try:
        if missing := await keys.missing_ledgers(connection, scopes):
            raise CannotGrant(f"there is no ledger {', '.join(missing)}")
        async with connection.transaction():
            secret, made = await keys.make_key(connection, label, scopes, expires_at=expires_at)
            if made.expired:
                raise CannotGrant("a key that has expired already opens nothing")
    finally:
        connection.terminate()
    return secret, line_of(made)


async def listed(url: str) -> list[KnownKey]:
    """All there are, by id."""
    connection, found = await _connected(url), list[KnownKey]()
    try:
        while page := await keys.known_keys(connection, after=found[-1].key_id if found else "", limit=PAGE):
            found += page
    finally:
        connection.terminate()
    return found


async def revoke(url: str, key_id: str) -> str:
    """A line about it. Raises CannotGrant."""
    connection = await _connected(url)
    try:
        await keys.revoke_key(connection, key_id)
        known = await keys.known_key(connection, key_id)
    finally:
        connection.terminate()
    if known is None:
        raise CannotGrant(f"there is no key {key_id}; `tarih keys list` names those there are")
    return line_of(known)


def line_of(key: KnownKey) -> str:
    """What there is to say of it, for people."""
    scopes = ", ".join(f"{ledger}: {' '.join(rights)}" for ledger, rights in sorted(key.scopes.items()))
    told = [key.key_id, key.status, scopes, f"“{key.label}”", f"made {rfc3339(key.created_at)[:10]}"]
    if key.expires_at is not None:
        told.append(f"expires {rfc3339(key.expires_at)}")
    if key.revoked_at is not None:
        told.append(f"revoked {rfc3339(key.revoked_at)}")
    told.append("never used" if key.last_used_at is None else f"last used {rfc3339(key.last_used_at)[:16]}Z")
    return " · ".join(told)


async def _connected(url: str) -> Connection:
    return await asyncpg.connect(url, server_settings={"application_name": "tarih keys", "timezone": "UTC"})
