"""To answer of one relationship: by a core that is kept, or by asking and folding; the bytes are the same."""

import time
from collections.abc import Hashable
from typing import Any

import msgspec

from service.history.asking import ask_at, recalled
from service.history.cores import Core, Cores, digest_of
from service.history.points import Standpoint, When, needed
from service.projections import Projection, Question, View
from service.projections.criteria import Criteria
from service.projections.made import Made
from service.projections.stability import extent_of, stands_on
from service.store.log import Log
from service.store.readers import Reader

STANDS_ON = b',"as_of":'
"""No text in JSON can hold it, as its quotes would be escaped there."""


class Merged(Exception):
    """No refusal: a member was merged into another actor by then, and the answer stands at another address."""

    def __init__(self, relationship: str) -> None:
        super().__init__(relationship)
        self.relationship = relationship


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer's JSON, what tells it from any other, where it stands, and the seconds that went into it."""

    body: bytes
    digest: bytes
    core: bytes
    """Tells it from other answers but for where it stands."""
    later: int
    """Until when, by the valid time alone, its core stays as it is; in µs."""
    elsewhere: bool = False
    """Events that touched other relationships alone bear on it, too."""
    at: Standpoint
    asking: float
    folding: float


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """All that is asked of a relationship besides which it is."""

    when: When
    lang: str = "en"
    criteria: Criteria = Criteria()


async def answer_as_of(
    log: Log,
    cores: Cores,
    projection: Projection,
    ledger: str,
    relationship: str,
    asked: Asked,
    *,
    looking: bool = False,
) -> Answered:
    """With ``looking``, the ledger is looked at even for a final answer. Raises as ``stand`` does, and Merged."""
    begun = time.perf_counter()
    at = None if looking else cores.remembered.recall(ledger, asked.when, relationship)
    types = None if at is None else log.types_at_hand(ledger)
    if at is not None and types is not None:
        key, found = _kept(cores, projection, at, ledger, relationship, asked)
        found = found or recalled(types, ledger, relationship, at, asked.lang, asked.criteria, cores.remembered)
        if found is not None:
            return _answered(cores, projection, ledger, at, key, found, begun)

    async def ask(reader: Reader) -> Answered:
        await reader.types(ledger)  # not while a connection is held, as far as that can be had
        async with reader.late_connection() as connection:
            here = at or await cores.remembered.stand(connection, ledger, asked.when, relationship)
            key, found = _kept(cores, projection, here, ledger, relationship, asked)
            if found is None:
                lang, criteria = asked.lang, asked.criteria
                found = await ask_at(reader, connection, ledger, relationship, here, lang, criteria, cores.remembered)
        return _answered(cores, projection, ledger, here, key, found, begun)

    return await log.ask(ledger, needed(asked.when), ask)


def _kept(
    cores: Cores, projection: Projection, at: Standpoint, ledger: str, relationship: str, asked: Asked
) -> tuple[tuple[Hashable, ...], Core | Question | None]:
    """Its key, and what is kept of the answer. Raises Merged."""
    if (survivor := at.aliases.relationship(relationship)) != relationship:
        raise Merged(survivor)
    key = _key(projection, at, ledger, relationship, asked)
    return key, cores.of(key, at.as_of.position, at.as_of.valid)


def _answered(
    cores: Cores,
    projection: Projection,
    ledger: str,
    at: Standpoint,
    key: tuple[Hashable, ...],
    found: Core | Question,
    begun: float,
) -> Answered:
    read = time.perf_counter()
    folding = 0.0
    if isinstance(found, Core):
        where = msgspec.json.encode(stands_on(at.as_of, at.revision, found.since, (found.earlier, found.later)))
        body, digest, later, elsewhere = found.before + where + found.after, found.digest, found.later, found.elsewhere
    else:
        view = _view(projection, found, cores.remembered.past(ledger, at.head).made(found.types))
        said: Any = projection.fold(view)
        body, where = msgspec.json.encode(said), msgspec.json.encode(said.as_of)
        earlier, later = extent_of(view)
        elsewhere = _hangs_on_others(found)
        whole = view.whole_answer
        if whole is None:
            core = _core(body, where, earlier, later, found.since, elsewhere=elsewhere)
            cores.put((*key, at.as_of.position if elsewhere else None), core)
            digest = core.digest
        else:  # it is found again by its facts
            digest = whole.digest = whole.digest or _digest(body, where)
        folding = time.perf_counter() - read
    return Answered(
        body=body,
        digest=digest + where,
        core=digest,
        later=later,
        elsewhere=elsewhere,
        at=at,
        asking=read - begun,
        folding=folding,
    )


def _key(projection: Projection, at: Standpoint, ledger: str, relationship: str, asked: Asked) -> tuple[Hashable, ...]:
    as_of = at.as_of
    return (
        *(projection.name, ledger, at.head.epoch.int, relationship, at.touched, at.described),
        *(as_of.reported, asked.lang, asked.criteria),
        # What lies ahead of the known time is projected, and how hangs on both.
        as_of.known if as_of.projected else None,
    )


def _hangs_on_others(question: Question) -> bool:
    """Then only a position says which answer it is."""
    if question.as_of.reported is not None:
        return True
    if not question.claims:
        return False
    named = {claim.fulfilled_by for claim in question.claims if claim.expectation} - {None}
    if not named:
        return False
    here = {claim.id for claim in question.claims}
    if question.so is not None:
        facts, bits = question.so
        here.update(present.id for present in facts.among(bits))
    return not named <= here


def _digest(body: bytes, where: bytes) -> bytes:
    whole, begins = memoryview(body), _begins(body, where)
    return digest_of(whole[:begins], whole[begins + len(where) :])


def _begins(body: bytes, where: bytes) -> int:
    return body.index(STANDS_ON + where) + len(STANDS_ON)


def _view(projection: Projection, question: Question, made: Made) -> View:
    return View(question, made, to_be_sent=projection.only_sends_lines and not question.criteria.certain_only)


def _core(body: bytes, where: bytes, earlier: int, later: int, since: int, *, elsewhere: bool) -> Core:
    """Of an answer, with what it says of where it stands."""
    begins = _begins(body, where)
    return Core(
        before=body[:begins],
        after=body[begins + len(where) :],  # not a view: the whole has room for more at its end
        digest=_digest(body, where),
        earlier=earlier,
        later=later,
        since=since,
        elsewhere=elsewhere,
    )
