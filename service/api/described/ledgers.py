"""Operations on ledgers and their types; what the document says of them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.api import ledgers, vocabulary
from service.api.described.events import WRITING
from service.api.described.operation import OF_LEDGER, Operation, Right, Said, read
from service.api.ledgers import LIMIT, MOST
from service.api.problems import CONFLICT, INVALID, TOO_LARGE, TOO_SLOW, TYPE_DIFFERS, UNAUTHORIZED, WRONG_MEDIA
from service.domain.actors import Slug
from service.domain.types import TypeName

_LEDGER = "/v1/ledgers/{ledger}"


def _put(schema: str) -> tuple[Said, ...]:
    return (
        Said(description="It was there.", schema=schema, example=schema),
        Said(status=201, description="It is new.", schema=schema, headers=("Location",), example=schema),
    )


OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=ledgers.list_ledgers,
        path="/v1/ledgers",
        id="listLedgers",
        tag="ledgers",
        summary="The ledgers that the caller may read",
        parameters=("after_ledger", "ledgers_limit", "If-None-Match"),
        answers=read("The ledgers, by name.", "Ledgers", "Link"),
        problems=(UNAUTHORIZED,),
        right=Right.NO_KEY,
    ),
    Operation(
        handler=ledgers.describe_ledger,
        path=_LEDGER,
        id="getLedger",
        tag="ledgers",
        summary="One ledger: where it stands, and how much it holds",
        parameters=("If-None-Match",),
        answers=read("The ledger.", "DescribedLedger", "Tarih-Epoch"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=ledgers.put_ledger,
        method="put",
        path=_LEDGER,
        id="putLedger",
        tag="ledgers",
        summary="Make a ledger, or give it another title or access",
        description="For keys that administer the whole service; to any other it looks absent.",
        body="NewLedger",
        requests=("NewLedger",),
        answers=_put("DescribedLedger"),
        problems=(*OF_LEDGER, TOO_LARGE, TOO_SLOW, WRONG_MEDIA, INVALID),
        right=Right.SERVICE,
        writes=True,
    ),
    Operation(
        handler=vocabulary.list_types,
        path=_LEDGER + "/types",
        id="listTypes",
        tag="types",
        summary="The types of a ledger",
        parameters=("after_type", "types_limit", "If-None-Match"),
        answers=read("The types, by name.", "Types", "Link"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=vocabulary.describe_type,
        path=_LEDGER + "/types/{type_name}",
        id="getType",
        tag="types",
        summary="One type, with the schema of its data",
        parameters=("If-None-Match",),
        answers=read("The type.", "Type"),
        problems=OF_LEDGER,
    ),
    Operation(
        handler=vocabulary.put_type,
        method="put",
        path=_LEDGER + "/types/{type_name}",
        id="putType",
        tag="types",
        summary="Add a type to a ledger",
        description="A type never changes: the same again is 200, anything else 409. It needs the right `admin` there.",
        body="NewType",
        requests=("NewType",),
        answers=_put("Type"),
        problems=(*WRITING, CONFLICT, TYPE_DIFFERS),
        right=Right.ADMIN,
        writes=True,
    ),
)
PARAMETERS: dict[str, Any] = {
    "after_type": {
        "name": "after",
        "in": "query",
        "description": "Only types whose names come after this one, as `next` gives it.",
        "schema": dict(msgspec.json.schema(TypeName)),
        "example": "delivery",
    },
    "types_limit": {
        "name": "limit",
        "in": "query",
        "description": f"How many types at most: {vocabulary.LIMIT} where left out.",
        "schema": {"type": "integer", "minimum": 1, "maximum": vocabulary.LIMIT},
        "example": 2,
    },
    "after_ledger": {
        "name": "after",
        "in": "query",
        "description": "Only ledgers whose names come after this one, as `next` gives it.",
        "schema": dict(msgspec.json.schema(Slug)),
        "example": "cables",
    },
    "ledgers_limit": {
        "name": "limit",
        "in": "query",
        "description": f"How many ledgers at most: {LIMIT} where left out.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
        "example": 2,
    },
}
