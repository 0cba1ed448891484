"""What an address says, read strictly: what is unknown, repeated or unreadable is refused, all of it at once."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl, urlencode

import msgspec

from service.api.refused import BadRequest, Entry, bad_parameter
from service.api.site import Request
from service.domain.actors import LanguageTag, canonical_relationship
from service.domain.as_of import Point, UnreadablePoint, parse_point
from service.domain.claims import Standing
from service.domain.events import Id, OfficialStatus
from service.domain.refusals import NotFound
from service.history import Place, When
from service.projections.criteria import ANY, Criteria, MinReliability

T = TypeVar("T")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,29}", re.ASCII)
_PLACE = re.compile(r"(?:([0-9a-f]{8})-)?(0|[1-9][0-9]{0,29})", re.ASCII)
MOST_PARAMETERS = 50
KNOWN_TIME = ("known_at", "known_position", "min_position")
AS_OF = ("valid_at", *KNOWN_TIME, "reported_by")
STANDINGS, OFFICIAL_STATUSES, RELIABILITIES = map(get_args, (Standing, OfficialStatus, MinReliability))
CRITERIA = ("certainty", "standing", "official_status", "min_reliability", "min_credibility")


def known_id(text: str, what: str) -> str:
    """Raises NotFound for what can be no id."""
    try:
        return msgspec.convert(text, Id)
    except msgspec.ValidationError:
        raise NotFound(what, f"this can be no {what}'s id") from None


def parse_place(text: str) -> Place:
    """A position, or a feed id such as ``6fd9d5b3-51``; raises ValueError, saying what it must be."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError("a position, or the id of an event of the feed, such as 6fd9d5b3-51")
    return Place(int(found[2]), found[1])


class Parameters:
    """Those of one request; read each, then ``check``."""

    def __init__(self, request: Request, known: Sequence[str] = (), *, others: bool = False) -> None:
        """With ``others``, whatever else is given is passed over."""
        self._entries: list[Entry] = []
        self._given: dict[str, str] = {}
        try:
            pairs = parse_qsl(
                request.scope["query_string"].decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        except ValueError:
            detail = (
                f"the part after `?` must be ASCII, percent-encoded UTF-8, and of at most {MOST_PARAMETERS} parameters"
            )
            raise BadRequest([bad_parameter("", "unreadable", detail)]) from None
        for name, value in pairs:
            if name not in known and others:
                continue
            if name not in known:
                names = ", ".join(f"`{name}`" for name in known) or "none"
                self._refuse(name, "unknown-parameter", f"`{name[:100]}` is not known here; known are: {names}")
            elif name in self._given:
                self._refuse(name, "repeated", f"`{name}` is given more than once")
            else:
                self._given[name] = value

    def _refuse(self, name: str, code: str, detail: str) -> None:
        self._entries.append(bad_parameter(name[:100], code, detail))

    def check(self) -> None:
        """Raises BadRequest with every fault found."""
        if self._entries:
            raise BadRequest(self._entries)

    def point(self, name: str) -> Point | None:
        try:
            return parse_point(self._given[name]) if name in self._given else None
        except UnreadablePoint as error:
            self._refuse(name, "unreadable", f"`{name}`: {error}")
            return None

    def day(self, name: str) -> Point | None:
        point = self.point(name)
        if point is not None and not point.whole_day:
            self._refuse(name, "unreadable", f"`{name}` must be a full date, such as 2024-06-30")
        return point

    def position(self, name: str) -> int | None:
        text = self._given.get(name)
        if text is None or _WHOLE.fullmatch(text):
            return None if text is None else int(text)
        self._refuse(name, "unreadable", f"`{name}` must be a whole number from 0, in decimal digits")
        return None

    def number(self, name: str, most: int) -> int | None:
        """From 1 to ``most``."""
        text = self._given.get(name)
        if text is None or (_WHOLE.fullmatch(text) and 1 <= int(text) <= most):
            return None if text is None else int(text)
        self._refuse(name, "unreadable", f"`{name}` must be a whole number from 1 to {most:,}, in decimal digits")
        return None

    def place(self, name: str) -> Place | None:
        try:
            return parse_place(self._given[name]) if name in self._given else None
        except ValueError as error:
            self._refuse(name, "unreadable", f"`{name}` must be {error}")
            return None

    def named(self, name: str, shape: Any, words: str) -> str | None:
        """A text of the form ``shape``, which the refusal names in ``words``."""
        text = self._given.get(name)
        try:
            return None if text is None else str(msgspec.convert(text, shape))
        except msgspec.ValidationError:
            self._refuse(name, "unreadable", f"`{name}` must be {words}")
            return None

    def relationship(self, name: str) -> str | None:
        """With its members in their order, in whichever they were given."""
        try:
            return canonical_relationship(self._given[name]) if name in self._given else None
        except ValueError as error:
            self._refuse(name, "unreadable", f"`{name}`: {error}")
            return None

    def needed(self, name: str, detail: str) -> None:
        """Refuses that it is not given."""
        if name not in self._given:
            self._refuse(name, "missing", detail)

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """What ``reader`` makes of it; its ValueError says what it must be, or where reading stopped."""
        try:
            return reader(self._given[name]) if name in self._given else None
        except ValueError as error:
            self._refuse(name, "unreadable", f"`{name}` must be {error}")
            return None

    def text(self, name: str) -> str | None:
        """As it was given."""
        return self._given.get(name)

    def query(self) -> str:
        """All that was given, as an address has it."""
        return urlencode(self._given)

    def unusable(self, name: str, detail: str) -> None:
        """Refuses it, if it is given."""
        if name in self._given:
            self._refuse(name, "unusable", detail)

    def choice(self, name: str, *choices: str) -> str | None:
        text = self._given.get(name)
        if text is not None and text not in choices:
            self._refuse(name, "unreadable", f"`{name}` must be {' or '.join(choices)}")
        return text

    def language(self, name: str) -> str:
        """English where none is asked for."""
        text = self._given.get(name)
        if text is None:
            return "en"
        try:
            return msgspec.convert(text, LanguageTag)
        except msgspec.ValidationError:
            self._refuse(name, "unreadable", f"`{name}` must be a BCP 47 language tag, such as tr or en-GB")
            return "en"

    def criteria(self) -> Criteria:
        """Those of ``CRITERIA``."""
        if self._given.keys().isdisjoint(CRITERIA):
            return ANY
        standing: Any = self.choice("standing", *STANDINGS)
        status: Any = self.choice("official_status", *OFFICIAL_STATUSES)
        reliability: Any = self.choice("min_reliability", *RELIABILITIES)
        return Criteria(
            certain_only=self.choice("certainty", "certain") is not None,
            standing=standing,
            official_status=status,
            min_reliability=reliability,
            min_credibility=self.number("min_credibility", 5),
        )

    def when(self) -> When:
        """The points of ``AS_OF``."""
        when = When(
            valid=self.point("valid_at"),
            known=self.point("known_at"),
            position=self.position("known_position"),
            reported=self.day("reported_by"),
            at_least=self.place("min_position"),
        )
        if when.known is not None or when.position is not None:
            self.unusable("min_position", "`min_position` is for answers as of now: the known time is given already")
        if when.known is not None and when.position is not None:
            self._refuse("known_position", "unusable", "give `known_at` or `known_position`, not both")
        return when
