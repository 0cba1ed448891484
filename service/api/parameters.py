"""What an address says, read strictly: what is unknown, repeated or unreadable is refused, all of it at once."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

import msgspec

from service.api.refused import BadRequest, Entry, bad_parameter
from service.api.site import Request
from service.domain.actors import LanguageTag
from service.domain.as_of import Point, UnreadablePoint, parse_point
from service.domain.events import Id
from service.domain.refusals import NotFound
from service.history import When

_WHOLE = re.compile(r"0|[1-9][0-9]{0,29}", re.ASCII)
MOST_PARAMETERS = 50
KNOWN_TIME = ("known_at", "known_position")
AS_OF = ("valid_at", *KNOWN_TIME, "reported_by")


def known_id(text: str, what: str) -> str:
    """Raises NotFound for what can be no id."""
    try:
        return msgspec.convert(text, Id)
    except msgspec.ValidationError:
        raise NotFound(what, f"this can be no {what}'s id") from None


class Parameters:
    """Those of one request; read each, then ``check``."""

    def __init__(self, request: Request, known: Sequence[str] = ()) -> None:
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
        names = ", ".join(f"`{name}`" for name in known) or "none"
        for name, value in pairs:
            if name not in known:
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

    def choice(self, name: str, *choices: str) -> str | None:
        text = self._given.get(name)
        if text is not None and text not in choices:
            self._refuse(name, "unreadable", f"`{name}` must be {' or '.join(choices)}")
        return text

    def language(self, name: str) -> str:
        """English where none is asked for."""
        text = self._given.get(name, "en")
        try:
            return msgspec.convert(text, LanguageTag)
        except msgspec.ValidationError:
            self._refuse(name, "unreadable", f"`{name}` must be a BCP 47 language tag, such as tr or en-GB")
            return "en"

    def when(self) -> When:
        """The points of ``AS_OF``."""
        when = When(
            valid=self.point("valid_at"),
            known=self.point("known_at"),
            position=self.position("known_position"),
            reported=self.day("reported_by"),
        )
        if when.known is not None and when.position is not None:
            self._refuse("known_position", "unusable", "give `known_at` or `known_position`, not both")
        return when
