"""Damaged cassettes: complete interactions before the damage are read, with exact places."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures import vcr
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.yamlstream import items
from sgformats.errors import CaptureError
from tests.captures.vcrkit import (
    RUBY,
    URL,
    VCRPY,
    all_of,
    facts,
    fault_of,
    read,
    refused,
    vcrpy,
)


# Damage
def test_a_cut_anywhere_keeps_complete_entries_before_it() -> None:
    for cassette in (VCRPY, RUBY):
        data = cassette.encode()
        whole = all_of(data)
        counts = []
        for length in range(len(data)):
            found, error = read(data[:length])
            assert found == whole[: len(found)]
            # An interaction with a status and a body is complete, so its list may end the file.
            ended = (
                b"code: 200\n" in data[:length] and b"- request" not in data[length - 9 : length]
            )
            assert error is not None or len(found) == 2 or ended
            assert error is None or error.offset is None or error.offset <= length
            if error is not None:
                counts.append(len(found))
        assert counts == sorted(counts)
        assert set(counts) == {0, 1, 2}


def test_a_list_of_whole_interactions_may_end_its_file() -> None:
    cut = VCRPY[: VCRPY.index("version")]
    assert all_of(cut) == all_of(VCRPY)
    assert all_of(cut[: cut.index("- request", 20)]) == all_of(VCRPY)[:1]
    half = cut[: cut.index("status", 20)]
    reason = "expected a key after the list, found the end of the file"
    assert refused(half) == (0, reason, half.count("\n") + 1, len(half.encode()))


@pytest.mark.parametrize("ending", ["...\n", "--- {}\n"])
def test_the_end_of_a_document_proves_the_list_complete(ending: str) -> None:
    assert len(all_of(VCRPY.replace("version: 1\n", ending))) == 2


def test_documents_do_not_share_anchors() -> None:
    text = f"---\nx: &a 1\n{VCRPY}---\n{vcrpy('*a')}"
    assert [fault_of(exchange) for exchange in all_of(text)] == [
        None,
        None,
        (
            "unreadable-entry",
            'expected a value with the anchor "a", found none, or too many aliases',
        ),
    ]
    assert [exchange.source.entry for exchange in all_of(text)] == [0, 1, 2]


LAST = "- request: {{method: GET, url: '{0}'}}\n  response:\n    status: 200\n    body: {1}"


@pytest.mark.parametrize(
    ("body", "count", "whole"),
    [
        ("'[]'\n", 1, True),
        ("'[]'", 1, True),
        ("[\n", 0, False),
        ("abc\n", 1, True),
        ("abc", 0, False),
        ("|\n      abc", 0, False),
        ("|\n      abc\n", 1, True),
        ("\n", 0, False),
        ("abc\n    duration: 1s", 1, True),
    ],
)
def test_a_list_at_the_end_is_whole_if_its_last_body_is(body: str, count: int, whole: bool) -> None:
    for head in ("", "version: 1\ninteractions:\n"):
        found, error = read(head + LAST.format(URL, body))
        assert (len(found), error is None) == (count, whole)


@pytest.mark.parametrize(
    ("response", "whole"),
    [
        ("status: {code: 200, message: OK}\n    body: a\n", True),
        ("body: a\n    status: {code: 200}\n", True),
        ("body: a\n", False),
        ("status: 200\n", False),
        ("status: 204\n", True),
        ("status: 200\n    body: {encoding: UTF-8, string: a}\n", False),
        ("status: 200\n    body: {encoding: UTF-8, string: a}\n  recorded_at: x\n", True),
    ],
)
def test_a_complete_last_interaction_is_read(response: str, whole: bool) -> None:
    found, error = read(f"- request: {{url: '{URL}'}}\n  response:\n    {response}")
    assert (len(found), error is None) == (whole, whole)


def test_a_closing_bracket_proves_the_list_complete() -> None:
    one = f'{{"request": {{"url": "{URL}"}}, "response": {{"status": 200}}}}'
    for text in (f'{{"interactions": [{one}]}}', f"[{one}]", f"interactions: [{one}]", f"- {one}"):
        assert [facts(exchange) for exchange in all_of(text)] == [(URL, None, 200, None)]
    assert refused(f'{{"interactions": [{one}')[0] == 1


@pytest.mark.parametrize(
    ("junk", "found"),
    [
        (b"\x02", "U+0002"),
        (b"\x7f", "U+007F"),
        (b"\xc2\x80", "U+0080"),
        (b"\xff", "the byte FF"),
        (b"\xed\xa0\x80", "the byte ED"),
        (b"\xef\xbf\xbe", "U+FFFE"),
    ],
)
def test_forbidden_characters_end_the_yaml(junk: bytes, found: str) -> None:
    data = VCRPY.encode()
    at = data.index(b"api_user", data.index(b"body: null"))
    reason = f"expected a printable character in UTF-8, found {found}"
    assert refused(data[:at] + junk + data[at:]) == (1, reason, 22, at)


def test_a_character_that_is_cut_is_damage() -> None:
    data = VCRPY.encode()
    at = data.index("ö".encode())
    reason = "expected a printable character in UTF-8, found the byte C3"
    assert refused(data[: at + 1]) == (0, reason, 10, at)


def test_invalid_yaml_ends_the_capture() -> None:
    text = VCRPY.replace("    body: null", "    body: [null")
    count, reason, line, offset = refused(text)
    assert (count, reason[:14], line) == (1, "expected YAML:", 20)
    assert offset == text.encode().index(b": {}", text.encode().index(b"[null"))


@pytest.mark.parametrize(
    "text", ["", "5", "a: b\n", "[", "interactions: 5\n", "interactions: {}\n", "- - 1\n"]
)
def test_a_file_that_is_not_a_cassette_is_reported(text: str) -> None:
    found, error = read(text)
    assert error is not None
    assert found == []


def test_a_failing_stream_gives_everything_before() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            got = super().read(7)
            if not got:
                raise CaptureError("a.yaml.gz", "expected gzip data, found its end", 3, 4)
            return got

    for cassette, count in ((VCRPY, 2), (VCRPY[:-60], 1)):
        found = []
        with pytest.raises(CaptureError, match="expected gzip data"):
            for exchange in vcr.read_yaml(Broken(cassette.encode()), "a.yaml.gz"):
                found.append(exchange)
        assert found == [
            Exchange(
                **{**{f: getattr(e, f) for f in e.__struct_fields__}, "source": moved(e.source)}
            )
            for e in all_of(VCRPY)[:count]
        ]


def moved(source: Source) -> Source:
    return Source("a.yaml.gz", source.entry, source.line, source.offset)


@pytest.mark.parametrize("seed", range(300))
def test_a_changed_byte_never_raises_anything_else(seed: int) -> None:
    data = bytearray(RUBY.encode() if seed % 2 else VCRPY.encode())
    at = seed * 7919 % len(data)
    data[at] = (data[at] + 1 + seed) % 256
    found, error = read(bytes(data))
    assert error is not None or len(found) == 2


@given(st.text(alphabet="-[]{}:,&*!|>'\"% \n\tabé\ufeff\u2028#?<", max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    found, error = read("interactions:\n- {response: {status: 1, body: x}}\n" + text)
    assert error is not None or len(found) >= 1
    read(text)


# Places
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 16384])
def test_places_do_not_depend_on_the_pieces_of_the_stream(chunk: int) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(chunk)

    text = "\ufeff# é\r\ninteractions:\r\n" + "".join(
        f"- n: {n}\r\n  é: 'ö😀\u2028 \x85'\r\n  w: \"\\\r\n    x\"\r\n" for n in range(300)
    )
    data = (text + "version: 1\r\n").encode()
    found = list(items(cast(BinaryIO, Slow(data)), "a", ("interactions",), 10**6, lambda *_: True))
    assert len(found) == 300
    offset = data.index(b"n: 0")
    for n, item in enumerate(found):
        offset = data.index(b"n: %d\r" % n, offset)
        assert (item.offset, item.line) == (offset, data.count(b"\n", 0, offset) + 1)
