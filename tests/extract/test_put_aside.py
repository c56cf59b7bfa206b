"""What is put aside in a file: no more than `max_bytes`, but of a list that is read record by record."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest

from tests.extract.extractkit import URL, log, read

CALL = URL.format("invalidemails")
ITEM = '{"email":"a@b.example","reason":"' + "r" * 50_000 + '","created":"2009-06-10 12:40:30"},'
MOST = 1 << 20
LONG = MOST + (MOST >> 1)
BLOCK = 1 << 16


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of each temporary file when it is closed."""
    found: list[int] = []
    make = tempfile.TemporaryFile

    class Measured(io.BufferedRandom):
        def close(self) -> None:
            if not self.closed:
                found.append(self.seek(0, 2))
            super().close()

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: Measured(make(buffering=0)))
    return found


LINES = {
    "a text": f'{{"url":"{CALL}","body":"' + "x" * LONG + '"}',
    "a text that never ends": f'{{"url":"{CALL}","body":"' + "x" * LONG,
    "another value": f'{{"url":"{CALL}","body":"[]","note":"' + "x" * LONG + '"}',
    "a value before": '{"note":"' + "x" * LONG + f'","url":"{CALL}","body":"[]"}}',
    "an object": f'{{"url":"{CALL}","body":{{"a":"' + "x" * LONG + '"}}',
    "an object in a text": f'{{"url":"{CALL}","body":"{{\\"a\\":\\"' + "x" * LONG + '\\"}"}',
    "escapes": f'{{"url":"{CALL}","body":"' + "\\u00e9" * (LONG // 6) + '"}',
    "space behind a call": f'{{"url":"{CALL}","body":"x"}}' + " " * LONG + "x",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_that_holds_no_list_is_put_aside_to_the_bound(
    tmp_path: Path, line: str, sizes: list[int]
) -> None:
    after = {"url": CALL, "body": "[]", "status": 200}
    found = read([log(tmp_path / "a.jsonl", line, after)], max_bytes=MOST)
    assert [(row["source_line"], row["reason"]) for row in found.exchanges] == [
        (1, "too-large"),
        (2, None),
    ]
    assert found.counts.lines == 2
    assert found.counts.bytes == (tmp_path / "a.jsonl").stat().st_size
    assert max(sizes) <= MOST + 2 * BLOCK


@pytest.mark.parametrize("body", ["[%s{}]", " \\n\\u005b%s{}]"])
def test_a_line_that_holds_a_list_is_put_aside_whole(
    tmp_path: Path, body: str, sizes: list[int]
) -> None:
    number = LONG // len(ITEM)
    written = body % (ITEM * number)
    text = written if body[0] == "[" else '"' + written.replace('"', '\\"') + '"'
    line = f'{{"url":"{CALL}","body":{text},"status":200}}'
    found = read([log(tmp_path / "a.jsonl", line)], max_bytes=MOST)
    assert len(found.records) == number
    assert max(sizes) == len(line) + 1


@pytest.mark.parametrize("start", ["x", '{"a":"'])
def test_a_bare_body_that_is_no_list_is_put_aside_to_the_bound(
    tmp_path: Path, start: str, sizes: list[int]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(start + "x" * LONG, "utf-8")
    found = read([path], kind="payload", operation="invalidemails.get", max_bytes=MOST)
    assert [row["reason"] for row in found.exchanges] == ["too-large"]
    assert found.counts.bytes == path.stat().st_size
    assert max(sizes) <= MOST + BLOCK


def test_a_bare_list_is_put_aside_whole(tmp_path: Path, sizes: list[int]) -> None:
    number = LONG // len(ITEM)
    path = tmp_path / "a.json"
    path.write_text("[" + ITEM * number + "{}]", "utf-8")
    found = read([path], operation="invalidemails.get", max_bytes=MOST)
    assert len(found.records) == number
    assert max(sizes) == path.stat().st_size
