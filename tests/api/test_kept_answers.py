"""Answers that a process has worked out already: the same bytes as anew, and never older than what is recorded."""

import gzip
import itertools
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from service.api.access import REMEMBERED
from service.api.encodings import GZIP, LEAST
from service.api.kept import LONG, MOST_ASKED, OVERHEAD, Header, KeptAnswers, Still
from service.history import Cores
from service.history.cores import Core
from tests.api.conftest import SAMPLE, STATE, Api, note, running
from tests.conftest import Database

DAYS = [f"{year}-{month:02d}-15" for year in range(2016, 2028) for month in (1, 5, 9)]
FILTERS = ("", "&certainty=certain", "&lang=tr", "&min_reliability=C", "&standing=reported")


@pytest.fixture
async def without(own_database: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    """The same ledger, asked of a service that keeps nothing."""
    async with running(own_database, founded[1]) as api:
        api.site.cores, api.site.kept = Cores(most_bytes=0), KeptAnswers(most_bytes=0)
        yield api


async def test_kept_or_not_the_bytes_are_the_same(api: Api, without: Api) -> None:
    chance = random.Random(5)  # noqa: S311 - which points are asked is no secret
    head = await api.head()
    questions = [
        f"{STATE}?valid_at={day}&known_position={chance.randint(1, head)}{chance.choice(FILTERS)}"
        + chance.choice(("", "", "&reported_by=2024-06-30", "&reported_by=2025-11-30"))
        for day in chance.choices(DAYS, k=150)
    ]
    for question in itertools.chain(questions, questions):
        kept, anew = await api.get(question), await without.get(question)
        assert (kept.status_code, kept.content, kept.headers["etag"]) == (200, anew.content, anew.headers["etag"])


async def test_an_answer_is_never_older_than_what_its_caller_recorded(api: Api) -> None:
    for number in range(5):
        before = await api.state()
        assert (await api.append(note(f"n{number}"))).status_code == 201
        after = await api.state()
        assert after["as_of"]["revision"] == before["as_of"]["revision"] + 1
        assert f"n{number}" in {id_ for line in after["other"] for id_ in line["claims"]} or after["other"]
        assert len(after["other"]) == len(before["other"]) + 1


async def test_the_point_is_told_anew_though_nothing_changed_around_it(api: Api) -> None:
    first = await api.state("?valid_at=2024-06-01")
    second = await api.state("?valid_at=2024-06-02")
    assert first["as_of"]["valid_at"] != second["as_of"]["valid_at"]
    assert {**first, "as_of": None} == {**second, "as_of": None}
    elsewhere = note("far", parties=[{"actor": "chn", "role": "side_a"}, {"actor": "usa", "role": "side_b"}])
    await api.append(elsewhere)
    third = await api.state("?valid_at=2024-06-02")
    assert third["as_of"]["position"] == second["as_of"]["position"] + 1
    assert third["as_of"]["known_stable"]["from"] == second["as_of"]["known_stable"]["from"]


async def test_a_fulfilment_elsewhere_that_is_withdrawn_shows_at_once(api: Api) -> None:
    elsewhere = [{"actor": "chn", "role": "side_a"}, {"actor": "usa", "role": "side_b"}]
    expected = note("hope", claim="hope", occurred="2025") | {"action": "expect"}
    done = note("done", claim="done", occurred="2025-03-01", parties=elsewhere)
    fulfilled = {"action": "fulfil", "id": "met", "claim": "hope", "fulfilled_by": "done"}
    await api.append(expected, done, fulfilled)

    async def status() -> str:
        lines = (await api.state("?valid_at=2025-06-01"))["expectations"]
        return str(next(line["status"] for line in lines if line["claims"] == ["hope"]))

    assert (await status(), await status()) == ("fulfilled", "fulfilled")
    wrong = {"action": "retract", "id": "wrong", "claim": "done", "by": "curator", "reason": "a mistake"}
    assert (await api.append(wrong)).status_code == 201  # it touches chn--usa alone
    assert await status() == "due"


async def test_a_new_name_of_an_actor_shows_at_once(api: Api) -> None:
    assert (await api.state("?valid_at=2025-01-01"))["members"][0]["label"] == "Pakistan"
    named = {"names": {"en": "Islamic Republic of Pakistan"}, "kind": "state"}
    renamed = note("named", type="actor", occurred="2013/..", parties=[{"actor": "pak", "role": "subject"}], data=named)
    assert (await api.append(renamed)).status_code == 201
    assert (await api.state("?valid_at=2025-01-01"))["members"][0]["label"] == "Islamic Republic of Pakistan"


async def test_a_pinned_address_with_its_version_may_be_kept_for_ever(shared: Api) -> None:
    pinned = f"{STATE}?known_position={await shared.head()}"
    plain = await shared.get(pinned)
    assert plain.headers["cache-control"] == "public, max-age=3600"
    immutable = await shared.get(plain.headers["content-location"])
    assert immutable.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (immutable.content, immutable.headers["etag"]) == (plain.content, plain.headers["etag"])
    now = await shared.get(f"{STATE}?{plain.headers['content-location'].rpartition('&')[2]}")
    assert "immutable" not in now.headers["cache-control"]
    other = await shared.get(f"{pinned}&v=0.00000000")
    assert other.status_code == 404
    assert "version" in other.json()["detail"]
    assert (await shared.get(f"{SAMPLE}/events?v=1")).status_code == 400


def core(earlier: int, later: int, size: int = 10) -> Core:
    return Core(before=b"x" * size, after=b"", digest=b"", earlier=earlier, later=later, since=0)


def test_what_is_kept_is_found_between_its_bounds_and_nowhere_else() -> None:
    cores = Cores()
    cores.put("key", core(10, 20))
    cores.put("key", core(20, 25))
    found = {at: cores.get("key", at) for at in (9, 10, 19, 20, 24, 25)}
    begins = {at: None if one is None else one.earlier for at, one in found.items()}
    assert begins == {9: None, 10: 10, 19: 10, 20: 20, 24: 20, 25: None}
    assert cores.get("other", 15) is None


def test_what_was_not_asked_for_longest_goes_first() -> None:
    cores = Cores(most_bytes=10 * (1000 + 100))
    for key in range(10):
        cores.put(key, core(0, 10, 100))
    assert cores.get(0, 5) is not None
    cores.put(10, core(0, 10, 100))
    assert [cores.get(key, 5) is not None for key in (0, 1, 2, 10)] == [True, False, True, True]
    cores.put("too much", core(0, 10, 9000))
    assert cores.get("too much", 5) is None


async def test_a_final_answer_kept_whole_is_the_same_in_every_header(shared: Api) -> None:
    path = f"{STATE}?known_position={await shared.head()}&valid_at=2024-06-30&lang=tr"
    given = {"X-Request-Id": "mine", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    await shared.get(path)
    first, second = [await shared.get(path, headers=given) for _ in range(2)]
    assert second.content == first.content
    timed = {"server-timing"}
    assert {k: v for k, v in first.headers.items() if k not in timed} == {
        k: v for k, v in second.headers.items() if k not in timed
    }
    tag = {"If-None-Match": first.headers["etag"]}
    unchanged = await shared.get(path, headers=tag)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == first.headers["etag"]
    assert "content-length" not in unchanged.headers
    head = await shared.send("HEAD", path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (
        *(200, b""),
        first.headers["content-length"],
    )


async def test_a_kept_answer_of_a_private_ledger_is_given_to_nobody_else(api: Api) -> None:
    assert (await api.put("/v1/ledgers/secret", {"title": "Secret", "public_read": False})).status_code == 201
    assert (await api.append(note("n"), to="/v1/ledgers/secret/events")).status_code == 201
    path = "/v1/ledgers/secret/relationships/pak--tur?known_position=1"
    reader = await api.key(secret="read")  # noqa: S106 - a ledger's name
    for _ in range(3):
        assert (await api.get(path, reader)).status_code == 200
        assert (await api.get(path)).status_code == 404
        assert (await api.get(path, await api.key(drones="read"))).status_code == 404


def scope(path: str = "/a", **headers: str) -> Any:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "scheme": "http", "path": path, "query_string": b"", "method": "GET", "headers": raw}


class Whole:
    """An answer that is there already."""

    def __init__(self, content: bytes, *more: Header) -> None:
        self.content, self._more = content, more

    def raw(self) -> Sequence[Header]:
        return (*self._more, *HEADERS)

    def zipped(self) -> bytes:
        return gzip.compress(self.content)


HEADERS = ((b"vary", b"Accept"), (b"content-type", b"a/b"), (b"content-length", b"?"))


def twice(answers: KeptAnswers, asked: Any, body: bytes) -> None:
    for _ in range(2):
        answers.put(asked, "tag", Whole(body))


def gone(*_: object) -> None:
    """Whoever asks may have nothing any more."""


def public(*_: object) -> str:
    return "public"


def found(answers: KeptAnswers, asked: Any, still: Still = gone) -> bool:
    return answers.get(asked, still) is not None


def test_a_whole_answer_is_kept_for_one_address_and_caller_and_no_longer_than_access_is() -> None:
    now = 0.0
    answers = KeptAnswers(clock=lambda: now)
    twice(answers, scope(authorization="x"), b"body")
    assert found(answers, scope(authorization="x"))
    assert not found(answers, scope())
    assert not found(answers, scope(authorization="y"))
    assert not found(answers, scope("/b", authorization="x"))
    assert not found(answers, scope(authorization="x", accept="text/html"))
    now = REMEMBERED
    assert not found(answers, scope(authorization="x"))


def test_an_answer_stays_while_its_ledger_may_be_read_and_is_the_same() -> None:
    now = 0.0
    answers = KeptAnswers(clock=lambda: now)
    asked: list[Any] = []

    def still(*question: Any) -> str:
        asked.append(question)
        return "public"

    named = scope(authorization="x") | {"path_params": {"ledger": "drones"}}
    whole = Whole(b"body", (b"cache-control", b"public, max-age=3600"))
    for _ in range(2):
        answers.put(named, "tag", whole, b"epoch")
    for number in range(1, 4):
        now = number * REMEMBERED
        assert found(answers, named, still)
        assert found(answers, named)  # for a while nobody is asked again
    assert asked == [(["x"], "drones", b"epoch")] * 3

    def private(*_: Any) -> str:
        return "private"

    now += REMEMBERED
    assert not found(answers, named, private)  # then it would have to say so
    assert not found(answers, named)  # or nobody knows
    assert found(answers, named, still)
    for _ in range(2):
        answers.put(named, "tag", whole)
    now += REMEMBERED
    assert found(answers, named, still)
    assert asked[-1] == (["x"], "drones", b"")  # of no known epoch, which is no ledger's


def test_whole_answers_are_bounded_by_bytes() -> None:
    answers = KeptAnswers(most_bytes=10 * (OVERHEAD + 100))
    for number in range(11):
        twice(answers, scope(f"/{number}"), b"x" * 100)
        assert found(answers, scope("/1")) or number == 0
    assert [found(answers, scope(f"/{number}")) for number in (0, 1, 2, 3, 10)] == [False, True, True, True, True]
    twice(answers, scope("/11"), b"x" * 100)
    assert [found(answers, scope(f"/{number}")) for number in (1, 4)] == [True, False]
    twice(answers, scope("/large"), random.Random(1).randbytes(10_000))  # noqa: S311 - what does not shrink
    assert not found(answers, scope("/large"))


def test_what_is_asked_for_once_drives_nothing_out() -> None:
    answers = KeptAnswers(most_bytes=10 * (OVERHEAD + 100))
    twice(answers, scope("/wanted"), b"x" * 100)
    for number in range(3 * MOST_ASKED):
        answers.put(scope(f"/{number}"), "tag", Whole(b"x" * 100))
        assert not found(answers, scope(f"/{number}"))
    assert found(answers, scope("/wanted"))


@pytest.mark.parametrize("length", [10, LEAST - 1, LEAST, LONG, LONG + 1, 50 * LONG])
def test_what_is_kept_as_gzip_is_sent_as_it_was_to_who_does_not_take_that(length: int) -> None:
    answers, body = KeptAnswers(), b"0123456789" * (length // 10 + 1)
    twice(answers, scope(), body[:length])
    kept = answers.get(scope(), public)
    assert kept is not None
    plain, zipped = [kept.sent(as_gzip=as_gzip) for as_gzip in (False, True)]
    assert plain == ((*HEADERS[:-1], (b"content-length", str(length).encode())), body[:length])
    if length < LEAST:
        assert zipped == plain
    else:
        assert gzip.decompress(zipped[1]) == plain[1]
        own = (GZIP, (b"content-length", str(len(zipped[1])).encode()))
        assert zipped[0] == (*HEADERS[:-1], *own)
    assert answers.bytes < min(length, LONG) + length // 4 + OVERHEAD + 100
