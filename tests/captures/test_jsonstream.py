"""Elements of an array in a JSON file: exact, bounded and linear for any chunk size."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures.jsonstream import Element, elements
from sgformats.captures.jsonvalues import decode
from sgformats.errors import CaptureError

LOG = (("log", "entries"),)
LIMIT = 1000
MANY = 100_000


class Repeated(io.RawIOBase):
    """A file of a head, a repeated piece and a tail, which is never in memory as a whole."""

    def __init__(self, head: bytes, piece: bytes, count: int, tail: bytes) -> None:
        self.pieces = self._pieces(head, piece, count, tail)

    def _pieces(self, head: bytes, piece: bytes, count: int, tail: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(count):
            yield piece
        yield tail

    def read(self, size: int = -1) -> bytes:
        return next(self.pieces, b"")


def found(
    data: bytes, paths: tuple[tuple[str, ...], ...] = LOG, chunk: int = 7, limit: int = LIMIT
) -> tuple[list[Element], CaptureError | None]:
    got: list[Element] = []
    try:
        for element in elements(io.BytesIO(data), "a.har", paths, limit, chunk):
            got.append(element)
    except CaptureError as error:
        return got, error
    return got, None


def raws(data: bytes, paths: tuple[tuple[str, ...], ...] = LOG) -> list[bytes | None]:
    got, error = found(data, paths)
    assert error is None
    return [element.raw for element in got]


def refused(data: bytes) -> tuple[int, str, int | None, int | None]:
    got, error = found(data)
    assert error is not None
    return len(got), error.reason, error.line, error.offset


def test_elements_have_their_bytes_and_places() -> None:
    data = '{"log": {"é": "\\"]",\n "entries": [ {"a": [1]},\n\n"x" , 2]}}'.encode()
    assert found(data) == (
        [Element(36, 2, b'{"a": [1]}'), Element(49, 4, b'"x"'), Element(55, 4, b"2")],
        None,
    )


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 64, 10_000])
def test_the_chunk_size_makes_no_difference(chunk: int) -> None:
    data = (
        b'{"a":"\\\\\\"","log":{"x":[{}],"entries":[{"b":"]}\\"\\\\"},[[]],"\\u005d",-1.5e3]}} \n'
    )
    got, error = found(data, chunk=chunk)
    assert error is None
    assert [e.raw for e in got] == [b'{"b":"]}\\"\\\\"}', b"[[]]", b'"\\u005d"', b"-1.5e3"]


def test_the_key_is_recognised_with_any_escapes() -> None:
    assert raws(b'{"l\\u006fg":{"entries":[1]}}') == [b"1"]


def test_other_arrays_with_that_name_are_skipped() -> None:
    data = (
        b'{"entries":[1],"x":{"log":{"entries":[2]}},"log":{"pages":{"entries":[3]},"entries":[4]}}'
    )
    assert raws(data) == [b"4"]


def test_every_path_is_read() -> None:
    assert raws(b'{"b":[2],"a":[1]}', (("a",), ("b",))) == [b"2", b"1"]
    assert raws(b" [1,[2]] ", (("a",), ())) == [b"1", b"[2]"]


def test_an_empty_array_has_no_element() -> None:
    assert found(b'{"log":{"entries":[ ]}}') == ([], None)


def test_a_byte_order_mark_is_skipped() -> None:
    assert found(b'\xef\xbb\xbf{"log":{"entries":[1]}}') == ([Element(22, 1, b"1")], None)


def test_an_element_that_is_too_large_has_no_bytes_and_the_next_one_has() -> None:
    data = b'{"log":{"entries":[1,"' + b"x" * 5000 + b'",{"a":"' + b"y" * 5000 + b'"},2]}}'
    got, error = found(data)
    assert error is None
    assert [e.raw for e in got] == [b"1", None, None, b"2"]
    assert found(data, chunk=100_000) == (got, None)
    assert [e.offset for e in got] == [19, 21, 5024, 10033]


def test_an_element_of_just_the_limit_has_its_bytes() -> None:
    element = b'"' + b"x" * (LIMIT - 2) + b'"'
    assert raws(b'{"log":{"entries":[' + element + b"]}}") == [element]
    assert raws(b'{"log":{"entries":[' + element[:-1] + b'x"]}}') == [None]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", (0, "expected a value, found the end of the file", 1, 0)),
        (b'{"log":{"entries":[{},', (1, "expected a value, found the end of the file", 1, 22)),
        (b'{"log":{"entries":[{}', (1, 'expected "," or "]", found the end of the file', 1, 21)),
        (b'{"log":{"entries":[{"a\n":', (0, 'expected "}", found the end of the file', 2, 25)),
        (
            b'{"log":{"entries":[{"a',
            (0, "expected the end of a string, found the end of the file", 1, 22),
        ),
        (
            b'{"log":{"entries":[12',
            (0, "expected the end of a value, found the end of the file", 1, 21),
        ),
        (b'{"log":{"entries":[1]}', (1, 'expected "," or "}", found the end of the file', 1, 22)),
        (b'{"log":{"entries":[1]}}\n]', (1, 'expected the end of the file, found "]"', 2, 24)),
        (b'{"log":{"entries":[1 2]}}', (1, 'expected "," or "]", found "2"', 1, 21)),
        (b'{"log":{"entries":[{"a":1]]}}', (0, 'expected "}", found "]"', 1, 25)),
        (b'{"log":{"entries":[1,]}}', (1, 'expected a value, found "]"', 1, 21)),
        (b'{"log":{"entries":[1,junk]}}', (1, 'expected a value, found "junk"', 1, 21)),
        (b'{"log":{"entries":[1,\xff\xfe]}}', (1, 'expected a value, found "\ufffd\ufffd"', 1, 21)),
        (b'{"log":{"entries":[1],}}', (1, 'expected a key, found "}"', 1, 22)),
        (b'{"log":{"entries":{"a":1}}}', (0, 'expected an array as log.entries, found "{"', 1, 18)),
        (b'{"log":{}}', (0, "expected an array as log.entries, found none", None, None)),
        (b"[1]", (0, "expected an array as log.entries, found none", None, None)),
        (b"\xff\xfe{\0", (0, "expected JSON in UTF-8, found other text", 1, 0)),
        (b"\0{\0}", (0, "expected JSON in UTF-8, found other text", 1, 0)),
    ],
)
def test_damage_is_named_with_its_place(
    data: bytes, wanted: tuple[int, str, int | None, int | None]
) -> None:
    assert refused(data) == wanted


def test_a_cut_anywhere_gives_the_whole_elements_before_it_and_an_error() -> None:
    data = b'{"log":{"v":"1.2","entries":[{"a":"\\"}"},\n[1,{"b":null}],true,"x",{}],"c":[{}]}}'
    whole, error = found(data)
    assert error is None
    assert len(whole) == 5
    for length in range(len(data)):
        got, error = found(data[:length])
        ended = [e for e in whole if e.offset + len(e.raw or b"") <= length - (e.raw == b"true")]
        assert got == ended
        assert error is not None
        assert error.offset == length or not got


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=5), JSON, st.booleans(), st.integers(1, 40))
def test_elements_are_those_of_json_loads(
    values: list[object], other: object, ascii_only: bool, chunk: int
) -> None:
    text = json.dumps({"a": other, "log": {"b": other, "entries": values}}, ensure_ascii=ascii_only)
    data = text.encode("utf-8", "surrogatepass")
    got, error = found(data, chunk=chunk, limit=10**6)
    assert error is None
    assert [json.loads((e.raw or b"").decode("utf-8", "surrogatepass")) for e in got] == values
    assert [data[e.offset :].startswith(e.raw or b"?") for e in got] == [True] * len(values)
    assert [e.line for e in got] == [data.count(b"\n", 0, e.offset) + 1 for e in got]


@given(st.binary(max_size=60), st.integers(1, 9))
def test_any_bytes_raise_only_capture_errors(tail: bytes, chunk: int) -> None:
    data = b'{"log":{"entries":[1' + tail
    (got, error), (same, other) = found(data, chunk=chunk), found(data, chunk=1000)
    assert (got, error and error.args) == (same, other and other.args)
    assert (error is None) == (json_of(data) is not None)


def json_of(data: bytes) -> object:
    """The value of a JSON parser, if the text is JSON."""
    try:
        return json.loads(data)
    except ValueError:
        return None


@pytest.mark.parametrize("unit", [b"[", b'{"":'])
def test_deep_nesting_is_skipped(unit: bytes) -> None:
    close = b"]" if unit == b"[" else b"}"
    deep = unit * MANY + b"1" + close * MANY
    data = b'{"log":{"entries":[1,' + deep + b",2]}}"
    got, error = found(data, limit=10**7, chunk=65536)
    assert error is None
    assert [e.raw for e in got] == [b"1", deep, b"2"]
    with pytest.raises(ValueError, match="nested too deeply"):
        decode(deep)


def test_brackets_that_never_close_take_no_more_memory_than_the_limit() -> None:
    got, error = found(b'{"log":{"entries":[' + b"[" * 5000)
    assert (got, error and error.reason) == (
        [],
        'expected at most 1000 brackets inside each other, found "["',
    )


@pytest.mark.thorough
@pytest.mark.parametrize("piece", [b'{"a":"' + b"x" * 4000 + b'"},', b"\\\\" * 4000])
def test_memory_does_not_grow_with_the_file(piece: bytes) -> None:
    head, tail = b'{"log":{"entries":[', b"1]}}"
    if piece.startswith(b"\\"):
        head, tail = head + b'"', b'",1]}}'
    file = cast(BinaryIO, Repeated(head, piece, 2000, tail))
    tracemalloc.start()
    count = sum(1 for _ in elements(file, "a.har", LOG, 10_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == (2 if piece.startswith(b"\\") else 2001)
    assert peak < 2_000_000


@pytest.mark.parametrize("byte", [b" ", b'"', b"\\\\", b"1"])
def test_a_giant_element_is_read_once_however_small_the_pieces(byte: bytes) -> None:
    # Byte by byte: reading anything twice would take minutes.
    giant = {b'"': b'"","",' * 40_000 + b"1"}.get(byte, b'"' + byte * 200_000 + b'"')
    data = b'{"log":{"entries":[[' + giant + b"]]}}"
    got, error = found(data, chunk=1, limit=10**6)
    assert error is None
    assert [e.raw for e in got] == [b"[" + giant + b"]"]


def test_the_last_of_duplicate_keys_counts() -> None:
    assert decode(b'{"a":1,"\\u0061":2}') == {"a": 2}


def test_a_lone_surrogate_is_kept() -> None:
    assert decode(b'"\\ud800"') == "\ud800"


@pytest.mark.parametrize("raw", [b'"\xff"', b"{", b"", b"1" * 5000, b'{"a" 1}'])
def test_invalid_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError):
        decode(raw)
