"""What browsers get: the element and what our pages need, as files; another is a file here and its line in ``FILES``.

The element's source is ES modules of its own under ``element/``, served as two: ``ELEMENT`` is what loads first, and
``TOOLS`` is what it loads then. Each is joined in the order of its list, without a build: a module may import only what
stands before it, by one line from ``"./…"``, and no two have a top-level name in common. What the tools import of the
element is handed to them, as the element may have been loaded from either of its addresses. The words are in
``words.json``, for the element and for pages that are made here; those of other languages than English are files too.
"""

import gzip
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

JAVASCRIPT, CSS = "text/javascript", "text/css"
ELEMENT = (
    *("making.js", "words.js", "address.js", "asking.js", "marks.js", "sliders.js", "listing.js", "later.js"),
    *("style.js", "timeline.js"),
)
TOOLS = ("differences.js", "glance.js", "ruler.js", "ticks.js", "following.js", "tool-style.js", "tools.js")
FILES = {"page.js": JAVASCRIPT, "page.css": CSS, "embed.js": JAVASCRIPT}
_WORDS = 'import WORDS from "../words.json" with { type: "json" };\n'
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*\n|^\s*/\*\*?(?:(?!\*/).)*\*/\n", re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]+|^\n|(?<=[{;,(\[])\n", re.MULTILINE)
_STYLE = re.compile(r"(?<=STYLE = `)[^`]*")
_ROOM = re.compile(r"\s*([{};,])\s*|(?<=:)[ ]")


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
    made = [_asset("tarih-timeline-tools.js", JAVASCRIPT, _tools())]
    made += [_asset(f"tarih-timeline-{lang}.js", JAVASCRIPT, _language(lang)) for lang in words() if lang != "en"]
    made.append(_asset("tarih-timeline.js", JAVASCRIPT, _element({one.name: one.hashed for one in made})))
    made += [_asset(name, media_type, _read(name)) for name, media_type in FILES.items()]
    return {name: asset for asset in made for name in (asset.name, asset.hashed)}


def address(name: str) -> str:
    """Where a file has its content for ever."""
    return f"/widget/v1/{assets()[name].hashed}"


def _element(hashed: dict[str, str]) -> str:
    """What loads first, with English; ``hashed`` has the names of what it loads then."""
    said = {"en": {name: one for name, one in words()["en"].items() if name != "tools"}}
    elsewhere = {lang: f"./{hashed[f'tarih-timeline-{lang}.js']}" for lang in words() if lang != "en"}
    handed = ", ".join(_handed())
    tools = f'(await import("./{hashed["tarih-timeline-tools.js"]}" + tries)).default({{ {handed} }})'
    joined = _joined(ELEMENT, said).replace('await import("./tools.js")', tools)
    return joined.replace("const ELSEWHERE = {};", f"const ELSEWHERE = {_json(elsewhere)};")


def _tools() -> str:
    """What is loaded then: a function of what it takes of the element."""
    joined = _joined(TOOLS, {"en": {"tools": words()["en"]["tools"]}})
    return f"export default ({{ {', '.join(_handed())} }}) => {{\n{joined}return {{ Tools }};\n}};\n"


def _language(lang: str) -> str:
    return f"export default {_json(words()[lang])};\n"


def _handed() -> list[str]:
    """The names that the tools take of the element."""
    imports = (found for name in TOOLS for found in _IMPORT.finditer(_read(f"element/{name}")))
    return sorted({name.strip() for found in imports if found[2] in ELEMENT for name in found[1].split(",")})


def _joined(parts: Iterable[str], said: dict[str, Any]) -> str:
    """One module, without the comments, margins and most ends of lines of its parts."""
    source = "".join(_IMPORT.sub("", _read(f"element/{name}")) for name in parts)
    source = source.replace(_WORDS, f"const WORDS = {_json(said)};\n")
    stripped = _MARGIN.sub("", _COMMENT.sub("", _EXPORT.sub("", source)))
    return _STYLE.sub(lambda style: _ROOM.sub(r"\1", style[0]), stripped)


def _json(thing: Any) -> str:
    return msgspec.json.encode(thing).decode()


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


def _asset(name: str, media_type: str, text: str) -> Asset:
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()[:16]
    stem, _, ending = name.rpartition(".")
    return Asset(name, f"{stem}.{digest}.{ending}", media_type, body, gzip.compress(body, 9, mtime=0), digest)
