"""What a format is; each is a module here, and its line in the catalogue."""

from collections.abc import Callable

import msgspec

from service.feeds.page import Body, Frame, Page
from service.projections.clusters import Bucket, GroupBy


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One form of a timeline; its addresses, its validators and its place in the document follow from this."""

    name: str
    """In lower case; of its operations too."""
    extension: str
    """After ``timeline.`` in its addresses."""
    media_type: str
    """By which it is asked for at the timeline's own address."""
    version: int
    """Raised whenever the same question gets other bytes than before."""
    title: str
    description: str
    body: Callable[[Page], Body]
    """What hangs on the claims: it is kept, and put into any frame."""
    whole: Callable[[Frame, bytes], bytes]
    """The bytes of the body in its frame."""
    answer: type[msgspec.Struct] | None = None
    """Of what it makes, where that is JSON."""
    limit: int = 1_000
    """How many claims it holds where nothing is said."""
    newest_first: bool = False
    """Not by date, but as claims were last acted on: for those who follow; what was retracted has its place there."""
    retracted: int = 0
    """Or how many of those that were retracted last it tells of, after the others, on its first page."""
    cuts: bool = False
    """What lasts is cut at the day that is asked about, so that each day has other bytes."""
    group_by: GroupBy | None = None
    """Where nothing is said."""
    min_precision: Bucket | None = None
    """Where nothing is said: what is known less precisely is left out."""
    pages: bool = False
    """It has a place for the way to the next page, besides the header ``Link``."""
