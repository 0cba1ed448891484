"""The verbs: record, follow, ask as of a point; each one walk down to the store and one back; list a new one here."""

from service.history.across import Page, TooBroad
from service.history.actors import actor_at, find_actors
from service.history.answering import Answered, Asked, Merged, answer_as_of
from service.history.asking import ask
from service.history.changes import Because, Compared, Differing, causes_between, changes
from service.history.cores import Cores
from service.history.feeding import FedPage, Place, feed_export, feed_from, feed_page
from service.history.feeds import FeedPage, timeline_feed
from service.history.operators import operators_of
from service.history.outlining import outline_as_of
from service.history.points import Standpoint, UnusablePoint, When, stand
from service.history.recording import new_id, record
from service.history.relationships import relationships_found
from service.history.searching import claims_found
from service.history.singly import claim_at, claim_history, event
from service.history.suppliers import suppliers_of
from service.history.timelines import TimelinePage, timeline_page
from service.history.versions import (
    VERSIONS_A_PAGE,
    Gated,
    VersionsPage,
    has_versions,
    version_at,
    version_by,
    versions_from,
)
from service.history.walks import Pinned, TimelineAsked
from service.history.watching import Followed, Step, Watch, Watches, answered_at, because_of, is_still_so

__all__ = [
    "VERSIONS_A_PAGE",
    "Answered",
    "Asked",
    "Because",
    "Compared",
    "Cores",
    "Differing",
    "FedPage",
    "FeedPage",
    "Followed",
    "Gated",
    "Merged",
    "Page",
    "Pinned",
    "Place",
    "Standpoint",
    "Step",
    "TimelineAsked",
    "TimelinePage",
    "TooBroad",
    "UnusablePoint",
    "VersionsPage",
    "Watch",
    "Watches",
    "When",
    "actor_at",
    "answer_as_of",
    "answered_at",
    "ask",
    "because_of",
    "causes_between",
    "changes",
    "claim_at",
    "claim_history",
    "claims_found",
    "event",
    "feed_export",
    "feed_from",
    "feed_page",
    "find_actors",
    "has_versions",
    "is_still_so",
    "new_id",
    "operators_of",
    "outline_as_of",
    "record",
    "relationships_found",
    "stand",
    "suppliers_of",
    "timeline_feed",
    "timeline_page",
    "version_at",
    "version_by",
    "versions_from",
]
