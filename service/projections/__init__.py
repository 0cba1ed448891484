"""Pure folds from the claims at one point to an answer; a new one is a module, and its line in ``CATALOGUE``."""

from collections.abc import Callable

import msgspec

from service.projections.glance import Glance, glance
from service.projections.question import Question
from service.projections.state import State, state
from service.projections.view import View

__all__ = ["CATALOGUE", "PROJECTIONS", "Projection", "Question", "View"]


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """One way to answer of a relationship as of a point; its route, its schema and its validators follow from this."""

    name: str
    version: int
    """Raised whenever the same question gets other bytes than before."""
    answer: type[msgspec.Struct]
    """With a field ``as_of``, a StandsOn."""
    fold: Callable[[View], msgspec.Struct]
    only_sends_lines: bool = False
    """It looks at no line once that is made, unless only certain ones are wanted: their JSON may stand for them."""
    path: str
    """Under the relationship's own address."""
    title: str
    description: str


CATALOGUE = (
    Projection(
        name="state",
        version=1,
        answer=State,
        fold=state,
        only_sends_lines=True,
        path="",
        title="The state of a relationship, as of a day and as then known",
        description="Every line says how certain it is, how it stands, and which claims and sources it stands on. "
        "Any well-formed relationship has an answer: `known` is false where nothing is recorded of it. The answer says "
        "which position it stands on; asked again with it as `known_position`, it repeats byte for byte.",
    ),
    Projection(
        name="glance",
        version=1,
        answer=Glance,
        fold=glance,
        path="/glance",
        title="A relationship in short, as of a day and as then known",
        description="For a page's heading: how far it has come, the platforms that are held, the facilities, and how "
        "many lines the state has beside them. A few hundred bytes, whatever the relationship holds.",
    ),
)
PROJECTIONS: dict[str, Projection] = {projection.name: projection for projection in CATALOGUE}
