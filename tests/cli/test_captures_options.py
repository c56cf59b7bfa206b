"""Every command that reads captures has limits on decompression."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.clikit import CALLS, run

BOUND = ("--max-unpacked", str(len(CALLS) - 1))
SAID = f"expected at most {len(CALLS) - 1} uncompressed bytes, found more; max_unpacked allows more"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "c.gz", "--report", "json"), 2),
        (("census", "c.gz", "--to", "json"), 2),
        (("redact", "c.gz", "-o", "out.gz"), 2),
        (("diff", "c.gz", "c.gz"), 2),
        (("extract", "c.gz", "-o", "out.jsonl", "--workers", "1", "--fail-on-reject"), 1),
    ],
)
def test_a_capture_that_becomes_too_large_is_damaged(arguments: tuple[str, ...], code: int) -> None:
    Path("c.gz").write_bytes(gzip.compress(CALLS))
    ended = run(*arguments, *BOUND)
    rejects = Path("out.jsonl.rejects.jsonl")
    said = ended.out + ended.err + (rejects.read_bytes() if rejects.exists() else b"")
    assert (ended.code, SAID in said.decode()) == (code, True)
    fits = run(*arguments, "--max-unpacked", str(len(CALLS)), "--max-ratio", "1")
    assert SAID.encode() not in fits.out + fits.err
