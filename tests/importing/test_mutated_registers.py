"""Damaged registers loaded into a ledger: each deal whole or not at all, and a second run adds nothing."""

from collections import Counter
from random import Random

import pytest

from service.importing import Unreadable
from service.store import ledgers
from service.store.log import Log
from tests.importers.mutated import mutated
from tests.importers.registers import DEALS_2024, DEALS_2025, TB2_BY_YEAR, by_deal, by_year, preamble
from tests.importing.loads import history, load, sound

pytestmark = pytest.mark.anyio
FILES = (
    by_deal(*DEALS_2024),
    by_deal(*DEALS_2025, head=preamble("23 Oct 2025 5:22:49 PM")),
    by_year(*TB2_BY_YEAR, head=preamble("13 Apr 2024 3:44:54 PM")),
)
ROUNDS = 60


async def test_nothing_of_a_damaged_register_is_half_recorded(log: Log) -> None:
    random = Random(6)  # noqa: S311 - the same each time
    became: Counter[str] = Counter()
    for number in range(ROUNDS):
        ledger = f"damaged-{number % 8}"  # on top of what other damaged files left there
        if number < 8:
            async with log.connection() as connection:
                await ledgers.create_ledger(connection, ledger, "Damaged", public_read=True)
        data = mutated(random.choice(FILES), random)
        before = await history(log, ledger)
        try:
            report = await load(log, data, ledger=ledger)
        except Unreadable:
            became["unreadable"] += 1
            assert await history(log, ledger) == before
            continue
        after = await history(log, ledger)
        assert len(after) - len(before) == report.events
        assert after[: len(before)] == before
        became["recorded"] += report.events
        became["refused"] += report.rows_refused
        deliveries = {one.claim.rpartition(".")[0] for one in after if one.claim.endswith(".delivery")}
        orders = {one.claim.rpartition(".")[0] for one in after if one.claim.endswith(".order")}
        assert deliveries <= orders, "a deal is recorded with its order, or not at all"
        again = await load(log, data, ledger=ledger)
        assert again.events == 0
    for number in range(8):
        assert await sound(log, f"damaged-{number}")
    assert min(became[what] for what in ("unreadable", "recorded", "refused")) > 3, became
