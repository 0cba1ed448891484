"""Examples of changes: what the same folds say of two points of the sample ledger, and of a live answer."""

import msgspec

from service.domain.claims import Recorded
from service.projections.changes import Comparison
from service.projections.question import Question


def answers(sample: tuple[Recorded, ...], before: Question, after: Question) -> dict[str, msgspec.Struct]:
    """By name of component."""
    comparison = Comparison(before, after, most=2)
    histories: dict[str, list[Recorded]] = {id_: [] for id_ in comparison.wanted}
    for recorded in sample:
        if recorded.claim in histories:
            histories[recorded.claim].append(recorded)
    return {"Changes": comparison.answer(histories)}


def state_stream(state: msgspec.Struct, id_: str) -> str:
    """A state, and the comment that says that it is so still."""
    return f"retry: 1000\n\nid: {id_}\nevent: state\ndata: {msgspec.json.encode(state).decode()}\n\n:\n\n"
