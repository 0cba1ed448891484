"""Pure folds from the claims at one point to an answer; a new one is a module, and its line in ``CATALOGUE``."""

from collections.abc import Callable

import msgspec

from service.projections.question import Question
from service.projections.state import State, state

__all__ = ["PROJECTIONS", "Projection", "Question"]


class Projection(msgspec.Struct, frozen=True):
    """One way to answer."""

    name: str
    version: int
    """Raised whenever the same question gets other bytes than before."""
    answer: type[msgspec.Struct]
    fold: Callable[[Question], msgspec.Struct]


CATALOGUE = (Projection("state", 1, State, state),)
PROJECTIONS: dict[str, Projection] = {projection.name: projection for projection in CATALOGUE}
