"""The one address of a relationship, and the way there from any other."""

from litestar import Response

from service.api.requests import base_of
from service.api.site import Request
from service.domain.actors import canonical_relationship
from service.domain.refusals import NotFound


def address_of(ledger: str, relationship: str) -> str:
    return f"/v1/ledgers/{ledger}/relationships/{relationship}"


def canonical(relationship: str) -> str:
    """Raises NotFound for what can be no relationship's id."""
    try:
        return canonical_relationship(relationship)
    except ValueError as error:
        raise NotFound("relationship", f"this is no relationship's address: {error}") from None


def moved(request: Request, path: str) -> Response[bytes]:
    """To the address with the members in their order, or with the survivors of merges, whatever is asked of it."""
    query = request.scope["query_string"].decode("latin-1")
    location = f"{base_of(request)}{path}{'?' if query else ''}{query}"
    return Response(b"", status_code=308, headers={"location": location, "cache-control": "no-store"})
