"""The timeline of a relationship or an actor as of a point: claims in the order of their dates, or clusters."""

import msgspec
from litestar import Response

from service import history
from service.api import feeds
from service.api.access import Pass
from service.api.answers import JSON, answer, kept
from service.api.canonical import moved
from service.api.media import preferred
from service.api.site import Request, site_of
from service.api.timeline_questions import OF_A_TIMELINE, Place, Question
from service.feeds import CATALOGUE
from service.history import Merged
from service.projections.timeline import VERSION

FORMS = {format_.media_type: format_ for format_ in CATALOGUE}


async def _told(request: Request, passed: Pass, place: Place) -> Response[bytes]:
    site = site_of(request)
    form = preferred(request, (JSON, *FORMS))
    if form != JSON:
        return await feeds.told_as(request, passed, place, FORMS[form])
    question = Question(request, place, await site.cursors(), OF_A_TIMELINE)
    try:
        page = await history.timeline_page(site.log, site.cores, place.ledger, place.subject, question.asked)
    except Merged as merged:
        return moved(request, place.path_of(merged.relationship))
    at = page.at
    current = f"{VERSION}.{at.head.epoch.hex[:8]}"
    question.check_version(current)
    next_ = question.next(at, page.next)
    headers = question.headers(at, current, next_, (page.asking, page.folding))
    way_on = b"" if next_ is None else b',"next":' + msgspec.json.encode(next_)
    body = b"".join((page.before, page.stands_on, way_on, page.after))
    epoch, digest = at.head.epoch.bytes, page.digest + way_on
    return answer(request, body, kept(passed, question.how_long(at)), epoch=epoch, digest=digest, headers=headers)


read_timeline, read_actor_timeline = feeds.handlers("", "", _told)
