"""The network between the service and PostgreSQL, to be cut, stalled and slowed down: a TCP proxy in threads."""

import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path

RESET = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing then resets the connection, as a machine does that has forgotten it."""


class Proxy:
    """Listens on a port of its own, and passes on to a server's Unix socket."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.up, self.down = threading.Event(), threading.Event()
        """Set while what the service says reaches the server, and while what that answers comes back."""
        self.up.set()
        self.down.set()
        self.delay = 0.0
        """Seconds that each piece takes."""
        self.refusing = False
        self.held = 0
        """Pieces that wait to be let through."""
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        """Nothing gets through, and nobody is told."""
        self.up.clear()
        self.down.clear()

    def cut(self) -> None:
        """Every connection is reset, and none is made until ``heal``."""
        self.refusing = True
        self.reset()

    def reset(self) -> None:
        for pair in list(self._pairs):
            self._end(pair, at_once=True)

    def heal(self) -> None:
        self.refusing, self.delay = False, 0.0
        self.up.set()
        self.down.set()

    def close(self) -> None:
        self.heal()
        self._listener.close()
        self.reset()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            pair = client, server
            try:
                if self.refusing:
                    raise ConnectionRefusedError
                server.connect(str(self.target))
            except OSError:
                self._end(pair, at_once=True)
                continue
            self._pairs.add(pair)
            for source, sink, gate in ((client, server, self.up), (server, client, self.down)):
                threading.Thread(target=self._pass, args=(pair, source, sink, gate), daemon=True).start()

    def _pass(
        self,
        pair: tuple[socket.socket, socket.socket],
        source: socket.socket,
        sink: socket.socket,
        gate: threading.Event,
    ) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self.held += 1
                gate.wait()
                self.held -= 1
                if pair not in self._pairs:  # lost, with its connection
                    break
                if self.delay:
                    time.sleep(self.delay)
                sink.sendall(data)
        self._end(pair)

    def _end(self, pair: tuple[socket.socket, socket.socket], *, at_once: bool = False) -> None:
        self._pairs.discard(pair)
        for end in pair:
            with suppress(OSError):
                if at_once:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)  # which wakes the thread that reads from it
            with suppress(OSError):
                end.close()
