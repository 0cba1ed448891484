"""Keys that open ledgers: what each may do, until when, who made it; only hashes of them are kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from service.store.pool import Connection
from service.store.statements import statement

_BY_HASH, _CREATE, _KEYS = statement("key_by_hash"), statement("create_key"), statement("keys")
_REVOKE, _USED, _NOTIFY = statement("revoke_key"), statement("keys_used"), statement("notify")
_LEDGERS_THERE = statement("ledgers_there")
CHANNEL = "tarih_access"
"""Where every process hears that some access has changed."""
EVERY = "*"
"""In scopes, every ledger there is and will be, and the service itself."""
OF_TOKENS = "oidc:"
"""Before a token's subject, in what a caller is called; keys have no colon in their ids."""
Right = Literal["read", "append", "admin"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECRET = re.compile(r"tarih_[A-Za-z0-9_-]{43}", re.ASCII)


class Key(msgspec.Struct, frozen=True):
    """Who calls, and what that may do: rights by ledger, ``*`` for every one."""

    key_id: str
    scopes: Mapping[str, frozenset[str]]

    def may(self, right: str, ledger: str) -> bool:
        """An admin may do everything; who may append may read."""
        held = self.scopes.get(EVERY, frozenset()) | self.scopes.get(ledger, frozenset())
        return not held.isdisjoint({right, "admin"} | ({"append"} if right == "read" else set()))

    @property
    def is_admin(self) -> bool:
        """Of the whole service."""
        return "admin" in self.scopes.get(EVERY, frozenset())

    @property
    def reads(self) -> list[str] | None:
        """The ledgers it may read besides the public ones; None for all."""
        return None if EVERY in self.scopes else list(self.scopes)

    @property
    def administers(self) -> list[str] | None:
        """The ledgers it is admin of; None for all."""
        return None if self.is_admin else [ledger for ledger, rights in self.scopes.items() if "admin" in rights]


class KnownKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is listed; instants in µs. The key itself is nowhere."""

    key_id: str
    label: str
    scopes: Mapping[str, Sequence[str]]
    created_at: int
    created_by: str | None
    expires_at: int | None
    revoked_at: int | None
    revoked_by: str | None
    last_used_at: int | None
    """To a minute or so."""
    expired: bool

    @property
    def status(self) -> Literal["active", "expired", "revoked"]:
        return "revoked" if self.revoked_at is not None else "expired" if self.expired else "active"


def new_secret() -> str:
    return "tarih_" + secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Whether it has the form of a key."""
    return _SECRET.fullmatch(text) is not None


def hash_of(secret: str) -> bytes:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


async def key_of(connection: Connection, secret: str) -> tuple[Key, float | None] | None:
    """It, and for how many seconds it is good; None for a key that does not exist, has expired or was revoked.

    How long an index takes to find a hash tells nothing of the key: whoever guesses keys cannot choose their hashes.
    """
    hashed = hash_of(secret)
    row = await connection.fetchrow(_BY_HASH, hashed)
    if row is None or not hmac.compare_digest(row["hash"], hashed):
        return None
    scopes = msgspec.json.decode(row["scopes"], type=dict[str, list[str]])
    return Key(row["key_id"], {ledger: frozenset(held) for ledger, held in scopes.items()}), row["seconds_left"]


async def create_key(
    connection: Connection,
    secret: str,
    key_id: str,
    label: str,
    scopes: Mapping[str, Sequence[str]],
    *,
    by: str | None = None,
    expires_at: int | None = None,
) -> None:
    """Keeps its hash; a key that is there already stays as it is."""
    encoded = msgspec.json.encode(scopes).decode()
    until = None if expires_at is None else _EPOCH + timedelta(microseconds=expires_at)
    await connection.execute(_CREATE, key_id, hash_of(secret), label, encoded, by, until)


async def make_key(
    connection: Connection,
    label: str,
    scopes: Mapping[str, Sequence[str]],
    *,
    by: str | None = None,
    expires_at: int | None = None,
) -> tuple[str, KnownKey]:
    """A new one: the secret, which nobody will see again, and what is known of it."""
    secret, key_id = new_secret(), f"key-{secrets.token_hex(6)}"
    await create_key(connection, secret, key_id, label, scopes, by=by, expires_at=expires_at)
    known = await known_key(connection, key_id)
    assert known is not None, "it was made just now"  # noqa: S101
    return secret, known


async def known_keys(
    connection: Connection,
    *,
    administers: Sequence[str] | None = None,
    own: str = "",
    key_id: str | None = None,
    after: str = "",
    limit: int = 1000,
) -> list[KnownKey]:
    """By id: those all of whose ledgers are among ``administers`` (None for all), and ``own``."""
    rows = await connection.fetch(_KEYS, administers, own, key_id, after, limit)
    return [
        KnownKey(
            key_id=row["key_id"],
            label=row["label"],
            scopes=msgspec.json.decode(row["scopes"], type=dict[str, tuple[str, ...]]),
            created_at=row["created_us"],
            created_by=row["created_by"],
            expires_at=row["expires_us"],
            revoked_at=row["revoked_us"],
            revoked_by=row["revoked_by"],
            last_used_at=row["used_us"],
            expired=row["expired"],
        )
        for row in rows
    ]


async def known_key(
    connection: Connection, key_id: str, *, administers: Sequence[str] | None = None, own: str = ""
) -> KnownKey | None:
    found = await known_keys(connection, administers=administers, own=own, key_id=key_id, limit=1)
    return found[0] if found else None


async def revoke_key(connection: Connection, key_id: str, by: str | None = None) -> None:
    """From now on it opens nothing, and every process hears of it; one that was revoked stays as it was."""
    async with connection.transaction():
        await connection.execute(_REVOKE, key_id, by)
        await tell_all(connection)


async def tell_all(connection: Connection) -> None:
    """Every process looks at access anew."""
    await connection.execute(_NOTIFY, CHANNEL, [""])


async def keys_used(connection: Connection, key_ids: Iterable[str]) -> None:
    await connection.execute(_USED, list(key_ids))


async def missing_ledgers(connection: Connection, names: Iterable[str]) -> list[str]:
    """Those of them that are no ledgers, in their order."""
    wanted = [name for name in names if name != EVERY]
    there = {row["ledger"] for row in await connection.fetch(_LEDGERS_THERE, wanted)}
    return [name for name in wanted if name not in there]
