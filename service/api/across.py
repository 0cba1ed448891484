"""What answers across relationships share over HTTP: their parameters, address, validators and next page."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Response

from service.api.access import Pass
from service.api.answers import IMMUTABLE, PINNED, answer, kept
from service.api.cursors import Cursor, Cursors, question
from service.api.parameters import AS_OF, CRITERIA, Parameters
from service.api.relationships import asked_of, filtered, how_long, pinned
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.actors import Slug
from service.domain.refusals import NotFound
from service.history import Asked, Page, Pinned, Standpoint
from service.projections.picking import START

OF_AN_ANSWER = (*AS_OF, *CRITERIA, "lang", "v")
OF_A_LIST = (*OF_AN_ANSWER, "limit", "cursor")
LIMIT, MOST = 100, 1_000
"""Entries of a page: where nothing is said, and at most."""
METHODS = [HttpMethod.GET, HttpMethod.HEAD]


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and at which address."""

    path: str
    asked: Asked
    given: str
    """The operation's own parameters, as they follow others."""
    version: int
    """Of how it is answered."""
    v: str | None
    """The version that was asked for."""
    limit: int = LIMIT
    of: bytes = b""
    """What must stay the same from page to page."""
    cursor: Cursor | None = None
    cursor_text: str | None = None

    @property
    def page(self) -> Page:
        if self.cursor is None:
            return Page(self.limit)
        at = Pinned(as_of=self.cursor.point, epoch=self.cursor.epoch.hex(), after=START)
        return Page(self.limit, self.cursor.after, at)


def actor_at(text: str) -> str:
    """Raises NotFound for what can be no actor's slug."""
    try:
        return str(msgspec.convert(text, Slug))
    except msgspec.ValidationError:
        raise NotFound("actor", "this is no actor's address: a slug is lower case, digits and hyphens") from None


def one(path: str, version: int, parameters: Parameters, filters: Mapping[str, str | None] | None = None) -> Addressed:
    """Of an answer without pages."""
    given = _given(filters or {})
    return Addressed(path=path, asked=asked_of(parameters), given=given, version=version, v=parameters.text("v"))


async def listed(
    request: Request, path: str, version: int, parameters: Parameters, filters: Mapping[str, str | None] | None = None
) -> Addressed:
    """Of a list; ``filters`` are the operation's own, as they were given."""
    if parameters.text("cursor") is not None:
        for name in AS_OF:
            parameters.unusable(name, f"the cursor says it already: leave `{name}` out")
    asked = asked_of(parameters)
    of = question(path, asked.lang, asked.criteria, filters)
    cursors: Cursors = await site_of(request).cursors()
    limit = parameters.number("limit", MOST)
    return Addressed(
        path=path,
        asked=asked,
        given=_given({**(filters or {}), "limit": None if limit is None else str(limit)}),
        version=version,
        v=parameters.text("v"),
        limit=limit or LIMIT,
        of=of,
        cursor=parameters.read("cursor", lambda text: cursors.read(text, of)),
        cursor_text=parameters.text("cursor"),
    )


def _given(filters: Mapping[str, str | None]) -> str:
    query = urlencode({name: value for name, value in filters.items() if value is not None})
    return f"&{query}" if query else ""


async def answered(
    request: Request,
    passed: Pass,
    said: msgspec.Struct,
    at: Standpoint,
    addressed: Addressed,
    after: tuple[int | str, ...] | None = None,
) -> Response[bytes]:
    """``after`` is the place of the page's last entry where there is more; its address goes into the field ``next``."""
    current, epoch = f"{addressed.version}.{at.head.epoch.hex[:8]}", at.head.epoch
    if addressed.v is not None and addressed.v != current:
        raise NotFound("version", f"answers here are of version `{current}` now: leave `v` out, or give that")
    here = f"{base_of(request)}{addressed.path}"
    filters = f"{addressed.given}{filtered(addressed.asked.criteria, addressed.asked.lang)}"
    point = pinned(at) if addressed.cursor is None else f"cursor={addressed.cursor_text}"
    headers = {
        "tarih-epoch": str(epoch),
        "tarih-position": str(at.as_of.position),
        "content-location": f"{here}?{point}{filters}&v={current}",
    }
    if after is not None:
        cursors: Cursors = await site_of(request).cursors()
        address = f"{here}?cursor={cursors.write(addressed.of, epoch, at.as_of, after)}{filters}"
        said = msgspec.structs.replace(said, next=address)
        headers["link"] = f'<{address}>; rel="next"'
    fixed = addressed.cursor is not None or at.as_of.final
    lasting = PINNED if addressed.cursor is not None else how_long(at)
    how_long_ = IMMUTABLE if addressed.v is not None and fixed else lasting
    return answer(request, said, kept(passed, how_long_), epoch=epoch.bytes, headers=headers)
