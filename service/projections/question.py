"""What every projection is asked: claims at one point, with all that is needed to answer from them."""

from collections.abc import Mapping, Sequence

import msgspec

from service.domain.actors import LanguageTag
from service.domain.as_of import AsOf
from service.domain.claims import Claim, Omitted, Recorded
from service.domain.names import Actors
from service.domain.types import EventType


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One relationship at one point; all parts stand at the same position and reported day."""

    relationship: str
    as_of: AsOf
    claims: Sequence[Claim]
    """All that are visible: known, reported by then and not retracted, whatever their own dates."""
    retracted: Sequence[Recorded] = ()
    """The retractions in force."""
    actors: Actors
    fulfilments: Mapping[str, Claim] = {}
    """By id: the visible claims that fulfilled an expectation, of any relationship."""
    omitted: Omitted = Omitted()
    known: bool
    """False where nothing at all is visible of this relationship."""
    revision: int
    lang: LanguageTag = "en"
    certain_only: bool = False
    types: Mapping[str, EventType]
