"""What the pages are written in: escaped HTML, one quiet style, and policies that let nothing else in."""

import base64
import hashlib
from html import escape

STYLE = """\
:root { color-scheme: light dark; --quiet: #667; --edge: #8884; --accent: #a5331c; }
@media (prefers-color-scheme: dark) { :root { --quiet: #99a; --accent: #f0907a; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 3rem auto; padding: 0 1.25rem; }
h1, h2, h3, h4 { line-height: 1.25; font-weight: 600; }
h1 { font-size: 1.9rem; } h2 { margin-top: 2.6rem; } h3 { margin-top: 2rem; }
a { color: var(--accent); }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
pre { padding: 0.8rem 1rem; border: 1px solid var(--edge); border-radius: 6px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.8rem 0.35rem 0; border-top: 1px solid var(--edge); }
section { border-top: 1px solid var(--edge); margin-top: 1.6rem; }
nav ul { columns: 2; } summary { cursor: pointer; }
.quiet { color: var(--quiet); } .method { text-transform: uppercase; font-weight: 600; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
OWN_FILES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors "
)
"""The policy of pages that run our own scripts; who may frame them follows."""
BY_NOBODY, BY_ANYONE = "'none'", "*"


def document(title: str, body: str, *, lang: str, head: str, theme: str | None) -> bytes:
    """A page that has files of ours; ``body`` and ``head`` are HTML already."""
    looks = "" if theme is None else f' data-theme="{escape(theme)}"'
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}"{looks}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def page(title: str, body: str) -> bytes:
    """``body`` is HTML already."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def block(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"


def link(to: str, words: str) -> str:
    return f'<a href="{escape(to)}">{escape(words)}</a>'


def prose(text: str) -> str:
    """The little Markdown that the document's words use: `code`, **strong**, paragraphs and lists."""
    parts = []
    for paragraph in text.strip().split("\n\n"):
        lines = paragraph.split("\n")
        if all(line.startswith("* ") for line in lines):
            parts.append("<ul>" + "".join(f"<li>{inline(line[2:])}</li>" for line in lines) + "</ul>")
        else:
            parts.append(f"<p>{inline(' '.join(lines))}</p>")
    return "\n".join(parts)


def inline(text: str) -> str:
    halves = escape(text, quote=False).split("`")
    quoted = "".join(f"<code>{half}</code>" if nth % 2 else half for nth, half in enumerate(halves))
    strong = quoted.split("**")
    return "".join(f"<strong>{part}</strong>" if nth % 2 else part for nth, part in enumerate(strong))
