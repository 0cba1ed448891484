"""A log with one empty ledger, as the store's tests have it."""

from tests.store.conftest import log

__all__ = ["log"]
