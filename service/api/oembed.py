"""oEmbed (https://oembed.com): how whoever has the address of a page of ours embeds what it shows."""

from html import escape
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape as in_xml

import msgspec
from litestar import HttpMethod, Response, route
from msgspec import Meta

from service.api.answers import JSON, NOW, answer, kept
from service.api.canonical import canonical
from service.api.home import first_shown
from service.api.parameters import Parameters
from service.api.refused import NotOffered
from service.api.requests import FRAMED, base_of
from service.api.scenes import LANGUAGES, POINT, THEMES, Scene, title_of, told
from service.api.site import Request, site_of
from service.domain.refusals import NotFound
from service.history import Merged, When

WIDTH, HEIGHT = 760, 900
LARGEST = 10_000
XML = "text/xml"
OF_OEMBED = ("url", "format", "maxwidth", "maxheight")
STATE = {"valid": "valid_at", "known": "known_at", "reported": "reported_by"}
"""What the element keeps behind the # of an address, and the parameters that say the same."""
Pixels = Annotated[int, Meta(ge=1)]


class Embedding(msgspec.Struct, frozen=True, kw_only=True):
    """A frame to put into a page (oEmbed 1.0, of type `rich`)."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich"] = "rich"
    title: str
    provider_name: Literal["Tarih"] = "Tarih"
    provider_url: str
    cache_age: Pixels = 3600
    html: str
    """An `iframe`. It tells its height by messages in the conventions of AMP and of pym.js."""
    width: Pixels
    height: Pixels


@route("/oembed", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_oembed(request: Request) -> Response[bytes]:
    parameters = Parameters(request, OF_OEMBED, others=True)
    parameters.needed("url", "`url` is needed: the address of a page of this service")
    width = min(parameters.number("maxwidth", LARGEST) or WIDTH, WIDTH)
    height = min(parameters.number("maxheight", LARGEST) or HEIGHT, HEIGHT)
    url, form = parameters.text("url") or "", parameters.text("format") or "json"
    parameters.check()
    if form not in ("json", "xml"):
        raise NotOffered("`format` can be json or xml")
    scene = await _scene(request, url)
    passed = await site_of(request).gate.reader(request.given("authorization"), scene.ledger)
    try:
        timeline = await told(request, msgspec.structs.replace(scene, when=When()))
    except Merged as merged:
        scene = msgspec.structs.replace(scene, relationship=merged.relationship)
        timeline = await told(request, scene)
    if not timeline.known:
        raise NotFound("page", "nothing is recorded of what this address is about")
    base, title = base_of(request), title_of(timeline, scene.lang)
    frame = (
        f'<iframe src="{escape(base + scene.frame)}" title="{escape(title)}" width="{width}" height="{height}" '
        'style="border:0;max-width:100%" loading="lazy"></iframe>'
    )
    said = Embedding(title=title, provider_url=f"{base}/", html=frame, width=width, height=height)
    headers = {"vary": "Authorization"}
    if form == "json":
        return answer(request, said, kept(passed, NOW), headers=headers, media_type=JSON)
    return answer(request, written(said), kept(passed, NOW), headers=headers, media_type=XML)


async def _scene(request: Request, url: str) -> Scene:
    """What an address of ours shows. Raises NotFound for any other."""
    try:
        parts, ours = urlsplit(url), urlsplit(base_of(request))
        query = dict(parse_qsl(parts.query, errors="strict", max_num_fields=50))
        fragment = dict(parse_qsl(parts.fragment, errors="strict", max_num_fields=50))
    except ValueError:
        raise _not_ours() from None
    steps = parts.path.removeprefix(ours.path).strip("/").split("/")
    absolute = parts.scheme in ("http", "https") and parts.netloc == ours.netloc
    if not (absolute or (parts.scheme, parts.netloc) == ("", "")) or not parts.path.startswith(ours.path or "/"):
        raise _not_ours()
    match steps:
        case [""] if "ledger" in query and "relationship" in query:
            ledger, relationship = query["ledger"], query["relationship"]
        case [""] if (first := await first_shown(request)) is not None:
            ledger, relationship = first
        case ["embed", ledger, relationship] | ["v1", "ledgers", ledger, "relationships", relationship]:
            pass
        case _:
            raise _not_ours()
    given = {name: query[name] for name in POINT if name in query}
    for short, name in STATE.items():
        if short in fragment:
            name = "known_position" if short == "known" and fragment[short].isdigit() else name
            given[name] = fragment[short]
    lang, theme = query.get("lang", "en").partition("-")[0], query.get("theme")
    return Scene(
        ledger=ledger,
        relationship=canonical(relationship),
        given=given,
        when=When(),
        lang=lang if lang in LANGUAGES else "en",
        theme=theme if theme in THEMES else None,
    )


def _not_ours() -> NotFound:
    return NotFound("page", f"`url` must be the address of a page of this service, such as `/` or `{FRAMED}…`")


def written(said: Embedding) -> bytes:
    """As XML."""
    fields = "".join(f"<{name}>{in_xml(str(text))}</{name}>" for name, text in msgspec.structs.asdict(said).items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{fields}</oembed>\n'.encode()
