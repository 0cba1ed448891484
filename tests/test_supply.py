"""What the service is made of: every package has a licence that is allowed, and a bill can be made of them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from supply import licences

CHECKOUT = Path(__file__).parents[1]


def test_every_package_that_serves_has_an_allowed_licence() -> None:
    found = licences.packages()
    assert len(found) > 40
    assert [one for one in found if not licences.is_allowed(one.licence)] == []


def test_the_page_of_third_parties_is_what_is_installed() -> None:
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(), "run `make snapshots`"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0 OR MIT", True),
        ("GPL-3.0 AND MIT", False),
        ("(GPL-3.0 OR MIT) AND BSD-2-Clause", True),
        ("AGPL-3.0", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_of_a_choice_one_is_enough_and_of_a_sum_all_are_needed(expression: str, *, allowed: bool) -> None:
    assert licences.is_allowed(expression) is allowed


def test_a_bill_of_materials_names_every_requirement_with_its_hash(tmp_path: Path) -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    [arguments] = re.findall(r"\$\(BIN\)/cyclonedx-py (.*) -o sbom\.cdx\.json", makefile)
    file = tmp_path / "sbom.json"
    program = Path(sys.executable).with_name("cyclonedx-py")
    subprocess.run([program, *arguments.split(), "-o", file], check=True, cwd=CHECKOUT, capture_output=True)
    bill = json.loads(file.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "tarih"
    assert {one["name"] for one in bill["components"]} == set(licences._pinned("requirements.txt"))
    assert all(any("hashes" in more for more in one["externalReferences"]) for one in bill["components"])
