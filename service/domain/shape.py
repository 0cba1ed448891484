"""JSON against our structs: every fault of shape with its pointer, and the one canonical form; no rule on events."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, islice
from operator import itemgetter
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import rfc8785

from service.domain.refusals import Fault

_PATH = re.compile(r" - at `(?:key in )?\$(.*)`$")
_PATTERN = re.compile(r"Expected `str` matching regex ")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_FRACTION = re.compile(rb"\d[.eE][\d+-]")
_WHOLE = re.compile(rb'(?<=[a-z0-9_]":)(\d{1,14})\.0(?=[,}])')
"""Only what stands after a member's name: there is no such text within a text, where a quote has a backslash."""
_UNLIKE = re.compile(rb"\d(?:\.0(?!\d)|[eE][\d+-])|-0\.|[\d.]{16}")
"""What can be written otherwise in RFC 8785."""
_TEXT_OR_FRACTION = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?')
LARGEST_INTEGER = 2**53 - 1
MOST_FAULTS = 1000
"""Told of one body; the rest of it is not looked at."""
MOST_ITEMS = 10_000
"""Of one array that are looked at where it has a fault."""


def shape_faults(raw: bytes, expected: Any, pointer: str = "") -> list[Fault]:
    """Every place where the JSON in ``raw`` does not fit the type ``expected``; msgspec itself stops at the first."""
    try:
        msgspec.json.decode(raw, type=expected)
    except msgspec.ValidationError as error:
        parts = chain.from_iterable(_parts(raw, _plain(expected), pointer))
        try:
            return list(islice(parts, MOST_FAULTS)) or [_fault(str(error), pointer, expected)]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:  # after what does not fit
            return [_malformed(broken, pointer)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [_malformed(error, pointer)]
    return []


def _malformed(error: Exception, pointer: str) -> Fault:
    return Fault(pointer, "malformed-json", f"this is not well-formed JSON: {error}")


def _parts(raw: bytes, expected: Any, pointer: str) -> Iterator[list[Fault]]:
    """The faults of each member of a struct, an array or a mapping, apart."""
    if isinstance(expected, type) and issubclass(expected, msgspec.Struct):
        try:
            values = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        except msgspec.ValidationError:
            return
        fields = {field.encode_name: field for field in msgspec.structs.fields(expected)}
        tag = expected.__struct_config__.tag_field
        for name, value in values.items():
            if name in fields:
                yield shape_faults(bytes(value), fields[name].type, f"{pointer}/{name}")
            elif name != tag:
                known = ", ".join(f"`{field}`" for field in fields)
                yield [
                    Fault(f"{pointer}/{escaped(name)}", "unknown-field", f"there is no such field; known are {known}")
                ]
        yield [
            Fault(f"{pointer}/{name}", "missing", f"`{name}` is required")
            for name, field in fields.items()
            if field.required and name not in values
        ]
    elif get_origin(expected) in (list, tuple):
        try:
            items = msgspec.json.decode(raw, type=list[msgspec.Raw])
        except msgspec.ValidationError:
            return
        for index, item in enumerate(items[:MOST_ITEMS]):
            yield shape_faults(bytes(item), get_args(expected)[0], f"{pointer}/{index}")
    elif get_origin(expected) is dict:
        try:
            values = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        except msgspec.ValidationError:
            return
        name_type, value_type = get_args(expected)
        for name, value in values.items():
            where = f"{pointer}/{escaped(name)}"
            yield shape_faults(msgspec.json.encode(name), name_type, where)
            yield shape_faults(bytes(value), value_type, where)


def _plain(expected: Any) -> Any:
    """The one type behind ``Annotated`` and ``| None``."""
    while True:
        if get_origin(expected) is Annotated:
            expected = get_args(expected)[0]
        elif get_origin(expected) in (Union, UnionType):
            choices = [arm for arm in get_args(expected) if arm not in (type(None), msgspec.UnsetType)]
            if len(choices) != 1:
                return expected
            expected = choices[0]
        else:
            return expected


def _fault(message: str, pointer: str, expected: Any) -> Fault:
    """msgspec's words, its path turned into a JSON Pointer; for a pattern, the words of the type that has it."""
    path = _PATH.search(message)
    for name, index in _STEP.findall(path.group(1)) if path else ():
        if index != "...":
            pointer += f"/{escaped(name or index)}"
    if _PATTERN.match(message) and (form := _form(expected)):
        return Fault(pointer, "invalid", f"Expected {form[0].lower()}{form[1:].rstrip('.')}")
    return Fault(pointer, "invalid", _PATH.sub("", message))


def _form(expected: Any) -> str | None:
    """What a type with a pattern says of it."""
    if get_origin(expected) is Annotated:
        inner, *notes = get_args(expected)
        said = (note.description for note in notes if isinstance(note, msgspec.Meta) and note.pattern is not None)
        return next(said, None) or _form(inner)
    if get_origin(expected) in (Union, UnionType):
        return next(filter(None, map(_form, get_args(expected))), None)
    return None


def escaped(name: str) -> str:
    """A step of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def nfc(raw: bytes) -> bytes:
    """The same JSON with its text in Unicode's normal form C; no structural character takes part in a composition."""
    if raw.isascii() and b"\\u" not in raw:
        return raw
    text = raw.decode()
    if "\\u" in text:
        text = msgspec.json.encode(msgspec.json.decode(text)).decode()
    return text.encode() if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text).encode()


def canonical(value: msgspec.Struct) -> bytes:
    """``value`` as RFC 8785 wants it; its defaults left out.

    msgspec's sorted output is that form already for ASCII keys, which is what our own structs have, and for all numbers
    but whole ones that are written with a fraction, and those with an exponent.
    """
    encoded = msgspec.json.encode(value, order="sorted")
    if not _FRACTION.search(encoded):
        return encoded
    encoded = _WHOLE.sub(_the_number, encoded)
    return _TEXT_OR_FRACTION.sub(_number, encoded) if _UNLIKE.search(encoded) else encoded


_the_number = itemgetter(1)
"""Of a match."""


def _number(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text.startswith(b'"') or (b"." not in text and b"e" not in text and b"E" not in text):
        return text
    if text.endswith(b".0") and len(text) < 16:
        return text[:-2] if text != b"-0.0" else b"0"
    return text if b"e" not in text and b"E" not in text and len(text) < 16 else rfc8785.dumps(float(text))


def canonical_json(raw: bytes) -> bytes:
    """Any JSON in RFC 8785's form; ValueError where a number does not survive in it."""
    try:
        return rfc8785.dumps(msgspec.json.decode(raw))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"a number is beyond what JSON carries exactly (+-{LARGEST_INTEGER}): {error}") from None


def nul_faults(raw: bytes, pointer: str = "") -> list[Fault]:
    """Where U+0000 stands in a text: PostgreSQL cannot keep it."""
    found = (
        Fault(pointer + place, "nul", "U+0000 cannot be stored; leave it out")
        for place, text in _texts(msgspec.json.decode(raw), "")
        if "\0" in text
    )
    return list(islice(found, MOST_FAULTS))


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield pointer, name
            yield from _texts(item, f"{pointer}/{escaped(name)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{pointer}/{index}")
