"""Tokens of an OpenID provider, as callers: verified by the keys that it publishes, with rights by its claims."""

import asyncio
import json
import logging
import re
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import jwt
import msgspec
from jwt.api_jwk import PyJWK

from service.api.refused import Unauthorized
from service.domain.refusals import Unavailable
from service.store.keys import EVERY, OF_TOKENS, Key

logger = logging.getLogger(__name__)

FAMILIES = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP",
}  # fmt: skip
"""Algorithms that are taken, and the kind of key that each needs: none that a public key could be a secret of."""
LEEWAY = 30
"""Seconds by which the provider's clock may differ from ours."""
FRESH, STALE = 3600.0, 86_400.0
"""Seconds after which its keys are fetched again, and after which those that are there open nothing any more."""
FLOOR = 10.0
"""Seconds between two fetches, whoever sends tokens of keys that nobody knows."""
TIMEOUT = 5.0
LARGEST = 1_000_000
"""Bytes of what the provider may answer."""
_SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
_OWN = re.compile(r"tarih:(\*|[a-z0-9]+(?:-[a-z0-9]+)*):(read|append|admin)", re.ASCII)
Fetch = Callable[[str], Any]


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Whose tokens are taken, and what their claims mean here."""

    issuer: str
    audience: str
    jwks_url: str | None = None
    """Where its keys are; without it, where its own configuration says."""
    claim: str = "scope"
    """What holds the rights: words with spaces between, or a list; a dot leads into an object."""
    scopes: Mapping[str, Sequence[str]] = {}
    """What a word of it is worth here, as ``ledger:right``; ``tarih:ledger:right`` says it itself."""


def fetch(url: str) -> Any:
    """What is at the address, as JSON; raises OSError or ValueError. It blocks: call it in a thread."""
    with _opener.open(urllib.request.Request(url, headers={"accept": "application/json"}), timeout=TIMEOUT) as answer:  # noqa: S310 - the settings let no other scheme in
        body = answer.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise ValueError(f"the answer is longer than {LARGEST:,} bytes")
    return json.loads(body)


class _Here(urllib.request.HTTPRedirectHandler):
    """Whoever can lead the fetch elsewhere could give us keys."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Here)


class ProviderKeys:
    """The provider's, as they were when they were last fetched; fetched in a thread, once for all who wait."""

    def __init__(self, provider: Provider, fetch: Fetch = fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider, self._fetch, self._clock = provider, fetch, clock
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._fetched = self._tried = -STALE
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> Mapping[str, Any] | None:
        """The JWK of that id; None where the provider has none. Raises Unavailable where it cannot be asked."""
        now = self._clock()
        known = self._keys.get(kid) if now < self._fetched + STALE else None
        if (known is None or now >= self._fetched + FRESH) and now >= self._tried + FLOOR and self._fetching is None:
            self._tried = now
            self._fetching = asyncio.create_task(self._refresh())
        if known is not None:
            return known
        if self._fetching is not None:
            await asyncio.shield(self._fetching)
        if self._clock() >= self._fetched + STALE:
            raise Unavailable("the keys of the OpenID provider cannot be fetched")
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        try:
            self._keys = await asyncio.to_thread(self._read)
            self._fetched = self._clock()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning(
                "the keys of %s could not be fetched: %s: %s", self._provider.issuer, type(error).__name__, error
            )
        finally:
            self._fetching = None

    def _read(self) -> dict[str, Mapping[str, Any]]:
        url = self._provider.jwks_url or self._discovered()
        found = self._fetch(url)["keys"]
        return {key["kid"]: key for key in found if key.get("kid") and key.get("use", "sig") == "sig"}

    def _discovered(self) -> str:
        said = self._fetch(f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        url: str = said["jwks_uri"]
        if said["issuer"] != self._provider.issuer:
            raise ValueError(f"its configuration is that of {said['issuer']!r}")
        if not is_safe(url):
            raise ValueError(f"its keys are at {url!r}, which is not https")
        return url


class Tokens:
    """Reads tokens of one provider."""

    def __init__(self, provider: Provider, keys: ProviderKeys | None = None) -> None:
        self.provider = provider
        self._keys = keys or ProviderKeys(provider)

    async def read(self, token: str) -> tuple[Key, float]:
        """Who calls, and for how many seconds the token is good. Raises Unauthorized, Unavailable."""
        algorithm, kid = _header(token)
        key = await self._keys.key(kid)
        if key is None:
            raise _refused("it was signed with a key that its issuer does not publish")
        if key.get("kty") != FAMILIES[algorithm] or key.get("alg", algorithm) != algorithm:
            raise _refused("it was signed by another algorithm than its key is for")
        try:
            claims = jwt.decode(
                token,
                PyJWK(dict(key), algorithm),
                algorithms=[algorithm],
                audience=self.provider.audience,
                issuer=self.provider.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise _refused(_WORDS.get(type(error), "it cannot be verified")) from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            raise _refused("its subject is not 1 to 255 visible ASCII characters")
        left = float(claims["exp"]) + LEEWAY - time.time()
        return Key(OF_TOKENS + subject, scopes_of(claims, self.provider)), left


def is_safe(url: str) -> bool:
    """https; or this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))


def scopes_of(claims: Mapping[str, Any], provider: Provider) -> dict[str, frozenset[str]]:
    """The rights by ledger; what is no word that we know is for others."""
    value: Any = claims.get(provider.claim)
    if value is None:
        value = claims
        for step in provider.claim.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
    words = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
    found: dict[str, set[str]] = {}
    for word in (word for word in words if isinstance(word, str)):
        own = _OWN.fullmatch(word)
        for granted in [f"{own[1]}:{own[2]}"] if own else provider.scopes.get(word, ()):
            ledger, _, right = granted.rpartition(":")
            found.setdefault(ledger or EVERY, set()).add(right)
    return {ledger: frozenset(rights) for ledger, rights in found.items()}


def _header(token: str) -> tuple[str, str]:
    """The algorithm and the id of the key; nothing in it is believed yet."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise _refused("it is no token") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in FAMILIES:
        raise _refused(f"its algorithm is not taken; {', '.join(FAMILIES)} are")
    if not isinstance(kid, str) or not kid or "crit" in header:
        raise _refused("its header does not say by which key it was signed, or asks for what is not known here")
    return algorithm, kid


def _refused(why: str) -> Unauthorized:
    return Unauthorized(f"this token is not taken: {why}", invalid=True)


_WORDS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidIssuedAtError: "it was issued later than now",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.InvalidAudienceError: "it is for another audience",
    jwt.InvalidSignatureError: "its signature is not good",
    jwt.MissingRequiredClaimError: "it lacks one of `exp`, `iss`, `aud`, `sub`",
}
