"""Lines of events, as many as there are: recorded while the body comes in; the answer has a line for each that is told.

Nothing is sent before the body has been read, unless the caller asks for every line: then it must read while it sends.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import IO, Any, Literal

import msgspec
from litestar import Response
from litestar.response import Stream
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Send
from msgspec import UNSET, UnsetType

from service.api import problems
from service.api.bodies import SLOWEST_LINES, chunks_of
from service.api.conditions import Write, idempotency_key, no_precondition
from service.api.parameters import Parameters
from service.api.receipts import would_be_recorded
from service.api.refused import BadRequest, bad_header, bad_parameter
from service.api.site import Request, site_of
from service.api.streams import CHUNK, Flowing
from service.domain.refusals import Refusal
from service.history.bulk import Line, record_at_once, record_lines
from service.projections.claim import Position
from service.store.appender import Acceptable

NDJSON = "application/x-ndjson"
HEADERS = {"cache-control": "no-store"}
MOST_IN_MEMORY = 1_000_000
"""Bytes of an answer that waits for the end of the body; more is kept in a file."""


class BulkSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of all lines."""

    lines: int
    """That are not blank, as far as they were read."""
    recorded: int
    repeated: int
    """Recorded by an earlier request, with the same content."""
    refused: int
    stopped: bool
    """After a line was refused: the rest was not looked at."""
    position: Position | UnsetType = UNSET
    """Of the last event that this request recorded."""


class BulkEnd(msgspec.Struct, frozen=True):
    """The last line of the answer."""

    summary: BulkSummary


class BulkCut(msgspec.Struct, frozen=True):
    """The last line of an answer that was cut short when part of it was sent already."""

    problem: problems.Problem


class _Choices(msgspec.Struct, frozen=True):
    stop: bool
    all_results: bool
    atomic: bool
    dry_run: bool


class _Telling:
    """Line by line, what the caller is to be told; and the last position recorded."""

    def __init__(self, write: Callable[[bytes], Awaitable[object]], *, everything: bool) -> None:
        self._write, self._everything = write, everything
        self._held = bytearray()
        self._position: Position | UnsetType = UNSET

    async def tell(self, line: Line) -> None:
        if line.status == "recorded" and line.position is not None:
            self._position = line.position
        if self._everything or line.status == "refused":
            await self._add(msgspec.json.encode(line))

    async def end(self, **summary: Any) -> None:
        await self._add(msgspec.json.encode(BulkEnd(BulkSummary(position=self._position, **summary))))
        await self.flush()

    async def cut(self, problem: bytes) -> None:
        await self._add(b'{"problem":' + problem + b"}")
        await self.flush()

    async def hold(self) -> None:
        """What is there waits for more."""

    async def flush(self) -> None:
        if self._held:
            held, self._held = bytes(self._held), bytearray()
            await self._write(held)

    async def _add(self, line: bytes) -> None:
        self._held += line + b"\n"
        if len(self._held) >= CHUNK:
            await self.flush()


async def append_lines(request: Request, write: Write) -> Response[Any]:
    choices = _choices(request, write)
    if choices.atomic:
        return await _at_once(request, write, choices)
    return await (_while_it_comes if choices.all_results else _after_it_came)(request, write, choices)


def _choices(request: Request, write: Write) -> _Choices:
    """Raises BadRequest."""
    parameters = Parameters(request, ["on_error", "results", "atomic", "dry_run"])
    choices = _Choices(
        stop=parameters.choice("on_error", "continue", "stop") == "stop",
        all_results=parameters.choice("results", "refused", "all") == "all",
        atomic=parameters.choice("atomic", "true", "false") == "true",
        dry_run=parameters.choice("dry_run", "true", "false") == "true",
    )
    if choices.atomic:
        parameters.unusable("on_error", "with `atomic=true` nothing goes on after a fault: leave `on_error` out")
    parameters.check()
    if choices.dry_run and not choices.atomic:
        detail = "what is recorded line by line cannot be tried: use `dry_run` with `atomic=true`"
        raise BadRequest([bad_parameter("dry_run", "unusable", detail)])
    if idempotency_key(request) is not None:
        detail = "with lines, the ids of the events make a retry safe: leave `Idempotency-Key` out"
        raise bad_header("idempotency-key", "not-here", detail)
    if write.precondition is not None and not choices.atomic:
        no_precondition(request, "and with lines only where they are one batch: use `atomic=true`")
    return choices


