"""The tutorial does what it says: its files saved, its commands run and its answers given, by a service of its own."""

import os
import re
import subprocess
from pathlib import Path

import httpx

from tests.serving import CHECKOUT, PATIENCE, Serving, free_port
from tests.test_documents import agrees, told

TUTORIAL = CHECKOUT / "docs" / "tutorial-register.md"
BLOCK = re.compile(r"(?:`(?P<file>[\w.-]+)`[^`]*\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```\n", re.DOTALL)
DOCUMENTED = "http://127.0.0.1:8000"
BY_HAND = ("export PATH=", "python3 -m http.server")
"""What a person's own shell needs, and what does not end."""


def shell(command: str, folder: Path, data_dir: Path) -> str:
    path = f"{CHECKOUT}/.venv/bin:{os.environ['PATH']}"
    environment = {"PATH": path, "TARIH_DATA_DIR": str(data_dir)}
    command = command.replace("curl '", "curl --silent --show-error --fail '")
    run = subprocess.run(
        ["/bin/sh", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"
    return run.stdout


def test_every_command_of_the_tutorial_gives_the_answer_that_stands_below_it(
    data_dir: Path, tmp_path: Path, started: list[Serving]
) -> None:
    subprocess.run(["make", "--silent", ".venv/bin/tarih"], check=True, cwd=CHECKOUT)
    (tmp_path / "service").mkdir()  # of the user's own, and no hindrance
    serving = Serving(data_dir, free_port())
    started.append(serving)
    serving.until_it_answers()
    text = TUTORIAL.read_text(encoding="utf-8").replace(DOCUMENTED, f"http://127.0.0.1:{serving.port}")
    answer, saved, shown = "", [], 0
    for block in BLOCK.finditer(text):
        kind, content = block["kind"], block["text"]
        if kind in ("csv", "toml", "html"):
            (tmp_path / block["file"]).write_text(content, encoding="utf-8")
            saved.append(block["file"])
        elif kind == "sh":
            answer = "" if content.startswith(BY_HAND) else shell(content, tmp_path, data_dir)
        elif kind == "text":
            assert answer == content
            shown += 1
        else:
            assert kind == "json", kind
            assert agrees(told(content), told(answer)), f"{content}\n{answer}"
            shown += 1
    assert saved == ["deals-2024.csv", "deals.toml", "deals-2025.csv", "page.html"]
    assert shown == 9
    assert (tmp_path / "deals.ndjson").stat().st_size > 5000
    for address in re.findall(r'src="([^"]+)"', (tmp_path / "page.html").read_text()):
        assert httpx.get(address).status_code == 200, address
