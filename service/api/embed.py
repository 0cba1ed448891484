"""The page that others frame: a relationship in the element and nothing around it; it tells its height."""

from html import escape

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service.api.canonical import canonical, moved
from service.api.listing import listing
from service.api.markup import BY_ANYONE
from service.api.requests import FRAMED, base_of
from service.api.scenes import POINT, Scene, discovery, element, looks, served, title_of, told
from service.api.site import Request, site_of
from service.history import Merged


@route("/embed/{ledger:str}/{relationship:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def embedded(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
    passed = await site_of(request).gate.reader(request.given("authorization"), ledger)
    right = canonical(relationship)
    if right != relationship:
        return moved(request, f"{FRAMED}{ledger}/{right}")
    parameters, when, lang, theme = looks(request)
    parameters.check()
    given = {name: text for name in POINT if (text := parameters.text(name)) is not None}
    scene = Scene(ledger=ledger, relationship=right, given=given, when=when, lang=lang, theme=theme)
    try:
        timeline = await told(request, scene)
    except Merged as merged:
        return moved(request, f"{FRAMED}{ledger}/{merged.relationship}")
    title = title_of(timeline, lang)
    whole = base_of(request) + scene.page
    body = f"""\
<main class="framed">
<h1>{escape(title)}</h1>
{element(scene, listing(timeline, scene.words), page=scene.page)}
<p class="credit"><a href="{escape(whole)}" target="_blank" rel="noopener">Tarih: {scene.words["open"]}</a></p>
</main>"""
    head = discovery(request, scene, title)
    return served(
        request, passed, title, body, lang=lang, theme=theme, head=head, script="embed.js", framed_by=BY_ANYONE
    )
