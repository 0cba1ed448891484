"""A deal of SIPRI's register as two claims: an order, and what was delivered.

A claim's id is ``sipri.{recipient, supplier, year}.{designation}.{n}.order``, the parts hashed, n telling equals apart.
The older dialect has no other way to name a deal, and the newer one's id does not lead to it.
"""

import re
from collections.abc import Hashable, Sequence
from typing import Literal

import msgspec

from service.domain.claims import Recorded
from service.domain.events import Assert, Party, Source, Statement
from service.domain.revising import data_in
from service.domain.types import Condition, Delivery, Order, Quantity
from service.importers.items import Group, Unit
from service.importers.names import Found, Names
from service.importers.slugs import digest, slug_of

PREFIX = "sipri."
REGISTER = "SIPRI Arms Transfers Database, export of "
BY_YEAR = ", by delivery year"
"""What the title of a source of the newer dialect ends with: each dialect leaves out some of what the other tells."""
ONLY = "only deliveries "
"""How a tag begins that says of which years alone an export tells; its other deliveries are not known."""
DEAL = "SIPRI AT "
"""How the tag begins that has the newer dialect's id of a deal."""
URL = "https://www.sipri.org/databases/armstransfers"


class Year(msgspec.Struct, frozen=True, gc=False):
    """One in which something was delivered."""

    year: str
    uncertain: bool = False

    @property
    def edtf(self) -> str:
        return f"{self.year}?" if self.uncertain else self.year


