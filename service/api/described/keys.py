"""Operations on keys; what the document says of them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.api import keys
from service.api.described.operation import Operation, Right, Said, read
from service.api.keys import LIMIT, MOST, KeyId
from service.api.problems import FORBIDDEN, INVALID, NOT_FOUND, TOO_LARGE, TOO_SLOW, UNAUTHORIZED, WRONG_MEDIA

_ADMINISTERED = (
    "A key administers the keys all of whose ledgers it is `admin` of, and one that is `admin` of `*` every key. "
)
OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=keys.list_keys,
        path=keys.PATH,
        id="listKeys",
        tag="keys",
        summary="The keys that the caller administers, and its own",
        description=_ADMINISTERED + "Those that have expired or were revoked are listed too.",
        parameters=("after_key", "keys_limit", "If-None-Match"),
        answers=read("The keys, by id.", "Keys", "Link"),
        problems=(UNAUTHORIZED,),
        right=Right.ANY_KEY,
    ),
    Operation(
        handler=keys.make_key,
        method="post",
        path=keys.PATH,
        id="makeKey",
        tag="keys",
        summary="Make a key",
        description="For ledgers that the caller is `admin` of. The key stands in this answer and nowhere else: only a "
        "hash of it is kept.",
        body="NewKey",
        requests=("NewKey",),
        answers=(
            Said(status=201, description="It is made.", schema="MadeKey", headers=("Location",), example="MadeKey"),
        ),
        problems=(UNAUTHORIZED, FORBIDDEN, TOO_LARGE, TOO_SLOW, WRONG_MEDIA, INVALID),
        right=Right.ANY_ADMIN,
        writes=True,
    ),
    Operation(
        handler=keys.describe_key,
        path=keys.PATH + "/{key_id}",
        id="getKey",
        tag="keys",
        summary="One key",
        parameters=("If-None-Match",),
        answers=read("The key.", "ListedKey"),
        problems=(UNAUTHORIZED, NOT_FOUND),
        right=Right.ANY_KEY,
    ),
    Operation(
        handler=keys.revoke_key,
        method="delete",
        path=keys.PATH + "/{key_id}",
        id="revokeKey",
        tag="keys",
        summary="Revoke a key",
        description="It opens nothing any more, and streams that were opened with it end. A key may revoke itself. One "
        "that was revoked already stays as it was. It goes on to be listed, because events name it.",
        answers=(Said(description="It is revoked.", schema="ListedKey", example="ListedKey"),),
        problems=(UNAUTHORIZED, NOT_FOUND),
        right=Right.ANY_KEY,
        writes=True,
    ),
)
PATH_PARAMETERS = {"key_id": (KeyId, "The key's id; not the key.", "key-9f86d081884c")}
PARAMETERS: dict[str, Any] = {
    "after_key": {
        "name": "after",
        "in": "query",
        "description": "Only keys after this id, as `next` gives it.",
        "schema": dict(msgspec.json.schema(KeyId)),
        "example": "key-9f86d081884c",
    },
    "keys_limit": {
        "name": "limit",
        "in": "query",
        "description": f"How many keys at most: {LIMIT} where left out.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
        "example": 2,
    },
}
