"""An import on its way into a ledger: batch after batch is planned while the one before it is recorded."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence

import msgspec

from service.domain.batches import read_batch
from service.domain.claims import Recorded, fold
from service.domain.events import Retract, Statement
from service.domain.reading import span_of
from service.domain.refusals import Conflict, Fault, Invalid, NotFound
from service.domain.revising import Revision
from service.importers.items import Export, Given, Group, Importer, Item, Missing, Refused, Unit
from service.importers.names import Names
from service.importing.counted import Counted
from service.importing.planning import (
    Planned,
    as_given,
    claims_of,
    described,
    draft_of,
    families_of,
    matched,
    planned,
    refused,
)
from service.importing.report import MOST_LISTED, Absent, ImportReport
from service.store import registers
from service.store.log import Log
from service.store.request import Request, alone

BATCH = 500
"""Claims that are recorded together, or a few more: a unit is never parted."""
BREATH = 32
"""Units planned before other tasks of the process get their turn."""
MOST_AT_ONCE = 100_000
"""Events that are looked at together in a trial."""
MOST_ROUNDS = 20
"""Times that a batch is tried again without what was refused of it, before each unit is tried alone."""
UNTIL_SENT = 6
"""Turns that others need before a batch is on its way to the database, which then works while we do."""


class CannotTell(Exception):
    """What was asked for cannot be done with this export; the message says why."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with a file."""

    importer: Importer
    names: Names
    by: str
    dry_run: bool = False
    retract_missing: bool = False


