"""Extraction touches only its own files, even if somebody else made the folder for its parts.

The folder may come with a cloned repository or an unpacked archive, or from another user.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from sgformats.errors import ExtractError
from sgformats.extract import Progress, extract
from tests.extract.runkit import parts_of, write_log

SPLIT = 2_000
ADVICE = "check and remove the folder, or write elsewhere"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("logs") / "calls.jsonl", 60)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work" / "out.jsonl"


@pytest.fixture
def folder(out: Path) -> Path:
    """The folder for the parts of OUT."""
    return out.with_name(f".{out.name}.parts")


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Another folder, with files of all names that a run might touch."""
    folder = tmp_path / "victim"
    (folder / "sub").mkdir(parents=True)
    for name in ("precious", "lock", "out.tmp", "00000000.done", "00000001.records", "sub/x.tmp"):
        (folder / name).write_text(f"precious {name}")
    return folder


class StopError(Exception):
    """Ends a run in the middle."""


def stopped(log: Path, out: Path, parts: int = 4) -> None:
    """Stop a run after some parts; these are kept."""

    def stop(progress: Progress) -> None:
        if progress.parts == parts:
            raise StopError

    with pytest.raises(StopError):
        extract(log, out, workers=1, split=SPLIT, tell=stop)
    assert len(parts_of(out)) == parts


