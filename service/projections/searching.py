"""Claims found across a ledger: which are looked for, each told in few fields; a filter is a field of ``Sought``."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain import edtf
from service.domain.actors import Aliases, RelationshipId, Slug
from service.domain.claims import Claim, Standing
from service.domain.events import Id, OfficialStatus
from service.domain.folding import folded, says
from service.domain.reading import data_of, relationships_of
from service.domain.types import TYPES, Label, Platform, TypeName
from service.projections.across import AcrossAsOf, LeftOutOfPage, across_as_of, left_out
from service.projections.criteria import Sifted, sift
from service.projections.lines import (
    MOST_SOURCES,
    Answer,
    Certainty,
    Dated,
    Ending,
    NamedParty,
    ShownSource,
    ending_of,
    out_by,
    shown,
    since_of,
)
from service.projections.question import Question
from service.projections.view import View

VERSION = 1
"""Raised whenever the same question gets other bytes than before."""
MOST_NAMED = 20
"""Relationships of a claim that are told."""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which claims are looked for; every filter that is given must be met."""

    words: tuple[str, ...] = ()
    """Folded; each in the title, a translation of it, or the phrase."""
    type: TypeName | None = None
    tag: Label | None = None
    platform: Slug | None = None
    """That the claim's data is about; what an agreement merely considers is none."""
    source: Label | None = None
    """A publisher; case and accents do not matter."""
    actor: Slug | None = None
    relationship: RelationshipId | None = None

    def meets(self, claim: Claim, aliases: Aliases, reported_by: int | None) -> bool:
        statement = claim.statement
        if self.type not in (None, statement.type) or (self.tag is not None and self.tag not in statement.tags):
            return False
        if self.actor is not None and all(aliases.survivor(one.actor) != self.actor for one in statement.parties):
            return False
        if self.relationship is not None and self.relationship not in map(
            aliases.relationship, relationships_of(statement)
        ):
            return False
        if self.platform is not None and self.platform != _platform(claim):
            return False
        if self.source is not None:
            wanted = folded(self.source)
            if all(folded(one.publisher) != wanted for one in out_by(statement.sources, reported_by)):
                return False
        texts = (statement.title, statement.phrase, *statement.translations.values())
        return not self.words or says(tuple(text for text in texts if text is not None), self.words)


class ClaimFound(Answer, frozen=True, kw_only=True):
    """One claim, in short; its own address tells all of it."""

    id: Id
    position: Annotated[int, Meta(ge=1)]
    """Of the event whose content is in force."""
    type: TypeName
    title: str | UnsetType = UNSET
    """In the language asked for where there is a translation."""
    parties: tuple[NamedParty, ...]
    relationships: Annotated[tuple[RelationshipId, ...], Meta(max_length=MOST_NAMED)]
    since: Dated
    until: Ending | UnsetType = UNSET
    """Of a state whose end is known."""
    ends: Literal["open", "unknown"] | UnsetType = UNSET
    """Of any other state: it lasted as far as was heard, or nobody says when it ended."""
    expectation: bool
    certainty: Certainty | UnsetType = UNSET
    """Absent where it is not so at the valid time: not yet, no more, or only expected."""
    standing: Standing
    official_status: OfficialStatus | UnsetType = UNSET
    tags: tuple[Label, ...]
    sources: Annotated[tuple[ShownSource, ...], Meta(max_length=MOST_SOURCES)]


class ClaimsFound(Answer, frozen=True, kw_only=True):
    """Claims as of one point, whatever their dates; the content recorded last first."""

    as_of: AcrossAsOf
    claims: tuple[ClaimFound, ...]
    omitted: LeftOutOfPage
    next: str | UnsetType = UNSET
    """The address of the next page, while there may be more."""


def pick(claims: Iterable[Claim], question: Question, sought: Sought) -> tuple[list[Claim], int, Sifted]:
    """Those that are looked for, in their order; how many were only possible; and what the grades left out."""
    criteria, as_of = question.criteria, question.as_of
    wanted = [claim for claim in claims if sought.meets(claim, question.actors.aliases, as_of.reported)]
    sifted = sift(wanted, criteria, as_of.reported)
    kept = [claim for claim in sifted.claims if not criteria.certain_only or _so(claim, as_of.valid) == "certain"]
    return kept, len(sifted.claims) - len(kept), sifted


def found_claims(question: Question, picked: Sequence[Claim], possible: int, sifted: Sifted) -> ClaimsFound:
    """``picked``: in the order in which they are told."""
    view = View(msgspec.structs.replace(question, claims=()))
    return ClaimsFound(
        as_of=across_as_of(question.as_of),
        claims=tuple(_told(view, claim) for claim in picked),
        omitted=left_out(possible, sifted, question.omitted),
    )


def _told(view: View, claim: Claim) -> ClaimFound:
    statement, aliases, reported = claim.statement, view.question.actors.aliases, view.question.as_of.reported
    type_ = view.question.types.get(statement.type)
    lasts = type_ is not None and type_.lasts
    until, ends = ending_of(statement, claim.bounds) if lasts and not claim.expectation else (UNSET, UNSET)
    return ClaimFound(
        id=claim.id,
        position=claim.content.position,
        type=statement.type,
        title=view.tongue.title(statement),
        parties=view.parties(statement),
        relationships=tuple(sorted({aliases.relationship(one) for one in relationships_of(statement)})[:MOST_NAMED]),
        since=since_of(statement, claim.bounds, lasts=lasts),
        until=until,
        ends=ends,
        expectation=claim.expectation,
        certainty=_so(claim, view.at) or UNSET,
        standing=claim.standing,
        official_status=statement.official_status or UNSET,
        tags=statement.tags,
        sources=tuple(shown(statement.sources, reported)[:MOST_SOURCES]),
    )


def _so(claim: Claim, at: int) -> Certainty | None:
    return None if claim.expectation else edtf.certainty(claim.bounds, at)


def _platform(claim: Claim) -> str | None:
    data = data_of(claim.statement, TYPES)
    return data.platform if isinstance(data, Platform) else None
