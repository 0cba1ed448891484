"""Bytes of any origin: what is text becomes lines and records, what is not is told, and nothing is held for long."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.importers import reading
from service.importers.reading import Line, Record, Unreadable, inflated, lines_of, records_of


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def lines(data: bytes, size: int = 7) -> list[Line]:
    return list(lines_of(in_pieces(data, size)))


def records(text: str, delimiter: str = ",") -> list[Record]:
    return list(records_of(lines_of([text.encode()]), delimiter))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))), st.integers(1, 9))
def test_utf_8_comes_through_however_it_is_cut(texts: list[str], size: int) -> None:
    texts = [*texts, "ü"]
    expected = [Line(number, text) for number, text in enumerate(texts, 1)]
    for end in ("\n", "\r\n"):
        assert lines(end.join(texts).encode(), size)[: len(texts)] == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_each_encoding_is_known_by_what_stands_in_it(encoding: str) -> None:
    text = "Recipient,Supplier\nTürkiye,Côte d'Ivoire\n"
    found = [line.text for line in lines(text.encode(encoding))]
    assert found == ["Recipient,Supplier", "Türkiye,Côte d'Ivoire"]


def test_utf_16_of_the_other_order_of_bytes_is_read_too() -> None:
    assert lines("\ufeffDaphné\nx".encode("utf-16-be"), 3) == [Line(1, "Daphné"), Line(2, "x")]


def test_a_byte_that_is_no_utf_8_is_refused_where_the_file_is_utf_8_beyond_doubt() -> None:
    first, second, third = lines("é\n".encode() + b"\xff\xfe broken\nafter")
    assert (first.wrong, third) == (None, Line(3, "after"))
    assert second.wrong == "it is not UTF-8: invalid start byte at byte 1"


def test_a_byte_that_is_neither_is_refused_and_the_next_line_is_read() -> None:
    assert [line.wrong for line in lines(b"K\xf6ln\n\x81\nafter")] == [
        None,
        "it is neither UTF-8 nor windows-1252: byte 1",
        None,
    ]


def test_nul_is_refused_by_its_line() -> None:
    assert [line.wrong for line in lines(b"a\nb\0c\nd")] == [None, "it holds U+0000", None]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("Türkiye,1\n".encode("utf-16-le"), "byte order mark"),
        (b"PK\x03\x04 something", "unpack it"),
    ],
)
def test_what_is_no_text_is_refused_as_a_whole(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        lines(data, 1000)


def test_a_line_of_a_hundred_megabytes_is_refused_without_being_held() -> None:
    def endless() -> Iterator[bytes]:
        yield b"before\n"
        for _ in range(1600):
            yield b"x" * 65_536
        yield b"\nafter"

    tracemalloc.start()
    found = list(lines_of(endless()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [line.wrong is None for line in found] == [True, False, True]
    assert found[2] == Line(3, "after")
    assert peak < 5_000_000


def test_gzip_is_read_as_what_it_holds_and_several_members_are_one() -> None:
    data = gzip.compress(b"one\n") + gzip.compress(b"two\n" * 100_000)
    for size in (1, 4096, 10**9):
        assert b"".join(inflated(in_pieces(data, size))) == b"one\n" + b"two\n" * 100_000
    assert b"".join(inflated([b"", b"pla", b"in"])) == b"plain"
    assert list(inflated([])) == []


def test_a_compressed_file_that_is_damaged_or_cut_off_is_refused() -> None:
    data = gzip.compress(bytes(range(256)) * 1000)
    with pytest.raises(Unreadable, match="ends before it is whole"):
        list(inflated([data[: len(data) // 2]]))
    with pytest.raises(Unreadable, match="damaged"):
        list(inflated([data[:200] + b"\xff\xff\xff\xff" + data[204:]]))


def test_a_bomb_is_given_up_after_a_bounded_time_and_without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 50_000_000)
    squeezed = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeezed.compress(bytes(1_000_000)) for _ in range(200)) + squeezed.flush()
    assert len(bomb) < 300_000
    tracemalloc.start()
    given = 0

    def read() -> None:
        nonlocal given
        for chunk in inflated([bomb]):
            given += len(chunk)

    with pytest.raises(Unreadable, match="more than is taken"):
        read()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert given <= 51_000_000
    assert peak < 5_000_000


def test_quotes_protect_delimiters_ends_of_lines_and_themselves() -> None:
    text = 'a,"b, with a ""quote""\nand a line",c\n\nd,5" gun,f\n'
    assert [(one.number, one.cells) for one in records(text)] == [
        (1, ("a", 'b, with a "quote"\nand a line', "c")),
        (4, ("d", '5" gun', "f")),
    ]
    assert records("a\tb,c", "\t")[0].cells == ("a", "b,c")


def test_a_quote_that_is_not_closed_refuses_its_line_alone() -> None:
    text = 'a,"open\n' + "".join(f"b,{n}\n" for n in range(1000))
    first, *others = records(text)
    assert (first.number, first.wrong) == (1, "its quotes are not balanced")
    assert [one.cells for one in others] == [("b", str(n)) for n in range(1000)]


def test_a_quote_where_none_can_be_refuses_its_line() -> None:
    assert [one.wrong for one in records('"a"b,c\n"a","b"\n')] == ["its quotes are not where they can be", None]


def test_a_row_of_ten_thousand_cells_is_only_long() -> None:
    assert len(records(",".join(["1"] * 10_000))[0].cells) == 10_000


CELL = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6))
def test_rows_that_are_written_with_quotes_come_back(rows: list[list[str]]) -> None:
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)
    assert [list(one.cells) for one in records("ü\n" + text)][1:] == rows


@given(st.binary(max_size=200), st.integers(1, 50))
def test_whatever_the_bytes_are_every_line_is_told_once(data: bytes, size: int) -> None:
    def told(chunks: Iterable[bytes]) -> list[int]:
        try:
            return [line.number for line in lines_of(chunks)]
        except Unreadable:
            return []

    found = told(in_pieces(data, size))
    assert found == list(range(1, len(found) + 1))
    for record in records_of(Line(1, data.decode("latin-1").replace("\n", " ")) for _ in range(1)):
        assert record.number == 1
