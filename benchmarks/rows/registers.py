"""`tarih import sipri` of a register as a user runs it, its start included, beside COPY of the rows that it left."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.ground import Ground
from benchmarks.protocol import figures
from benchmarks.results import Line, Scale, Series, Target, compared
from benchmarks.rows.bulk import TABLES, copy_of
from service.importers import countries
from service.importers.sipri.rows import BY_DEAL

TARGET = Target(0.3)
PATIENCE = 300.0
ROUNDS = 3
STATES, DESIGNATIONS = 40, 5000


def imported(ground: Ground, scale: Scale) -> Iterator[Line]:
    file = ground.folder / "register.csv"
    own, copied = Series(), Series()
    wrong: list[str] = []
    for number in range(min(scale.rounds, ROUNDS) + 1):
        count = _write(file, (scale.imported if number else scale.imported // 10) // 2)
        ledger = ground.new_ledger()
        start = perf_counter()
        refused = str(ground.folder / "refused.ndjson")
        ground.command("import", "sipri", str(file), "--ledger", ledger, "--refused", refused).wait(PATIENCE)
        own.all.append(figures(perf_counter() - start, [], done=count))
        wrong += ground.faults_of(ledger, count)
        copied.all.append(copy_of(ground, ledger, TABLES, count))
    what = f"import of a register, {scale.imported:,} claims"
    yield compared(what, own, "COPY of the same rows, six tables", copied, target=TARGET, wrong=wrong)


def _write(file: Path, deals: int) -> int:
    """An invented register, sorted as theirs is; each deal makes an order and a delivery.

    Returns how many events it makes, those about actors too.
    """
    slugs = sorted(countries.table().countries)[:STATES]
    pairs = list(itertools.permutations(slugs, 2))
    every, named = -(-deals // len(pairs)), set[str]()
    with file.open("w", encoding="utf-8") as register:
        register.write("Data generated: 18 Mar 2024 6:13:50 PM\n" + ",".join(name or " " for name in BY_DEAL) + "\n")
        for number in range(deals):
            pair = pairs[number // every]
            named.update(pair)
            recipient, supplier = (countries.name_of(slug) for slug in pair)
            year, count = 1960 + number % 60, number % 50 + 1
            register.write(
                f"{recipient},{supplier},{year},?,{count},,X-{number % DESIGNATIONS},combat aircraft,{count},?,"
                f"{year + 1}; {year + 2},New,Some words on it,1.5,{count * 1.5},{count * 1.5}\n"
            )
    return 2 * deals + sum(len(countries.claims_of(slug)) for slug in named)
