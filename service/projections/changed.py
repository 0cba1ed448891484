"""What an answer shows of its claims and lines, in a form that can be compared field by field; a new part goes here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

from service.domain import edtf
from service.domain.claims import Claim, Recorded, Standing
from service.domain.reading import relationships_of
from service.projections.causes import At
from service.projections.expectations import Fulfilment, Status
from service.projections.lines import MOST_CLAIMS, Answer, Certainty, out_by
from service.projections.made import Made
from service.projections.present import order
from service.projections.question import Question
from service.projections.state import State, state
from service.projections.view import View

Part = Literal[
    "phase",
    "members",
    "inventory",
    "orders",
    "agreements",
    "facilities",
    "negotiations",
    "programmes",
    "training",
    "expectations",
    "other",
]
"""Of a state: its phase, its members, and each of its lists."""
Absent = Literal["unknown", "unreported", "retracted", "not-yet", "over", "elsewhere", "left-out"]
LISTS: Final[Mapping[Part, tuple[str, ...]]] = {
    "members": ("actor",),
    "inventory": ("actor", "platform"),
    "orders": ("actor", "platform"),
    "agreements": (),
    "facilities": ("facility",),
    "negotiations": (),
    "programmes": ("programme",),
    "training": (),
    "expectations": (),
    "other": (),
}
"""By which fields a line is the same one at another point; where there are none, by its claim."""
OF_EVENTS: Final = frozenset({"action", "id", "claim", "reason", "cloudevent", "late"})
"""Fields of an event that are not what its claim says."""
Key = tuple[tuple[str, str], ...]
"""Names and values of the fields that tell a line from the others of its part."""
Place = tuple[Part, Key]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
REST: Final = ("known", "retracted", "omitted")
"""What of a state is no line, nor tells where it stands."""


class FieldChange(Answer, frozen=True, kw_only=True):
    """One value that differs. Lists are compared as a whole."""

    pointer: str
    """JSON Pointer (RFC 6901) to it, from what changed."""
    before: msgspec.Raw | UnsetType = UNSET
    """Absent where there was none."""
    after: msgspec.Raw | UnsetType = UNSET


class ShownClaim(Answer, frozen=True, kw_only=True):
    """A claim in an answer: so, certainly or possibly, or expected."""

    certainty: Certainty | UnsetType = UNSET
    """Absent of what is expected."""
    status: Status | UnsetType = UNSET
    """Of what was expected."""
    fulfilled_by: Fulfilment | UnsetType = UNSET
    standing: Standing
    content: msgspec.Raw
    """What it says, as it was recorded; of its sources, those that were out by the reported day."""


class Line(msgspec.Struct, frozen=True):
    """One line of a state, to be compared."""

    part: Part
    key: Key
    shown: dict[str, Any]
    claims: Mapping[str, tuple[str, ...]]
    """All that it stands on, and each object in it that has claims of its own; by that one's name, its own by none."""

    @property
    def place(self) -> Place:
        return self.part, self.key

    def behind(self, pointers: Iterable[str]) -> Iterator[str]:
        """The claims behind what the pointers point to."""
        steps = {pointer.split("/")[1] for pointer in pointers}
        for name, claims in self.claims.items():
            if name in steps or (name == "" and steps - self.claims.keys()):
                yield from claims


class Side:
    """The answer at one of two points."""

    def __init__(self, question: Question, made: Made | None = None) -> None:
        self.question = question
        self.view = view = View(question, made, whole=True)
        self.state: State = state(view)
        self.lines: dict[Place, Line] = {line.place: line for line in _lines(self.state)}
        certain_only = question.criteria.certain_only
        so = [present for present in view.present if present.certain or not certain_only]
        self.certainties: dict[str, Certainty] = {present.claim.id: present.certainty for present in so}
        self.claims: dict[str, Claim] = {claim.id: claim for claim in (*(p.claim for p in so), *view.expected)}
        self._expected = {line.claims[0]: line for line in self.state.expectations}

    def order(self, claim: str) -> tuple[int, int, int]:
        return order(self.claims[claim])

    @property
    def rest(self) -> dict[str, Any]:
        shown = plain(self.state)
        return {name: shown[name] for name in REST}

    def reads_as(self, claim: str) -> tuple[Any, ...]:
        """Of a claim that is shown: equal where nothing that is shown of it can differ."""
        found, line = self.claims[claim], self._expected.get(claim)
        told = (None, None, None) if line is None else (line.status, line.fulfilled_by, line.projected)
        sources = len(out_by(found.statement.sources, self.question.as_of.reported))
        return (found.content.position, self.certainties.get(claim), found.standing, *told, sources)

    def shown(self, claim: str) -> ShownClaim:
        found, line = self.claims[claim], self._expected.get(claim)
        statement, reported_by = found.statement, self.question.as_of.reported
        says = msgspec.json.decode(msgspec.json.encode(statement, order="sorted"), type=dict[str, msgspec.Raw])
        says = {name: value for name, value in says.items() if name not in OF_EVENTS}
        if "sources" in says:
            says["sources"] = msgspec.Raw(msgspec.json.encode(out_by(statement.sources, reported_by)))
        return ShownClaim(
            certainty=self.certainties.get(claim, UNSET),
            status=UNSET if line is None else line.status,
            fulfilled_by=UNSET if line is None else line.fulfilled_by,
            standing=found.standing,
            content=msgspec.Raw(msgspec.json.encode(says)),
        )

    def absent(self, history: Sequence[Recorded]) -> Absent:
        """Why the claim with that history is not in the answer."""
        question = self.question
        there = At(history, question.as_of)
        if there.retraction is not None:
            return "retracted"
        if there.claim is None:
            return "unreported" if there.known else "unknown"
        timelines = question.actors.aliases.timelines(question.relationship)
        if set(timelines).isdisjoint(relationships_of(there.claim.statement)):
            return "elsewhere"
        if not there.claim.expectation and edtf.certainty(there.claim.bounds, question.as_of.valid) is None:
            return "not-yet" if question.as_of.valid < there.claim.bounds.starts_earliest else "over"
        return "left-out"


def _lines(found: State) -> Iterator[Line]:
    phase = {"": found.phase, "possible": found.phase.possible, "prospective": found.phase.prospective}
    whole = {name: part.claims for name, part in phase.items() if not isinstance(part, UnsetType)}
    yield Line("phase", (), _cut(plain(found.phase)), whole)
    for part, named in LISTS.items():
        for line in getattr(found, part):
            claims: tuple[str, ...] = getattr(line, "claims", ())
            key = tuple((name, getattr(line, name)) for name in named) if named else (("claim", claims[0]),)
            yield Line(part, key, _cut(plain(line)), {"": claims})


def _cut(shown: dict[str, Any]) -> dict[str, Any]:
    """As the state itself shows it."""
    for within in (shown, *(value for value in shown.values() if isinstance(value, dict))):
        if "claims" in within:
            within["claims"] = within["claims"][:MOST_CLAIMS]
    return shown


def differences(before: Any, after: Any, pointer: str = "") -> Iterator[FieldChange]:
    """Of two values of JSON, in the order of the fields' names."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            step = name.replace("~", "~0").replace("/", "~1")
            yield from differences(before.get(name, UNSET), after.get(name, UNSET), f"{pointer}/{step}")
    elif before != after:
        yield FieldChange(pointer=pointer, before=_raw(before), after=_raw(after))


def _raw(value: Any) -> msgspec.Raw | UnsetType:
    return UNSET if value is UNSET else msgspec.Raw(msgspec.json.encode(value, order="sorted"))


def plain(value: msgspec.Struct) -> Any:
    """As JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(value))
