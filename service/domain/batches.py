"""One batch before it meets the ledger: what it asks of each claim as it stood before; all inside it is settled."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from service.domain.events import Assert, Confirm, Correct, Deny, Expect, Fulfil, Reinstate, Retract, Statement
from service.domain.reading import Draft
from service.domain.refusals import Fault, Invalid

Demand = Literal["absent", "present", "standing", "retracted", "expectation", "unfulfilled", "fact"]
"""What a claim must be in the ledger before the batch: not there; there; there and not retracted; there and retracted;
an expectation; one that nothing has fulfilled; no expectation."""

WHY: dict[Demand, tuple[str, str]] = {
    "absent": ("claim-exists", "the claim `{claim}` exists already; correct it, or choose another id"),
    "present": ("claim-unknown", "there is no claim `{claim}` in this ledger"),
    "standing": ("claim-retracted", "the claim `{claim}` is retracted; reinstate it first"),
    "retracted": ("claim-not-retracted", "the claim `{claim}` is not retracted"),
    "expectation": (
        "not-an-expectation",
        "the claim `{claim}` is no expectation; only an expectation can be fulfilled",
    ),
    "unfulfilled": ("already-fulfilled", "the expectation `{claim}` is fulfilled already"),
    "fact": ("an-expectation", "the claim `{claim}` is itself an expectation and cannot fulfil another"),
}


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """Event ``index`` (from 0) of the batch needs ``claim``, named in its ``field``, to meet ``demand``."""

    index: int
    field: str
    claim: str
    demand: Demand

    def fault(self) -> Fault:
        code, why = WHY[self.demand]
        return Fault(f"/events/{self.index}/{self.field}", code, why.format(claim=self.claim))


class Touch(msgspec.Struct, frozen=True):
    """Event ``index`` touches what the ``claim`` belonged to before the batch."""

    index: int
    claim: str


class Batch(msgspec.Struct, frozen=True):
    """Drafts that are recorded together or not at all."""

    drafts: tuple[Draft, ...]
    requirements: tuple[Requirement, ...]
    touches: tuple[tuple[int, str], ...]
    """(index, relationship): what each event touches by what the batch itself says."""
    prior: tuple[Touch, ...]

    @property
    def merges(self) -> bool:
        """It may change which actors can be named from then on: what a reinstatement brings back may be a merge."""
        return any(merged_actor(draft) is not None or isinstance(draft.event, Reinstate) for draft in self.drafts)

    @property
    def claims(self) -> frozenset[str]:
        """Every claim it acts on or names."""
        return frozenset(requirement.claim for requirement in self.requirements)


class _Claim:
    """What is known of a claim while the batch is read; None where only the ledger knows."""

    def __init__(self) -> None:
        self.there: bool | None = None
        self.retracted: bool | None = None
        self.expectation: bool | None = None
        self.fulfilled: bool | None = None
        self.relationships: frozenset[str] | None = None


_MEANS: dict[Demand, tuple[str, bool]] = {
    "absent": ("there", False),
    "present": ("there", True),
    "standing": ("retracted", False),
    "retracted": ("retracted", True),
    "expectation": ("expectation", True),
    "unfulfilled": ("fulfilled", False),
    "fact": ("expectation", False),
}
"""Of a _Claim: the attribute, and what it must be."""


class _Reader:
    """Walks the drafts in order; what the batch itself decides is decided here, the rest becomes a requirement."""

    def __init__(self) -> None:
        self.claims: dict[str, _Claim] = {}
        self.requirements: list[Requirement] = []
        self.faults: list[Fault] = []
        self.touches: list[tuple[int, str]] = []
        self.prior: list[Touch] = []

    def demand(self, index: int, field: str, claim: str, *demands: Demand) -> None:
        state = self.claims.setdefault(claim, _Claim())
        for demand in demands:
            requirement = Requirement(index, field, claim, demand)
            attribute, wanted = _MEANS[demand]
            known = getattr(state, attribute)
            if known is None:
                self.requirements.append(requirement)
                setattr(state, attribute, wanted)
            elif known != wanted:
                self.faults.append(requirement.fault())
                return

    def touch(self, index: int, claim: str) -> None:
        """The event touches what the claim belongs to as the walk stands."""
        state = self.claims[claim]
        if state.relationships is None:
            self.prior.append(Touch(index, claim))
        else:
            self.touches += [(index, relationship) for relationship in state.relationships]

    def read(self, index: int, draft: Draft) -> None:
        event, claim = draft.event, draft.claim
        match event:
            case Assert() | Expect():
                self.demand(index, "claim" if event.claim != draft.id else "id", claim, "absent")
                state = self.claims[claim]
                state.there, state.retracted, state.fulfilled = True, False, False
                state.expectation = isinstance(event, Expect)
            case Correct():
                self.demand(index, "claim", claim, "present", *(() if event.late else ("standing",)))
                self.touch(index, claim)
            case Retract():
                self.demand(index, "claim", claim, "present", "standing")
                self.touch(index, claim)
                self.claims[claim].retracted = True
            case Reinstate():
                self.demand(index, "claim", claim, "present", "retracted")
                self.touch(index, claim)
                self.claims[claim].retracted = False
            case Confirm() | Deny():
                self.demand(index, "claim", claim, "present", "standing")
                self.touch(index, claim)
            case Fulfil():
                self.demand(index, "claim", claim, "present", "expectation", "standing", "unfulfilled")
                self.demand(index, "fulfilled_by", event.fulfilled_by, "present", "standing", "fact")
                self.touch(index, claim)
                self.touch(index, event.fulfilled_by)
                self.claims[claim].fulfilled = True
        if draft.statement is not None:
            self.touches += [(index, relationship) for relationship in draft.relationships]
            # A late correction may lose to what is in force, and then the claim stays where it was: both are touched.
            state = self.claims[claim]
            before = state.relationships if isinstance(event, Correct) and event.late else frozenset()
            state.relationships = None if before is None else before | frozenset(draft.relationships)


def read_batch(drafts: Sequence[Draft]) -> Batch:
    """Raises Invalid where the batch contradicts itself: an id twice, a claim corrected after it was retracted."""
    reader = _Reader()
    seen: dict[str, int] = {}
    for index, draft in enumerate(drafts):
        if draft.id in seen:
            first = seen[draft.id]
            reader.faults.append(
                Fault(f"/events/{index}/id", "repeated", f"event {first} of this batch has the id `{draft.id}` already")
            )
            continue
        seen[draft.id] = index
        reader.read(index, draft)
    reader.faults += _merged_in(drafts)
    if reader.faults:
        raise Invalid(reader.faults)
    return Batch(
        tuple(drafts),
        tuple(reader.requirements),
        tuple(sorted(set(reader.touches))),
        tuple(dict.fromkeys(reader.prior)),
    )


def merged_actor(draft: Draft) -> str | None:
    """The slug that an ``actor-merge`` gives up."""
    event = draft.event
    if not isinstance(event, Statement) or event.type != "actor-merge":
        return None
    return next(party.actor for party in event.parties if party.role == "merged")


def _merged_in(drafts: Sequence[Draft]) -> list[Fault]:
    """Events that name an actor which an earlier event of the same batch merged into another."""
    faults: list[Fault] = []
    merged: dict[str, tuple[str, str]] = {}
    if all(merged_actor(draft) is None for draft in drafts):
        return faults
    for index, draft in enumerate(drafts):
        if draft.statement is None:
            continue
        named = {party.actor for party in draft.statement.parties}
        named.update(actor for relationship in draft.relationships for actor in relationship.split("--"))
        for actor in sorted(named & merged.keys()):
            survivor, claim = merged[actor]
            if claim != draft.claim:
                detail = f"`{actor}` was merged into `{survivor}`; name that one"
                faults.append(Fault(f"/events/{index}/parties", "merged-actor", detail))
        if (gone := merged_actor(draft)) is not None:
            survivor = next(party.actor for party in draft.statement.parties if party.role == "survivor")
            merged[gone] = survivor, draft.claim
    return faults
