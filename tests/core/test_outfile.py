"""Files appear whole or not at all, and what is no file is never replaced by one."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sgformats.contract.baseline import write_baseline
from sgformats.contract.redact import redact_capture
from sgformats.outfile import Discard, replacing

PAYLOAD = b'[{"email":"a","reason":"b"}]'


def test_a_file_takes_its_place_at_the_end_with_the_permissions_of_the_old_one(
    tmp_path: Path,
) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with replacing(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a"]


def test_what_a_link_leads_to_is_replaced_and_not_the_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with replacing(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"new"


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with replacing(target) as file:
        file.write(b"new")
        raise Discard
    with pytest.raises(ZeroDivisionError), replacing(target) as file:
        file.write(b"new")
        raise ZeroDivisionError
    assert (target.read_bytes(), os.listdir(tmp_path)) == (b"old", ["a"])


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe, source = tmp_path / "pipe", tmp_path / "a.json"
    os.mkfifo(pipe)
    source.write_bytes(PAYLOAD)
    with ThreadPoolExecutor() as pool:
        for write, expected in (
            (lambda: redact_capture(source, pipe), PAYLOAD),
            (lambda: write_baseline(pipe, []), b'{\n  "version": 1,\n  "problems": [\n\n  ]\n}\n'),
        ):
            read = pool.submit(pipe.read_bytes)
            write()
            assert read.result(timeout=60) == expected
            assert pipe.is_fifo()
