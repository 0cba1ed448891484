"""What the environment decides, read once by the roof, handed down as values; a new setting is a field and a line."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class UnreadableSetting(Exception):
    """A variable holds what cannot be used; the message names it and says what can."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process serves; each field is the variable TARIH_<FIELD>."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path(".tarih")
    """The embedded PostgreSQL, the admin key."""
    database_url: str | None = None
    """The service's login on a server of your own; without it, an embedded one is started."""
    owner_url: str | None = None
    """The login that migrates, and owns the tables."""
    allow_owner: bool = False
    """Serve even with a login that could change events."""
    workers: int = 1
    """Processes that answer requests."""
    public_url: str | None = None
    """The base of absolute addresses, without a slash at its end; without it, what the request was sent to."""
    log_level: str = "INFO"


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and lowest <= int(text) <= highest):
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return read


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("0 or 1")
    return text == "1"


def _postgresql(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("an address that begins with postgresql://")
    return text


def _web(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("an address that begins with http:// or https://")
    return text.rstrip("/")


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise ValueError(f"one of {', '.join(LEVELS)}")
    return text.upper()


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings that ``environment`` asks for; an empty variable counts as unset.

    Raises UnreadableSetting.
    """

    def read(name: str, reader: Callable[[str], T], default: T) -> T:
        text = environment.get(name, "").strip()
        if not text:
            return default
        try:
            return reader(text)
        except ValueError as error:
            shown = "given" if name.endswith("_URL") else repr(text)  # an address may hold a password
            raise UnreadableSetting(f"{name} is {shown}, but must be {error}") from None

    unset = Settings()
    return Settings(
        host=read("TARIH_HOST", str, unset.host),
        port=read("TARIH_PORT", _whole(1, 65535), unset.port),
        data_dir=read("TARIH_DATA_DIR", Path, unset.data_dir),
        database_url=read("TARIH_DATABASE_URL", _postgresql, unset.database_url),
        owner_url=read("TARIH_OWNER_URL", _postgresql, unset.owner_url),
        allow_owner=read("TARIH_ALLOW_OWNER", _switch, unset.allow_owner),
        workers=read("TARIH_WORKERS", _whole(1, 256), unset.workers),
        public_url=read("TARIH_PUBLIC_URL", _web, unset.public_url),
        log_level=read("TARIH_LOG_LEVEL", _level, unset.log_level),
    )
