"""How much one caller may ask: what is counted, for whom, what is told of it, and that processes count together."""

import subprocess
import sys
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.limiting import Limits
from service.api.quotas import SECOND, Policy, Quotas
from service.store import keys
from tests.api.conftest import SAMPLE, Api, note, running
from tests.conftest import Database

pytestmark = pytest.mark.anyio
TEN = Policy("key", 10, 60)
FIVE = Policy("address", 5, 60)
NOW = 10**15


def test_a_whole_quota_may_come_at_once_and_then_one_each_interval() -> None:
    quotas = Quotas.alone()
    assert [quotas.spend("a", TEN, NOW).left for _ in range(11)] == [*range(9, -1, -1), -1]
    assert quotas.spend("b", TEN, NOW).left == 9, "another caller"
    assert quotas.spend("a", TEN, NOW).wait == 6 * SECOND
    assert not quotas.spend("a", TEN, NOW + 6 * SECOND - 1).allowed
    assert quotas.spend("a", TEN, NOW + 6 * SECOND).left == 0
    assert quotas.spend("a", TEN, NOW + 66 * SECOND).left == 9


@given(st.lists(st.integers(0, 30 * SECOND), min_size=1, max_size=80), st.integers(1, 20), st.integers(1, 90))
def test_no_stretch_of_time_lets_more_through_than_a_quota_and_what_it_earns(
    pauses: list[int], quota: int, window: int
) -> None:
    quotas, policy, now, times = Quotas.alone(), Policy("key", quota, window), NOW, list[int]()
    interval = window * SECOND // quota
    for pause in pauses:
        now += pause
        spent = quotas.spend("a", policy, now)
        if spent.allowed:
            times.append(now)
        else:
            assert quotas.spend("a", policy, now + spent.wait - 1).left == -1, "it is told how long to wait, exactly"
    for first, begun in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= quota + (times[last] - begun) // interval + 1


def test_those_who_owe_most_are_remembered_however_many_come() -> None:
    quotas = Quotas.alone()
    for _ in range(11):
        quotas.spend("hostile", TEN, NOW)
    for n in range(200_000):
        quotas.spend(f"passer-by {n}", TEN, NOW)
    assert not quotas.spend("hostile", TEN, NOW).allowed


COUNT = """
import sys
from pathlib import Path
from service.api.quotas import Policy, Quotas
quotas = Quotas.shared(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(sum(quotas.spend("a", Policy("key", 2000, 86_400)).allowed for _ in range(1000)))
"""


def test_processes_count_together_and_nothing_is_counted_twice(tmp_path: Path) -> None:
    file = tmp_path / "quotas"
    Quotas.lay_out(file)
    assert file.stat().st_mode & 0o777 == 0o600
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COUNT, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    allowed = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(allowed) == 2000
    assert not Quotas.shared(file).spend("a", Policy("key", 2000, 86_400)).allowed


@pytest.fixture
async def limited(own_database: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    limits = Limits(Quotas.alone(), TEN, FIVE, [ip_network("192.0.2.0/24")])
    async with running(own_database, founded[1], limits=limits) as api:
        yield api


async def asked(api: Api, times: int, key: str | None = None, **headers: str) -> list[int]:
    return [(await api.get(SAMPLE, key, headers=headers)).status_code for _ in range(times)]


async def test_an_address_without_a_key_has_its_limit_and_is_told_of_it(limited: Api) -> None:
    first = await limited.get(SAMPLE)
    assert first.headers["ratelimit-policy"] == '"address";q=5;w=60'
    assert first.headers["ratelimit"] == '"address";r=4;t=12'
    assert await asked(limited, 4) == [200] * 4
    refused = await limited.get("/v1/ledgers/absent")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "12")
    assert refused.headers["ratelimit"] == '"address";r=0;t=12'
    assert refused.headers["cache-control"] == "no-store"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "http://tarih.test/problems/too-many-requests"
    for path in ("/", "/nothing", f"{SAMPLE}/relationships/pak--tur?known_position=51"):
        assert (await limited.get(path)).status_code == 429
    for path in ("/health/live", "/health/ready"):
        assert (await limited.get(path)).status_code == 200