class Import:
    """One file on its way into one ledger."""

    def __init__(
        self, log: Log, ledger: str, wanted: Wanted, counted: Counted, tell: Callable[[Refused], None]
    ) -> None:
        self.log, self.ledger, self.wanted, self.counted, self.tell = log, ledger, wanted, counted, tell
        self.report = ImportReport(format=wanted.importer.name, ledger=ledger, dry_run=wanted.dry_run)
        self.described: set[str] = set()
        self.known = self.had = True
        """Whether the ledger has claims of this register, and whether it had at the beginning."""
        self.again: set[int] = set()
        """Lines of units that were planned a second time."""
        self.export = Export(prefix="")
        self.task: asyncio.Task[None] | None = None

    async def run(self, items: Iterator[Item]) -> ImportReport:
        """Raises Unreadable, CannotTell, NotFound and Unavailable; what was recorded until then stays."""
        self.types = await self.log.types(self.ledger, afresh=True)
        async with self.log.connection() as connection:
            self.described = await registers.described(connection, self.ledger)
        waiting, claims = list[Group | Given](), 0
        # In a trial, an event can be about a claim that was not recorded: both have to be in one batch.
        most = MOST_AT_ONCE if self.wanted.dry_run else BATCH
        try:
            for item in items:
                if isinstance(item, Group | Given):
                    waiting.append(item)
                    claims += 1 if isinstance(item, Given) else sum(len(unit.claims) for unit in item.units)
                    if claims >= (most if isinstance(item, Given) else BATCH):
                        await self._begin(waiting)
                        waiting, claims = [], 0
                elif isinstance(item, Refused):
                    self._refuse(item)
                else:
                    await self._opened(item)
            await self._begin(waiting)
            await self._ended()
            await self._look_for_missing()
            await self._ended()
        finally:
            if self.task is not None:  # what was begun ends whole, whoever waits for it
                await asyncio.wait([self.task])
                if not self.task.cancelled():
                    self.task.exception()
        return self.report

    async def _opened(self, export: Export) -> None:
        """Raises CannotTell."""
        self.export = export
        self.report.exported(export)
        if self.wanted.retract_missing:
            self._missing()
        async with self.log.connection() as connection:
            found = export.prefix and await registers.claims_after(connection, self.ledger, export.prefix, "", 1)
        self.known = self.had = bool(found)

    def _missing(self) -> Missing:
        """Raises CannotTell."""
        telling = self.wanted.importer.missing
        found = (
            f"`{self.wanted.importer.name}` does not tell of whole registers"
            if telling is None
            else "the day of the export is not known"
            if self.export.reported is None
            else telling(self.export, self.export.reported)
        )
        if isinstance(found, str):
            raise CannotTell(f"what is missing cannot be retracted: {found}")
        return found

    async def _begin(self, groups: Sequence[Group | Given]) -> None:
        """Plans them, and sends them off as soon as those before are recorded: the database hardly waits."""
        plan = await self._plan(groups)
        request = self._request(plan)
        await self._ended()
        self.task = asyncio.create_task(self._record(plan, request))
        for _ in range(UNTIL_SENT):
            await asyncio.sleep(0)

    async def _ended(self) -> None:
        if self.task is not None:
            task, self.task = self.task, None
            await task

    async def _plan(self, items: Sequence[Group | Given]) -> list[Planned]:
        """Refusals are told at once: whatever the ledger comes to hold, they stay."""
        history = await self._history([item for item in items if isinstance(item, Group)])
        plans: list[Planned] = []
        done = 0
        for group in items:
            if isinstance(group, Given):
                done += 1
                if done % BREATH == 0:
                    await asyncio.sleep(0)
                self._sort(as_given(group, self.types, self.counted.count), plans)
                continue
            found = matched(self.wanted.importer, group, history, self.wanted.names)
            ids = {unit.line: unit.id for unit in found.units}
            for unit, known_as in found.renamed:
                self.report.called_otherwise(unit, ids[unit.line], known_as)
            for unit in found.ambiguous:
                self.report.one_of_equals(unit, ids[unit.line])
            for unit in found.units:
                done += 1
                if done % BREATH == 0:
                    await asyncio.sleep(0)
                if self.had:
                    self.counted.tell(str(claim.claim) for claim in unit.claims)
                plan = planned(unit, self.wanted.importer, history, self.types)
                if isinstance(plan, Refused):
                    self._refuse(plan)
                    continue
                for actor in unit.actors:
                    if actor.slug not in self.described:
                        self.described.add(actor.slug)
                        plans.append(described(actor, self.types))
                        if actor.how == "own":
                            self.report.own(actor, unit.line)
                plans.append(plan)
        return plans

    def _sort(self, plan: Planned | Refused, plans: list[Planned]) -> None:
        if isinstance(plan, Refused):
            self._refuse(plan)
        else:
            plans.append(plan)

    async def _history(self, groups: Sequence[Group]) -> registers.History:
        """What the ledger has of them; nothing where it had nothing of the register, and then conflicts will tell."""
        if not self.known or not groups:
            return {}
        families = families_of(groups)
        async with self.log.connection() as connection:
            claims = claims_of(groups)
            claims |= set(await registers.claims_of_families(connection, self.ledger, families))
            return await registers.histories(connection, self.ledger, sorted(claims))

    def _request(self, plans: Sequence[Planned]) -> Request | None:
        """None where there is nothing to record, or they contradict one another."""
        drafts = [draft for plan in plans for draft in plan.drafts]
        if not drafts:
            return None
        try:
            return alone(Request(batch=read_batch(drafts), by=self.wanted.by))
        except Invalid:
            return None

    async def _record(self, plans: Sequence[Planned], request: Request | None) -> None:
        """All of them that can be; each round settles what the last one was refused for."""
        for _ in range(MOST_ROUNDS):
            plans, request = await self._try(plans, request), None
            if not plans:
                return
        for plan in plans:
            await self._try([plan], None)

    async def _try(self, plans: Sequence[Planned], request: Request | None) -> list[Planned]:
        """Records them as one batch, or returns those that are left once what is at fault is told."""
        drafts = [draft for plan in plans for draft in plan.drafts]
        if drafts:
            try:
                request = request or Request(batch=read_batch(drafts), by=self.wanted.by)
                if self.wanted.dry_run:
                    await self._check(request)
                else:
                    receipt = await self.log.append(self.ledger, request)
                    if receipt.repeated:
                        plans = [repeated(plan) for plan in plans]
                    else:
                        self.report.recorded(receipt.first_position, receipt.last_position)
            except (Invalid, Conflict) as refusal:
                return await self._left(plans, refusal.faults)
        for plan in plans:
            self._count(plan)
        return []

    async def _check(self, request: Request) -> None:
        """A ledger that is to be made is as one that is empty."""
        with contextlib.suppress(NotFound):
            await self.log.check(self.ledger, request)
        self.report.events += len(request.batch.drafts)

    async def _left(self, plans: Sequence[Planned], faults: Sequence[Fault]) -> list[Planned]:
        """What can still be recorded. A unit that somebody else was at meanwhile is planned once more, then refused."""
        owners = [number for number, plan in enumerate(plans) for _ in plan.drafts]
        at_fault: dict[int, list[Fault]] = {}
        for fault in faults:
            at_fault.setdefault(owners[int(fault.pointer.split("/")[2])], []).append(fault)
        left: list[Planned] = []
        for number, plan in enumerate(plans):
            found = at_fault.get(number)
            if found is None:
                left.append(plan)
            elif plan.unit is None:
                continue  # an actor that was described meanwhile
            elif not plan.unit.claims:
                self._given_again(plan, found)
            elif plan.unit.line in self.again:
                self._refuse(refused(plan.unit, found))
            else:
                self.again.add(plan.unit.line)
                again = await self._again(plan.unit)
                if isinstance(again, Refused):
                    self._refuse(again)
                else:
                    left.append(again)
        return left

    def _given_again(self, plan: Planned, faults: Sequence[Fault]) -> None:
        """An event that is recorded already, or cannot be."""
        if all(fault.code == "event-recorded" for fault in faults):
            self._count(repeated(plan))
        elif plan.unit is not None:
            self._refuse(refused(plan.unit, faults))

    async def _again(self, unit: Unit) -> Planned | Refused:
        self.known = True
        async with self.log.connection() as connection:
            claims = [str(claim.claim) for claim in unit.claims]
            history = await registers.histories(connection, self.ledger, claims)
        return planned(unit, self.wanted.importer, history, self.types)

    def _count(self, plan: Planned) -> None:
        report = self.report
        if plan.actor is not None:
            report.actors_recorded += 1
        if plan.unit is not None:
            report.rows += 1
        for revision in plan.revisions:
            setattr(report, revision.outcome, getattr(report, revision.outcome) + 1)
            report.differs(revision.fields)

    def _refuse(self, refusal: Refused) -> None:
        self.report.refuse(refusal)
        self.tell(refusal)

    async def _look_for_missing(self) -> None:
        """What the ledger has of the register and the export has not: retracted where that is wanted, else counted."""
        if not self.had or not self.export.prefix:
            return
        missing, after = self._missing() if self.wanted.retract_missing else None, ""
        while True:
            async with self.log.connection() as connection:
                page = await registers.claims_after(connection, self.ledger, self.export.prefix, after, BATCH)
                if not page:
                    break
                absent = self.counted.untold(page)
                looked_at = absent if missing is not None else absent[: MOST_LISTED - len(self.report.absent)]
                units = sorted({f"{unit_of(claim)}." for claim in looked_at})
                claims = await registers.claims_of_families(connection, self.ledger, units)
                history = await registers.histories(connection, self.ledger, claims)
            after = page[-1]
            plans = [] if missing is None else self._retractions(missing, looked_at, history)
            gone = {draft.claim for plan in plans for draft in plan.drafts}
            self.report.absent_total += len(absent) - len(gone)
            left = [claim for claim in looked_at if claim not in gone]
            self.report.absent += [
                Absent(claim, title_of(history[claim])) for claim in left[: MOST_LISTED - len(self.report.absent)]
            ]
            await self._ended()
            self.task = asyncio.create_task(self._retract(plans))

    async def _retract(self, plans: Sequence[Planned]) -> None:
        before = self.report.events
        await self._record(plans, None)
        self.report.retracted += self.report.events - before

    def _retractions(self, missing: Missing, absent: Sequence[str], history: registers.History) -> list[Planned]:
        """Of claims that the register had before, that this export would have, and that no later one told of."""
        assert self.export.reported is not None  # noqa: S101 - else there is no telling what is missing
        day = span_of(self.export.reported).latest
        units: dict[str, list[Recorded]] = {}
        for claim, events in history.items():
            contents = [one for one in events if isinstance(one.event, Statement)]
            units.setdefault(unit_of(claim), []).append(contents[-1])
        plans = []
        for claim in absent:
            events = history[claim]
            if any(one.reported is None or one.reported.latest >= day for one in events):
                continue
            if claim in fold(events).claims and missing.covers(units[unit_of(claim)]):
                reason = f"not in the export of {self.export.reported}"
                event = Retract(claim=claim, by="source", reason=reason, sources=(missing.source,))
                plans.append(Planned((draft_of(event, self.types),)))
        return plans


def repeated(plan: Planned) -> Planned:
    """What somebody has recorded already."""
    return msgspec.structs.replace(plan, revisions=tuple(Revision("unchanged") for _ in plan.revisions))


def unit_of(claim: str) -> str:
    return claim.rpartition(".")[0]


def title_of(history: Sequence[Recorded]) -> str:
    titles = [one.event.title for one in history if isinstance(one.event, Statement) and one.event.title]
    return titles[-1] if titles else ""
