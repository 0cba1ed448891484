"""The catalogue of rows, in the order of the table; a new row is a function in a module here, and its line below."""

from collections.abc import Callable, Iterator

import msgspec

from benchmarks.ground import Ground
from benchmarks.results import Line, Scale
from benchmarks.rows import (
    appends,
    bulk,
    followers,
    groups,
    latency,
    ledgers,
    memory,
    rebuild,
    registers,
    sliders,
    starting,
    states,
    timelines,
)


class Row(msgspec.Struct, frozen=True):
    """Lines that are measured together."""

    name: str
    measure: Callable[[Ground, Scale], Iterator[Line]]


ROWS = (
    Row("load", appends.load_generator),
    Row("appends", appends.over_http),
    Row("appender", appends.in_process),
    Row("latency-1", latency.of_one),
    Row("latency-64", latency.of_many),
    Row("groups", groups.against_raw),
    Row("import", bulk.imported),
    Row("register", registers.imported),
    Row("followers", followers.delivered),
    Row("rebuild", rebuild.rebuilt),
    Row("state", states.as_of),
    Row("state-cores", states.on_every_core),
    Row("pinned", states.pinned),
    Row("state-size", states.by_size),
    Row("ledger-size", ledgers.by_size),
    Row("operators", ledgers.operators),
    Row("timeline", timelines.paged),
    Row("formats", timelines.in_formats),
    Row("sliders", sliders.moved),
    Row("start", starting.started),
    Row("memory", memory.held),
)
