"""What every projection is asked: claims at one point, with all that is needed to answer from them."""

from collections.abc import Mapping, Sequence

import msgspec

from service.domain.actors import LanguageTag
from service.domain.as_of import AsOf
from service.domain.claims import Claim, Omitted
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.names import Actors
from service.domain.types import EventType
from service.projections.criteria import Criteria
from service.projections.facts import Facts


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One relationship at one point; all parts stand at the same position and reported day."""

    relationship: str
    as_of: AsOf
    claims: Sequence[Claim]
    """All that are visible: known, reported by then and not retracted; of those that are neither so at the valid time
    nor expectations, any may be left out."""
    edges: tuple[int, int] = (BEGINNING, FOREVER)
    """Of those left out: the last instant, by the valid time, at which one ceased; the next at which one begins."""
    retracted: int = 0
    """How many claims are retracted."""
    actors: Actors
    fulfilments: Mapping[str, Claim] = {}
    """By id: the visible claims that fulfilled an expectation, of any relationship."""
    omitted: Omitted = Omitted()
    known: bool
    """False where nothing at all is visible of this relationship."""
    revision: int
    since: int = 0
    """The end of the last batch that bears on the answer; 0 where none does."""
    lang: LanguageTag = "en"
    criteria: Criteria = Criteria()
    types: Mapping[str, EventType]
    so: tuple[Facts, int] | None = None
    """Facts and the set of those that are so, where that is known already: ``claims`` then has expectations alone, and
    ``edges`` are those of all facts."""
