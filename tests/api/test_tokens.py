"""Tokens of an OpenID provider: which are taken, what they may, and how often the provider is asked."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from service.api import access, tokens
from service.api.refused import Unauthorized
from service.api.tokens import FLOOR, FRESH, STALE, Provider, ProviderKeys, Tokens, is_safe, scopes_of
from service.domain.refusals import Unavailable
from tests.api.conftest import SAMPLE, Api, note, running
from tests.api.streams import following
from tests.conftest import Database

pytestmark = pytest.mark.anyio
RSA, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
EC, ED = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()


def jwk(kid: str, key: Any, of: Any, **more: Any) -> dict[str, Any]:
    return {**json.loads(of.to_jwk(key.public_key())), "kid": kid, "use": "sig", **more}


KEYS = [
    jwk("rsa", RSA, RSAAlgorithm),
    jwk("ec", EC, ECAlgorithm),
    jwk("ed", ED, OKPAlgorithm),
    jwk("rs512", RSA, RSAAlgorithm, alg="RS512"),
    jwk("enc", RSA, RSAAlgorithm, use="enc"),
    {"kid": "secret", "kty": "oct", "k": base64.urlsafe_b64encode(b"s" * 32).decode()},
]


class Issuer:
    """An OpenID provider on this machine."""

    def __init__(self) -> None:
        self.keys, self.asked, self.broken = list(KEYS), list[str](), False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                said: dict[str, Any] = {"keys": issuer.keys}
                if self.path == "/.well-known/openid-configuration":
                    said = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
                body = json.dumps(said).encode()
                self.send_response(302 if self.path == "/elsewhere" else 500 if issuer.broken else 200)
                self.send_header("location", "/keys")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def end(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def provider(self, **more: Any) -> Provider:
        return Provider(issuer=self.url, audience="tarih", **more)

    def token(self, key: Any = RSA, kid: str | None = "rsa", algorithm: str = "RS256", **claims: Any) -> str:
        now = int(time.time())
        said = {"iss": self.url, "aud": "tarih", "sub": "ayse", "iat": now, "exp": now + 600, **claims}
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, key, algorithm, headers={"kid": kid} if kid else {})


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.end()


@pytest.fixture
async def api(own_database: Database, founded: tuple[str, str], issuer: Issuer) -> AsyncIterator[Api]:
    provider = issuer.provider(claim="groups", scopes={"editors": ["drones:append"], "all": ["*:read"]})
    async with running(own_database, founded[1], tokens=Tokens(provider)) as api:
        yield api


async def test_a_token_does_what_a_key_does(api: Api, issuer: Issuer) -> None:
    await api.put("/v1/ledgers/hidden", {"title": "T", "public_read": False})
    editor, reader, nobody = (issuer.token(groups=groups) for groups in (["editors", "x"], ["all"], []))
    assert (await api.append(note("a"), key=editor)).status_code == 201
    assert (await api.get(f"{SAMPLE}/events/a")).json()["recorded_by"] == "oidc:ayse"
    for token, path, status in (
        (editor, "/v1/ledgers/hidden", 404),
        (reader, "/v1/ledgers/hidden", 200),
        (nobody, "/v1/ledgers/hidden", 404),
        (nobody, SAMPLE, 200),
    ):
        assert (await api.get(path, token)).status_code == status
    assert (await api.append(note("b"), key=reader)).status_code == 403
    assert (await api.get("/v1/keys", reader)).json() == {"keys": []}
    assert (await api.get(SAMPLE, api.admin)).status_code == 200, "keys are taken as before"
    await api.site.gate.write_uses()


@pytest.mark.parametrize(
    ("key", "kid", "algorithm"),
    [
        (RSA, "rsa", "RS256"),
        (RSA, "rsa", "RS384"),
        (RSA, "rsa", "PS256"),
        (RSA, "rs512", "RS512"),
        (EC, "ec", "ES256"),
        (ED, "ed", "EdDSA"),
    ],
)
async def test_tokens_by_any_key_of_the_issuer_are_taken(issuer: Issuer, key: Any, kid: str, algorithm: str) -> None:
    caller, seconds = await Tokens(issuer.provider()).read(
        issuer.token(key, kid, algorithm, scope="tarih:drones:admin")
    )
    assert (caller.key_id, caller.may("admin", "drones"), caller.may("read", "other")) == ("oidc:ayse", True, False)
    assert 600 < seconds <= 600 + tokens.LEEWAY


def signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """What a library would not make."""
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    said = b".".join(parts)
    mark = b"" if secret is None else hmac.digest(secret, said, hashlib.sha256)
    return (said + b"." + (base64.urlsafe_b64encode(mark).rstrip(b"=") or b"AA")).decode()


async def refusal(issuer: Issuer, token: str) -> str:
    with pytest.raises(Unauthorized) as refused:
        await Tokens(issuer.provider()).read(token)
    assert refused.value.challenge == 'Bearer realm="tarih", error="invalid_token"'
    return str(refused.value)


async def test_what_is_forged_or_for_others_is_refused_and_told_why(issuer: Issuer) -> None:
    now = int(time.time())
    for words, token in (
        ("signature is not good", issuer.token(OTHER)),
        ("has expired", issuer.token(exp=now - 60)),
        ("not valid yet", issuer.token(nbf=now + 120)),
        ("another issuer", issuer.token(iss=f"{issuer.url}/")),
        ("another audience", issuer.token(aud="other")),
        ("lacks one of", issuer.token(exp=None)),
        ("lacks one of", issuer.token(sub=None)),
        ("subject is not", issuer.token(sub="a\nb")),
        ("does not publish", issuer.token(kid="unknown")),
        ("does not publish", issuer.token(kid="enc")),
        ("does not say by which key", issuer.token(kid=None)),
        ("another algorithm than its key", issuer.token(EC, "rsa", "ES256")),
        ("another algorithm than its key", issuer.token(RSA, "rs512", "RS256")),
    ):
        assert words in await refusal(issuer, token)
    assert await Tokens(issuer.provider()).read(issuer.token(exp=now - 10)), "clocks may differ a little"


async def test_nothing_that_a_public_key_could_sign_is_taken(issuer: Issuer) -> None:
    claims = {"iss": issuer.url, "aud": "tarih", "sub": "eve", "exp": int(time.time()) + 600, "scope": "tarih:*:admin"}
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for header, secret in (
        ({"alg": "none", "kid": "rsa"}, None),
        ({"alg": "None", "kid": "rsa"}, None),
        ({"alg": "HS256", "kid": "rsa"}, public),
        ({"alg": "HS256", "kid": "secret"}, b"s" * 32),
        ({"alg": "RS256", "kid": "secret"}, b"s" * 32),
        ({"alg": ["RS256"], "kid": "rsa"}, b""),
        ({"kid": "rsa"}, b""),
        ({"alg": "RS256", "kid": "rsa", "crit": ["x"], "x": 1}, b""),
        ({"alg": "RS256", "kid": "rsa", "jwk": KEYS[0]}, b"x"),
    ):
        assert "this token is not taken" in await refusal(issuer, signed(header, claims, secret))
    for odd in ("a.b.c", "..", "e30.e30.e30", f"{'a' * 3000}.{'b' * 3000}.{'c' * 100}"):
        if access.is_token(odd):
            assert "this token is not taken" in await refusal(issuer, odd)


async def test_the_issuer_is_asked_once_for_all_and_not_for_every_unknown_key(issuer: Issuer) -> None:
    now = 0.0
    keys = ProviderKeys(issuer.provider(), clock=lambda: now)
    reader = Tokens(issuer.provider(), keys)
    await asyncio.gather(*(reader.read(issuer.token()) for _ in range(20)))
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
    for _ in range(20):
        with pytest.raises(Unauthorized):
            await reader.read(issuer.token(kid="new"))
    assert issuer.asked[2:] == []
    issuer.keys = [jwk("new", RSA, RSAAlgorithm)]
    now += FLOOR
    assert await reader.read(issuer.token(kid="new"))
    assert issuer.asked[3:] == ["/keys"]
    with pytest.raises(Unauthorized, match="does not publish"):
        await reader.read(issuer.token(kid="rsa"))


async def test_while_the_issuer_is_away_its_keys_open_for_a_day(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    reader = Tokens(issuer.provider(), ProviderKeys(issuer.provider(), clock=lambda: now))
    issuer.broken = True
    with pytest.raises(Unavailable):
        await reader.read(issuer.token())
    issuer.broken, now = False, FLOOR
    assert await reader.read(issuer.token())
    issuer.broken, now = True, now + FRESH
    assert await reader.read(issuer.token()), "nobody waits for keys that are there"
    async with asyncio.timeout(10):
        while caplog.text.count("could not be fetched") < 2:  # noqa: ASYNC110 - a thread tells it
            await asyncio.sleep(0.01)
    now = FLOOR + STALE
    with pytest.raises(Unavailable):
        await reader.read(issuer.token())


async def test_keys_are_fetched_from_where_they_are_said_to_be_and_nowhere_else(issuer: Issuer) -> None:
    given = issuer.provider(jwks_url=f"{issuer.url}/keys")
    assert await Tokens(given).read(issuer.token())
    assert issuer.asked == ["/keys"]
    for provider in (
        issuer.provider(jwks_url=f"{issuer.url}/elsewhere"),
        msgspec.structs.replace(given, issuer=f"{issuer.url}/", jwks_url=None),
    ):
        with pytest.raises(Unavailable):
            await Tokens(provider).read(issuer.token())
    assert is_safe("https://id.example/keys")
    assert not is_safe("http://id.example/keys")
    assert not is_safe("file:///etc/passwd")


async def test_a_token_opens_nothing_and_follows_nothing_once_it_has_expired(
    api: Api, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "LEEWAY", 0)
    token = issuer.token(exp=int(time.time()) + 2, groups=["all"])
    async with following(api, Authorization=f"Bearer {token}") as stream, asyncio.timeout(10):
        while await stream.text() is not None:
            pass
    answer = await api.get(SAMPLE, token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="tarih", error="invalid_token"'
    assert answer.json()["detail"] == "this token is not taken: it has expired"


@pytest.mark.parametrize(
    ("claim", "claims", "expected"),
    [
        ("scope", {"scope": "openid tarih:drones:read tarih:*:append"}, {"drones": ["read"], "*": ["append"]}),
        ("scope", {"scope": ["tarih:drones:admin", 7, None]}, {"drones": ["admin"]}),
        ("groups", {"groups": ["editors"], "scope": "tarih:*:admin"}, {"drones": ["append", "read"]}),
        ("realm.roles", {"realm": {"roles": ["editors"]}}, {"drones": ["append", "read"]}),
        ("realm.roles", {"realm.roles": "editors"}, {"drones": ["append", "read"]}),
        ("realm.roles", {"realm": 7}, {}),
        (
            "scope",
            {"scope": "tarih:Drones:read tarih:drones:all xtarih:drones:read tarih:drones:read\n"},
            {"drones": ["read"]},
        ),
        ("scope", {"scope": {"editors": 1}}, {}),
        ("scope", {}, {}),
    ],
)
def test_what_a_token_may_is_what_its_claim_says(claim: str, claims: Any, expected: dict[str, list[str]]) -> None:
    provider = Provider(issuer="i", audience="a", claim=claim, scopes={"editors": ["drones:append", "drones:read"]})
    assert {ledger: sorted(rights) for ledger, rights in scopes_of(claims, provider).items()} == expected
