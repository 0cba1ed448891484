"""What the environment decides, read once by the roof, handed down as values; a new setting is a field and a line."""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

T = TypeVar("T")

FORMATS = ("text", "json")
_RATE = re.compile(r"([0-9]{1,10})/([0-9]{1,5})", re.ASCII)
_GRANTED = re.compile(r"(\*|[a-z0-9]+(-[a-z0-9]+)*):(read|append|admin)", re.ASCII)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class UnreadableSetting(Exception):
    """A variable holds what cannot be used; the message names it and says what can."""


class Rate(msgspec.Struct, frozen=True):
    """So many requests at once, and in each so many seconds; of none, there is no limit."""

    requests: int
    seconds: int


NO_LIMIT = Rate(0, 1)
PER_KEY, PER_ADDRESS = Rate(6000, 60), Rate(1200, 60)
"""Where nothing is said, and others than this machine may call."""
QUOTAS = "quotas"
"""The file in the data folder by which several workers know how much was asked."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process serves; each field is the variable TARIH_<FIELD>."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path(".tarih")
    """The embedded PostgreSQL, the admin key."""
    database_url: str | None = None
    """The service's login on a server of your own; without it, an embedded one is started."""
    replica_urls: tuple[str, ...] | None = None
    """Streaming replicas of that server, for reads."""
    direct_url: str | None = None
    """The same login without the pooler, where ``database_url`` leads through one: for all but questions."""
    owner_url: str | None = None
    """The login that migrates, and owns the tables."""
    allow_owner: bool = False
    """Serve even with a login that could change events."""
    database_timeout: int = 15
    """Seconds that the database has to answer a question; to record, it has twice as long."""
    drain: int = 0
    """Seconds for which it goes on answering once it is told to stop, while /health/ready says that it is not ready."""
    workers: int = 1
    """Processes that answer requests."""
    public_url: str | None = None
    """The base of absolute addresses, without a slash at its end; without it, what the request was sent to."""
    log_level: str = "INFO"
    log_format: str = "text"
    """`json` for programs that gather logs."""
    metrics_port: int | None = None
    """Where Prometheus finds the figures without a key; without it, administrators find them at /metrics."""
    metrics_host: str = "127.0.0.1"
    """The address to listen on for them."""
    traces: bool = False
    """Send spans by OTLP; needs the extra `otel`, and the variables OTEL_*."""
    limit_per_key: Rate | None = None
    """Without it there is none on a loopback address without proxies: only this machine calls; else ``PER_KEY``."""
    limit_per_address: Rate | None = None
    """Of callers without a key; likewise, ``PER_ADDRESS``."""
    streams_per_caller: int = 1000
    """Live streams that a key, or an address without one, may have in one worker at one time."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] | None = None
    """Whose X-Forwarded-For is believed; without it, nobody's."""
    oidc_issuer: str | None = None
    """Whose tokens are taken besides keys."""
    oidc_audience: str | None = None
    """Whom they must be for."""
    oidc_jwks_url: str | None = None
    """Where the issuer's keys are; without it, where its own configuration says."""
    oidc_claim: str = "scope"
    """Which claim says what a token may."""
    oidc_scopes: Mapping[str, tuple[str, ...]] | None = None
    """By word of that claim, rights as `ledger:right`."""

    @property
    def rates(self) -> tuple[Rate | None, Rate | None]:
        """By key and by address; None where there is no limit."""
        here = _is_loopback(self.host) and not self.trusted_proxies
        per_key = self.limit_per_key or (NO_LIMIT if here else PER_KEY)
        per_address = self.limit_per_address or (NO_LIMIT if here else PER_ADDRESS)
        return per_key if per_key.requests else None, per_address if per_address.requests else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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


def _replicas(text: str) -> tuple[str, ...]:
    urls = tuple(_postgresql(one) for one in text.split())
    if any("," in urlsplit(one).netloc for one in urls):
        raise ValueError("addresses with a space between them, each of one server")
    return urls


