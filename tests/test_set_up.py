"""The first and the last thing anybody does: ``tarih serve`` starts, answers, stops, and survives being killed."""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from service.api.streams import MOST_OF_A_CALLER
from service.commands.serve import EXAMPLE as EXAMPLE_NOW
from service.embedded.cluster import Unusable
from service.embedded.server import Embedded, hold
from service.settings import PER_ADDRESS, PER_KEY, Rate, Settings, UnreadableSetting, from_environment
from service.store.pool import PATIENCE
from tests.conftest import Database
from tests.serving import Serving, free_port

EXAMPLE = f"{EXAMPLE_NOW}&known_position=51"  # pinned: the same bytes at any later time


async def test_it_starts_answers_stops_and_keeps_its_data(data_dir: Path, started: list[Serving]) -> None:
    first = Serving(data_dir, free_port())
    started.append(first)
    first.until_it_answers()
    told = first.get(EXAMPLE)
    assert b"{" in told
    key = (data_dir / "admin.key").read_bytes()
    assert (data_dir / "admin.key").stat().st_mode & 0o777 == 0o600
    connection = await asyncpg.connect(first.database())
    await connection.execute("CREATE TABLE public.mark ()")
    await connection.close()

    assert first.end(signal.SIGTERM) == 0
    assert first.postgres() == []

    second = Serving(data_dir, first.port)
    started.append(second)
    second.until_it_answers()
    connection = await asyncpg.connect(second.database())
    assert await connection.fetchval("SELECT to_regclass('public.mark') IS NOT NULL")
    await connection.close()
    assert second.get(EXAMPLE) == told
    assert (data_dir / "admin.key").read_bytes() == key
    assert second.end(signal.SIGINT) == 0
    assert "Traceback" not in first.output + second.output


def test_killed_with_its_postgresql_it_starts_again(data_dir: Path, started: list[Serving]) -> None:
    killed = Serving(data_dir, free_port())
    started.append(killed)
    told = killed.until_it_answers().get(EXAMPLE)
    for pid in killed.postgres():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    killed.end(signal.SIGKILL)

    again = Serving(data_dir, killed.port)  # the same port: no worker may be left on it
    started.append(again)
    assert again.until_it_answers().get(EXAMPLE) == told
    assert again.end(signal.SIGTERM) == 0


def test_killed_alone_it_takes_its_workers_and_postgresql_along(data_dir: Path, started: list[Serving]) -> None:
    killed = Serving(data_dir, free_port())
    started.append(killed)
    killed.until_it_answers()
    killed.end(signal.SIGKILL)  # returns once nobody holds its output any more, so its workers are gone
    again = Serving(data_dir, killed.port)
    started.append(again)
    again.until_it_answers()
    assert again.end(signal.SIGTERM) == 0
    assert again.postgres() == []


def test_a_second_one_on_the_same_data_or_port_is_refused(data_dir: Path, started: list[Serving]) -> None:
    first = Serving(data_dir, free_port())
    started.append(first)
    first.until_it_answers()

    same_data = Serving(data_dir, free_port())
    started.append(same_data)
    assert same_data.end() == 1
    assert f"pid {first.process.pid}" in same_data.output

    same_port = Serving(data_dir / "other", first.port)
    started.append(same_port)
    assert same_port.end() == 1
    assert f"port {first.port}" in same_port.output
    assert not (data_dir / "other" / "postgres").exists(), "refused before PostgreSQL was started"
    assert all(len(refused.output.splitlines()) == 1 for refused in (same_data, same_port))
    assert first.end(signal.SIGTERM) == 0


def test_a_folder_that_only_we_can_enter_and_with_a_long_name_will_do(tmp_path: Path) -> None:
    data_dir = tmp_path / ("a long name, with spaces " * 5)
    with hold(data_dir):
        server = Embedded.start(data_dir)
        home = server.place.home
        try:
            assert server.psql("SELECT 1 + 1", "tarih").strip() == "2"
        finally:
            server.stop()
        again = Embedded.start(data_dir)
        again.stop()
    assert again.place.home == home, "found again"
    if home != data_dir:  # as root: PostgreSQL's user cannot go where the test may
        shutil.rmtree(home)


