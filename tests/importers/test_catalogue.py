"""The catalogue of importers: what is in it can be found by whoever needs it."""

from service.commands.import_export import import_
from service.importers import IMPORTERS
from tests.serving import CHECKOUT


def test_every_format_stands_in_the_commands_help_and_in_the_documents() -> None:
    told = (CHECKOUT / "docs" / "importing.md").read_text(encoding="utf-8")
    headings = [line for line in told.splitlines() if line.startswith("## ")]
    for name in IMPORTERS:
        assert name in (import_.help or "").split("FORMAT is", 1)[1].split(".", 1)[0]
        assert any(f"`{name}`" in heading for heading in headings), name
