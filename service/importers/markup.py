"""From the HTML of others to the words in it, in time that grows with its length alone."""

import re
from html import unescape

LONGEST = 50_000
"""Characters that are looked at: what comes after is left out."""
_COMMENT = re.compile(r"<!--|-->")
_TAG = re.compile(r"(<[/!?a-zA-Z][^<>]*>)")
_NAME = re.compile(r"</?([a-z0-9]+)", re.ASCII | re.IGNORECASE)
_BREAKS = frozenset({"p", "br", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "tr", "ul", "ol"})
_UNSEEN = frozenset({"script", "style"})


def plain(html: str | None) -> str:
    """Without markup, and without what a browser would run or apply; lines are kept, and runs of spaces are one."""
    if not html:
        return ""
    text = html[:LONGEST]
    if "<" in text or "&" in text:
        text = unescape("".join(_words(_without_comments(text))))
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))


def _without_comments(text: str) -> str:
    """One that does not end takes the rest with it."""
    kept, begins, open_ = list[str](), 0, False
    for mark in _COMMENT.finditer(text):
        if not open_ and mark[0] == "<!--":
            kept.append(text[begins : mark.start()])
            open_ = True
        elif open_ and mark[0] == "-->":
            begins, open_ = mark.end(), False
    return "".join(kept) if open_ else "".join([*kept, text[begins:]])


def _words(text: str) -> list[str]:
    words, unseen = list[str](), ""
    for number, part in enumerate(_TAG.split(text)):
        if number % 2 == 0:
            words += [] if unseen else [part]
        elif found := _NAME.match(part):
            name = found[1].lower()
            if name in _UNSEEN and unseen in ("", name):
                unseen = "" if part.startswith("</") else name
            elif name in _BREAKS:
                words.append("\n")
    return words
