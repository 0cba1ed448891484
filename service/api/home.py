"""The first page: a relationship in the element, what is asked for it, and how to take it elsewhere."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Response, route

from service import history
from service.api.access import Pass
from service.api.canonical import canonical
from service.api.listing import listing
from service.api.markup import block
from service.api.requests import base_of
from service.api.scenes import POINT, Scene, discovery, element, in_words, looks, served, title_of, told
from service.api.site import Request, site_of
from service.feeds import CATALOGUE
from service.history import Asked, Merged, Page, When
from service.projections.relationships import RelationshipFound, Wanted
from service.projections.timeline import Timeline
from service.sample import LEDGER, RELATIONSHIP
from service.store import ledgers as stored
from service.store.ledgers import Ledger
from service.store.readers import Reader
from service.widget import pages

MOST_CHOICES = 100
MOST_LEDGERS = 20
CHOSEN = ("ledger", "relationship")
FORMATS = (
    ("JSON", "/timeline"),
    *((format_.extension, f"/timeline.{format_.extension}") for format_ in CATALOGUE),
    ("Memento", "/timemap"),
)
"""What it can be had as, and where, below the relationship's address."""


@route("/", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def home(request: Request) -> Response[bytes]:
    parameters, when, lang, theme = looks(request, CHOSEN)
    parameters.check()
    asked, wanted = (parameters.text(name) for name in CHOSEN)
    passed = await _passed(request, asked)
    public = await _public(request)
    for ledger in [one.name for one in public] if asked is None else [asked]:
        choices = await _relationships(request, ledger, lang)
        chosen = canonical(wanted) if wanted is not None else _first(choices, ledger)
        if chosen is not None:
            break
    else:
        return served(request, passed, "Tarih", _empty(request, lang), lang=lang, theme=theme, script="page.js")
    given = {name: text for name in POINT if (text := parameters.text(name)) is not None}
    scene = Scene(ledger=ledger, relationship=chosen, given=given, when=when, lang=lang, theme=theme)
    try:
        timeline = await told(request, scene)
    except Merged as merged:
        scene = msgspec.structs.replace(scene, relationship=merged.relationship)
        timeline = await told(request, scene)
    title = f"{title_of(timeline, scene.lang)} · Tarih"
    body = _page(request, scene, timeline, choices, public)
    head = f"{discovery(request, scene, title)}\n{_followed(scene, title)}"
    return served(request, passed, title, body, lang=lang, theme=theme, head=head, script="page.js")


async def first_shown(request: Request) -> tuple[str, str] | None:
    """The ledger and the relationship that the page shows to who asks for none."""
    for ledger in await _public(request):
        chosen = _first(await _relationships(request, ledger.name, "en"), ledger.name)
        if chosen is not None:
            return ledger.name, chosen
    return None


async def _passed(request: Request, ledger: str | None) -> Pass:
    site, authorization = site_of(request), request.given("authorization")
    if ledger is not None:
        return await site.gate.reader(authorization, ledger)
    return Pass(await site.gate.caller(authorization), public=True)


async def _public(request: Request) -> Sequence[Ledger]:
    """What anyone may read and that holds anything; the sample first."""

    async def question(reader: Reader) -> list[Ledger]:
        async with reader.connection() as connection:
            sample = [one for one in await stored.ledgers(connection, LEDGER) if one.public_read]
            others = await stored.readable_ledgers(connection, [], after="", limit=MOST_LEDGERS)
        return [*sample, *(one for one in others if one.position > 0 and one.name != LEDGER)]

    return await site_of(request).log.consult(question)


async def _relationships(request: Request, ledger: str, lang: str) -> Sequence[RelationshipFound]:
    """Those that can be chosen, as now known."""
    asked = Asked(when=When(), lang=lang)
    found = await history.relationships_found(site_of(request).log, ledger, Wanted(), asked, Page(MOST_CHOICES))
    return found.said.relationships


def _first(choices: Sequence[RelationshipFound], ledger: str) -> str | None:
    """What a visitor sees who chose nothing: of the sample what it is about, else what most is said of."""
    if ledger == LEDGER and any(one.relationship == RELATIONSHIP for one in choices):
        return RELATIONSHIP
    best = max(choices, key=lambda one: one.claims.visible, default=None)
    return None if best is None else best.relationship


def _page(
    request: Request, scene: Scene, timeline: Timeline, choices: Sequence[RelationshipFound], public: Sequence[Ledger]
) -> str:
    said, is_sample = scene.words, (scene.ledger, scene.relationship) == (LEDGER, RELATIONSHIP)
    attempt = f'<p class="try">{said["try"]}</p>' if is_sample else ""
    title = escape(title_of(timeline, scene.lang))
    return f"""\
{_masthead(scene.lang, scene)}
<main>
<div class="opening"><div><h1>{title}</h1>
{_chooser(scene, choices, public)}</div>
<div class="explained"><p>{said["explained"]}</p>{attempt}</div></div>
{element(scene, _without_script(scene, timeline))}
<div class="below">
{_behind(request, scene)}
{_elsewhere(request, scene, title_of(timeline, scene.lang))}
</div>
</main>
{_foot(scene.lang)}"""


def _followed(scene: Scene, title: str) -> str:
    """Where feed readers find what was acted on last."""
    return "\n".join(
        f'<link rel="alternate" type="{format_.media_type}" title="{escape(title)}" '
        f'href="{escape(f"{scene.src}/timeline.{format_.extension}")}">'
        for format_ in CATALOGUE
        if format_.newest_first
    )


def _masthead(lang: str, scene: Scene | None = None) -> str:
    said, other = pages()[lang], "tr" if lang == "en" else "en"
    here = {} if scene is None else {"ledger": scene.ledger, "relationship": scene.relationship, **scene.given}
    turned = escape(f"/?{urlencode(here | {'lang': other})}")
    turn = f'<a href="{turned}" lang="{other}" hreflang="{other}">{said["other_language"]}</a>'
    return f"""\
<header><a class="mark" href="/?lang={lang}">Tarih</a> <span class="tagline">{said["tagline"]}</span>
<nav><a href="/docs">{said["api"]}</a> {turn}</nav></header>"""


def _foot(lang: str) -> str:
    said = pages()[lang]
    return f"""\
<footer><a href="/docs">{said["api"]}</a> <a href="/openapi.json">OpenAPI</a> <a href="/problems">{said["problems"]}</a>
<a href="/v1/ledgers">{said["ledgers"]}</a></footer>"""


def _chooser(scene: Scene, choices: Sequence[RelationshipFound], public: Sequence[Ledger]) -> str:
    """A form that works without scripts; with them, a choice is enough."""
    said = scene.words
    known = {one.relationship: in_words([member.label for member in one.members], scene.lang) for one in choices}
    known.setdefault(scene.relationship, scene.relationship)
    options = "".join(
        f'<option value="{escape(one)}"{" selected" if one == scene.relationship else ""}>{escape(label)}</option>'
        for one, label in sorted(known.items(), key=lambda pair: pair[1])
    )
    others = " · ".join(
        f'<a href="{escape("/?" + urlencode({"ledger": one.name, "lang": scene.lang}))}">{escape(one.title)}</a>'
        for one in public
        if one.name != scene.ledger
    )
    elsewhere = f'<p class="quiet">{said["other"]}: {others}</p>' if others else ""
    return f"""\
<form class="chooser" action="/" method="get">
<input type="hidden" name="ledger" value="{escape(scene.ledger)}"><input type="hidden" name="lang" value="{scene.lang}">
<label>{said["relationship"]} <select name="relationship">{options}</select></label>
<button>{said["show"]}</button>
{elsewhere}
</form>"""


def _without_script(scene: Scene, timeline: Timeline) -> str:
    said, as_of = scene.words, timeline.as_of
    reported = escape(scene.given.get("reported_by", ""))
    hidden = {"ledger": scene.ledger, "relationship": scene.relationship, "lang": scene.lang}
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(text)}">' for name, text in hidden.items())
    return f"""\
<form action="/" method="get">{fields}
<label>{said["valid"]} <input type="date" name="valid_at" value="{escape(as_of.valid_at[:10])}"></label>
<label>{said["reported"]} <input type="date" name="reported_by" value="{reported}"></label>
<button>{said["show"]}</button></form>
<noscript><p class="quiet">{said["without_script"]}</p></noscript>
<h2>{said["entries"]}</h2>
{listing(timeline, said)}"""