def _web(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("an address that begins with http:// or https://")
    return text.rstrip("/")


def _rate(text: str) -> Rate:
    if text == "off":
        return NO_LIMIT
    found = _RATE.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= 1_000_000_000 or not 1 <= int(found[2]) <= 86_400:
        raise ValueError("off, or requests and seconds, such as 600/60")
    return Rate(int(found[1]), int(found[2]))


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError("addresses or networks with commas between, such as 10.0.0.7,192.168.0.0/16") from None


def _secure(text: str) -> str:
    """As it is: an issuer is compared letter by letter."""
    parts = urlsplit(text)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise ValueError("an address that begins with https://; with http:// only on this machine")
    return text


def _scopes(text: str) -> Mapping[str, tuple[str, ...]]:
    try:
        found = msgspec.json.decode(text, type=dict[str, tuple[str, ...]])
    except msgspec.DecodeError:
        found = {"": ("",)}
    if not all(_GRANTED.fullmatch(right) for rights in found.values() for right in rights):
        raise ValueError('JSON such as {"editors": ["drones:append"], "readers": ["*:read"]}') from None
    return found


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise ValueError(f"one of {', '.join(LEVELS)}")
    return text.upper()


def _form(text: str) -> str:
    if text not in FORMATS:
        raise ValueError(f"one of {', '.join(FORMATS)}")
    return text


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
            shown = "given" if name.endswith(("_URL", "_URLS")) else repr(text)  # an address may hold a password
            raise UnreadableSetting(f"{name} is {shown}, but must be {error}") from None

    unset = Settings()
    found = Settings(
        host=read("TARIH_HOST", str, unset.host),
        port=read("TARIH_PORT", _whole(1, 65535), unset.port),
        data_dir=read("TARIH_DATA_DIR", Path, unset.data_dir),
        database_url=read("TARIH_DATABASE_URL", _postgresql, unset.database_url),
        replica_urls=read("TARIH_REPLICA_URLS", _replicas, unset.replica_urls),
        direct_url=read("TARIH_DIRECT_URL", _postgresql, unset.direct_url),
        owner_url=read("TARIH_OWNER_URL", _postgresql, unset.owner_url),
        allow_owner=read("TARIH_ALLOW_OWNER", _switch, unset.allow_owner),
        database_timeout=read("TARIH_DATABASE_TIMEOUT", _whole(1, 3600), unset.database_timeout),
        drain=read("TARIH_DRAIN", _whole(0, 300), unset.drain),
        workers=read("TARIH_WORKERS", _whole(1, 256), unset.workers),
        public_url=read("TARIH_PUBLIC_URL", _web, unset.public_url),
        log_level=read("TARIH_LOG_LEVEL", _level, unset.log_level),
        log_format=read("TARIH_LOG_FORMAT", _form, unset.log_format),
        metrics_port=read("TARIH_METRICS_PORT", _whole(1, 65535), unset.metrics_port),
        metrics_host=read("TARIH_METRICS_HOST", str, unset.metrics_host),
        traces=read("TARIH_TRACES", _switch, unset.traces),
        limit_per_key=read("TARIH_LIMIT_PER_KEY", _rate, unset.limit_per_key),
        limit_per_address=read("TARIH_LIMIT_PER_ADDRESS", _rate, unset.limit_per_address),
        streams_per_caller=read("TARIH_STREAMS_PER_CALLER", _whole(1, 1500), unset.streams_per_caller),
        trusted_proxies=read("TARIH_TRUSTED_PROXIES", _networks, unset.trusted_proxies),
        oidc_issuer=read("TARIH_OIDC_ISSUER", _secure, unset.oidc_issuer),
        oidc_audience=read("TARIH_OIDC_AUDIENCE", str, unset.oidc_audience),
        oidc_jwks_url=read("TARIH_OIDC_JWKS_URL", _secure, unset.oidc_jwks_url),
        oidc_claim=read("TARIH_OIDC_CLAIM", str, unset.oidc_claim),
        oidc_scopes=read("TARIH_OIDC_SCOPES", _scopes, unset.oidc_scopes),
    )
    if (found.oidc_issuer is None) != (found.oidc_audience is None):
        raise UnreadableSetting("TARIH_OIDC_ISSUER and TARIH_OIDC_AUDIENCE go together: set both or none")
    return found
