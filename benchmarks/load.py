"""A process that loads a server over HTTP: appends or reads on kept connections, a file in one request, followers."""

import asyncio
import contextlib
import http.client
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from benchmarks import events
from benchmarks.http_client import Kept, Stream, UnexpectedAnswer, encoded
from benchmarks.looping import Loop, in_tasks, tidy
from benchmarks.protocol import Json, answer, figures, percentile

HOST = "127.0.0.1"
PATIENCE = 10  # seconds that a follower may take


class Refused(Exception):
    """The server did not answer as it must."""


class _Recorded(msgspec.Struct):
    position: int


class Load:
    """What can be sent to one server."""

    def __init__(self, port: str) -> None:
        self._loop, self._port = Loop(), int(port)

    def post(
        self,
        *,
        path: str,
        headers: Mapping[str, str],
        connections: int,
        seconds: float,
        most: int,
        pause: float = 0,
        bodies: Sequence[str] = (),
    ) -> Json:
        """Requests of one event each, or these; a connection sends the next once the last is answered, and a pause."""
        sent = [body.encode() for body in bodies] or events.bodies(most)
        requests = [encoded("POST", HOST, path, headers, body) for body in sent]
        return self._loop.run(self._post(requests, connections, seconds, pause))

    async def _post(self, requests: list[bytes], connections: int, seconds: float, pause: float) -> Json:
        free = [await self._kept() for _ in range(connections)]
        opened = list(free)

        async def write(request: bytes) -> None:
            connection = free.pop()
            status, body = await connection.ask(request)
            free.append(connection)
            if status != b"201":
                raise Refused(f"{status.decode()} {body[:300].decode(errors='replace')}")
            if pause:
                await asyncio.sleep(pause)

        try:
            return await in_tasks(connections, seconds, requests, write)
        finally:
            for connection in opened:
                connection.close()

    def get(
        self,
        *,
        paths: Sequence[str],
        tags: Sequence[str] = (),
        connections: int,
        seconds: float,
        most: int,
        samples: int = 5,
    ) -> Json:
        """Each path once, or, where ``most`` asks for more than there are, any of them again and again.

        With ``tags`` the caller has every answer already, and must be told so. ``said`` are some answers, by path.
        """
        headers = [{"if-none-match": tag} for tag in tags] or [{}] * len(paths)
        requests = [encoded("GET", HOST, path, own) for path, own in zip(paths, headers, strict=True)]
        draw = Random(most)  # noqa: S311 - repeatable, not secret
        repeated = most > len(paths)
        order = draw.choices(range(len(paths)), k=most) if repeated else list(range(most))
        answers = Answers(b"304" if tags else b"200", samples, draw, repeated=repeated)
        told = self._loop.run(self._get(requests, order, connections, seconds, answers))
        return told | {"said": {paths[number]: body.decode() for number, body in answers.kept.items()}}

    async def _get(
        self, requests: list[bytes], order: list[int], connections: int, seconds: float, answers: "Answers"
    ) -> Json:
        opened = [await self._kept() for _ in range(connections)]
        free = list(opened)

        async def read(number: int) -> None:
            connection = free.pop()
            status, body = await connection.ask(requests[number])
            free.append(connection)
            answers.take(number, status, body)

        try:
            return await in_tasks(connections, seconds, order, read) | {"bytes": answers.bytes}
        finally:
            for connection in opened:
                connection.close()

    async def _kept(self) -> Kept:
        _, connection = await asyncio.get_running_loop().create_connection(Kept, HOST, self._port)
        return connection

    def send(self, *, path: str, headers: Mapping[str, str], file: str, wait: float) -> Json:
        """One request with a file as its body, as a client that sends all before it reads anything."""
        with contextlib.ExitStack() as open_now:
            body = open_now.enter_context(Path(file).open("rb"))
            connection = http.client.HTTPConnection(HOST, self._port, timeout=wait)
            open_now.callback(connection.close)
            connection.blocksize = 1 << 16
            start = time.perf_counter()
            connection.request("POST", path, body, dict(headers) | {"content-length": str(Path(file).stat().st_size)})
            response = connection.getresponse()
            said = response.read()
        if response.status not in (http.client.OK, http.client.CREATED):
            raise Refused(f"{response.status} {said[:300].decode(errors='replace')}")
        return figures(time.perf_counter() - start, [], done=0, said=said[-300:].decode(errors="replace"))

    def follow(self, *, path: str, headers: Mapping[str, str], followers: int, appends: int, pause: float) -> Json:
        """Appends with a pause between them, and how long each took until the last follower had it."""
        most, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, min(hard, 4096)), hard))
        requests = [encoded("POST", HOST, path, headers, body) for body in events.bodies(appends + 1)]
        return self._loop.run(self._follow(requests, path, headers, followers, pause))

    async def _follow(
        self, requests: list[bytes], path: str, headers: Mapping[str, str], followers: int, pause: float
    ) -> Json:
        writer = await self._kept()
        deliveries = Deliveries(followers, len(requests) - 1)
        first = await _append(writer, requests[0])
        asked = dict(headers) | {"accept": "text/event-stream"}
        asked.pop("content-type", None)
        request = encoded("GET", HOST, f"{path}?after={first}", asked)
        streams: list[Stream] = []
        try:
            loop = asyncio.get_running_loop()
            for number in range(followers):
                follower = deliveries.follower(number, first)
                _, stream = await loop.create_connection(lambda to=follower: Stream(request, to), HOST, self._port)  # type: ignore[misc]
                streams.append(stream)
            if wrong := Counter(await asyncio.gather(*(stream.opened for stream in streams))) - Counter(
                {b"200": followers}
            ):
                raise Refused(f"followers were answered {dict(wrong)}")
            await asyncio.sleep(0.5)
            tidy()
            start = time.perf_counter()
            for body in requests[1:]:
                sent = time.perf_counter()
                deliveries.sent[await _append(writer, body)] = sent
                await asyncio.sleep(pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(deliveries.all_there.wait(), PATIENCE)
            return deliveries.told(time.perf_counter() - start, sum(s.ended for s in streams))
        finally:
            writer.close()
            for stream in streams:
                stream.close()


async def _append(writer: Kept, request: bytes) -> int:
    status, body = await writer.ask(request)
    if status != b"201":
        raise Refused(f"{status.decode()} {body[:300].decode(errors='replace')}")
    return msgspec.json.decode(body, type=_Recorded).position


class Answers:
    """What was answered: how much, some of it, and that what was asked again was answered with the same bytes."""

    def __init__(self, status: bytes, samples: int, draw: Random, *, repeated: bool) -> None:
        self._status, self._samples, self._draw, self._repeated = status, samples, draw, repeated
        self._first: dict[int, bytes] = {}
        self._count = 0
        self.bytes = 0
        self.kept: dict[int, bytes] = {}

    def take(self, number: int, status: bytes, body: bytes) -> None:
        """Raises Refused."""
        if status != self._status:
            raise Refused(f"{status.decode()} {body[:300].decode(errors='replace')}")
        if self._repeated and self._first.setdefault(number, body) != body:
            raise Refused("the same question was answered with other bytes than before")
        self._count += 1
        self.bytes += len(body)
        if len(self.kept) < self._samples:
            self.kept[number] = body
        elif self._draw.random() * self._count < self._samples:
            del self.kept[self._draw.choice(list(self.kept))]
            self.kept[number] = body


class Deliveries:
    """Which follower had which position, and when the last one had it."""

    def __init__(self, followers: int, appends: int) -> None:
        self._followers, self._awaited = followers, followers * appends
        self.all_there = asyncio.Event()
        self.sent: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._received: Counter[int] = Counter()
        self._disorder = 0

    def follower(self, number: int, after: int) -> Any:
        """Takes the lines of one stream; an event's position is at the end of its ``id``."""
        expected = after + 1

        def line(text: bytes) -> None:
            nonlocal expected
            if not text.startswith(b"id:"):
                return
            position = int(text.rpartition(b"-")[2])
            if position < expected:  # what marks the end of the backlog may repeat the last position
                self._disorder += position != expected - 1
                return
            self._disorder += position != expected
            expected = position + 1
            self._received[position] += 1
            self._last[position] = time.perf_counter()
            self._awaited -= 1
            if self._awaited == 0:
                self.all_there.set()

        return line

    def told(self, seconds: float, ended: int) -> Json:
        waits = sorted(self._last[position] - sent for position, sent in self.sent.items() if position in self._last)
        missed = sum(self._followers - self._received[position] for position in self.sent)
        if not waits:
            raise UnexpectedAnswer("no follower received anything")
        return figures(
            seconds,
            waits,
            done=len(self.sent) + 1,
            worst_ms=percentile(waits, 100) * 1000,
            missed=missed,
            disorder=self._disorder,
            ended=ended,
        )


if __name__ == "__main__":
    load = Load(sys.argv[1])
    answer({"post": load.post, "get": load.get, "send": load.send, "follow": load.follow})
