"""The virtual environment of the peers, ``.venv-bench``: made once from requirements.txt, pinned with hashes."""

import functools
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[1] / ".venv-bench"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PATIENCE = 180  # seconds for an installation


class NotMade(Exception):
    """It could not be made, most likely for want of a network."""


@functools.cache
def python() -> Path:
    """Its interpreter, which has the peers; raises NotMade."""
    stamp, interpreter = HOME / "made-from", HOME / "bin" / "python"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return interpreter
    shutil.rmtree(HOME, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(HOME))
    (HOME / ".gitignore").write_text("*\n", encoding="ascii")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    _run(str(interpreter), *install, str(REQUIREMENTS))
    stamp.write_text(wanted, encoding="ascii")
    return interpreter


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMade(f"the peers' environment could not be made: {type(error).__name__}") from None
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if line.startswith("ERROR")] or ["pip failed"]
        raise NotMade(f"the peers' environment could not be made: {said[-1][:120]}")
