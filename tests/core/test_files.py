"""Files are written completely or not at all, and only regular files are replaced."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sgformats.contract.baseline import write_baseline
from sgformats.files import Discard, open_regular, replacing, resolve
from sgformats.redact import redact_capture

PAYLOAD = b'[{"email":"a","reason":"b"}]'


def test_a_file_is_replaced_at_the_end_and_keeps_its_permissions(
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


def test_the_target_of_a_link_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with replacing(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_link_is_replaced_if_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"precious")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "null").symlink_to("/dev/null")
    for name in ("link", "null"):
        with replacing(tmp_path / name, follow=False) as file:
            file.write(b"new")
        assert not (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_bytes() == b"new"
    assert (tmp_path / "a").read_bytes() == b"precious"


def test_replacing_a_hard_link_keeps_the_file_under_its_other_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"precious")
    os.link(tmp_path / "a", tmp_path / "b")
    with replacing(tmp_path / "b") as file:
        file.write(b"new")
    assert (tmp_path / "a").read_bytes() == b"precious"
    assert (tmp_path / "b").read_bytes() == b"new"


def test_an_incomplete_file_is_private(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        with replacing(tmp_path / "a"):
            (temporary,) = tmp_path.iterdir()
            assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644
        (tmp_path / "a").chmod(0o4755)
        with replacing(tmp_path / "a"):
            pass
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(mask)


@pytest.mark.parametrize("make", [os.mkdir, lambda path: Path(path).symlink_to("/nowhere")])
def test_an_existing_temporary_name_is_never_written_to(
    make: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "0" * 2 * size)
    make(tmp_path / f".a.{'0' * 16}.tmp")
    with pytest.raises(FileExistsError), replacing(tmp_path / "a"):
        raise AssertionError
    assert os.listdir(tmp_path) == [f".a.{'0' * 16}.tmp"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_link_of_another_user_in_a_shared_folder_is_refused(tmp_path: Path) -> None:
    """The kernel's rule `fs.protected_symlinks`, which it does not apply to a rename."""
    (tmp_path / "a").write_bytes(b"precious")
    tmp_path.chmod(0o1777)
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "chain").symlink_to("link")
    os.chown(tmp_path, 4711, -1)
    os.chown(tmp_path / "link", 4712, -1, follow_symlinks=False)
    for name in ("link", "chain"):
        with pytest.raises(PermissionError, match="is a link of another user"):
            resolve(tmp_path / name)
        with pytest.raises(PermissionError), replacing(tmp_path / name):
            raise AssertionError
    assert (tmp_path / "a").read_bytes() == b"precious"
    for owner in (0, 4711):
        os.chown(tmp_path / "link", owner, -1, follow_symlinks=False)
        assert resolve(tmp_path / "chain") == str(tmp_path / "a")
    os.chown(tmp_path / "link", 4712, -1, follow_symlinks=False)
    tmp_path.chmod(0o755)
    assert resolve(tmp_path / "chain") == str(tmp_path / "a")


def test_a_cycle_of_links_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        resolve(tmp_path / "a")


REFUSED = {
    **dict.fromkeys(("file", "hard", "pipe"), "is not a regular file with one name"),
    "link": "symbolic links",
    "folder": "is not a regular file with one name|Is a directory",
}


def test_only_a_regular_file_with_one_name_is_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    os.close(open_regular(str(tmp_path / "file")))
    os.link(tmp_path / "file", tmp_path / "hard")
    (tmp_path / "link").symlink_to("/dev/null")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in REFUSED:
        for flags in (os.O_RDONLY, os.O_RDWR | os.O_CREAT):
            with pytest.raises(OSError, match=REFUSED[name]):
                open_regular(str(tmp_path / name), flags=flags)


def test_an_error_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with replacing(target) as file:
        file.write(b"new")
        raise Discard
    with pytest.raises(ZeroDivisionError), replacing(target) as file:
        file.write(b"new")
        raise ZeroDivisionError
    assert (target.read_bytes(), os.listdir(tmp_path)) == (b"old", ["a"])


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
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