def test_what_an_interrupted_first_run_left_is_cleared_away(data_dir: Path) -> None:
    (data_dir / "postgres-new-abc").mkdir()
    (data_dir / "postgres-new-abc" / "PG_VERSION").write_text("18\n")
    Embedded.start(data_dir).stop()
    assert [path.name for path in data_dir.glob("postgres*")] != []
    assert not (data_dir / "postgres-new-abc").exists()


def test_a_cluster_of_another_version_is_left_alone(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    if os.geteuid() == 0:
        os.chown(data_dir / "postgres", 65534, 65534)
    with pytest.raises(Unusable, match="made by PostgreSQL 15"):
        Embedded.start(data_dir)


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(Unusable, match="/dev/null"):
        hold(Path("/dev/null/data"))


def test_settings_have_defaults_and_an_empty_variable_is_unset() -> None:
    assert from_environment({"TARIH_PORT": ""}) == Settings()


def test_defaults_that_stand_where_they_are_used_too_are_the_same() -> None:
    unset = Settings()
    assert (unset.streams_per_caller, unset.database_timeout) == (MOST_OF_A_CALLER, PATIENCE)


def test_replicas_are_addresses_with_spaces_between_them() -> None:
    urls = ("postgresql://one/name", "postgres:///name?host=/two")
    assert from_environment({"TARIH_REPLICA_URLS": f" {urls[0]}\n  {urls[1]} "}).replica_urls == urls


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TARIH_PORT", "0"),
        ("TARIH_PORT", "eighty"),
        ("TARIH_WORKERS", "-1"),
        ("TARIH_ALLOW_OWNER", "yes"),
        ("TARIH_DATABASE_URL", "mysql://user:secret@host/name"),
        ("TARIH_REPLICA_URLS", "postgresql://user:secret@one/name mysql://user:secret@two/name"),
        ("TARIH_REPLICA_URLS", "postgresql://user:secret@one,two/name"),
        ("TARIH_PUBLIC_URL", "tarih.example"),
        ("TARIH_LOG_LEVEL", "LOUD"),
        ("TARIH_LIMIT_PER_KEY", "many"),
        ("TARIH_LIMIT_PER_KEY", "0/60"),
        ("TARIH_LIMIT_PER_ADDRESS", "10/0"),
        ("TARIH_TRUSTED_PROXIES", "proxy.example"),
        ("TARIH_OIDC_ISSUER", "http://id.example"),
        ("TARIH_OIDC_AUDIENCE", "tarih"),
        ("TARIH_OIDC_SCOPES", "editors"),
        ("TARIH_OIDC_SCOPES", '{"editors": ["drones:write"]}'),
        ("TARIH_TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_an_unreadable_setting_is_named_and_no_password_shown(name: str, text: str) -> None:
    with pytest.raises(UnreadableSetting, match=name) as refusal:
        from_environment({name: text})
    assert "secret" not in str(refusal.value)


def test_whoever_others_may_call_has_limits_unless_they_are_off() -> None:
    def rates(**given: str) -> tuple[object, object]:
        return from_environment({f"TARIH_{name}": text for name, text in given.items()}).rates

    for host in ("127.0.0.1", "localhost", "::1", "127.9.9.9"):
        assert rates(HOST=host) == (None, None)
    for host in ("0.0.0.0", "::", "tarih.example"):  # noqa: S104 - nothing is bound
        assert rates(HOST=host) == (PER_KEY, PER_ADDRESS)
    assert rates(TRUSTED_PROXIES="127.0.0.1") == (PER_KEY, PER_ADDRESS), "a proxy lets others call"
    assert rates(HOST="::", LIMIT_PER_KEY="off", LIMIT_PER_ADDRESS="7/9") == (None, Rate(7, 9))


def test_a_login_that_could_rewrite_the_log_is_refused_with_the_way_out(
    data_dir: Path, started: list[Serving], database: Database
) -> None:
    address = {"TARIH_DATABASE_URL": database.owner_url}
    refused = Serving(data_dir, free_port(), **address)
    started.append(refused)
    assert refused.end() == 1
    assert "GRANT tarih_service TO" in refused.output
    assert "Traceback" not in refused.output
    allowed = Serving(data_dir, free_port(), **address, TARIH_ALLOW_OWNER="1")
    started.append(allowed)
    assert b"{" in allowed.until_it_answers().get(EXAMPLE)
    assert allowed.end(signal.SIGTERM) == 0
