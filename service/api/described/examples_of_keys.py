"""Examples of keys: what one asks for, and what is answered. No secret here opens anything."""

from typing import Any

import msgspec
from msgspec import UNSET

from service.api.keys import Keys, ListedKey, MadeKey
from service.domain.as_of import rfc3339

SECRET = "tarih_" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
REQUEST = ("A key of a newsroom's importer", {"label": "importer", "scopes": {"drones": ["append"]}})


def answers(ledger: str, made_at: int) -> dict[str, msgspec.Struct]:
    """By name of component."""
    known: dict[str, Any] = {
        "key": "key-9f86d081884c",
        "label": "importer",
        "scopes": {ledger: ("append",)},
        "status": "active",
        "created_at": rfc3339(made_at),
        "created_by": "admin-0beec7b5ea3f",
    }
    listed = ListedKey(**known, last_used_at=rfc3339(made_at + 60_000_000))
    return {
        "Keys": Keys(keys=(listed,), next=UNSET),
        "ListedKey": listed,
        "MadeKey": MadeKey(**known, secret=SECRET),
    }