def state(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """The paths in a folder, with modes and contents."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else None,
        )
        for path in sorted(folder.rglob("*"))
    }


def refused(log: Path, out: Path, reason: str) -> None:
    """The run fails for this reason, and writes no OUT."""
    with pytest.raises(ExtractError) as caught:
        extract(log, out, workers=1, split=SPLIT)
    place = out.with_name(f".{out.name}.parts")
    assert str(caught.value) == f"{out}: the folder for its parts, {place}, {reason}; {ADVICE}"
    assert not out.exists()


def complete(log: Path, out: Path, tmp_path: Path) -> int:
    """Complete a run, compare it with an undisturbed one, and return how many parts it reused."""
    done = extract(log, out, workers=1, split=SPLIT)
    other = tmp_path / "undisturbed"
    other.mkdir()
    extract(log, other / out.name, workers=1, split=SPLIT)
    assert out.read_bytes() == (other / out.name).read_bytes()
    return done.reused


def test_a_link_in_place_of_the_folder_is_refused(
    log: Path, out: Path, folder: Path, victim: Path
) -> None:
    before = state(victim)
    for target in (victim, victim / "precious", "/nowhere"):
        folder.symlink_to(target)
        refused(log, out, "is a link or a file")
        folder.unlink()
        assert state(victim) == before


def _hard_link(path: Path, victim: Path) -> None:
    os.link(victim / "lock", path)


def _link(path: Path, victim: Path) -> None:
    path.symlink_to(victim / "lock")


def _pipe(path: Path, victim: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path, victim: Path) -> None:
    shutil.copytree(victim, path)


def _device(path: Path, victim: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can make a device")
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))


ODD = pytest.mark.parametrize("make", [_hard_link, _link, _pipe, _folder, _device])
Make = Callable[[Path, Path], None]


@ODD
def test_a_lock_that_is_not_our_file_is_refused(
    make: Make, log: Path, out: Path, folder: Path, victim: Path
) -> None:
    """The run does not follow, empty or wait for it."""
    folder.mkdir()
    make(folder / "lock", victim)
    before = state(victim), state(folder)
    with pytest.raises(
        ExtractError, match=r"parts, has an unusable lock file: .*; check and remove"
    ):
        extract(log, out, workers=1, split=SPLIT)
    assert (state(victim), state(folder)) == before


@ODD
def test_files_in_place_of_a_part_are_not_followed(
    make: Make, log: Path, out: Path, folder: Path, victim: Path, tmp_path: Path
) -> None:
    stopped(log, out)
    for name in ("00000001.records", "00000002.done", "out.tmp"):
        (folder / name).unlink(missing_ok=True)
        make(folder / name, victim)
    before = state(victim)
    if make is _folder:
        with pytest.raises(ExtractError, match="cannot be written"):
            extract(log, out, workers=1, split=SPLIT)
    else:
        assert complete(log, out, tmp_path) == 2
        assert not folder.exists()
    assert state(victim) == before


def test_a_folder_with_parts_but_no_mark_is_refused(
    log: Path, out: Path, folder: Path, tmp_path: Path
) -> None:
    """For example one of an older release, or one from a repository."""
    reason = "was made by an older release, or copied from another place"
    stopped(log, out)
    mark = (folder / "lock").read_bytes()
    for lock in (b"", b"12345", b"x" * 65, mark[:-1], mark.replace(mark[33:53], b"0" * 20)):
        (folder / "lock").write_bytes(lock)
        before = state(folder)
        refused(log, out, reason)
        assert state(folder) == before
    (folder / "lock").write_bytes(mark)
    # A complete copy, with its mark.
    folder.rename(folder.with_name("copied"))
    shutil.copytree(folder.with_name("copied"), folder)
    refused(log, out, reason)
    shutil.rmtree(folder)
    folder.with_name("copied").rename(folder)
    assert complete(log, out, tmp_path) == 4


def test_a_folder_without_a_complete_mark_and_parts_is_used(
    log: Path, out: Path, folder: Path
) -> None:
    for lock in (None, b"", b"12345"):
        folder.mkdir()
        if lock is not None:
            (folder / "lock").write_bytes(lock)
        extract(log, out, workers=1, split=SPLIT)
        assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_folder_of_another_user_is_refused(log: Path, out: Path, folder: Path) -> None:
    out.parent.chmod(0o1777)
    stopped(log, out)
    os.chown(folder, 4711, 4711)
    before = state(folder)
    refused(log, out, "belongs to another user")
    assert state(folder) == before


def test_only_its_user_can_access_the_folder(log: Path, out: Path, folder: Path) -> None:
    stopped(log, out)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "lock").stat().st_mode) == 0o600


def test_other_files_in_the_folder_are_kept(
    log: Path, out: Path, folder: Path, victim: Path, tmp_path: Path
) -> None:
    stopped(log, out)
    shutil.copytree(victim / "sub", folder / "sub.tmp")
    shutil.copytree(victim / "sub", folder / "00000099.done")
    (folder / "notes.tmp").write_text("mine")
    (folder / "link.tmp").symlink_to(victim)
    assert complete(log, out, tmp_path) == 4
    assert sorted(os.listdir(folder)) == [
        "00000099.done",
        "link.tmp",
        "lock",
        "notes.tmp",
        "sub.tmp",
    ]
    assert state(folder / "sub.tmp") == state(folder / "00000099.done") == state(victim / "sub")
    # The folder is still ours.
    extract(log, out, workers=1, split=SPLIT)
    assert (folder / "notes.tmp").read_text() == "mine"


def test_forged_parts_are_not_reused(log: Path, out: Path, folder: Path, tmp_path: Path) -> None:
    """Same size but other rows, other counts, another number, or sealed with another key."""
    stopped(log, out, 6)
    rows = (folder / "00000000.records").read_bytes()
    (folder / "00000000.records").write_bytes(rows.replace(b"@example", b"@evil-ex"))
    rejects = folder / "00000001.rejects"
    rejects.write_bytes(rejects.read_bytes() + b"{}\n")
    done = (folder / "00000002.done").read_bytes()
    (folder / "00000002.done").write_bytes(done.replace(b'"records":', b'"records":1'))
    for suffix in ("done", "records", "rejects"):
        shutil.copyfile(folder / f"00000004.{suffix}", folder / f"00000003.{suffix}")
    other = tmp_path / "other" / out.name
    other.parent.mkdir()
    stopped(log, other, 6)
    shutil.copyfile(other.with_name(folder.name) / "00000005.done", folder / "00000005.done")
    assert complete(log, out, tmp_path) == 1


@pytest.mark.parametrize("make", [_link, _pipe])
def test_the_default_rejects_file_is_not_written_through_a_link(
    make: Make, log: Path, out: Path, folder: Path, victim: Path
) -> None:
    rejects = out.with_name(f"{out.name}.rejects.jsonl")
    make(rejects, victim)
    before = state(victim)
    with pytest.raises(ExtractError) as caught:
        extract(log, out, workers=1, split=SPLIT)
    assert str(caught.value) == (
        f"{rejects}: expected a regular file, found a link, a device or a pipe; "
        "to write to it, name it as the file for the rejects"
    )
    assert (out.exists(), folder.exists(), state(victim)) == (False, False, before)
    if make is _link:
        extract(log, out, workers=1, split=SPLIT, rejects=rejects)
        assert rejects.is_symlink()
        assert (victim / "lock").read_bytes().startswith(b'{"source_file":')
