"""What pages with a timeline share: which one they show, at which point, in which language; how they are served."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlencode

import msgspec
from babel.lists import format_list
from litestar import Response

from service import history
from service.api.access import Pass
from service.api.answers import NOW, answer, kept
from service.api.canonical import address_of
from service.api.markup import BY_NOBODY, OWN_FILES, document
from service.api.parameters import Parameters
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.history import TimelineAsked, When
from service.projections.timeline import Subject, Timeline
from service.widget import address, pages

POINT = ("valid_at", "known_at", "known_position", "reported_by")
LOOKS = ("lang", "theme")
ITEMS = 200
"""Entries that a page without scripts shows."""
LANGUAGES, THEMES = ("en", "tr"), ("light", "dark")
HTML = "text/html"


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A relationship at a point, as a page is asked for it."""

    ledger: str
    relationship: str
    given: dict[str, str]
    """The parameters of ``POINT`` that were given."""
    when: When
    lang: str
    theme: str | None

    @property
    def words(self) -> dict[str, str]:
        return pages()[self.lang]

    @property
    def src(self) -> str:
        return address_of(self.ledger, self.relationship)

    def query(self, **more: str) -> str:
        """Its point and language as parameters, after those that are given."""
        lang = {} if self.lang == "en" else {"lang": self.lang}
        return urlencode({**more, **self.given, **lang})

    @property
    def page(self) -> str:
        return f"/?{self.query(ledger=self.ledger, relationship=self.relationship)}"

    @property
    def frame(self) -> str:
        theme = {} if self.theme is None else {"theme": self.theme}
        query = self.query(**theme)
        return f"/embed/{self.ledger}/{self.relationship}{'?' if query else ''}{query}"


def looks(request: Request, more: tuple[str, ...] = ()) -> tuple[Parameters, When, str, str | None]:
    """A page's parameters, those that everything asks, read; what it does not know it passes over.

    Whoever links to a page, or frames it, may add parameters of their own.
    """
    parameters = Parameters(request, (*more, *POINT, *LOOKS), others=True)
    when, lang = parameters.when(), parameters.language("lang").partition("-")[0]
    return parameters, when, lang if lang in LANGUAGES else "en", parameters.choice("theme", *THEMES)


async def told(request: Request, scene: Scene) -> Timeline:
    """Raises as ``timeline_page`` does."""
    site = site_of(request)
    asked = TimelineAsked(when=scene.when, lang=scene.lang, limit=ITEMS)
    page = await history.timeline_page(site.log, site.cores, scene.ledger, Subject(slug=scene.relationship), asked)
    return msgspec.json.decode(page.before + page.stands_on + page.after, type=Timeline)


def element(scene: Scene, inside: str, *, page: str | None = None) -> str:
    """The element; ``inside`` is HTML that stands in its place until it runs."""
    known = scene.given.get("known_at", scene.given.get("known_position"))
    attributes = {
        "src": scene.src,
        "valid-at": scene.given.get("valid_at"),
        "known-at": known,
        "reported-by": scene.given.get("reported_by"),
        "lang": scene.lang,
        "theme": scene.theme,
        "page": page,
    }
    said = "".join(f' {name}="{escape(text)}"' for name, text in attributes.items() if text is not None)
    return f"<tarih-timeline{said}>\n{inside}\n</tarih-timeline>"


def discovery(request: Request, scene: Scene, title: str) -> str:
    """Where a page says what it is to whoever wants to embed it."""
    base = base_of(request)
    links = []
    for form in ("json", "xml"):
        there = f"{base}/oembed?url={quote(base + scene.page, safe='')}&format={form}"
        kind = "application/json+oembed" if form == "json" else "text/xml+oembed"
        links.append(f'<link rel="alternate" type="{kind}" href="{escape(there)}" title="{escape(title)}">')
    return "\n".join(links)


def title_of(timeline: Timeline, lang: str) -> str:
    return in_words([member.label for member in timeline.members], lang)


def in_words(names: Sequence[str], lang: str) -> str:
    """One and another."""
    return format_list(names, locale=lang)


def served(
    request: Request,
    passed: Pass,
    title: str,
    body: str,
    *,
    lang: str,
    theme: str | None,
    head: str = "",
    script: str,
    framed_by: str = BY_NOBODY,
) -> Response[bytes]:
    """A page with our files and nobody else's."""
    files = f'<link rel="stylesheet" href="{address("page.css")}">\n'
    for name in ("tarih-timeline.js", script):
        files += f'<script type="module" src="{address(name)}"></script>\n'
    html = document(title, body, lang=lang, head=files + head, theme=theme)
    headers = {
        "content-security-policy": OWN_FILES + framed_by,
        "referrer-policy": "no-referrer",
        "vary": "Accept-Encoding, Authorization",
    }
    return answer(request, html, kept(passed, NOW), headers=headers, media_type=HTML)
