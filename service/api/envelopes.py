"""Events as CloudEvents 1.0 on their way out: who says it, what it is called there, and the event as data."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from service.api.events import StoredEvent
from service.domain.cloudevents import cloudevent_of
from service.domain.events import ACTIONS

MEDIA_TYPE = "application/cloudevents-batch+json"


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the ledger as a CloudEvent 1.0.

    If it came in one, `id`, `source`, `subject` and `time` are what that said of itself.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    """The event's id."""
    source: Annotated[str, Meta(min_length=1)]
    """The address of the ledger."""
    type: Annotated[str, Meta(pattern=rf"^tarih\.({'|'.join(ACTIONS)})$")]
    """What it does to the claim."""
    subject: str
    """The claim."""
    time: Annotated[str, Meta(description="RFC 3339: when it was recorded.", examples=["2024-06-30T23:59:59.999999Z"])]
    datacontenttype: Literal["application/json"] = "application/json"
    data: StoredEvent


class _Action(msgspec.Struct):
    action: str


def envelope(source: str, event: StoredEvent) -> CloudEvent:
    """``source`` is the ledger's address."""
    own = cloudevent_of(event.event)
    return CloudEvent(
        id=event.id if own is None else own.id,
        source=source if own is None else own.source,
        type=f"tarih.{msgspec.json.decode(event.event, type=_Action).action}",
        subject=(own and own.subject) or event.claim,
        time=(own and own.time) or event.recorded_at,
        data=event,
    )
