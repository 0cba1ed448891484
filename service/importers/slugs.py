"""Slugs of names and designations: ASCII, the same for the same text, and never one that means something else."""

import hashlib
import re
from functools import lru_cache

from service.domain.folding import folded

LONGEST = 64
_ACCENTED = str.maketrans({"ß": "ss", "ħ": "h", "ŧ": "t", "ŋ": "n", "ƒ": "f"})


@lru_cache(maxsize=65536)  # a register names the same few over and over
def slug_of(text: str) -> str:
    """Letters without accents, digits, and hyphens between; a hash at its end where that says too little."""
    plain = folded(text).translate(_ACCENTED)
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    lost = any(letter.isalnum() and not letter.isascii() for letter in plain)
    if slug and not lost and len(slug) <= LONGEST:
        return slug
    return f"{slug[: LONGEST - 9].strip('-')}-{digest(text, 8)}".lstrip("-")


def digest(text: str, length: int) -> str:
    """The first hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@lru_cache(maxsize=65536)
def key_of(text: str) -> str:
    """What names that are written differently have in common: no case, accents, spaces or punctuation."""
    return "".join(letter for letter in folded(text) if letter.isalnum())
