"""Bystanders are counted as such; a file that may hold an answer is never one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgformats.captures import find_captures, read_capture, read_captures
from sgformats.captures.bystanders import NO_CAPTURE
from sgformats.captures.skipping import skip_reason
from sgformats.contract import CheckSummary, check_captures
from sgformats.extract import extract
from sgformats.testing import load_corpus
from tests.captures.textlogkit import LIST, URL

BYSTANDERS = {
    "README": b"# A client\nSee https://example.com\n",
    "README.md": f"Call\n    GET {URL}\nand get\n    {LIST}\n".encode(),
    "client.py": f'URL = "{URL}"\nprint([])\n'.encode(),
    "logo.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
    "package.json": b'{"name": "client", "version": "1.0.0"}',
    "pom.xml": b"<project><modelVersion>4.0.0</modelVersion></project>",
    "compose.yml": b"version: 2\nservices:\n  web:\n    image: x\n",
    "notes.txt": b"call them on Monday",
    "data.csv": b"a,b\n1,2\n",
    "help.html": b"<html><body>Help</body></html>",
}
CAPTURES = {
    "answer.json": LIST.encode(),
    "answer": LIST.encode(),
    "cut.json": LIST[:-20].encode(),
    "binary.json": b"\0\1\2\3",
    "text.xml": b"Bad Gateway",
    "empty": b"",
    "error.txt": b"<result><message>error</message></result>",
    "client.log": b"nothing here",
    "README.gz": b"\x1f\x8b\x08\0damaged",
    "cut.yml": b"  uri: x\n  response: 1\n",
    "calls.jsonl": b"{}\n",
    "calls.py": f'{{"url":"{URL}","body":{LIST}}}\n'.encode(),
}


@pytest.mark.parametrize("name", BYSTANDERS)
def test_a_file_that_is_not_a_capture_is_counted_as_such(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BYSTANDERS[name])
    (found,) = read_captures(tmp_path)
    assert skip_reason(found) == NO_CAPTURE
    assert found.source.file == str(tmp_path / name)
    summary = CheckSummary()
    (outcome,) = check_captures([tmp_path], summary=summary)
    assert (outcome.skipped, outcome.findings, summary.checked) == (NO_CAPTURE, (), 0)
    counts = extract(tmp_path, tmp_path / "out.jsonl", workers=1).counts
    assert (counts.exchanges, counts.skipped, counts.rejects) == (1, {NO_CAPTURE: 1}, {})


@pytest.mark.parametrize("name", CAPTURES)
def test_captures_in_a_folder_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CAPTURES[name])
    counts = extract(tmp_path, tmp_path / "out.jsonl", workers=1).counts
    assert NO_CAPTURE not in counts.skipped
    assert counts.whole + counts.partial + sum(counts.rejects.values()) >= (name != "client.log")


@pytest.mark.parametrize("name", BYSTANDERS)
def test_named_files_are_always_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BYSTANDERS[name])
    for here in (str(path), *find_captures(tmp_path)):
        found = list(read_capture(here, kind="payload"))
        assert [exchange.body for exchange in found] == [BYSTANDERS[name]]


def test_no_payload_of_the_corpus_is_a_bystander(tmp_path: Path) -> None:
    for number, case in enumerate(load_corpus()):
        if case.lax is not None:
            (tmp_path / f"{number}").write_bytes(case.payload)
    assert NO_CAPTURE not in {skip_reason(found) for found in read_captures(tmp_path)}
