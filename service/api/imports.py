"""Importing over HTTP: a file is taken in whole, by itself or as a part of a form, and then read into the ledger."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import IO, Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from service import importing
from service.api.answers import done
from service.api.bodies import SLOWEST_LINES, chunks_of
from service.api.parameters import Parameters
from service.api.refused import BadRequest, Entry, WrongMedia, bad_parameter
from service.api.site import Request, site_of
from service.domain.actors import Slug
from service.domain.events import Role
from service.domain.refusals import Fault, Invalid, TooLarge
from service.domain.types import TypeName
from service.importers import IMPORTERS
from service.importers.items import Importer, Options
from service.importers.names import Names, read_aliases

FILES = (
    "application/octet-stream", "text/csv", "text/tab-separated-values", "text/plain", "application/gzip",
    "application/json", "application/x-ndjson",
)  # fmt: skip
"""What a file may be called; what it is decides its bytes."""
FORM = "multipart/form-data"
PARTS = {"file": 256_000_000, "mapping": 256_000, "aliases": 1_000_000}
"""Of a form, and how many bytes each may have."""
IN_MEMORY = 1_000_000
"""Bytes of a file that are held; more goes to the disk."""
CHUNK = 65_536
PARAMETERS = ("format", "reported", "mapping", "type", "party", "dry_run", "retract_missing")


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    importer: Importer
    reported: str | None
    mapping: str | None
    type: str | None
    parties: tuple[tuple[str, str], ...]
    dry_run: bool
    retract_missing: bool


@post("/v1/ledgers/{ledger:str}/imports", status_code=200, request_max_body_size=None)
async def import_file(request: Request, ledger: FromPath[str]) -> Response[Any]:
    site = site_of(request)
    key = await site.gate.writer(request.given("authorization"), ledger)
    asked = _asked(request)
    parts = await _parts(request)
    try:
        return await _imported(request, ledger, key.key_id, asked, parts)
    finally:
        for part in parts.values():
            part.close()


async def _imported(
    request: Request, ledger: str, by: str, asked: _Asked, parts: dict[str, IO[bytes]]
) -> Response[Any]:
    try:
        aliases = _text(parts, "aliases")
        names = Names(*([] if aliases is None else [read_aliases(aliases)]))
        options = Options(
            names=names,
            reported=asked.reported,
            mapping=_text(parts, "mapping") or asked.mapping,
            parties=asked.parties,
            type=asked.type,
        )
        wanted = importing.Wanted(
            importer=asked.importer,
            names=names,
            by=by,
            dry_run=asked.dry_run,
            retract_missing=asked.retract_missing,
        )
        report = await importing.import_file(site_of(request).log, ledger, _chunks(parts["file"]), wanted, options)
    except importing.Unreadable as error:
        raise Invalid([Fault("", "unreadable-file", str(error))]) from None
    except importing.CannotTell as error:
        raise BadRequest([bad_parameter("retract_missing", "unusable", str(error))]) from None
    return done(report, 200, {"cache-control": "no-store"})


def _asked(request: Request) -> _Asked:
    """Raises BadRequest."""
    parameters = Parameters(request, PARAMETERS)
    parameters.needed("format", f"`format` says what the file is: {' or '.join(IMPORTERS)}")
    format_ = parameters.choice("format", *IMPORTERS)
    party = parameters.read("party", _parties)
    type_ = parameters.named("type", TypeName, "a type, such as note")
    choices = {name: parameters.choice(name, "true", "false") == "true" for name in ("dry_run", "retract_missing")}
    reported, mapping = parameters.text("reported"), parameters.text("mapping")
    parameters.check()
    assert format_ is not None  # noqa: S101 - it is needed
    return _Asked(
        importer=IMPORTERS[format_], reported=reported, mapping=mapping, type=type_, parties=party or (), **choices
    )


def _parties(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for one in text.split(","):
        actor, _, role = one.partition(":")
        try:
            found.append((str(msgspec.convert(actor, Slug)), str(msgspec.convert(role, Role))))
        except msgspec.ValidationError:
            raise ValueError("actors with their roles, such as pak:recipient,tur:supplier") from None
    return tuple(found)


async def _parts(request: Request) -> dict[str, IO[bytes]]:
    """Raises WrongMedia, BadRequest, TooLarge; then nothing is left open."""
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    media_type = media_type.strip().lower()
    if media_type not in (*FILES, FORM):
        raise WrongMedia(f"the header `Content-Type` must be {' or '.join((*FILES, FORM))}", (*FILES, FORM))
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise WrongMedia("send a compressed file as it is, without `Content-Encoding`", (*FILES, FORM))
    found: dict[str, IO[bytes]] = {}
    try:
        if media_type == FORM:
            await _form(request, options.get("boundary", ""), found)
        else:
            found["file"] = _spooled()
            async for chunk in chunks_of(request, SLOWEST_LINES):
                _write(found, "file", chunk)
        if "file" not in found:
            raise BadRequest([Entry(pointer="/file", code="missing", detail="the form has no part `file`")])
    except BaseException:
        for part in found.values():
            part.close()
        raise
    for part in found.values():
        part.seek(0)
    return found


async def _form(request: Request, boundary: str, found: dict[str, IO[bytes]]) -> None:
    name = ""
    try:
        with PushMultipartParser(boundary, max_segment_count=len(PARTS)) as parser:
            async for event in _events(request, parser):
                if isinstance(event, MultipartSegment):
                    name = event.name
                    if name not in PARTS or name in found:
                        known = ", ".join(f"`{part}`" for part in PARTS)
                        detail = f"the form has a part `{name[:100]}` too many; known are {known}, each once"
                        raise BadRequest([Entry(pointer=f"/{name[:100]}", code="unknown-part", detail=detail)])
                    found[name] = _spooled()
                elif event:
                    _write(found, name, bytes(event))
    except (MultipartError, ValueError) as error:
        raise BadRequest([Entry(pointer="", code="unreadable", detail=f"the form cannot be read: {error}")]) from None


async def _events(request: Request, parser: PushMultipartParser) -> AsyncIterator[Any]:
    async for chunk in chunks_of(request, SLOWEST_LINES):
        for event in parser.parse(chunk):
            yield event


def _spooled() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def _write(found: dict[str, IO[bytes]], name: str, chunk: bytes) -> None:
    """Raises TooLarge."""
    part = found[name]
    if part.tell() + len(chunk) > PARTS[name]:
        raise TooLarge(f"`{name}` has more than {PARTS[name]:,} bytes: compress it by gzip, or import it by command")
    part.write(chunk)


def _text(parts: dict[str, IO[bytes]], name: str) -> str | None:
    """Raises Unreadable."""
    if name not in parts:
        return None
    try:
        return parts[name].read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise importing.Unreadable(f"`{name}` is not UTF-8: {error}") from None


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
