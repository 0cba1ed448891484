"""A page of a relationship's timeline, asked first and asked again, beside `json_agg` of as many rows and bytes."""

import itertools
import re
from collections.abc import Iterator, Sequence

import msgspec

from benchmarks import made
from benchmarks.asked import states
from benchmarks.dyads import SEED
from benchmarks.folded import Feed
from benchmarks.ground import Ground
from benchmarks.protocol import Json
from benchmarks.results import Line, Scale, Target, compared, interleaved, left_out
from benchmarks.rows.states import CONNECTIONS, REPEATED, get, load_of
from service.feeds import CATALOGUE, Format
from service.projections.present import order

TARGET = Target(0.5)
ITEMS = 100
ASKED_BY_MANY = 100
"""Addresses of feeds: each is asked by many, and there is no slider that asks for one day after another."""
ITEM = "INSERT INTO items SELECT $1, number, $2::json FROM generate_series(1, $3) AS number ON CONFLICT DO NOTHING"


def paged(ground: Ground, scale: Scale) -> Iterator[Line]:
    """Of relationships that have exactly so many claims."""
    what = f"timeline, a page of {ITEMS} items"
    of = made.dealing(ground)
    afresh, feed = timelines(states(*of, seed=SEED + 2)), Feed(ground, of.ledger)
    again = list(itertools.islice(afresh, REPEATED))
    answers = [ground.get(path) for path in again[:20]]
    if answers[0][0] != 200:
        yield left_out(what, f"the service answers it with {answers[0][0]}", TARGET)
        return
    bytes_ = sum(len(body) for _, _, body in answers) // len(answers)
    ground.bare_port  # noqa: B018 - its start makes the table
    ground.sql(ITEM, "page", msgspec.json.encode("x" * (bytes_ // ITEMS - 4)).decode(), ITEMS, url=ground.peers_url)

    def first(seconds: float, most: int) -> Json:
        return get(ground.service_load, list(itertools.islice(afresh, most)), seconds, most)

    def repeated(seconds: float, most: int) -> Json:
        return get(ground.service_load, again, seconds, most)

    def aggregated(seconds: float, most: int) -> Json:
        return get(ground.bare_load, ["/lists/page"], seconds, most)

    own, known, peer = interleaved(scale, first, repeated, aggregated)
    for name, series in (("first asked", own), ("asked again", known)):
        yield compared(
            f"{what}, {name}; {CONNECTIONS} connections", series, f"bare handler, json_agg of {ITEMS} rows", peer,
            unit="requests/s", target=TARGET, note=load_of(series, peer),
            wrong=[fault for one in series.all for fault in _faults(feed, one["said"])],
        )  # fmt: skip


def in_formats(ground: Ground, scale: Scale) -> Iterator[Line]:
    """The same page in every format, asked first and asked again; each beside as many rows that make as many bytes."""
    of = made.dealing(ground)
    feed = Feed(ground, of.ledger)
    ground.bare_port  # noqa: B018 - its start makes the table
    for format_ in CATALOGUE:
        drawn = timelines(states(*of, seed=SEED + 2), f".{format_.extension}", "&min_precision=any")
        again = list(itertools.islice(drawn, ASKED_BY_MANY))
        answers = [ground.get(path) for path in again[:20]]
        bytes_ = sum(len(body) for _, _, body in answers) // len(answers)
        page = f"page-{format_.name}"
        ground.sql(ITEM, page, msgspec.json.encode("x" * (bytes_ // ITEMS - 4)).decode(), ITEMS, url=ground.peers_url)

        def first(seconds: float, most: int, drawn: Iterator[str] = drawn) -> Json:
            return get(ground.service_load, list(itertools.islice(drawn, most)), seconds, most)

        def repeated(seconds: float, most: int, again: Sequence[str] = again) -> Json:
            return get(ground.service_load, again, seconds, most)

        def aggregated(seconds: float, most: int, page: str = page) -> Json:
            return get(ground.bare_load, [f"/lists/{page}"], seconds, most)

        own, known, peer = interleaved(scale, first, repeated, aggregated)
        for name, series in (("first asked", own), ("asked again", known)):
            yield compared(
                f"timeline {format_.title}, {ITEMS} items, {name}; {CONNECTIONS} connections",
                series, f"bare handler, json_agg of {ITEMS} rows", peer,
                unit="requests/s", target=TARGET, note=load_of(series, peer),
                wrong=[fault for one in series.all for fault in _faults_of(format_, feed, one["said"])],
            )  # fmt: skip


def _faults_of(format_: Format, feed: Feed, told: dict[str, str]) -> Iterator[str]:
    """As below, in the order that the format has."""
    for path, body in told.items():
        relationship = path.split("/")[5]
        known = feed.known(relationship, int(path.partition("known_position=")[2].partition("&")[0]))
        expected = [claim.id for claim in sorted(known.claims.values(), key=order)][:ITEMS]
        if format_.newest_first:
            last = {one.claim: one.position for one in known.events if one.claim.startswith(f"{relationship}-")}
            expected = sorted(last, key=lambda claim: -last[claim])[:ITEMS]
        claims = {one.claim for one in known.events}  # events have such ids too
        found = [
            id_ for id_ in re.findall(rf"\b{relationship}-\d+(?![\w-])", body.replace("\r\n ", "")) if id_ in claims
        ]
        if list(dict.fromkeys(found))[: len(expected)] != expected:
            yield f"{path} has other claims, or in another order, than the fold of its feed"


def timelines(paths: Iterator[str], suffix: str = "", more: str = "") -> Iterator[str]:
    """Pages at the points that states are asked at."""
    for path in paths:
        yield path.replace("?", f"/timeline{suffix}?") + f"&limit={ITEMS}{more}"


def _faults(feed: Feed, told: dict[str, str]) -> Iterator[str]:
    """All claims that are visible at that position must stand in the page, in the order of their dates."""
    for path, body in told.items():
        relationship = path.split("/")[5]
        known = feed.known(relationship, int(path.partition("known_position=")[2].partition("&")[0]))
        expected = [claim.id for claim in sorted(known.claims.values(), key=order)][:ITEMS]
        if list(dict.fromkeys(re.findall(rf'"({relationship}-\d+)"', body))) != expected:
            yield f"{path} has other claims, or in another order, than the fold of its feed"
