"""How often a key has come, and which claims were told, for files of any length: on disk once there are many."""

from collections.abc import Iterable, Sequence


class Counted:
    """Keys by their text; closed with ``close``. SQLite keeps it in a temporary file of its own."""

    def __init__(self) -> None:
        import sqlite3  # only here: most workers import nothing, and would carry it

        self._file = sqlite3.connect("", isolation_level=None)
        self._file.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;"
            "CREATE TABLE keys (key TEXT PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID;"
            "CREATE TABLE told (claim TEXT PRIMARY KEY) WITHOUT ROWID; BEGIN"
        )

    def count(self, key: str) -> int:
        """How often this key has come by now, this time included."""
        counting = "INSERT INTO keys VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times"
        [(times,)] = self._file.execute(counting, (key,)).fetchall()
        return int(times)

    def tell(self, claims: Iterable[str]) -> None:
        self._file.executemany("INSERT OR IGNORE INTO told VALUES (?)", ((claim,) for claim in claims))

    def untold(self, claims: Sequence[str]) -> list[str]:
        """Those of ``claims`` that were not told."""
        known = self._file.execute
        return [one for one in claims if not known("SELECT 1 FROM told WHERE claim = ?", (one,)).fetchall()]

    def close(self) -> None:
        self._file.close()
