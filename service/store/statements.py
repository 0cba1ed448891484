"""The SQL that the store sends, one named statement per file in ``sql/``, to be pasted into psql as it stands."""

from importlib.resources import files

_SQL = files("service.store") / "sql"
NAMES: dict[str, str] = {}
"""Of the statements in use, by their text."""


def statement(name: str) -> str:
    text = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    NAMES[text] = name
    return text
