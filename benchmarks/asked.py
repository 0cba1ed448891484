"""What is asked of states: addresses with a day and a position, drawn by a seed, without end."""

from collections.abc import Iterator, Sequence
from random import Random

from benchmarks.dyads import DAYS

SPARED = 400
"""Days at both ends of the time that claims lie in, at which little is so yet, or nothing changes any more."""


def states(ledger: str, relationships: Sequence[str], positions: range, *, seed: int) -> Iterator[str]:
    """As of any day and any of these positions, of any of these relationships; without end."""
    draw = Random(seed)  # noqa: S311 - repeatable, not secret
    while True:
        day = DAYS[draw.randrange(SPARED, len(DAYS) - SPARED)]
        yield f"{address(ledger, draw.choice(relationships))}?valid_at={day}&known_position={draw.choice(positions)}"


def address(ledger: str, relationship: str) -> str:
    return f"/v1/ledgers/{ledger}/relationships/{relationship}"
