"""The SQL that the store sends, one named statement per file in ``sql/``, to be pasted into psql as it stands."""

from importlib.resources import files

_SQL = files("service.store") / "sql"


def statement(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