def _behind(request: Request, scene: Scene) -> str:
    said, base = scene.words, base_of(request)
    query = f"?{scene.query()}" if scene.query() else ""
    here = f"{base}{scene.src}"
    asked = {"answers": f"{here}{query}", "timeline": f"{here}/timeline{query}"}
    blocks = "".join(
        f"<h3>{said[name]}</h3>{_copied(f'curl {_quoted(to)}', said, f'curl-{name}')}" for name, to in asked.items()
    )
    since = f'<div id="since" hidden><h3>{said["changes"]}</h3>{_copied("curl", said, "curl-changes")}</div>'
    formats = "".join(
        f' <a data-format="{path}" href="{escape(scene.src + path)}">{name}</a>' for name, path in FORMATS
    )
    return f"""\
<section><h2>{said["behind"]}</h2><p>{said["behind_words"]}</p>
{blocks}{since}
<h3>{said["formats"]}</h3><p class="formats">{formats}</p></section>"""


def _elsewhere(request: Request, scene: Scene, title: str) -> str:
    said, base = scene.words, base_of(request)
    lang = "" if scene.lang == "en" else f' lang="{scene.lang}"'
    own = (
        f'<script type="module" src="{base}/widget/v1/tarih-timeline.js"></script>\n'
        f'<tarih-timeline src="{base}{scene.src}"{lang}></tarih-timeline>'
    )
    frame = f'<iframe src="{base}{scene.frame}" title="{escape(title)}" width="100%" height="900"></iframe>'
    return f"""\
<section><h2>{said["embed"]}</h2><p>{said["embed_words"]}</p>
<h3>{said["element"]}</h3>{_copied(own, said, "own")}
<h3>{said["frame"]}</h3>{_copied(frame, said, "frame")}</section>"""


def _copied(text: str, said: dict[str, str], id_: str) -> str:
    return f'<div class="copied" id="{id_}">{block(text)}<button type="button" hidden>{said["copy"]}</button></div>'


def _quoted(address: str) -> str:
    """For a shell; addresses hold no apostrophe that is not encoded."""
    return f"'{address.replace(chr(39), '%27')}'"


def _empty(request: Request, lang: str) -> str:
    said, base = pages()[lang], base_of(request)
    made = (
        f"curl -X PUT '{base}/v1/ledgers/mine' \\\n  -H \"Authorization: Bearer $(cat .tarih/admin.key)\" "
        '-H \'Content-Type: application/json\' \\\n  -d \'{"title": "Mine", "public_read": true}\''
    )
    return f"""\
{_masthead(lang)}
<main><h1>{said["empty"]}</h1><p>{said["empty_words"]}</p>{_copied(made, said, "make")}
<p><a href="/docs">{said["api"]}</a></p></main>
{_foot(lang)}"""
