"""As little of HTTP/1.1 as a load needs: requests encoded beforehand, connections kept, streams read chunk by chunk."""

import asyncio
from collections.abc import Callable, Mapping
from typing import cast

STATUS = slice(9, 12)
BODILESS = (b"204", b"304")


class UnexpectedAnswer(Exception):
    """An answer that this client cannot read, or a connection that ended in the midst of one."""


def encoded(method: str, host: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    fields = {"host": host, **headers} | ({"content-length": str(len(body))} if body else {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Kept(asyncio.Protocol):
    """A connection that is kept: one request, its answer, the next request."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[tuple[bytes, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = received[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0 and received[STATUS] not in BODILESS:
            self._fail(f"an answer without a length: {received[:200]!r}")
            return
        length = 0 if at < 0 else int(head[at + 17 :].split(b"\r\n", 1)[0])
        if len(received) >= end + 4 + length and self._answer is not None:
            self._received = b""
            self._answer.set_result((received[STATUS], received[end + 4 :]))

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"the connection ended: {error}")

    def _fail(self, why: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(UnexpectedAnswer(why))

    def ask(self, request: bytes) -> asyncio.Future[tuple[bytes, bytes]]:
        """The status and the body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is None or self._transport.is_closing():
            self._fail("the connection is closed")
        else:
            self._transport.write(request)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Stream(asyncio.Protocol):
    """A connection that receives one endless answer; ``line`` is called with each line of its body."""

    def __init__(self, request: bytes, line: Callable[[bytes], None]) -> None:
        self._request, self._line = request, line
        self._received, self._text = b"", b""
        self._transport: asyncio.Transport | None = None
        self._chunked = False
        self.opened: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        """The status, once there is one."""
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self.opened.done():
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head, self._received = self._received[:end], self._received[end + 4 :]
            self._chunked = b"transfer-encoding: chunked" in head.lower()
            self.opened.set_result(head[STATUS])
        if self._chunked:
            self._take_chunks()
        else:
            self._text, self._received = self._text + self._received, b""
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            self._line(line)

    def _take_chunks(self) -> None:
        while (end := self._received.find(b"\r\n")) > 0:
            length = int(self._received[:end].split(b";")[0], 16)
            if len(self._received) < end + 2 + length + 2:
                return
            self._text += self._received[end + 2 : end + 2 + length]
            self._received = self._received[end + 2 + length + 2 :]

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        if not self.opened.done():
            self.opened.set_exception(UnexpectedAnswer(f"the connection ended: {error}"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
