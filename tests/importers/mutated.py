"""Files that were damaged: bytes put in, taken out, doubled, exchanged or cut off, hostile ones among them."""

from collections.abc import Callable
from random import Random

HOSTILE = (
    *(b"\x00", b"\xff", b"\x81", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80"),
    *("\u0130\u0131".encode(), "\u202e".encode(), "\u2028".encode(), "\u0663".encode()),
    *(b"\n", b"\r", b"\r\n", b"\x85", b",", b",,,,", b"\t", b'"', b'""', b"'", b"\x1a", b"\x1f\x8b", b"PK"),
    *(b"0", b"-1", b"9" * 400, b"1e999", b"NaN", b"-0", b"1_000", b"0x10", b"0000", b"9999", b"10000", b"1.5."),
    *(b"?", b"2022; ; 2023", b"2023; 2022", b"; ", b"{", b"}", b"{}", b"[", b"]", b"..", b"\\", b"\\u0000", b"null"),
    *(b"x" * 300, b"--", b"*", b"**", b"unknown supplier(s)", b"=1+1", b"<script>", b"Turkiye", b"{a@b}", b"$(id)"),
)


def mutated(data: bytes, random: Random) -> bytes:
    """One to six such changes."""
    for _ in range(random.randint(1, 6)):
        data = random.choice(CHANGES)(data, random)
    return data


def _at(data: bytes, random: Random) -> int:
    """Mostly among the rows, which come last."""
    return random.randrange(len(data) // 2 if random.random() < 0.8 else 0, len(data) + 1) if data else 0


def _put_in(data: bytes, random: Random) -> bytes:
    at = _at(data, random)
    return data[:at] + random.choice(HOSTILE) + data[at:]


def _exchanged(data: bytes, random: Random) -> bytes:
    at = _at(data, random)
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


def _taken_out(data: bytes, random: Random) -> bytes:
    at = _at(data, random)
    return data[:at] + data[at + random.randint(1, 40) :]


def _doubled(data: bytes, random: Random) -> bytes:
    at, length = _at(data, random), random.randint(1, 200)
    return data[: at + length] + data[at:]


def _of_a_cell(data: bytes, random: Random) -> bytes:
    """One cell of one row is another."""
    lines = data.split(b"\n")
    number = random.randrange(len(lines))
    cells = lines[number].split(b",")
    cells[random.randrange(len(cells))] = random.choice(HOSTILE)
    return b"\n".join([*lines[:number], b",".join(cells), *lines[number + 1 :]])


def _in_another_order(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    random.shuffle(lines)
    return b"\n".join(lines)


def _cut_off(data: bytes, random: Random) -> bytes:
    return data[: _at(data, random)]


CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_put_in, _put_in, _exchanged, _taken_out, _doubled, _cut_off),
    *(_of_a_cell, _of_a_cell, _of_a_cell, _in_another_order),
)
