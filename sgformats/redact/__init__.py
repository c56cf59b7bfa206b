"""A capture without its secrets, in the same kind and layout, so that it can be shared.

`redact_capture` hides keys, passwords, cookies and credentials wherever a capture keeps them: in URLs,
forms, headers, logs and bodies, escaped, in base64 or compressed. With an `Anonymiser` addresses become
fake ones of the same shape too, so that what was valid stays valid, and what was wrong stays wrong in the
same way. What has nothing to hide stays as it is, to the byte. What is damaged is searched as text.
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
from sgformats.workers.pool import Done, Word, run_all

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
    """Writes a capture, or a folder of them, without its secrets.

    `out` is the file to write, for a folder the folder; it may be `path` itself, and is there whole or
    not at all. For a folder, nothing outside of `out` is written: a link in it is replaced, not followed.
    `anonymise` makes addresses fake ones: the same for the same as long as it is the same `Anonymiser`,
    or one of the same salt. `keep_user` leaves who asked. `kind`, `fields`
    and `unpacking` are those of `read_captures`. A compressed body of more than `max_bytes` is left as it
    is, and counted. So is an exchange or a line of more than a quarter of that in characters, and more than
    a million: it is searched in pieces, as text. A WARC record of more than `max_bytes` is left out.
    The files of a folder may be shared by several `workers`, each a process, but not to be anonymised.

    Raises `ArgumentError` for a kind that there is not, `CaptureError` for what cannot be read or
    written, or was left out; what could be read of a damaged capture is written before.
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
        # All before the first is written: what is written may stand among them.
        files += map(Path, find_captures(source))
    except CaptureError as error:
        trouble = error
    tasks = ((file, target / file.relative_to(source)) for file in files)
    # Fake addresses of networks are given in the order in which they are asked for.
    number = 1 if anonymise is not None else workers
    found = run_all(partial(_redact_one, target, options), tasks, number, _hear)
    done = Redaction(0, 0, 0, 0)
    with closing(found):
        for one in found:
            if isinstance(one, Redaction):
                done = done.plus(one)
            else:
                trouble = trouble or one
    if trouble is not None:
        raise trouble
    return done


def _redact_one(
    root: Path, options: Mapping[str, Any], task: tuple[Path, Path], say: object
) -> Redaction | CaptureError:
    try:
        return _redact_file(*task, root, options)
    except CaptureError as error:
        return error


def _hear(event: Done[Any, Any] | Word[Any]) -> None:
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
                raise  # There is nothing to write.
            damage = error  # What could be read is written all the same.
    if damage is not None:
        raise damage
    return one


@contextmanager
def _written(target: Path, root: Path | None) -> Iterator[IO[bytes]]:
    """A file to write, in a folder that is made if need be. It is inside `root`, if there is one."""
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
    """Whether a folder, which may not exist yet, is in another when all links are followed."""
    return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root))
