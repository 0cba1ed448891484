"""Examples of answers across relationships: what the same folds say of the sample ledger."""

from collections.abc import Sequence

import msgspec

from service.domain.as_of import AsOf, rfc3339
from service.domain.claims import Claim, Omitted, fold
from service.domain.claims import Recorded as Event
from service.domain.events import Statement
from service.domain.names import actors_of
from service.domain.reading import relationships_of
from service.domain.types import TYPES
from service.domain.windows import Window
from service.projections import Question
from service.projections.across import across_as_of, left_out
from service.projections.actors import FoundActors, actor_found, described
from service.projections.criteria import Sifted
from service.projections.operators import operators
from service.projections.relationships import Place, Relationships, Touches, numbers_of, told_in_short
from service.projections.searching import Sought, found_claims, pick
from service.projections.suppliers import suppliers


def answers(sample: Sequence[Event], as_of: AsOf) -> dict[str, msgspec.Struct]:
    """By name of component."""
    claims = list(fold(sample).claims.values())
    question = _question(claims, as_of)
    named, lang, at = question.actors, "en", as_of.valid
    places = {
        slug: Place(position=event.position, recorded_at=rfc3339(event.recorded_at))
        for event in reversed(sample)
        if isinstance(event.event, Statement)
        for slug in (party.actor for party in event.event.parties)
    }
    seen = {slug: (place, place) for slug, place in places.items()}
    pak = actor_found(
        "pak", as_of, named, lang=lang, known=True, seen=seen["pak"], parts=list(named.descriptions), relationships=()
    )
    address = f"http://127.0.0.1:8000/v1/ledgers/drones/relationships?actor=pak&valid_at={rfc3339(at)}"
    tur = [claim for claim in reversed(claims) if any(party.actor == "baykar" for party in claim.statement.parties)]
    picked, possible, sifted = pick(tur[:2], question, Sought(actor="baykar"))
    here = [claim for claim in claims if "pak--tur" in relationships_of(claim.statement)]
    touched = [event for event in sample if event.claim in {claim.id for claim in here}]
    first, last = ((event.position, event.recorded_at) for event in (touched[0], touched[-1]))
    tied = told_in_short("pak--tur", Touches(len(touched), first, last), numbers_of(here, at), (named, lang, at))
    nothing = left_out(0, Sifted(()), Omitted())
    return {
        "ClaimsFound": found_claims(question, picked, possible, sifted),
        "Relationships": Relationships(as_of=across_as_of(as_of), relationships=(tied,), omitted=nothing),
        "Operators": operators(question, "tb2", "Bayraktar TB2"),
        "ActorFound": msgspec.structs.replace(pak, all_relationships=f"{address}&known_position={as_of.position}"),
        "FoundActors": FoundActors(
            as_of=across_as_of(as_of),
            actors=tuple(described(slug, named, seen[slug], lang, at) for slug in ("paf", "pak")),
        ),
        "Suppliers": suppliers(question, "pak", Window(), "quantity"),
    }


def _question(claims: Sequence[Claim], as_of: AsOf) -> Question:
    return Question(
        relationship="", as_of=as_of, claims=claims, actors=actors_of(claims), known=True, revision=0, types=TYPES
    )
