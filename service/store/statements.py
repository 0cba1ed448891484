"""The SQL that the store sends, one named statement per file in ``sql/``, to be pasted into psql as it stands."""

from importlib.resources import files

_SQL = files("service.store") / "sql"
NAMES: dict[str, str] = {}
"""Of the statements in use, by their text."""


def statement(name: str) -> str:
    text = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    NAMES[text] = name
    return text


def all_statements() -> dict[str, str]:
    """By their names, in order."""
    files_ = sorted((file for file in _SQL.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8") for file in files_}
