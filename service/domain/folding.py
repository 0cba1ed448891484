"""Texts made comparable: without case, accents and the dots that Turkish tells letters by; for searching only."""

import unicodedata
from functools import lru_cache

LETTERS = str.maketrans(
    {"\N{LATIN SMALL LETTER DOTLESS I}": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
"""Letters that Unicode gives no accents to be taken off, and what a reader without them writes."""


@lru_cache(maxsize=8192)  # names and titles come again and again
def folded(text: str) -> str:
    """``Türkiye``, ``TÜRKİYE`` and ``turkiye`` become one; white space becomes single spaces."""
    plain = unicodedata.normalize("NFKD", text)  # some letters have a case only once they are taken apart
    apart = unicodedata.normalize("NFKD", plain.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.translate(LETTERS).split())


def words_of(text: str) -> tuple[str, ...]:
    """Each word that is looked for, folded."""
    return tuple(dict.fromkeys(folded(text).split()))


def says(texts: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether every word is part of one of the texts, in whatever order."""
    found = [folded(text) for text in texts]
    return all(any(word in text for text in found) for word in words)
