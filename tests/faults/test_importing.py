"""``tarih import`` as a person runs it: beside a service, killed in the middle, and with rows that nobody can take."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import TEMPLATE, Database, Server
from tests.importers.registers import DEALS_2024, by_deal
from tests.serving import CHECKOUT, PATIENCE, Serving, free_port

DEALS = 2500


def rows(count: int) -> list[str]:
    """Invented deals, all of one recipient."""
    suppliers = ("Chad", "Italy", "Peru", "Togo")
    return [
        f"Mali,{suppliers[n % 4]},{1960 + n % 60},,{n},,X-{n},thing,{n + 1},?,{1962 + n % 60},New,,1,{n},{n}"
        for n in range(count)
    ]


def begun(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "service", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    return ended(begun(folder, *arguments, **environment))


def events(serving: Serving, ledger: str) -> list[dict[str, Any]]:
    """Ids and contents, in order."""
    lines = httpx.get(
        f"http://127.0.0.1:{serving.port}/v1/ledgers/{ledger}/events",
        headers={"Accept": "application/x-ndjson"},
        timeout=60,
    ).text.splitlines()
    return [{name: event[name] for name in ("id", "position", "event")} for event in map(json.loads, lines)]


def head(serving: Serving, ledger: str) -> int:
    answer = httpx.get(f"http://127.0.0.1:{serving.port}/v1/ledgers/{ledger}")
    return int(answer.json()["position"]) if answer.status_code == 200 else 0


def test_killed_in_the_middle_and_run_again_it_ends_as_if_it_had_run_once(
    data_dir: Path, tmp_path: Path, started: list[Serving]
) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    serving.until_it_answers()
    (tmp_path / "register.csv").write_bytes(by_deal(*rows(DEALS)))
    place = {"TARIH_DATA_DIR": str(data_dir)}
    whole = run(tmp_path, "import", "sipri", "register.csv", "--ledger", "once", "--public", **place)
    assert whole[0] == 0, whole[2]
    assert f"{2 * DEALS:,} new" in whole[1]
    command = ("import", "sipri", "register.csv", "--ledger", "twice", "--public")
    killed = begun(tmp_path, *command, **place)
    deadline = time.monotonic() + PATIENCE
    while head(serving, "twice") < 1000:
        assert killed.poll() is None
        assert time.monotonic() < deadline
    killed.kill()
    ended(killed)
    assert 1000 <= head(serving, "twice") < 2 * DEALS
    again = run(tmp_path, *command, "--json", **place)
    assert again[0] == 0, again[2]
    report = json.loads(again[1])
    assert report["unchanged"] > 900
    assert 0 < report["events"] < 2 * DEALS - 900
    assert events(serving, "twice") == events(serving, "once")
    third = run(tmp_path, *command, **place)
    assert "0 events recorded" in third[1]
    verified = run(tmp_path, "verify", "--ledger", "twice", **place)
    assert verified[0] == 0, verified[1]
    assert serving.process.poll() is None


@pytest.fixture
def named(database: Database) -> dict[str, str]:
    return {"TARIH_DATABASE_URL": database.service_url}


def imported(folder: Path, named: dict[str, str], data: bytes, *more: str) -> tuple[int, str, str]:
    (folder / "register.csv").write_bytes(data)
    return run(folder, "import", "sipri", "register.csv", "--ledger", "register", *more, **named)


def test_refused_rows_go_to_a_file_with_line_and_reason(tmp_path: Path, named: dict[str, str]) -> None:
    broken = "Mali,Italy,2008,,1,,X"
    code, out, _ = imported(tmp_path, named, by_deal(broken, *DEALS_2024))
    assert code == 0
    assert "6 rows: 5 taken, 1 refused" in out
    told = tmp_path / "register.csv.refused.ndjson"
    assert f"what was refused, and why: {told.name}" in out
    assert [json.loads(line) for line in told.read_text().splitlines()] == [
        {"line": 7, "code": "columns", "reason": "the row has 7 columns, where there are 16", "row": broken}
    ]
    code, out, _ = imported(tmp_path, named, by_deal(*DEALS_2024))
    assert (code, "0 refused" in out, told.read_text()) == (0, True, "")


def test_a_trial_makes_no_ledger_and_no_file_of_refused_rows(tmp_path: Path, named: dict[str, str]) -> None:
    code, out, _ = imported(tmp_path, named, by_deal(*DEALS_2024), "--dry-run")
    assert (code, "12 events would be recorded" in out) == (0, True)
    assert list(tmp_path.iterdir()) == [tmp_path / "register.csv"]
    assert run(tmp_path, "verify", "--ledger", "register", **named)[0] == 2


def test_a_compressed_file_and_the_standard_input_are_read(tmp_path: Path, named: dict[str, str]) -> None:
    code, out, _ = imported(tmp_path, named, gzip.compress(by_deal(*DEALS_2024)))
    assert (code, "9 new" in out) == (0, True)
    with (tmp_path / "plain.csv").open("wb") as file:
        file.write(by_deal(*DEALS_2024))
    with (tmp_path / "plain.csv").open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "service", "import", "sipri", "-", "--ledger", "register"],
            stdin=file, capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE, check=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), **named},
        )  # fmt: skip
    assert "9 unchanged" in done.stdout


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--reported", "2024-02-30"), "2024-02-30"),
        (("--aliases", "register.csv"), "the file of aliases cannot be used"),
        (("--party", "pak"), "it is an actor and its role"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_a_word(
    tmp_path: Path, named: dict[str, str], more: Sequence[str], why: str
) -> None:
    code, _, err = imported(tmp_path, named, by_deal(*DEALS_2024), *more)
    assert (code, why in err) == (2, True), err


def test_an_unknown_format_is_answered_with_those_there_are(tmp_path: Path, named: dict[str, str]) -> None:
    (tmp_path / "x").write_text("x")
    code, _, err = run(tmp_path, "import", "excel", "x", "--ledger", "register", **named)
    assert code == 2
    assert "there is no format `excel`; known are sipri" in err


def test_a_register_is_written_out_and_made_again_word_for_word(
    tmp_path: Path, named: dict[str, str], database: Database, server: Server
) -> None:
    imported(tmp_path, named, by_deal(*DEALS_2024))
    code, _, err = run(tmp_path, "export", "--ledger", "register", "--file", "register.ndjson", **named)
    assert code == 0, err
    printed = run(tmp_path, "export", "--ledger", "register", **named)[1]
    assert printed == (tmp_path / "register.ndjson").read_text()
    digest = json.loads(printed.splitlines()[0])["digest"]
    with (tmp_path / "register.ndjson.gz").open("wb") as file:
        file.write(gzip.compress(printed.encode()))
    command = ("import", "ndjson", "register.ndjson.gz", "--ledger", "register", "--verbatim")
    other = server.create(TEMPLATE)
    try:
        there = {"TARIH_DATABASE_URL": other.service_url}
        assert "TARIH_OWNER_URL is not set" in run(tmp_path, *command, **there)[2]
        there["TARIH_OWNER_URL"] = other.owner_url
        code, _, err = run(tmp_path, *command, "--checkpoint", "sha256:" + "0" * 64, **there)
        assert (code, "another past of it" in err) == (2, True)
        code, out, err = run(tmp_path, *command, "--checkpoint", f"sha256:{digest}", **there)
        assert (code, out) == (0, f"register is restored up to position 12, digest sha256:{digest}, and is sound\n"), (
            err
        )
        assert run(tmp_path, "verify", "--ledger", "register", **there)[0] == 0
        again = run(tmp_path, "export", "--ledger", "register", **there)[1]
        assert again.splitlines()[1:-1] == printed.splitlines()[1:-1]
        code, _, err = run(tmp_path, *command, **there)
        assert (code, "nothing is restored: the ledger `register` holds 12 events" in err) == (2, True)
    finally:
        server.drop(other)


def test_an_export_of_no_ledger_leaves_no_file(tmp_path: Path, named: dict[str, str]) -> None:
    assert run(tmp_path, "export", "--ledger", "none", "--file", "x.ndjson", **named)[0] == 2
    assert list(tmp_path.iterdir()) == []
