"""What the operating system knows of processes: who stands in a folder, and dying with one's parent."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import parent_process
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
ENDING = getattr(signal, "SIGUSR1", None)
"""What a worker is sent just before it is asked to end; None where there are no such signals."""


def processes_in(folder: Path) -> list[int] | None:
    """The pids of the processes whose working directory is ``folder``; None where the system cannot tell."""
    if not sys.platform.startswith("linux"):
        return None
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder:
                    found.append(int(entry.name))
            except OSError:  # gone meanwhile, or somebody else's
                continue
    return found


def bound_to_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What a child calls, between fork and exec too, to be sent ``number`` when its parent dies; None if it cannot."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: the child must not load anything
    return lambda: prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def die_with_parent() -> None:
    """Have this worker killed when its parent dies, so that a killed service leaves nobody on its port.

    SIGKILL, because nobody is left to bound a graceful end; what was acknowledged is committed.
    """
    bind = bound_to_parent(signal.SIGKILL)
    if bind is not None:
        bind()
    parent = parent_process()
    if parent is not None and parent.pid != os.getppid():  # it died before the call above
        os._exit(1)


def ignore_ending() -> None:
    """Until ``when_told_to_end``: the signal would end the process."""
    if ENDING is not None:
        signal.signal(ENDING, signal.SIG_IGN)


def when_told_to_end(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if ENDING is not None:
        loop.add_signal_handler(ENDING, call)


def tell_to_end(pid: int | None) -> None:
    if ENDING is not None and pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, ENDING)
