"""A unit that is too long to be parsed is searched in pieces, and no secret is missed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sgformats.redact import pieces, redact_stream
from sgformats.redact.hider import Hider
from sgformats.redact.pieces import redact_units
from sgformats.redact.rewriting import Rewriter
from sgformats.redact.units import (
    Cut,
    json_units,
    line_units,
    log_units,
    xml_units,
    yaml_units,
)

SECRET = "hunter22hunter22"
UNITS = (json_units, line_units, log_units, xml_units, yaml_units)


def redacted(units: list[str]) -> str:
    rewriter = Rewriter(Hider())
    return "".join(new for _, new in redact_units(units, rewriter, rewriter.string))


@pytest.mark.parametrize(
    "template", ["&api_key={}&date=1 ", '{{"api_key": "{}"}} ', "X-Api-Key: {}\r\n", "password={} "]
)
def test_a_secret_across_two_pieces_is_hidden(
    template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every index, and if the unit was cut before."""
    monkeypatch.setattr(pieces, "_PIECE", 128)
    monkeypatch.setattr(pieces, "_BEFORE", 64)
    monkeypatch.setattr(pieces, "_AHEAD", 64)
    line = template.format(SECRET)
    for before in range(0, 300, 17):
        text = "x" * before + " " + line + "y" * 300
        expected = text.replace(SECRET, "***")
        for cut in (1, before + 8, before + 18, before + 200, len(text)):
            assert redacted([Cut(text[:cut]), text[cut:]]) == expected, (before, cut)


def test_a_cut_unit_counts_as_opaque() -> None:
    rewriter = Rewriter(Hider())
    units = [Cut("a"), Cut("b"), "c", "d", Cut("e"), ""]
    found = [*redact_units(units, rewriter, rewriter.string)]
    assert "".join(old for old, _ in found) == "abcde"
    assert rewriter.opaque == 2


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize(
    "text", ["x" * 900, '["' + "a\\\\" * 200 + '"]', "<a>" * 300, "\n- a" * 200, '{"a":[1,' * 90]
)
def test_units_are_bounded_in_length(units: Callable[..., Iterator[str]], text: str) -> None:
    for size in (1, 7, 64, len(text)):
        chunks = (text[at : at + size] for at in range(0, len(text), size))
        found = [*units(chunks, 100)]
        assert "".join(found) == text
        if units is not log_units or "\n" not in text:  # Its blocks have many lines.
            assert max(map(len, found)) <= 200 + 2 * size


def test_units_after_a_cut_string_are_found() -> None:
    entry = {"request": {"url": "u"}, "text": 'a\\\\"}],[{' * 40}
    text = json.dumps({"entries": [entry, {"b": 1}, {"c": 2}]})
    for longest in range(60, 90):
        found = [*json_units(iter(text[at : at + 5] for at in range(0, len(text), 5)), longest)]
        assert found[-3:] == [', {"b": 1}', ', {"c": 2}', "]}"], longest


@pytest.mark.parametrize(
    ("before", "unit", "after", "name"),
    [
        (b'{"url":"', b"a=b&api_key=hunter22hunter22&", b'"}\n', "x.jsonl"),
        (b"", b"GET /?api_key=hunter22hunter22& ", b"", "x.log"),
        (b"<a>", b" password=hunter22hunter22 ", b"</a>", "x.xml"),
        (b'{"log":{"entries":[{"t":"', b"api_key=hunter22hunter22& ", b'"}]}}', "x.har"),
        (b"[", b'{"api_key":"hunter22hunter22"},', b"1]", "x.json"),
        (b"- a: ", b" api_key=hunter22hunter22&", b"\n", "x.yaml"),
    ],
)
def test_a_long_line_is_written_piece_by_piece(
    before: bytes, unit: bytes, after: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sgformats.redact.streams._LEAST", 8_000)
    monkeypatch.setattr("sgformats.redact.streams._PIECE", 5_000)
    monkeypatch.setattr(pieces, "_PIECE", 4_000)
    monkeypatch.setattr(pieces, "_BEFORE", 500)
    monkeypatch.setattr(pieces, "_AHEAD", 500)
    monkeypatch.setattr(pieces, "_VALUES", 2_000)
    data = before + unit * 1_500 + after
    written: list[bytes] = []
    write: Any = written.append
    redact_stream(io.BytesIO(data), name, write, max_bytes=1)
    made = b"".join(written)
    assert made.count(b"***") >= 1_500
    assert b"hunter" not in made
    if not name.endswith(".yaml"):  # A mask may be quoted or repeated.
        assert made == data.replace(b"hunter22hunter22", b"***")
    assert max(map(len, written)) < 14_000
