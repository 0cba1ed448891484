"""Pages for people: the reference, the problems explained; and the document itself."""

from functools import cache

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service.api.answers import answer
from service.api.markup import POLICY, inline, link, page
from service.api.problems import KINDS, ProblemKind, ProblemKinds
from service.api.reference import reference
from service.api.site import Request, site_of
from service.domain.refusals import NotFound

HTML = "text/html"
KEPT = "public, max-age=300"
READ = [HttpMethod.GET, HttpMethod.HEAD]


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
        return answer(request, ProblemKinds(problems=KINDS), KEPT, headers={"vary": "Accept, Accept-Encoding"})
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
        return answer(request, kind, KEPT, headers={"vary": "Accept, Accept-Encoding"})
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
    headers = {"content-security-policy": POLICY, "referrer-policy": "no-referrer", "vary": "Accept, Accept-Encoding"}
    return answer(request, html, KEPT, headers=headers, media_type=HTML)
