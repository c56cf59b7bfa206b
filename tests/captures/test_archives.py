"""Archives of captures: every member is read on its own, and damage affects only one."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures import Exchange, read_capture, read_captures
from sgformats.captures.bystanders import NO_CAPTURE
from sgformats.captures.skipping import skip_reason
from sgformats.census import take_census
from sgformats.contract import CheckSummary, check_captures
from sgformats.errors import CaptureError, SgformatsError
from sgformats.extract import extract
from sgformats.redact import redact_capture
from tests.captures.textlogkit import LIST, URL

LOG = f"GET {URL}\n{LIST}\n".encode()
LINES = f'{{"url":"{URL}","body":{LIST}}}\n'.encode()
LONG = "/".join(["a folder of a name that is rather long"] * 8) + "/calls.jsonl"
FILES = {"app/client.log": LOG, LONG: 3 * LINES, "packed.jsonl.gz": gzip.compress(LINES)}

Pack = Callable[[Mapping[str, bytes]], bytes]


def tarred(files: Mapping[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as file:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out.getvalue()


PACKS: dict[str, Pack] = {
    "pax": tarred,
    "gnu": lambda files: tarred(files, tarfile.GNU_FORMAT),
    "ustar": lambda files: tarred(
        {name[-90:]: data for name, data in files.items()}, tarfile.USTAR_FORMAT
    ),
    "tgz": lambda files: gzip.compress(tarred(files)),
    "zip": zipped,
    "two in one": lambda files: (
        tarred(dict([*files.items()][:1])) + tarred(dict([*files.items()][1:]))
    ),
    "tar in zip": lambda files: zipped({"inner.tar": tarred(files)}),
}


def read(data: bytes, name: str = "logs.x") -> tuple[list[Exchange], CaptureError | None]:
    found = []
    try:
        for exchange in read_capture(io.BytesIO(data), name=name):
            found.append(exchange)
    except CaptureError as error:
        return found, error
    return found, None


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_member_is_read_like_a_single_file(pack: Pack) -> None:
    found, error = read(pack(FILES))
    assert error is None
    assert [exchange.source.file.rpartition("/")[2].rpartition("!")[2] for exchange in found] == [
        "client.log",
        *["calls.jsonl"] * 3,
        "packed.jsonl.gz",
    ]
    assert {(exchange.url, exchange.body) for exchange in found} == {(URL, LIST.encode())}
    assert [exchange.source.entry for exchange in found] == [0, 0, 1, 2, 0]


def test_a_member_is_called_by_both_names() -> None:
    (found,), _ = read(tarred({"app/client.log": LOG}), "logs.tar")
    assert str(found.source) == "logs.tar!app/client.log:1"


def test_folders_links_and_hidden_files_are_skipped() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, kind in (
            ("a", tarfile.DIRTYPE),
            ("a/l", tarfile.SYMTYPE),
            ("a/._b", tarfile.REGTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type = kind
            file.addfile(info)
    assert read(out.getvalue()) == ([], None)


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_a_file_that_is_not_a_capture_is_counted_and_not_a_broken_answer(pack: Pack) -> None:
    found, error = read(pack({"README": b"How to run it", "a.log": LOG}))
    assert error is None
    assert [skip_reason(exchange) is None for exchange in found] == [False, True]


def test_documents_and_programs_are_not_archives_of_captures(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    path.write_bytes(zipped({"a.log": LOG, "b.xml": b"<a/>"}))
    (found,) = read_captures(tmp_path)
    assert skip_reason(found) == NO_CAPTURE
    assert [exchange.url for exchange in read_captures(path)] == [URL, None]


def test_a_damaged_header_loses_only_its_own_file() -> None:
    data = bytearray(tarred({"a.log": LOG, "b.log": LOG, "c.log": LOG}))
    data[2 * 512] ^= 1
    found, error = read(bytes(data))
    assert [exchange.source.file for exchange in found] == ["logs.x!a.log", "logs.x!c.log"]
    assert error is not None
    assert error.reason == "expected the header of a file in the archive, found other bytes"


@pytest.mark.parametrize("size", range(600, 2 * 1024, 111))
def test_a_cut_archive_gives_everything_before_the_cut(size: int) -> None:
    data = tarred({"a.log": LOG, "b.log": LOG}, tarfile.GNU_FORMAT)
    whole = read(data)[0]
    found, error = read(data[:size])
    assert error is not None
    assert found[:-1] == whole[: max(0, len(found) - 1)]
    assert len(found) == 1 + (size > 1536)


def test_a_cut_zip_archive_is_named() -> None:
    data = zipped(FILES)
    found, error = read(data[: len(data) // 2])
    assert found == []
    assert error is not None
    assert error.reason.startswith("expected a whole zip archive, found a damaged one: ")


def test_damage_in_a_zip_archive_loses_only_its_own_file() -> None:
    data = zipped({"a.log": LOG, "b.log": LOG})
    at = data.index(b"a.log") + len("a.log") + 4
    found, error = read(data[:at] + b"\xff\xff\xff" + data[at + 3 :])
    assert [exchange.source.file for exchange in found][-1:] == ["logs.x!b.log"]
    assert error is not None
    assert error.file == "logs.x!a.log"


def test_the_depth_of_nested_archives_is_limited() -> None:
    data = tarred({"a.log": LOG})
    for _ in range(6):
        data = tarred({"inner.tar": data})
    found, error = read(data)
    assert found == []
    assert error is not None
    assert error.reason == "expected a capture, found a tar archive: unpack it first"


def test_a_directory_of_a_zip_archive_has_a_bound() -> None:
    data = bytearray(zipped({"a.log": LOG}))
    at = data.rindex(b"PK\5\6")
    data[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    _, error = read(bytes(data))
    assert error is not None
    assert error.reason == "expected a directory of at most 33554432 bytes, found a larger one"


@given(st.sampled_from([*PACKS]), st.data())
def test_no_damage_raises_anything_else(name: str, data: st.DataObject) -> None:
    packed = bytearray(PACKS[name]({"a.log": LOG, "b.jsonl": LINES}))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(packed) - 1))
        packed[at] = data.draw(st.integers(0, 255))
    try:
        for exchange in read_capture(io.BytesIO(bytes(packed)), name="x"):
            assert exchange.body in (None, LIST.encode()) or exchange.url is None or exchange.body
    except SgformatsError:
        pass


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_redaction_refuses_archives(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "logs.x").write_bytes(pack({"a.log": LOG}))
    with pytest.raises(CaptureError, match="unpack it first"):
        redact_capture(tmp_path / "logs.x", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("suffix", "pack"), [("tar", tarred), ("zip", zipped)])
def test_all_commands_see_the_same_exchanges(tmp_path: Path, suffix: str, pack: Pack) -> None:
    path = tmp_path / f"logs.{suffix}"
    path.write_bytes(pack({**FILES, "setup.py": b"import x"}))
    expected = len(list(read_captures(path)))
    assert expected == 6
    summary = CheckSummary()
    list(check_captures([path], summary=summary))
    assert (summary.exchanges, summary.skipped) == (6, 1)
    (figures,) = take_census([path]).files
    assert figures.exchanges == 6
    counts = extract(path, tmp_path / "out.jsonl", workers=1).counts
    assert (counts.exchanges, counts.whole, counts.files) == (6, 5, 1)


def test_a_database_holds_the_rows_of_an_archive_once(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path, out = tmp_path / "logs.tar", tmp_path / "out.duckdb"
    path.write_bytes(tarred({"a.log": LOG, "b!.log": LOG}))
    for _ in range(2):
        extract(path, out, workers=1)
    with duckdb.connect(str(out)) as base:
        rows = base.execute("SELECT source_file FROM exchanges ORDER BY 1").fetchall()
    assert rows == [(f"{path}!a.log",), (f"{path}!b!.log",)]
