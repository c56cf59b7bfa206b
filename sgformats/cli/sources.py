"""Find the payload files that arguments name: files, folders, patterns and standard input.

In a folder, at any depth and sorted by name, payloads are `*.xml`, `*.json`, and files without a
suffix that begin like XML or JSON. Hidden files and folders are ignored.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from sgformats._text.encodings import recognise
from sgformats.cli.job import Job, PayloadSource, Trouble
from sgformats.contract.showing import name_of
from sgformats.errors import DecodeError

_SUFFIXES = (".xml", ".json")
_HEAD = 4096


def read_payloads(
    job: Job, paths: Sequence[str]
) -> Iterator[tuple[PayloadSource, bytes | DecodeError]]:
    """The payloads that arguments name; a `DecodeError` for one that is too large to read."""
    for found in find_sources(paths):
        if isinstance(found, Trouble):
            job.trouble(str(found))
            continue
        try:
            yield found, job.read(found)
        except DecodeError as error:
            yield found, error
        except Trouble as trouble:
            job.trouble(str(trouble))


def find_sources(arguments: Sequence[str]) -> Iterator[PayloadSource | Trouble]:
    """The sources that the arguments name, in order; a `Trouble` for each that names none."""
    standard_input = False
    for argument in arguments:
        if argument == "-":
            if standard_input:
                yield Trouble("expected - once: standard input can be read only once")
            else:
                yield PayloadSource(None)
            standard_input = True
        elif not os.path.lexists(argument) and glob.has_magic(argument):
            found = sorted(glob.glob(argument, recursive=True))
            if not found:
                yield Trouble(f"no file matches {name_of(argument)}")
            else:
                yield from _matched(found)
        elif Path(argument).is_dir():
            yield from _in_folder(argument)
        else:
            yield PayloadSource(argument)


def _matched(paths: Sequence[str]) -> Iterator[PayloadSource | Trouble]:
    """The files that a pattern matches, each once: `**` matches a folder and its contents."""
    seen: set[PayloadSource | Trouble] = set()
    for path in paths:
        for found in _walk(path) if Path(path).is_dir() else (PayloadSource(path),):
            if found not in seen:
                seen.add(found)
                yield found
    if not seen:
        yield from _in_folder(paths[0])


def _in_folder(folder: str) -> Iterator[PayloadSource | Trouble]:
    empty = True
    for found in _walk(folder):
        empty = False
        yield found
    if empty:
        yield Trouble(
            f"no payloads in {name_of(folder)}: expected *.xml, *.json "
            "or files without a suffix that begin as XML or JSON"
        )


def _walk(folder: str) -> Iterator[PayloadSource | Trouble]:
    unreadable: list[OSError] = []
    for here, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(here, name)
            if not name.startswith(".") and _is_payload(path):
                yield PayloadSource(str(path))
        while unreadable:
            error = unreadable.pop()
            yield Trouble(f"cannot read {name_of(str(error.filename))}: {error.strerror}")
    for error in unreadable:
        yield Trouble(f"cannot read {name_of(str(error.filename))}: {error.strerror}")


def _is_payload(path: Path) -> bool:
    if path.suffix.lower() in _SUFFIXES:
        return True
    if path.suffix or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return recognise(file.read(_HEAD)).head.startswith(("<", "{", "["))
    except OSError:
        return True  # Do not skip it in silence: reading it later reports the error.
