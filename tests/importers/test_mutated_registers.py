"""Whatever happened to a file on its way: it is refused as a whole, or row by row, and never brings the reader down."""

import gzip
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.types import TYPES
from service.importers import IMPORTERS
from service.importers.items import Export, Given, Group, Options, Refused
from service.importers.names import Names
from service.importers.reading import Unreadable
from service.importing.counted import Counted
from service.importing.planning import Planned, as_given, planned
from tests.importers.mutated import mutated
from tests.importers.registers import DEALS_2024, TB2_BY_YEAR, by_deal, by_year, in_pieces
from tests.importers.test_table import HEADER, VISITS

NAMES = Names()
EVENT = (
    b'{"action":"assert","id":"a","type":"note","occurred":"2024","title":"Talks",'
    b'"parties":[{"actor":"pak","role":"side_a"},{"actor":"tur","role":"side_b"}]}\n'
)
CLOUD_EVENT = b'[{"specversion":"1.0","id":"1","source":"/x","type":"tarih.assert","data":%s}]' % EVENT.strip()
SLIDES = (
    b'{"title":{"text":{"headline":"Talks"}},"events":[{"start_date":{"year":"2021","month":"3"},'
    b'"text":{"headline":"A visit","text":"<p>words</p>"},"unique_id":"v","group":"visits","display_date":"then"}]}'
)
FILES = {
    "sipri": [by_deal(*DEALS_2024), by_year(*TB2_BY_YEAR), by_deal(*DEALS_2024, encoding="cp1252")],
    "table": [(HEADER + '1,2024-03,tur,pak,talks\n2,2024,tur,aze,"more, talks"\n').encode()],
    "timelinejs": [SLIDES],
    "ndjson": [EVENT * 3],
    "cloudevents": [CLOUD_EVENT],
}


@pytest.mark.parametrize("format_", FILES)
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 2000))
def test_a_damaged_file_is_taken_as_far_as_it_can_be_and_refused_where_it_cannot(
    format_: str, seed: int, size: int
) -> None:
    random = Random(seed)  # noqa: S311 - the same each time
    data = mutated(random.choice(FILES[format_]), random)
    if compressed := random.random() < 0.1:
        data = mutated(gzip.compress(data), random)
    importer, counted = IMPORTERS[format_], Counted()
    options = Options(
        names=NAMES, mapping=VISITS, parties=(("pak", "subject"), ("tur", "subject")), count=counted.count,
        reported="2024-01-01",
    )  # fmt: skip
    lines, last = sum(map(data.count, (b"\n", b"\r", b"\x85"))) + 1, 0
    try:
        for item in importer.read(in_pieces(data, size), options):
            match item:
                case Refused():
                    assert item.reason
                    assert item.code
                    last = item.line
                case Group():
                    for unit in item.units:
                        assert isinstance(planned(unit, importer, {}, TYPES), Planned | Refused)
                        last = unit.line
                case Given():
                    assert isinstance(as_given(item, TYPES, counted.count), Planned | Refused)
                    last = item.line
                case Export():
                    assert item.prefix == "" or item.prefix.endswith(".")
            assert 0 <= last <= lines + 1 or compressed
    except Unreadable:
        pass
    finally:
        counted.close()
