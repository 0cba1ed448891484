"""Who holds a platform as of a point, across relationships."""

from litestar import Response, route
from litestar.params import FromPath

from service import history
from service.api.across import METHODS, OF_A_LIST, answered, listed
from service.api.parameters import Parameters
from service.api.site import Request, site_of
from service.domain.actors import Slug
from service.projections.operators import VERSION

OF_OPERATORS = ("platform", *OF_A_LIST)


@route("/v1/ledgers/{ledger:str}/operators", http_method=METHODS, status_code=200)
async def list_operators(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    parameters = Parameters(request, OF_OPERATORS)
    parameters.needed("platform", "of which platform? Give its slug, such as `platform=tb2`")
    platform = parameters.named("platform", Slug, "a platform's slug, such as tb2")
    path = f"/v1/ledgers/{ledger}/operators"
    addressed = await listed(request, path, VERSION, parameters, {"platform": platform})
    parameters.check()
    assert platform is not None  # noqa: S101 - it is needed
    found = await history.operators_of(site.log, ledger, platform, addressed.asked, addressed.page)
    return await answered(request, passed, found.said, found.at, addressed, found.after)
