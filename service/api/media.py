"""Which form of an answer a request prefers, by its Accept header (RFC 9110, 12.5.1)."""

import re
from collections.abc import Sequence

from service.api.refused import NotAcceptable
from service.api.site import Request

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)


def preferred(request: Request, offered: Sequence[str]) -> str:
    """The one that is liked best, the earlier one where two are liked alike; the first where nothing is said.

    Raises NotAcceptable.
    """
    ranges = [one for line in request.given("accept") for one in line.split(",") if one.strip()]
    if not ranges:
        return offered[0]
    liked = [_quality(media_type, ranges) for media_type in offered]
    if not any(liked):
        raise NotAcceptable(f"this can be had as {', '.join(offered)}")
    return offered[liked.index(max(liked))]


def _quality(media_type: str, ranges: Sequence[str]) -> float:
    """As the most specific range that holds it says; 0 where none does, or where its quality cannot be read."""
    wildcard = f"{media_type.partition('/')[0]}/*"
    found: dict[str, float] = {}
    for one in ranges:
        name, *parameters = (part.strip().lower() for part in one.split(";"))
        quality = next((part[2:].strip() for part in parameters if part.startswith("q=")), "1")
        if name in (media_type, wildcard, "*/*"):
            found.setdefault(name, float(quality) if _QUALITY.fullmatch(quality) else 0.0)
    return next((found[name] for name in (media_type, wildcard, "*/*") if name in found), 0.0)
