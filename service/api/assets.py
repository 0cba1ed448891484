"""The files that browsers get: at a stable address, and at one that names their content and keeps for ever."""

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service.api.answers import IMMUTABLE, NOT_MODIFIED, Answer, has_already
from service.api.encodings import takes_gzip
from service.api.site import Request
from service.api.validators import tag_of
from service.domain.refusals import NotFound
from service.widget import assets

STABLE = "max-age=300, stale-while-revalidate=86400"


@route("/widget/v1/{asset:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_asset(request: Request, asset: FromPath[str]) -> Response[bytes]:
    found = assets().get(asset)
    if found is None:
        raise NotFound("file", "there is no such file here; the element is `/widget/v1/tarih-timeline.js`")
    zipped = takes_gzip(request.given("accept-encoding"))
    tag = tag_of(found.body)
    headers = {
        "etag": tag,
        "cache-control": f"public, {IMMUTABLE if asset == found.hashed else STABLE}",
        "vary": "Accept-Encoding",
        # Modules are fetched with CORS, and a page that isolates itself asks for this too.
        "cross-origin-resource-policy": "cross-origin",
    }
    if has_already(request, tag):
        return Answer(b"", NOT_MODIFIED, headers, found.media_type)
    if zipped:
        return Answer(found.gzipped, 200, headers | {"content-encoding": "gzip"}, found.media_type)
    return Answer(found.body, 200, headers, found.media_type)
