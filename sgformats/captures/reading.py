"""Reads captures from paths: finds the files and yields their exchanges.

`match_paths` resolves patterns, `find_captures` lists the files, `unfold` opens the captures in a
file, `read_capture` reads one file or stream, `read_captures` reads all files at a path. Wrong
arguments raise at once; errors in a capture are raised while its exchanges are read.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple, cast

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.archives import Readable, archive_reader
from sgformats.captures.build import CaptureOptions
from sgformats.captures.bystanders import foreign_name, is_bystander, is_package
from sgformats.captures.exchange import Exchange
from sgformats.captures.jsonlines import FIELDS
from sgformats.captures.kinds import HEAD, KINDS, NO_CAPTURE, Kind, find_kind
from sgformats.captures.opening import UNPACKING, Opened, Unpacking, open_path
from sgformats.errors import ArgumentError, CaptureError, SgformatsError, quote

Path = str | os.PathLike[str]

_MAX_ARCHIVES = 3
_PAYLOAD = KINDS["payload"]


class FolderFile(str):
    """The path of a file found in a folder, not named by the caller: it may not be a capture."""

    __slots__ = ()


def read_captures(
    path: Path,
    *,
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    unpacking: Unpacking = UNPACKING,
) -> Iterator[Exchange]:
    """The exchanges of a file, or of every file in a folder, one at a time.

    `kind` names a row of `KINDS`; without it, each file's content and name decide. `fields` says
    where JSON lines keep a value: `{"url": "req.target"}`. An answer larger than `max_bytes` is not
    read. `unpacking` limits how far a compressed file may expand.

    Each member of an archive (tar, zip) is a capture named `archive!member`. A file in a folder or
    an archive that is not a capture, such as source code, gives an exchange with only its `source`.

    Raises `ArgumentError` for invalid arguments. Raises `CaptureError` for a file that is not a
    capture or cannot be read to its end: after everything that can be read, including all other
    files of a folder.
    """
    name, options = _name_of(path), reading_options(kind, fields, max_bytes, unpacking)
    return _read_all(name, kind, options)


def read_capture(
    source: Path | BinaryIO,
    *,
    name: str | None = None,
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    unpacking: Unpacking = UNPACKING,
) -> Iterator[Exchange]:
    """The exchanges of one file, or of a binary stream, which stays open.

    `name` is the file name in every `Source`; the default is the path or `<stream>`. A path that
    `find_captures` found in a folder, or a stream whose attribute `in_folder` is True, may be a
    file that is not a capture. Everything else is as in `read_captures`.
    """
    options = reading_options(kind, fields, max_bytes, unpacking)
    if isinstance(source, (str, os.PathLike)):
        path = _name_of(source)
        return read_path(path, name or path, kind, options)
    if not hasattr(source, "read"):
        raise ArgumentError(f"expected a path or a binary file, found {type(source).__name__}")
    in_folder = getattr(source, "in_folder", False) is True
    return read_stream(source, name or "<stream>", kind, options, in_folder)


def match_paths(path: str, folder: str = "") -> list[str]:
    """The files and folders that match a pattern, sorted.

    A path that exists or has no wildcard is returned as it is. `folder` is where a relative path
    starts. The list is empty if nothing matches.
    """
    here = os.path.join(folder, path)
    if os.path.lexists(here) or not glob.has_magic(path):
        return [here]
    matched = glob.glob(path, root_dir=folder or None, recursive=True)
    found = sorted(os.path.join(folder, name) for name in matched)
    # A folder stands for all its contents, which `**` may match again.
    folders = tuple(os.path.join(name, "") for name in found if os.path.isdir(name))
    return [name for name in found if not name.startswith(folders) or name in folders]


def find_captures(path: Path) -> Iterator[str]:
    """The file at a path, or all files in a folder at any depth, by name, without hidden ones.

    Each path found in a folder is a `FolderFile`.

    Raises `CaptureError` for a path that does not exist. Raises it after all other files for
    folders that cannot be listed, and for pipes and devices in a folder, where reading could block.
    """
    name = _name_of(path)
    if not os.path.isdir(name):
        if not os.path.lexists(name):
            raise CaptureError(name, "no such file or folder")
        yield name
        return
    unlisted: list[OSError] = []
    refused: list[SgformatsError] = []
    for here, folders, files in os.walk(name, onerror=unlisted.append):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        for file in sorted(files):
            found = os.path.join(here, file)
            if file.startswith("."):
                continue
            if os.path.isfile(found) or not os.path.exists(found):  # Or a broken link.
                yield FolderFile(found)
            else:
                refused.append(CaptureError(found, "cannot read it: it is a pipe or a device"))
    for error in unlisted:
        reason = f"cannot list it: {error.strerror}"
        refused.append(CaptureError(str(error.filename), reason))
    if refused:
        raise _summed_up(refused)


def _read_all(name: str, kind: str | None, options: CaptureOptions) -> Iterator[Exchange]:
    return _in_turn(read_path(path, path, kind, options) for path in find_captures(name))


def _in_turn(readers: Iterator[Iterator[Exchange]]) -> Iterator[Exchange]:
    """What all readers yield. Raises their failures as one, after everything else."""
    failures: list[SgformatsError] = []
    while True:
        try:
            reader = next(readers, None)
            if reader is None:
                break
            yield from reader
        except (CaptureError, ImportError) as error:
            failures.append(cast("SgformatsError", error))
    if failures:
        raise _summed_up(failures)


def _summed_up(failures: list[SgformatsError]) -> SgformatsError:
    """The first failure, with the number of further ones in its message."""
    first, more = failures[0], len(failures) - 1
    if not more or not isinstance(first, CaptureError):
        return first
    reason = f"{first.reason} (and {more} more could not be read to the end)"
    return CaptureError(first.file, reason, first.line, first.offset)


def read_path(
    path: str, name: str, kind: str | None, options: CaptureOptions
) -> Iterator[Exchange]:
    """The exchanges of a file, as `read_capture` gives them."""
    with open_path(path) as file:
        yield from read_stream(file, str(name), kind, options, isinstance(path, FolderFile))


def read_stream(
    file: Readable, name: str, kind: str | None, options: CaptureOptions, in_folder: bool
) -> Iterator[Exchange]:
    """The exchanges of a binary stream, as `read_capture` gives them."""
    captures = unfold(file, name, kind, options, in_folder=in_folder)
    return _in_turn(capture.read(options) for capture in captures)


class Capture(NamedTuple):
    """An open capture: its name, its reader, and its bytes or the reason why there are none."""

    name: str
    kind: Kind
    file: Opened | None
    refusal: str = ""

    def read(self, options: CaptureOptions) -> Iterator[Exchange]:
        """Its exchanges. Raises `CaptureError`."""
        if self.file is None:
            raise CaptureError(self.name, self.refusal)
        yield from self.kind.read(self.file, self.name, options)


def unfold(
    file: Readable,
    name: str,
    kind: str | None,
    options: CaptureOptions,
    *,
    in_folder: bool = False,
    depth: int = 0,
) -> Iterator[Capture]:
    """The captures in a file: the file itself, or each member of an archive.

    Read each capture before asking for the next. With `in_folder`, the caller did not name the
    file, so it may not be a capture.
    """
    opened = Opened(cast("BinaryIO", file), name, options.unpacking)
    head = opened.peek(HEAD)
    members = None if depth > _MAX_ARCHIVES else archive_reader(head)
    if members is not None and in_folder and is_package(opened.name):
        yield Capture(name, NO_CAPTURE, opened)
        return
    if members is not None:
        try:
            for member in members(opened, name):
                inner = f"{name}!{member.name}" if member.name else name
                parts = member.name.split("/")
                if any(part.startswith(".") and part != "." for part in parts):
                    continue  # It is hidden.
                if member.file is None:
                    yield Capture(inner, _PAYLOAD, None, member.refusal)
                    continue
                yield from unfold(
                    member.file, inner, kind, options, in_folder=True, depth=depth + 1
                )
        except CaptureError as error:
            yield Capture(error.file, _PAYLOAD, None, error.reason)
        return
    found = KINDS.get(kind or "") or find_kind(head, opened.name, options.fields)
    if kind is None and in_folder and not opened.is_damaged:
        certain = found.certain and found.matches(head, options.fields)
        if is_bystander(head, opened.name, found.name, certain):
            found = NO_CAPTURE
    if found.name != "payload":
        opened.as_utf8()
    if kind is None and (reason := foreign_name(opened.peek(HEAD))) is not None:
        opened.refuse(reason)
    yield Capture(name, found, opened)


def reading_options(
    kind: str | None,
    fields: Mapping[str, str] | None,
    max_bytes: int,
    unpacking: Unpacking = UNPACKING,
) -> CaptureOptions:
    """The arguments as one value. Raises `ArgumentError` for invalid ones."""
    if kind is not None and kind not in KINDS:
        raise ArgumentError(f"expected a kind such as {', '.join(KINDS)}, found {quote(str(kind))}")
    for key, path in (fields or {}).items():
        if key not in FIELDS:
            raise ArgumentError(f"expected a field of {', '.join(FIELDS)}, found {quote(str(key))}")
        if not isinstance(path, str) or not path:
            raise ArgumentError(f"expected the key for {key} as str")
    if not isinstance(max_bytes, int) or max_bytes < 1:
        raise ArgumentError("expected a number of bytes, at least 1, as max_bytes")
    return CaptureOptions(max_bytes, dict(fields or {}), unpacking=unpacking)


def _name_of(path: Path) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentError(f"expected a path as str, found {type(path).__name__}")
    return path if isinstance(path, str) else os.fsdecode(path)
