"""From which instants on something may read otherwise, by its dates alone."""

from collections.abc import Sequence

from service.domain.edtf import FOREVER, Bounds, Span


def window_of(bounds: Bounds) -> tuple[int, int]:
    """Of an expectation: its first and its last microsecond.

    A correction may give it as a state, whose end then ends the window.
    """
    ends = bounds.starts_latest if bounds.ends_latest == FOREVER else bounds.ends_latest - 1
    return bounds.starts_earliest, max(ends, bounds.starts_latest)


def edges_of(bounds: Bounds, members: Sequence[Span], *, expectation: bool) -> Sequence[int]:
    """Every instant from which on a claim with these dates may say something else."""
    if expectation:
        earliest, latest = window_of(bounds)
        return earliest, FOREVER if latest == FOREVER else latest + 1
    edges = bounds_edges(bounds)
    return edges + tuple(edge for member in members for edge in (member.earliest, member.latest)) if members else edges


def bounds_edges(bounds: Bounds) -> tuple[int, int, int, int]:
    # What may have ended before it must have begun is gone from its end on: then nothing changes any more.
    starts_latest = min(bounds.starts_latest, bounds.ends_latest)
    return bounds.starts_earliest, starts_latest, bounds.ends_earliest, bounds.ends_latest
