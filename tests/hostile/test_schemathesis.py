"""The whole document, asked by Schemathesis with all its checks of a real service: as an administrator, as nobody."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import CHECKOUT, Serving, free_port

HERE = Path(__file__).parent
SEED = os.environ.get("TARIH_TEST_SEED", "20261126")
SECONDS = int(os.environ.get("TARIH_TEST_SECONDS", "40"))
"""Of asking, for each caller."""


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with tempfile.TemporaryDirectory(prefix="tarih-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        serving = Serving(Path(folder), free_port(), TARIH_LOG_LEVEL="ERROR")
        serving.watchdog.cancel()
        try:
            yield serving.until_it_answers()
        finally:
            assert serving.end(signal.SIGTERM) == 0, serving.output
            assert "Traceback" not in serving.output


@pytest.mark.parametrize("caller", ["admin", "nobody"])
def test_every_answer_is_one_that_the_document_knows(serving: Serving, caller: str, tmp_path: Path) -> None:
    key = (serving.data_dir / "admin.key").read_text().strip()
    header = ["--header", f"Authorization: Bearer {key}"] if caller == "admin" else []
    phases = "coverage,fuzzing" if caller == "admin" else "fuzzing"
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"),
            *(f"http://127.0.0.1:{serving.port}/openapi.json", "--phases", phases),
            *("--seed", SEED, "--max-examples", "10", "--max-time", str(SECONDS), "--request-timeout", "20"),
            *("--continue-on-failure", "--no-color", "--generation-database", "none", *header),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT), "SCHEMATHESIS_HOOKS": "tests.hostile.serializers"},
        capture_output=True,
        text=True,
        timeout=10 * SECONDS + 300,
    )
    assert ran.returncode == 0, f"{ran.stdout[-20_000:]}\n{ran.stderr[-2000:]}"
    assert "Test cases:" in ran.stdout