class Deal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One deal, whichever dialect told it; None and "" where that says nothing."""

    line: int
    row: str
    recipient: Found
    supplier: Found
    designation: str
    ordered: Year
    years: tuple[Year, ...]
    delivered: int
    delivered_uncertain: bool
    condition: Condition
    tiv_unit: float | None
    tiv_delivered: float | None
    description: str
    number: int | None = None
    number_uncertain: bool = False
    tiv_ordered: float | None = None
    remarks: str = ""
    local: bool | None = None
    """Whether it is produced, or put together, by the recipient."""
    tags: tuple[str, ...] = ()


class Telling(msgspec.Struct, frozen=True):
    """Which export, of which dialect, tells of deals; and, where it is cut by years, of which."""

    day: str | None
    by_year: bool
    first: int | None = None
    last: int | None = None

    @property
    def source(self) -> Source:
        title = f"{REGISTER}{self.day}" if self.day else REGISTER.removesuffix(", export of ")
        return Source(publisher="SIPRI", title=title + (BY_YEAR if self.by_year else ""), url=URL, published=self.day)

    def only(self, deal: Deal) -> str | None:
        """A tag for deals that may have had deliveries in years of which this export does not tell."""
        if self.first is not None and int(deal.ordered.year) < self.first:
            return f"{ONLY}{self.first}..{self.last or ''}"
        return f"{ONLY}..{self.last}" if self.last is not None else None


def groups_of(deals: Sequence[Deal], telling: Telling, names: Names) -> list[Group]:
    """Deals that share recipient, supplier and year stand together; ``deals`` hold all of them that there are."""
    families: dict[str, dict[str, list[Deal]]] = {}
    for deal in deals:
        family = f"{deal.recipient.slug} {deal.supplier.slug} {deal.ordered.year}"
        name = designation_key(names, deal.designation)
        families.setdefault(family, {}).setdefault(name, []).append(deal)
    return [
        Group(
            tuple(
                _unit(deal, f"{PREFIX}{digest(family, 16)}.{digest(name, 8)}.{nth}", name, telling, names)
                for name, equals in designations.items()
                for nth, deal in enumerate(sorted(equals, key=_rank), 1)
            ),
            f"{PREFIX}{digest(family, 16)}.",
        )
        for family, designations in families.items()
    ]


def designation_key(names: Names, designation: str) -> str:
    """What tells deals apart by what they are about: an alias, or the designation without what follows a slash."""
    bare = bare_of(designation)
    return names.platform_alias(bare) or slug_of(bare.split("/")[0])


def bare_of(designation: str) -> str:
    """Without the spaces and hyphens that the newer dialect puts at the end of some."""
    return re.sub(r"[ -]+$", "", designation) or designation


def _rank(deal: Deal) -> tuple[object, ...]:
    """An order of equal deals that revisions hardly touch: what is not likely to change comes first."""
    first = deal.years[0].year if deal.years else "9999"
    return (
        deal.condition, deal.tiv_unit or 0.0, deal.ordered.uncertain, first, [year.year for year in deal.years],
        deal.delivered, deal.tiv_delivered or 0.0, deal.number or 0, deal.remarks, deal.line,
    )  # fmt: skip


def _unit(deal: Deal, id_: str, name: str, telling: Telling, names: Names) -> Unit:
    claims = [_order(deal, f"{id_}.order", telling, names)]
    if deal.years:
        claims.append(_delivery(deal, f"{id_}.delivery", telling, names))
    return Unit(
        line=deal.line,
        row=deal.row,
        claims=tuple(claims),
        actors=(deal.supplier, deal.recipient),
        id=id_,
        name=name,
        evidence=_evidence(claims[-1], deal.delivered, deal.condition, deal.tiv_delivered) if deal.years else None,
    )


def _order(deal: Deal, claim: str, telling: Telling, names: Names) -> Assert:
    what = bare_of(deal.designation)[:200]
    return Assert(
        claim=claim,
        type="order",
        occurred=deal.ordered.edtf,
        title=f"{deal.recipient.name} orders {what} from {deal.supplier.name}"[:500],
        lang="en",
        parties=_parties(deal),
        data=_raw(
            Order(
                platform=names.platform(what),
                platform_name=what,
                quantity=None if deal.number is None else Quantity(best=deal.number, uncertain=deal.number_uncertain),
                tiv=deal.tiv_ordered,
                tiv_unit=deal.tiv_unit,
                condition=deal.condition,
                description=deal.description[:200] or None,
                remarks=deal.remarks[:4000] or None,
                production=_production(deal),
            )
        ),
        sources=(telling.source,),
        tags=deal.tags,
    )


def _delivery(deal: Deal, claim: str, telling: Telling, names: Names) -> Assert:
    what = bare_of(deal.designation)[:200]
    only = telling.only(deal)
    return Assert(
        claim=claim,
        type="delivery",
        occurred=_set_of(deal.years),
        title=f"{deal.supplier.name} delivers {what} to {deal.recipient.name}"[:500],
        lang="en",
        parties=_parties(deal),
        data=_raw(
            Delivery(
                platform=names.platform(what),
                platform_name=what,
                quantity=Quantity(best=deal.delivered, uncertain=deal.delivered_uncertain),
                tiv=deal.tiv_delivered,
                condition=deal.condition,
                production=_production(deal),
            )
        ),
        sources=(telling.source,),
        tags=() if only is None else (only,),
    )


def _parties(deal: Deal) -> tuple[Party, ...]:
    return Party(actor=deal.supplier.slug, role="supplier"), Party(actor=deal.recipient.slug, role="recipient")


def _production(deal: Deal) -> Literal["imported", "licensed"] | None:
    return None if deal.local is None else "licensed" if deal.local else "imported"


def _raw(data: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(data))


def _set_of(years: Sequence[Year]) -> str:
    return years[0].edtf if len(years) == 1 else "{" + ",".join(year.edtf for year in years) + "}"


def evidence_of(delivery: Statement) -> Hashable:
    """What a delivery is known by, whatever it is called: how many, in which years, how old, of what value."""
    data = data_in(delivery)
    return _evidence(delivery, data.get("quantity", {}).get("best"), data.get("condition"), data.get("tiv"))


def _evidence(delivery: Statement, count: int | None, condition: str | None, tiv: float | None) -> Hashable:
    cut = next((tag for tag in delivery.tags if tag.startswith(ONLY)), None)
    return (certain(delivery.occurred), count, condition, round(tiv or 0.0, 1), cut)


def certain(occurred: str) -> str:
    return occurred.replace("?", "")


def years_of(recorded: Recorded) -> tuple[int, int] | None:
    """The first and the last year of a delivery; None of anything else."""
    event = recorded.event
    if not isinstance(event, Statement) or event.type != "delivery":
        return None
    found = [int(year) for year in re.findall(r"\d{4}", event.occurred)]
    return found[0], found[-1]