async def _after_it_came(request: Request, write: Write, choices: _Choices) -> Response[Any]:
    """The answer is held until the body has been read, so that whoever sends first and reads later never waits."""
    held = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - it is closed once it is sent

    async def keep(chunk: bytes) -> None:
        held.write(chunk)

    try:
        telling = _Telling(keep, everything=choices.all_results)
        await _record(request, write, choices, telling)
        held.seek(0)
    except BaseException:
        held.close()
        raise
    return Flowing(_sent(held), headers=HEADERS, media_type=NDJSON)


async def _sent(held: IO[bytes]) -> AsyncGenerator[bytes, None]:
    with held:
        while chunk := held.read(CHUNK):
            yield chunk
            await asyncio.sleep(0)  # a caller that left is noticed


async def _while_it_comes(request: Request, write: Write, choices: _Choices) -> Response[Any]:
    async def answer(send: Callable[[bytes], Awaitable[object]]) -> None:
        telling = _Telling(send, everything=True)
        try:
            await _record(request, write, choices, telling)
        except BadRequest:
            return  # the caller left
        except Refusal as refusal:
            await telling.cut(problems.respond(request, refusal).content)

    return _Written(answer)


async def _record(request: Request, write: Write, choices: _Choices, telling: _Telling) -> None:
    """Reads the body to its end, whatever becomes of it: only then does every caller come to its answer."""
    chunks = chunks_of(request, SLOWEST_LINES)
    try:
        summary = await record_lines(
            site_of(request).log,
            write.ledger,
            chunks,
            by=write.by,
            scope=write.scope,
            tell=telling.tell,
            pause=telling.flush if choices.all_results else telling.hold,
            stop_at_fault=choices.stop,
        )
    except Refusal:
        await _drained(chunks)
        raise
    await _drained(chunks)
    await telling.end(**msgspec.structs.asdict(summary))


async def _at_once(request: Request, write: Write, choices: _Choices) -> Response[Any]:
    chunks = chunks_of(request, SLOWEST_LINES)
    expected = () if write.precondition is None else (write.precondition,)
    try:
        outcome, numbers = await record_at_once(
            site_of(request).log,
            write.ledger,
            chunks,
            by=write.by,
            scope=write.scope,
            expectations=expected,
            dry_run=choices.dry_run,
        )
    except Refusal:
        await _drained(chunks)
        raise
    if isinstance(outcome, Acceptable) or choices.dry_run:
        return would_be_recorded(write, len(numbers))
    lines: list[bytes] = []

    async def keep(chunk: bytes) -> None:
        lines.append(chunk)

    telling, counts = _Telling(keep, everything=choices.all_results), {"recorded": 0, "repeated": 0, "refused": 0}
    status: Literal["repeated", "recorded"] = "repeated" if outcome.repeated else "recorded"
    for number, event in zip(numbers, outcome.events, strict=True):
        await telling.tell(Line(number, status, event.id, event.claim, event.position))
    counts[status] = len(numbers)
    await telling.end(lines=len(numbers), stopped=False, **counts)
    headers = dict(HEADERS)
    if write.scope is not None and write.scope in outcome.revisions:
        headers["etag"] = f'"r{outcome.revisions[write.scope]}"'
    return Response(b"".join(lines), status_code=200, headers=headers, media_type=NDJSON)


async def _drained(chunks: AsyncIterator[bytes]) -> None:
    async for _ in chunks:
        pass


class _Written(Stream):
    """An answer that is written while the request's body is read: Litestar's own would read from the body besides."""

    def __init__(self, write: Callable[[Callable[[bytes], Awaitable[object]]], Awaitable[None]]) -> None:
        super().__init__((), status_code=200, headers=HEADERS, media_type=NDJSON)
        self.write = write

    def to_asgi_response(self, app: Any, request: Any, **given: Any) -> ASGIStreamingResponse:
        headers = {**(given.get("headers") or {}), **self.headers}
        response = _Writing(iterator=(), headers=headers, media_type=NDJSON, status_code=200)
        response.write = self.write
        return response


class _Writing(ASGIStreamingResponse):
    write: Callable[[Callable[[bytes], Awaitable[object]]], Awaitable[None]]

    async def send_body(self, send: Send, receive: Receive) -> None:
        async def chunk(body: bytes) -> None:
            await send({"type": "http.response.body", "body": body, "more_body": True})

        await self.write(chunk)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
