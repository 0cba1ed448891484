"""The catalogues of projections and of formats: a line there is all that a new one needs."""

import json
import subprocess
import sys

from tests.conftest import Database


def test_a_new_projection_has_its_route_its_schema_and_its_validators_from_its_line(
    own_database: Database,
) -> None:
    asked = [sys.executable, "-m", "tests.api.another_projection", own_database.service_url]
    told = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=60, text=True).stdout)
    assert told["answer"]["relationship"] == "pak--tur"
    assert told["answer"]["possible"] > 0
    assert told["answer"]["as_of"]["valid_at"] == "2021-06-01T23:59:59.999999Z"
    assert told["again"] == 304
    assert told["turned"].endswith("/relationships/pak--tur/tally")
    assert told["pinned"] == ["public, max-age=31536000, immutable", told["answer"]["certain"]]
    assert told["described"] == "getRelationshipTally"
    assert told["schema"] == ["as_of", "certain", "possible", "relationship"]


def test_a_new_format_has_its_addresses_its_negotiation_and_its_validators_from_its_line(
    own_database: Database,
) -> None:
    asked = [sys.executable, "-m", "tests.api.another_format", own_database.service_url]
    told = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=60, text=True).stdout)
    assert told["text"].startswith("# Pakistan – Türkiye\n* 2018\n")
    assert told["media_type"] == "text/markdown; charset=utf-8"
    assert told["accepted"] is True
    assert told["actor"] == [200, True]
    assert told["again"] == 304
    assert told["turned"].endswith("/relationships/pak--tur/timeline.md")
    assert told["pinned"] == "public, max-age=31536000, immutable"
    assert told["described"] == "getRelationshipTimelineAsMarkdown"
    assert told["forms"] is True
