"""What differs between two points of a relationship, each written `valid[@known[@reported]]`."""

import re

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api.answers import IMMUTABLE, NOW, PINNED, answer, kept
from service.api.canonical import address_of, canonical, moved
from service.api.parameters import CRITERIA, Parameters
from service.api.relationships import PATH, filtered
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.as_of import Point, UnreadablePoint, parse_point, rfc3339
from service.domain.refusals import NotFound
from service.history import Compared, Differing, Merged, Standpoint, When
from service.projections.changes import MOST, VERSION

OF_CHANGES = ("from", "to", "limit", *CRITERIA, "lang", "v")
LIMIT = 100
"""Entries of each list, where nothing is said."""
FORM = "written `valid[@known[@reported]]`, such as 2021-06-01, 2025-12-31@14 or @2026-11-22@2025-11-30"
_POSITION = re.compile(r"0|[1-9][0-9]{0,29}", re.ASCII)


@route(PATH + "/changes", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_changes(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    address = address_of(ledger, canonical(relationship))
    if not address.endswith(f"/{relationship}"):
        return moved(request, f"{address}/changes")
    parameters = Parameters(request, OF_CHANGES)
    parameters.needed("from", f"`from` is needed: a point, {FORM}")
    asked = Differing(
        from_=parameters.read("from", parse_when) or When(),
        to=parameters.read("to", parse_when) or When(),
        lang=parameters.language("lang"),
        criteria=parameters.criteria(),
        most=parameters.number("limit", MOST) or LIMIT,
    )
    version = parameters.text("v")
    parameters.check()
    try:
        found = await history.changes(site.log, ledger, relationship, asked)
    except Merged as merged:
        return moved(request, f"{address_of(ledger, merged.relationship)}/changes")
    epoch = found.after.head.epoch
    current = f"{VERSION}.{epoch.hex[:8]}"
    if version is not None and version != current:
        raise NotFound("version", f"answers here are of version `{current}` now: leave `v` out, or give that")
    points = f"from={written(found.before)}&to={written(found.after)}"
    limit = "" if asked.most == LIMIT else f"&limit={asked.most}"
    filters = f"{limit}{filtered(asked.criteria, asked.lang)}"
    headers = {
        "tarih-epoch": str(epoch),
        "content-location": f"{base_of(request)}{address}/changes?{points}{filters}&v={current}",
        "server-timing": f"db;dur={found.asking * 1000:.2f}, fold;dur={found.folding * 1000:.2f}",
    }
    cache = kept(passed, _how_long(found, version))
    return answer(request, found.changes, cache, epoch=epoch.bytes, headers=headers)


def _how_long(found: Compared, version: str | None) -> str:
    points = found.before.as_of, found.after.as_of
    if version is not None and all(at.final for at in points):
        return IMMUTABLE
    return PINNED if all(at.pinned and at.final for at in points) else NOW


def written(at: Standpoint) -> str:
    """The point as a parameter that gives the same point whenever it is asked."""
    as_of = at.as_of
    reported = "" if as_of.reported is None else f"@{rfc3339(as_of.reported)[:10]}"
    return f"{rfc3339(as_of.valid)}@{as_of.position}{reported}"


def parse_when(text: str) -> When:
    """``valid[@known[@reported]]``; raises ValueError, which tells of each part that cannot be read.

    A part that is empty or left out has its default; one of them must be there. The known part is a position, where it
    is but digits.
    """
    parts = text.split("@")
    if not any(parts) or len(parts) > 3:
        raise ValueError(f"a point, {FORM}; {'there are more than three parts' if any(parts) else 'it is empty'}")
    valid, known, reported = (*parts, "", "")[:3]
    faults: list[str] = []
    position = int(known) if _POSITION.fullmatch(known) else None
    when = When(
        valid=_point("valid", valid, faults),
        known=None if position is not None else _point("known", known, faults),
        position=position,
        reported=_point("reported", reported, faults),
    )
    if when.reported is not None and not when.reported.whole_day:
        faults.append(f"its reported part, {reported!r}, must be a full date, such as 2024-06-30")
    if faults:
        raise ValueError(f"a point, {FORM}; {'; '.join(faults)}")
    return when


def _point(part: str, text: str, faults: list[str]) -> Point | None:
    try:
        return parse_point(text) if text else None
    except UnreadablePoint as error:
        a_position = ", or a position" if part == "known" else ""
        faults.append(f"its {part} part: {error}{a_position}")
        return None
