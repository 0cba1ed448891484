"""What the operating system knows of processes: who stands in a folder, and dying with one's parent."""

import asyncio
import ctypes
import os
import signal
import socket
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


def let_go_of_who_does_not_read(milliseconds: int) -> bool:
    """Has the system close connections to this process's listening sockets whose callers take nothing for so long.

    Nothing else does: a server that has handed over an answer waits for its reader without an end. False where there is
    no such socket yet; connections that were there before stay as they are.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT") or not Path("/proc/self/fd").is_dir():
        return True
    found = False
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError), socket.socket(fileno=os.dup(int(name))) as one:
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and one.family != socket.AF_UNIX:
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
                found = True
    return found
