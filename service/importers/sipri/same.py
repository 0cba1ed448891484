"""Which deals of two exports are the same, and what a telling of one dialect leaves of what the other told."""

from collections.abc import Sequence

import msgspec

from service.domain.claims import Recorded
from service.domain.events import Statement
from service.domain.revising import Irreconcilable, data_in
from service.importers.items import Group, Matched, Standing, Unit
from service.importers.names import Names
from service.importers.sipri.deals import BY_YEAR, ONLY, certain, designation_key, evidence_of

LEFT_OUT = {
    ("order", True): ("quantity", "tiv", "remarks"),
    ("order", False): ("production",),
    ("delivery", True): (),
    ("delivery", False): ("production",),
}
"""By type, and whether it is the dialect by delivery year: the data on which that says nothing."""


def standing_of(id_: str, history: Sequence[Recorded], names: Names) -> Standing:
    """What the ledger holds of one deal: the names and the evidence of every content of its claims."""
    contents = [recorded.event for recorded in history if isinstance(recorded.event, Statement)]
    return Standing(
        id_,
        frozenset(designation_key(names, data_in(content).get("platform_name", "")) for content in contents),
        frozenset(evidence_of(content) for content in contents if content.type == "delivery"),
    )


def matched(group: Group, known: Sequence[Standing]) -> Matched:
    """Deals of the same designation by what is equal, or in their order; others where all but the name is equal.

    A deal that is neither is new. What no more than one deal of each side could mean is matched; nothing is guessed.
    """
    free = {one.id: one for one in known}
    taken: dict[int, str] = {}
    ambiguous: list[Unit] = []
    names = {unit.name for unit in group.units}
    for name in sorted(names):
        ours = [index for index, unit in enumerate(group.units) if unit.name == name]
        theirs = [one for one in known if name in one.names]
        for index in ours:
            alike = [one for one in theirs if one.id in free and group.units[index].evidence in one.evidence]
            if alike:
                best = next((one for one in alike if one.id == group.units[index].id), alike[0])
                taken[index] = free.pop(best.id).id
        left, rest = [i for i in ours if i not in taken], [one for one in theirs if one.id in free]
        for index, one in zip(left, sorted(rest, key=_nth), strict=False):
            taken[index] = free.pop(one.id).id
        if left and rest and len(left) != len(rest):
            ambiguous += [group.units[index] for index in left]
    renamed: list[tuple[Unit, str]] = []
    gone = [one for one in free.values() if names.isdisjoint(one.names)]
    for index, unit in enumerate(group.units):
        if index in taken or unit.evidence is None:
            continue
        alike = [one for one in gone if unit.evidence in one.evidence]
        rivals = [other for other in group.units if other is not unit and other.evidence == unit.evidence]
        if len(alike) == 1 and not rivals and alike[0].id in free:
            taken[index] = free.pop(alike[0].id).id
            renamed.append((unit, sorted(alike[0].names)[0]))
    held = {one.id for one in known}
    units = []
    for index, unit in enumerate(group.units):
        id_ = taken.get(index) or _unused(unit.id, held)
        held.add(id_)
        units.append(unit if id_ == unit.id else _under(unit, id_))
    return Matched(tuple(units), tuple(renamed), tuple(ambiguous))


def _nth(standing: Standing) -> int:
    return int(standing.id.rpartition(".")[2])


def _unused(id_: str, held: set[str]) -> str:
    stem, _, number = id_.rpartition(".")
    nth = int(number)
    while f"{stem}.{nth}" in held:
        nth += 1
    return f"{stem}.{nth}"


def _under(unit: Unit, id_: str) -> Unit:
    claims = tuple(
        msgspec.structs.replace(claim, claim=f"{id_}.{str(claim.claim).rpartition('.')[2]}") for claim in unit.claims
    )
    return msgspec.structs.replace(unit, id=id_, claims=claims)


def merge(told: Statement, before: Statement) -> Statement:
    """What the other dialect told, and this one does not deal with, stays. Raises Irreconcilable."""
    if told.type != before.type:
        return told
    ours, theirs = (next((tag for tag in one.tags if tag.startswith(ONLY)), "all") for one in (told, before))
    if told.type == "delivery" and ours != theirs:
        had, has = theirs.removeprefix(ONLY), ours.removeprefix(ONLY)
        raise Irreconcilable(
            f"of this deal's deliveries the ledger has those of {had} years, and this export tells of those of {has}: "
            "both would be counted. Import exports of the same years; best, of all"
        )
    # Whatever this dialect leaves out was told by the other, even if it was this one that told it again.
    by_year = _by_year(told)
    data, old = data_in(told), data_in(before)
    kept = LEFT_OUT[told.type, by_year]
    data |= {name: old[name] for name in kept if name in old}
    tags = told.tags if by_year else (*told.tags, *(tag for tag in before.tags if tag not in told.tags))
    occurred = told.occurred
    if not by_year and told.type == "delivery" and certain(before.occurred) == told.occurred:
        occurred = before.occurred  # only the newer dialect says which years are uncertain
    return msgspec.structs.replace(told, data=msgspec.Raw(msgspec.json.encode(data)), tags=tags, occurred=occurred)


def _by_year(statement: Statement) -> bool:
    return any((source.title or "").endswith(BY_YEAR) for source in statement.sources)
