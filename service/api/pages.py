"""Pages for people: the first one, the reference, the problems explained; and the document itself."""

from functools import cache

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service.api.answers import answer
from service.api.markup import POLICY, block, inline, link, page
from service.api.problems import KINDS, ProblemKind, ProblemKinds
from service.api.reference import reference
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.refusals import NotFound

HTML = "text/html"
KEPT = "public, max-age=300"
READ = [HttpMethod.GET, HttpMethod.HEAD]
STATE = "/v1/ledgers/drones/relationships/pak--tur"
ANSWERS = (
    ("?valid_at=2021-06-01", "June 2021: a first acquisition is possible, in a year that is not over"),
    ("?valid_at=2022-06-30", "June 2022: the TB2 is certain, and Turkey has become Türkiye"),
    ("?valid_at=2024-06-30", "June 2024: two kinds of drone are held; of a plant, nothing"),
    ("?valid_at=2025-12-31", "December 2025: a plant is reported, and not confirmed"),
    ("?valid_at=2025-12-31&reported_by=2024-06-30", "The same day, from what had been published by June 2024"),
    ("?valid_at=2026-06-30", "June 2026: what was expected has not come"),
)


@route("/", http_method=READ, status_code=200)
async def home(request: Request) -> Response[bytes]:
    return _page(request, _home(base_of(request)))


@cache
def _home(base: str) -> bytes:
    items = "\n".join(f"<li>{link(STATE + query, words)}</li>" for query, words in ANSWERS)
    curl = block(f"curl '{base}{STATE}?valid_at=2024-06-30'")
    return page(
        "Tarih",
        f"""\
<h1>Tarih</h1>
<p>A timeline and event-sourcing API: dated, sourced events about relationships, answered as of any day, and as they
were known on any day. Nothing that was recorded is ever changed: a correction is another event, and every old question
keeps its old answer.</p>
<h2>The sample: Pakistan and Türkiye</h2>
<ul>
{items}
</ul>
<h2>Try it</h2>
{curl}
<p>Every line of an answer says how certain it is, how it stands, and which claims and sources it stands on.</p>
<p>{link("/docs", "The API, to read")} · {link("/openapi.json", "as OpenAPI 3.1")} · {link("/problems", "problems")} ·
{link("/v1/ledgers", "ledgers")}</p>""",
    )


@route("/docs", http_method=READ, status_code=200)
async def docs(request: Request) -> Response[bytes]:
    return _page(request, _docs(site_of(request).document()))


@cache
def _docs(document: bytes) -> bytes:
    return reference(msgspec.json.decode(document))


@route("/openapi.json", http_method=READ, status_code=200)
async def openapi(request: Request) -> Response[bytes]:
    return answer(request, site_of(request).document(), KEPT, headers={"vary": "Accept-Encoding"})


@route("/problems", http_method=READ, status_code=200)
async def problems(request: Request) -> Response[bytes]:
    if not _wants_page(request):
        return answer(request, ProblemKinds(problems=KINDS), KEPT, headers={"vary": "Accept"})
    items = "\n".join(
        f'<li>{link(f"/problems/{kind.slug}", kind.title)} <span class="quiet">{kind.status}</span></li>'
        for kind in KINDS
    )
    return _page(request, page("Tarih: problems", f"<h1>Problems</h1>\n<ul>\n{items}\n</ul>"))


@route("/problems/{slug:str}", http_method=READ, status_code=200)
async def problem(request: Request, slug: FromPath[str]) -> Response[bytes]:
    kind = next((kind for kind in KINDS if kind.slug == slug), None)
    if kind is None:
        raise NotFound("problem", "there is no such kind of problem; /problems lists them")
    if not _wants_page(request):
        return answer(request, kind, KEPT, headers={"vary": "Accept"})
    return _page(request, _explained(kind))


def _explained(kind: ProblemKind) -> bytes:
    return page(
        f"Tarih: {kind.title}",
        f'<h1>{inline(kind.title)}</h1>\n<p class="quiet">Status {kind.status}</p>\n<p>{inline(kind.meaning)}</p>\n'
        f"<h2>What to do</h2>\n<p>{inline(kind.remedy)}</p>\n<p>{link('/problems', 'All problems')}</p>",
    )


@route("/favicon.ico", http_method=READ, status_code=204)
async def favicon(request: Request) -> Response[None]:
    return Response(None, status_code=204, headers={"cache-control": "public, max-age=86400"})


def _wants_page(request: Request) -> bool:
    """Browsers name text/html; who takes anything gets JSON."""
    return "text/html" in request.headers.get("accept", "")


def _page(request: Request, html: bytes) -> Response[bytes]:
    headers = {"content-security-policy": POLICY, "referrer-policy": "no-referrer", "vary": "Accept"}
    return answer(request, html, KEPT, headers=headers, media_type=HTML)
