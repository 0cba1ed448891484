"""Windows of time, given by two dates in EDTF, and what certainly or possibly lies in one; µs since 1970, half-open."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from service.domain import edtf
from service.domain.edtf import BEGINNING, FOREVER, Bounds, Span

Match = Literal["possible", "certain"]


class Window(msgspec.Struct, frozen=True):
    """From ``begins`` up to before ``ends``; everything where nothing is given."""

    begins: int = BEGINNING
    ends: int = FOREVER

    def holds_some_of(self, spans: Sequence[Span], match: Match) -> bool:
        """Whether what happened at one instant of each span did so in the window, as far as that can be told."""
        if match == "certain":
            return any(self.begins <= span.earliest and span.latest < self.ends for span in spans)
        return any(span.earliest < self.ends and span.latest >= self.begins for span in spans)

    def meets(self, bounds: Bounds, match: Match) -> bool:
        """Whether what lasted had a part in the window, as far as that can be told."""
        if match == "certain":
            lasted_into = bounds.ends_earliest > self.begins or bounds.starts_earliest >= self.begins
            return bounds.starts_latest < self.ends and lasted_into
        return bounds.starts_earliest < self.ends and bounds.ends_latest > self.begins


EVERYTHING = Window()


def begins(text: str) -> int:
    """The earliest instant of a date in EDTF, where a window from it begins. Raises UnreadableDate."""
    return edtf.span(edtf.parse(text)).earliest


def ends(text: str) -> int:
    """The first instant after a date in EDTF, up to which a window to it goes. Raises UnreadableDate."""
    latest = edtf.span(edtf.parse(text)).latest
    return latest if latest == FOREVER else latest + 1
