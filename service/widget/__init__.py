"""What browsers get: the element and what our pages need, as files; another is a file here and its line in ``FILES``.

The element's source is ES modules of its own under ``element/``, served as one. They are joined in the order of
``ELEMENT``, without a build: a module may import only what stands before it, by one line from ``"./…"``, and no two
have a top-level name in common. The words are in ``words.json``, for the element and for pages that are made here.
"""

import gzip
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

JAVASCRIPT, CSS = "text/javascript", "text/css"
ELEMENT = (
    *("making.js", "words.js", "address.js", "asking.js", "marks.js", "sliders.js", "glance.js", "listing.js"),
    *("style.js", "timeline.js"),
)
FILES = {"page.js": JAVASCRIPT, "page.css": CSS, "embed.js": JAVASCRIPT}
_WORDS = 'import WORDS from "../words.json" with { type: "json" };\n'
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[a-z]+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*\n|^\s*/\*\*?(?:(?!\*/).)*\*/\n", re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]+", re.MULTILINE)


class Asset(msgspec.Struct, frozen=True):
    """A file as it is served; ``hashed`` is its name for ever, ``name`` the stable one."""

    name: str
    hashed: str
    media_type: str
    body: bytes
    gzipped: bytes
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """By either name."""
    made = [_asset("tarih-timeline.js", JAVASCRIPT, element().encode())]
    made += [_asset(name, media_type, _read(name).encode()) for name, media_type in FILES.items()]
    return {name: asset for asset in made for name in (asset.name, asset.hashed)}


def address(name: str) -> str:
    """Where a file has its content for ever."""
    return f"/widget/v1/{assets()[name].hashed}"


def element() -> str:
    """The one module, without the comments and margins of its parts."""
    joined = "".join(_IMPORT.sub("", _read(f"element/{name}")) for name in ELEMENT)
    stripped = _MARGIN.sub("", _COMMENT.sub("", _EXPORT.sub("", joined)))
    return stripped.replace(_WORDS, f"const WORDS = {msgspec.json.encode(words()).decode()};\n")


@cache
def words() -> dict[str, dict[str, Any]]:
    """What the element says, by language; ``{}`` stands for what goes in, ``|`` between one and several."""
    found: dict[str, dict[str, Any]] = msgspec.json.decode(_read("words.json"))
    return found


@cache
def pages() -> dict[str, dict[str, str]]:
    """What pages say around the element, by language; texts are HTML."""
    found: dict[str, dict[str, str]] = msgspec.json.decode(_read("pages.json"))
    return found


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def _asset(name: str, media_type: str, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:16]
    stem, _, ending = name.rpartition(".")
    return Asset(name, f"{stem}.{digest}.{ending}", media_type, body, gzip.compress(body, 9, mtime=0), digest)
