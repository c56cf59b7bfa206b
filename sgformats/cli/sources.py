"""Find and read the payloads that arguments name: files, folders, patterns and standard input.

In a folder, payloads are `*.xml`, `*.json`, and files without a suffix that begin like XML or JSON.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from sgformats._text.encodings import recognise
from sgformats.captures.reading import find_captures, match_paths
from sgformats.cli.job import Job, PayloadSource, Trouble
from sgformats.contract.showing import name_of
from sgformats.errors import CaptureError, DecodeError

_SUFFIXES = (".xml", ".json")
_HEAD = 4096


def read_payloads(
    job: Job, arguments: Sequence[str]
) -> Iterator[tuple[PayloadSource, bytes | DecodeError]]:
    """The payloads that arguments name; a `DecodeError` for one that is too large to read."""
    for source in _find_sources(job, arguments):
        try:
            yield source, job.read(source)
        except DecodeError as error:
            yield source, error
        except Trouble as trouble:
            job.trouble(str(trouble))


def _find_sources(job: Job, arguments: Sequence[str]) -> Iterator[PayloadSource]:
    """The sources that the arguments name, in order; report those that name none."""
    standard_input = False
    for argument in arguments:
        if argument == "-" and standard_input:
            job.trouble("expected - once: standard input can be read only once")
        elif argument == "-":
            standard_input = True
            yield PayloadSource(None)
        elif not (paths := match_paths(argument)):
            job.trouble(f"no file matches {name_of(argument)}")
        else:
            yield from _find_payloads(job, paths)


def _find_payloads(job: Job, paths: Sequence[str]) -> Iterator[PayloadSource]:
    """The payloads at some paths; report folders without any, or that cannot be listed."""
    empty = True
    for path in paths:
        try:
            for file in find_captures(path) if os.path.isdir(path) else (path,):
                if file == path or _is_payload(file):
                    empty = False
                    yield PayloadSource(file)
        except CaptureError as error:
            empty = False
            job.trouble(str(error))
    if empty:
        job.trouble(
            f"no payloads in {name_of(paths[0])}: expected *.xml, *.json "
            "or files without a suffix that begin as XML or JSON"
        )


def _is_payload(path: str) -> bool:
    suffix = os.path.splitext(path)[1]
    if suffix or not os.path.isfile(path):
        return suffix.lower() in _SUFFIXES
    try:
        with open(path, "rb") as file:
            return recognise(file.read(_HEAD)).head.startswith(("<", "{", "["))
    except OSError:
        return True  # Do not skip it in silence: reading it later reports the error.
