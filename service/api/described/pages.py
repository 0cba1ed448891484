"""Operations for people and for those who run the service; what the document says of them."""

from collections.abc import Sequence
from typing import Any

from service.api import health, metrics, pages
from service.api.described.operation import HTML, UNCHANGED, Operation, Right, Said
from service.api.problems import NOT_FOUND, UNAUTHORIZED, UNAVAILABLE, ProblemKind


def _page(handler: Any, path: str, id_: str, summary: str, *problems: ProblemKind) -> Operation:
    said = Said(description="A page.", media_type=HTML, headers=("Cache-Control",))
    return Operation(
        handler=handler,
        path=path,
        id=id_,
        tag="service",
        summary=summary,
        answers=(said, UNCHANGED),
        problems=problems,
        right=Right.NOTHING,
    )


OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=pages.problems,
        path="/problems",
        id="listProblems",
        tag="service",
        right=Right.NOTHING,
        summary="Every kind of problem",
        answers=(
            Said(description="As a page or as JSON.", schema="ProblemKinds", headers=("Cache-Control", "Vary")),
            UNCHANGED,
        ),
    ),
    Operation(
        handler=pages.problem,
        path="/problems/{slug}",
        id="getProblem",
        tag="service",
        right=Right.NOTHING,
        summary="What a kind of problem means",
        answers=(
            Said(description="As a page or as JSON.", schema="ProblemKind", headers=("Cache-Control", "Vary")),
            UNCHANGED,
        ),
        problems=(NOT_FOUND,),
    ),
    Operation(
        handler=health.live,
        path="/health/live",
        id="checkAlive",
        tag="service",
        right=Right.NOTHING,
        summary="Whether the process lives",
        answers=(Said(description="It does.", schema="Health", headers=("Cache-Control",), example="Health"),),
    ),
    Operation(
        handler=health.ready,
        path="/health/ready",
        id="checkReady",
        tag="service",
        right=Right.NOTHING,
        summary="Whether it can answer",
        answers=(Said(description="It can.", schema="Health", headers=("Cache-Control",), example="Health"),),
        problems=(UNAVAILABLE,),
    ),
    Operation(
        handler=metrics.read_metrics,
        path="/metrics",
        id="readMetrics",
        tag="service",
        right=Right.SERVICE,
        summary="Figures for monitoring, in Prometheus' text format",
        description="For keys that administer the whole service; to any other it looks absent.",
        answers=(
            Said(
                description="The figures.",
                schema="Metrics",
                media_type="text/plain",
                headers=("Cache-Control",),
                example="Metrics",
            ),
        ),
        problems=(UNAUTHORIZED, NOT_FOUND, UNAVAILABLE),
    ),
    Operation(
        handler=pages.openapi,
        path="/openapi.json",
        id="getOpenApi",
        tag="service",
        right=Right.NOTHING,
        summary="This document",
        answers=(Said(description="OpenAPI 3.1.", schema="OpenApi", headers=("Cache-Control", "ETag")), UNCHANGED),
    ),
    _page(pages.docs, "/docs", "getDocs", "This document, to read"),
    Operation(
        handler=pages.favicon,
        path="/favicon.ico",
        id="getFavicon",
        tag="service",
        right=Right.NOTHING,
        summary="No icon",
        answers=(Said(status=204, description="There is none.", headers=("Cache-Control",)),),
    ),
)
