"""Virtual environments, made once from pinned requirements: the peers' ``.venv-bench``, and in it the service's own."""

import functools
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
HOME = CHECKOUT / ".venv-bench"
PATIENCE = 180  # seconds for an installation


class NotMade(Exception):
    """It could not be made, most likely for want of a network."""


def of_peers() -> Path:
    """The interpreter that has the peers; raises NotMade."""
    return _python(HOME, Path(__file__).with_name("requirements.txt"))


def of_the_service() -> Path:
    """The interpreter that has what users install, and no more; raises NotMade.

    What developers have besides counts in a process's memory: jsonschema alone takes up whatever checks formats.
    """
    return _python(HOME / "service", CHECKOUT / "requirements.txt")


@functools.cache
def _python(home: Path, requirements: Path) -> Path:
    stamp, interpreter = home / "made-from", home / "bin" / "python"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return interpreter
    shutil.rmtree(home, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(home))
    (home / ".gitignore").write_text("*\n", encoding="ascii")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    _run(str(interpreter), *install, str(requirements))
    stamp.write_text(wanted, encoding="ascii")
    return interpreter


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMade(f"the environment could not be made: {type(error).__name__}") from None
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if line.startswith("ERROR")] or ["pip failed"]
        raise NotMade(f"the environment could not be made: {said[-1][:120]}")
