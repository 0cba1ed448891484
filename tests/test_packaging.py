"""What is built is whole: from source archive to wheel, installed by itself, with every file that browsers get."""

import json
import signal
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

import pytest

from service.widget import assets
from tests.serving import CHECKOUT, Serving, free_port

ASKED = """
import json, service
from service import widget
from service.store.statements import statement
print(json.dumps([service.__file__, sorted(widget.assets()), len(statement("point"))]))
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment in which only the built wheel is ours; it sees the requirements of this one."""
    folder = tmp_path_factory.mktemp("packaging")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder / "sdist", cwd=CHECKOUT)
    [archive] = (folder / "sdist").glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "source", filter="data")
    [source] = (folder / "source").iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "wheel", cwd=source)
    [wheel] = (folder / "wheel").glob("*.whl")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (own / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
    ]
    run(*pip, "--disable-pip-version-check", wheel, cwd=folder)
    return folder / "venv"


def test_the_wheel_holds_every_file_that_the_checkout_has(installed: Path) -> None:
    told = run(installed / "bin" / "python", "-c", ASKED, cwd=installed)
    where, names, statement = json.loads(told)
    assert Path(where).is_relative_to(installed)
    assert names == sorted(assets())
    assert statement > 100
    root = Path(where).parent
    for path in (CHECKOUT / "service").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert (root / path.relative_to(CHECKOUT / "service")).is_file(), path


def test_what_was_installed_serves_every_file_and_page(installed: Path, data_dir: Path, started: list[Serving]) -> None:
    class Installed(Serving):
        command = (str(installed / "bin" / "tarih"), "serve")
        cwd = installed

    serving = Installed(data_dir, free_port())
    started.append(serving)
    serving.until_it_answers()
    for name, asset in assets().items():
        assert serving.get(f"/widget/v1/{name}") == asset.body, name
    page = serving.get("/").decode()
    assert assets()["tarih-timeline.js"].hashed in page
    assert "Bayraktar TB2" in page
    assert b"openapi" in serving.get("/openapi.json")
    assert serving.end(signal.SIGTERM) == 0
