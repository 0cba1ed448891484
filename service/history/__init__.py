"""The verbs: record, follow, ask as of a point; each one walk down to the store and one back; list a new one here."""

from service.history.answering import Answered, Asked, Merged, answer_as_of
from service.history.asking import ask
from service.history.cores import Cores
from service.history.feeding import FedPage, Place, feed_export, feed_from, feed_page
from service.history.points import Standpoint, UnusablePoint, When, stand
from service.history.recording import new_id, record
from service.history.singly import claim_at, claim_history, event
from service.history.versions import (
    VERSIONS_A_PAGE,
    Gated,
    VersionsPage,
    has_versions,
    version_at,
    version_by,
    versions_from,
)

__all__ = [
    "VERSIONS_A_PAGE",
    "Answered",
    "Asked",
    "Cores",
    "FedPage",
    "Gated",
    "Merged",
    "Place",
    "Standpoint",
    "UnusablePoint",
    "VersionsPage",
    "When",
    "answer_as_of",
    "ask",
    "claim_at",
    "claim_history",
    "event",
    "feed_export",
    "feed_from",
    "feed_page",
    "has_versions",
    "new_id",
    "record",
    "stand",
    "version_at",
    "version_by",
    "versions_from",
]
