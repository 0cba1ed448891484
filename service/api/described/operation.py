"""What the document says of one operation; what else it should say is a field here."""

from enum import Enum
from typing import Any

import msgspec

from service.api.problems import NOT_FOUND, UNAUTHORIZED, ProblemKind

JSON, HTML = "application/json", "text/html"


class Right(Enum):
    """What a caller needs for an operation; in the document, the roles of its security requirement."""

    NOTHING = None
    """No key is looked at."""
    NO_KEY = ""
    """A key is not needed; it decides how much is seen."""
    ANY_KEY = "key"
    READ = "read"
    """Of the ledger, if it is not public."""
    APPEND = "append"
    ADMIN = "admin"
    """Of the ledger."""
    ANY_ADMIN = "admin of a ledger"
    SERVICE = "admin of the service"
    """Without it, the address looks absent."""


class Form(msgspec.Struct, frozen=True):
    """Another form that an answer can be had in, by `Accept`, or that a body can have, by `Content-Type`."""

    media_type: str
    schema: str | None
    """The name of a component, and of an example; None for text."""
    shown: bool = True
    """Whether the example stands here: not, where it stands with an operation of its own."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that is no problem."""

    status: int = 200
    description: str
    schema: str | None = None
    """The name of a component; None for an answer without a body or whose body is a page."""
    media_type: str = JSON
    headers: tuple[str, ...] = ()
    example: str | None = None
    forms: tuple[Form, ...] = ()


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path."""

    handler: Any
    method: str = "get"
    path: str
    id: str
    tag: str
    summary: str
    description: str | None = None
    parameters: tuple[str, ...] = ()
    """Besides those in the path; names of components."""
    body: str | None = None
    """The component that a request's body is."""
    requests: tuple[str, ...] = ()
    """Names of examples of it."""
    forms: tuple[Form, ...] = ()
    """Others that the body can have."""
    uploads: dict[str, Any] = {}
    """By media type, where a body is a file: what the document says of its content."""
    answers: tuple[Said, ...]
    problems: tuple[ProblemKind, ...] = ()
    writes: bool = False
    right: Right | None = None
    """What it needs; of one under a ledger's address, where nothing is said: to read it, or to append if it writes."""

    @property
    def needs(self) -> Right | None:
        """None where nobody has said it yet; a test finds those."""
        if self.right is None and "{ledger}" in self.path:
            return Right.APPEND if self.writes else Right.READ
        return self.right


VALIDATED = ("ETag", "Cache-Control", "Vary")
OF_LEDGER = (UNAUTHORIZED, NOT_FOUND)
UNCHANGED = Said(status=304, description="The caller has this answer already.", headers=VALIDATED)
MOVED = Said(
    status=308,
    description="The same relationship has its members in another order, or one of them was merged into another actor; "
    "the query is kept.",
    headers=("Location",),
)


def read(said: str, schema: str, *headers: str, forms: tuple[Form, ...] = ()) -> tuple[Said, ...]:
    """An answer that can be asked for again with its validator; ``schema`` also names its example."""
    return (
        Said(description=said, schema=schema, headers=(*VALIDATED, *headers), example=schema, forms=forms),
        UNCHANGED,
    )