async def test_a_key_has_a_limit_of_its_own_wherever_it_is_sent_from(limited: Api) -> None:
    one, other = await limited.key(drones="append"), await limited.key(drones="read")
    for key in (one, other):
        assert await asked(limited, 1, key) == [200], "by which it becomes known"
    assert await asked(limited, 11, one) == [200] * 10 + [429]
    assert (await limited.append(note("a"), key=one)).status_code == 429
    assert await asked(limited, 3) == [200] * 3, "the address has asked twice"
    assert await asked(limited, 1) == [429]
    answer = await limited.get(SAMPLE, other)
    assert answer.headers["ratelimit-policy"] == '"key";q=10;w=60'


async def test_whoever_guesses_keys_has_the_limit_of_its_address(limited: Api) -> None:
    found = [(await limited.get(SAMPLE, keys.new_secret())).status_code for _ in range(7)]
    assert found == [401] * 5 + [429] * 2


async def test_answers_that_are_kept_count_too(limited: Api) -> None:
    path = f"{SAMPLE}/relationships/pak--tur?valid_at=2024-06-30&known_position=51"
    found = [await limited.get(path) for _ in range(6)]
    assert [one.status_code for one in found] == [200] * 5 + [429]
    assert [one.headers["ratelimit"][:13] for one in found[:2]] == ['"address";r=4', '"address";r=3']


async def test_nobody_chooses_an_address_for_itself(limited: Api) -> None:
    headers = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(7)]
    assert [(await limited.get(SAMPLE, headers=one)).status_code for one in headers] == [200] * 5 + [429] * 2


def callers(given: dict[str, Any]) -> str:
    """Whom a request is counted to."""
    limits = Limits(Quotas.alone(), None, FIVE, [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")])
    headers = [(b"x-forwarded-for", value.encode()) for value in given["forwarded"]]
    scope: Any = {"client": (given["peer"], 1), "headers": headers}
    return limits.caller_at(scope)


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.5"], "198.51.100.1"),
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.5"], "203.0.113.5"),
        ("192.0.2.1", ["203.0.113.5:4711"], "203.0.113.5"),
        ("192.0.2.1", ["10.9.9.9, 203.0.113.5"], "203.0.113.5"),
        ("192.0.2.1", ["10.9.9.9", "203.0.113.5"], "203.0.113.5"),
        ("192.0.2.1", ["203.0.113.5, 192.0.2.77"], "203.0.113.5"),
        ("192.0.2.1", ["203.0.113.5, nonsense"], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.5, nonsense, 192.0.2.9"], "192.0.2.9"),
        ("192.0.2.1", [""], "192.0.2.1"),
        ("192.0.2.1", ["192.0.2.8, 192.0.2.9"], "192.0.2.8"),
        ("::ffff:192.0.2.1", ["203.0.113.5"], "203.0.113.5"),
        ("2001:db8::1", ["2a00:1:2:3:4:5:6:7"], "2a00:1:2:3::/64"),
        ("2a00:1:2:3::9", [], "2a00:1:2:3::/64"),
        ("::ffff:198.51.100.1", [], "198.51.100.1"),
    ],
)
def test_the_caller_is_the_last_address_that_no_trusted_proxy_has(peer: str, forwarded: list[str], caller: str) -> None:
    assert callers({"peer": peer, "forwarded": forwarded}) == f"address {caller}"


@given(st.lists(st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace").decode("latin-1")), max_size=4))
def test_no_chain_of_proxies_is_too_odd(forwarded: list[str]) -> None:
    assert callers({"peer": "192.0.2.1", "forwarded": forwarded}).startswith("address ")


async def test_without_limits_nothing_is_said_of_them(shared: Api) -> None:
    answer: httpx.Response = await shared.get(SAMPLE)
    assert not [name for name in answer.headers if name.startswith("ratelimit")]
