"""What the service signs with: random, made by a migration, the same for all processes, in backups too."""

from service.store.pool import Connection
from service.store.statements import statement

_SECRET = statement("secret")


async def secret(connection: Connection, name: str) -> bytes:
    """256 bits."""
    value: bytes = await connection.fetchval(_SECRET, name)
    return value
