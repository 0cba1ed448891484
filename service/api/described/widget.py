"""What the document says of the pages with a timeline, of oEmbed, and of the files that browsers get."""

from collections.abc import Sequence
from typing import Any

from service.api import assets, embed, home, oembed, scenes
from service.api.described.operation import (
    HTML,
    MOVED,
    OF_LEDGER,
    UNCHANGED,
    VALIDATED,
    Form,
    Operation,
    Right,
    Said,
)
from service.api.problems import BEYOND_HEAD, NOT_FOUND, NOT_OFFERED, UNAUTHORIZED

_OTHERS = "Parameters that it does not know are passed over."
_A_PAGE = Said(description="A page.", media_type=HTML, headers=VALIDATED)

OPERATIONS: Sequence[Operation] = (
    Operation(
        handler=home.home,
        path="/",
        id="getHome",
        tag="widget",
        right=Right.NO_KEY,
        summary="A relationship in the element, with what was asked for it",
        description="Without parameters the sample, or else the first public relationship. " + _OTHERS,
        parameters=("page_ledger", "page_relationship", *scenes.POINT, "page_lang", "theme"),
        answers=(_A_PAGE, UNCHANGED),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
    Operation(
        handler=embed.embedded,
        path="/embed/{ledger}/{relationship}",
        id="getEmbed",
        tag="widget",
        summary="A relationship in the element, to be framed",
        description="The only page that may be framed. It tells its height to the framing page whenever that changes, "
        "as AMP's `embed-size` and as pym.js do. " + _OTHERS,
        parameters=(*scenes.POINT, "page_lang", "theme"),
        answers=(_A_PAGE, UNCHANGED, MOVED),
        problems=(*OF_LEDGER, BEYOND_HEAD),
    ),
    Operation(
        handler=oembed.read_oembed,
        path="/oembed",
        id="getOEmbed",
        tag="widget",
        right=Right.READ,
        summary="How to embed what a page shows (oEmbed)",
        description="Of the first page, with its parameters and what stands behind its #; of an embedded page; or of a "
        "relationship's own address.",
        parameters=("url", "oembed_format", "maxwidth", "maxheight"),
        answers=(
            Said(
                description="A frame.",
                schema="Embedding",
                headers=VALIDATED,
                example="Embedding",
                forms=(Form(media_type=oembed.XML, schema="EmbeddingXml"),),
            ),
            UNCHANGED,
        ),
        problems=(UNAUTHORIZED, NOT_FOUND, NOT_OFFERED),
    ),
    Operation(
        handler=assets.read_asset,
        path="/widget/v1/{asset}",
        id="getAsset",
        tag="widget",
        right=Right.NOTHING,
        summary="The element, and the files of our pages",
        description="`tarih-timeline.js` loads what else it needs. A name with a hash of the content keeps for ever.",
        answers=(
            Said(
                description="A module.",
                schema="Script",
                media_type="text/javascript",
                headers=VALIDATED,
                forms=(Form(media_type="text/css", schema="Style"),),
            ),
            UNCHANGED,
        ),
        problems=(NOT_FOUND,),
    ),
)


def _query(name: str, words: str, schema: dict[str, Any], example: Any, *, required: bool = False) -> dict[str, Any]:
    said = {"name": name, "in": "query", "description": words, "schema": schema, "example": example}
    return said | ({"required": True} if required else {})


_TEXT = {"type": "string"}
_PIXELS = {"type": "integer", "minimum": 1, "maximum": oembed.LARGEST}
PARAMETERS: dict[str, Any] = {
    "asset": {
        "name": "asset",
        "in": "path",
        "required": True,
        "description": "The file's name.",
        "schema": _TEXT,
        "example": "tarih-timeline.js",
    },
    "page_ledger": _query("ledger", "The ledger; left out, the sample or the first public one.", _TEXT, "drones"),
    "page_relationship": _query(
        "relationship", "The relationship; left out, the one of which most is said.", _TEXT, "pak--tur"
    ),
    "page_lang": _query("lang", "English or Turkish.", {"type": "string", "default": "en"}, "tr"),
    "theme": _query(
        "theme",
        "Left out, as the reader's system has it.",
        {"type": "string", "enum": ["light", "dark"]},
        "dark",
    ),
    "url": _query(
        "url",
        "The address of a page of this service; its scheme and host may be left out.",
        {"type": "string"},
        "/embed/drones/pak--tur",
        required=True,
    ),
    "oembed_format": _query(
        "format", "`json` or `xml`; any other is 501.", {"type": "string", "default": "json"}, "json"
    ),
    "maxwidth": _query("maxwidth", "Pixels.", _PIXELS, 600),
    "maxheight": _query("maxheight", "Pixels.", _PIXELS, 800),
}
