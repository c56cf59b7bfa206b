"""Removes secrets from captures so that they can be shared; kind and layout stay the same.

`redact_capture` hides keys, passwords, cookies and credentials in URLs, forms, headers, logs and bodies,
also if escaped, in base64 or compressed. With an `Anonymiser`, addresses become fake ones of the same
shape: valid data stays valid, and invalid data stays invalid in the same way. Anything without secrets
stays the same to the byte. Damaged data is searched as text.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.opening import UNPACKING, Unpacking, open_path
from sgformats.captures.reading import find_captures
from sgformats.errors import CaptureError, SgformatsError
from sgformats.files import replacing
from sgformats.redact.anonymise import Anonymiser
from sgformats.redact.streams import Redaction, redact_stream
from sgformats.workers.pool import Done, Progressed, run_all

__all__ = ["Anonymiser", "Redaction", "redact_capture", "redact_stream"]


def redact_capture(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    anonymise: Anonymiser | None = None,
    keep_user: bool = False,
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    unpacking: Unpacking = UNPACKING,
    workers: int = 1,
) -> Redaction:
    """Write a capture, or a folder of captures, without its secrets.

    `out` is the file to write, or the folder if `path` is one. It may be `path` itself; a file is
    written completely or not at all. For a folder, nothing outside of `out` is written: a link in it
    is replaced, not followed. `anonymise` replaces addresses with fake ones: the same address gets the
    same fake from the same `Anonymiser`, or from one with the same salt. `keep_user` keeps user names.
    `kind`, `fields` and `unpacking` are as in `read_captures`. A compressed body of more than
    `max_bytes` stays unchanged and is counted as opaque. An exchange or a line of more than a million
    characters and a quarter of `max_bytes` is searched in pieces, as text, and also counted. A WARC
    record of more than `max_bytes` is omitted. Several `workers` (processes) share the files of a
    folder, but not with `anonymise`.

    Raises `ArgumentError` for invalid arguments. Raises `CaptureError` for anything that cannot be read
    or written, or that was omitted; the readable part of a damaged capture is written first.
    """
    options: dict[str, Any] = {
        "anonymise": anonymise,
        "keep_user": keep_user,
        "kind": kind,
        "fields": fields,
        "max_bytes": max_bytes,
        "unpacking": unpacking,
    }
    source, target = Path(path), Path(out)
    if not source.is_dir():
        return _redact_file(source, target, None, options)
    files: list[Path] = []
    trouble: SgformatsError | None = None
    try:
        # List all files before writing: the output may lie among them.
        files += map(Path, find_captures(source))
    except CaptureError as error:
        trouble = error
    tasks = ((file, target / file.relative_to(source)) for file in files)
    # Fake IP addresses depend on the order of requests.
    number = 1 if anonymise is not None else workers
    results = run_all(partial(_redact_one, target, options), tasks, number, _raise_error)
    done = Redaction(0, 0, 0, 0)
    with closing(results):
        for one in results:
            if isinstance(one, Redaction):
                done = done.plus(one)
            else:
                trouble = trouble or one
    if trouble is not None:
        raise trouble
    return done


def _redact_one(
    root: Path, options: Mapping[str, Any], task: tuple[Path, Path], send: object
) -> Redaction | CaptureError:
    try:
        return _redact_file(*task, root, options)
    except CaptureError as error:
        return error


def _raise_error(event: Done[Any, Any] | Progressed[Any]) -> None:
    if isinstance(event, Done) and event.error is not None:
        raise event.error


def _redact_file(
    file: Path, written: Path, root: Path | None, options: Mapping[str, Any]
) -> Redaction:
    damage: CaptureError | None = None
    with open_path(str(file)) as opened, _written(written, root) as output:
        try:
            one = redact_stream(opened, str(file), output.write, **options)
            if not one.changed:
                output.seek(0)
                output.truncate()
                opened.seek(0)
                shutil.copyfileobj(opened, output)
        except CaptureError as error:
            if not output.tell():
                raise  # Nothing to write.
            damage = error  # Write the readable part anyway.
    if damage is not None:
        raise damage
    return one


@contextmanager
def _written(target: Path, root: Path | None) -> Iterator[IO[bytes]]:
    """Open a file for writing and create its folder; the file must be inside `root`, if given."""
    try:
        folder = target.parent
        if root is not None and not _is_inside(folder, root):
            raise CaptureError(
                str(target), "cannot write it: a link leads out of the output folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(target, follow=root is None) as file:
            yield file
    except SgformatsError:
        raise
    except (OSError, ValueError) as error:
        reason = f"cannot write it: {getattr(error, 'strerror', None) or error}"
        raise CaptureError(str(target), reason) from None


def _is_inside(folder: Path, root: Path) -> bool:
    """Whether a folder, which may not exist yet, is inside another after following all links."""
    return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root))
