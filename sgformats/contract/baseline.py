"""Known problems, stored in a file so that only new ones count.

An entry holds the file (relative to the folder of the baseline, with forward slashes), the call
without its parameters, the operation, the rule, the path in the payload, and the number of times.
It holds no lines, offsets, messages or values: a capture may be reformatted, and no secret can get
in. Entries are sorted, one on a line, so that diffs show each change.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec

from sgformats.contract.outcome import Finding, Outcome
from sgformats.errors import ArgumentError
from sgformats.files import replacing
from sgformats.secrets import without_secrets

VERSION = 1


class Entry(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """The entry of a known problem."""

    file: str
    call: str
    operation: str | None
    rule: str
    path: str

    def __str__(self) -> str:
        """The entry as a line of text."""
        call = f" {self.call}" if self.call else f" {self.operation}" if self.operation else ""
        path = f" at {self.path}" if self.path else ""
        return f"{self.file}:{call} {self.rule}{path}"


class Baseline(msgspec.Struct, frozen=True):
    """The entries of a baseline with their counts; files are relative to `folder`."""

    folder: Path
    entries: Mapping[Entry, int] = {}


class _Row(Entry, frozen=True, forbid_unknown_fields=True):
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class _BaselineFile(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    problems: list[_Row]


class _Version(msgspec.Struct):
    version: int


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """Read a baseline.

    Raises `ArgumentError` for a file that cannot be read or is not a baseline.
    """
    try:
        data = Path(path).read_bytes()
        version = msgspec.json.decode(data, type=_Version).version
        if version != VERSION:
            raise ArgumentError(
                f"{path}: expected a baseline of version {VERSION}, found version {version}"
            )
        kept = msgspec.json.decode(data, type=_BaselineFile)
    except ArgumentError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        shown = without_secrets(f"{path}: expected a baseline: {reason}")
        raise ArgumentError(shown) from None
    entries: Counter[Entry] = Counter()
    for row in kept.problems:
        entries[_entry(row)] += row.count
    return Baseline(_folder(path), dict(entries))


def write_baseline(path: str | os.PathLike[str], entries: Iterable[Entry]) -> None:
    """Write a baseline, completely or not at all.

    Raises `ArgumentError` for a file that cannot be written.
    """
    counted = Counter(entries)
    rows = [
        msgspec.json.encode({**msgspec.structs.asdict(entry), "count": counted[entry]}).decode()
        for entry in sorted(counted, key=_order)
    ]
    inside = ",\n".join(f"    {row}" for row in rows)
    text = f'{{\n  "version": {VERSION},\n  "problems": [\n{inside}\n  ]\n}}\n'
    try:
        with replacing(path) as file:
            file.write(text.encode())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ArgumentError(f"{path}: cannot write the baseline: {reason}") from None


def entries_of(outcome: Outcome, folder: Path) -> Iterator[Entry]:
    """The entries of an outcome in a baseline of that folder, without tolerated findings.

    A capture that could not be read is never a known problem.
    """
    if not outcome.unread:
        for finding in outcome.findings:
            if not finding.tolerated:
                yield entry_of(outcome, finding, folder)


def entry_of(outcome: Outcome, finding: Finding, folder: Path) -> Entry:
    """The entry of a finding."""
    problem = finding.problem
    return Entry(
        file_in(folder, outcome.source.file),
        outcome.call,
        outcome.operation,
        problem.rule,
        problem.location.path,
    )


@lru_cache(maxsize=64)
def file_in(folder: Path, file: str) -> str:
    """The name of a file in a baseline of that folder."""
    try:
        relative = os.path.relpath(file, folder)
    except ValueError:  # Another drive, or an invalid name.
        relative = file
    plain = relative.replace(os.sep, "/").encode("utf-8", "surrogateescape")
    return plain.decode("utf-8", "backslashreplace")


class Matching:
    """Matches findings with a baseline; entries left at the end were not found again."""

    def __init__(self, baseline: Baseline) -> None:
        self._folder = baseline.folder
        self._left = Counter(baseline.entries)

    def take(self, outcome: Outcome, finding: Finding) -> bool:
        """Use up one entry for a finding; return whether there was one."""
        entry = entry_of(outcome, finding, self._folder)
        if self._left[entry] <= 0:
            return False
        self._left[entry] -= 1
        return True

    def vanished(self, read: Iterable[str], shown: Callable[[str], bool]) -> tuple[str, ...]:
        """The remaining entries of `shown` rules, for files that were `read` or no longer exist."""
        files = {file_in(self._folder, file) for file in read}
        return tuple(
            f"{entry} ({count} times)" if count > 1 else str(entry)
            for entry, count in sorted(self._left.items(), key=lambda pair: _order(pair[0]))
            if count > 0 and shown(entry.rule) and self._is_settled(entry.file, files)
        )

    def _is_settled(self, file: str, read: Collection[str]) -> bool:
        """Whether a file, or the archive that holds it, was read or no longer exists."""
        places = [file, *(file[:at] for at, char in enumerate(file) if char == "!")]
        if any(place in read for place in places):
            return True
        return not any(os.path.exists(self._folder / place) for place in places)


def _order(entry: Entry) -> tuple[str, str, str, str, str]:
    return entry.file, entry.call, entry.operation or "", entry.rule, entry.path


def _entry(row: _Row) -> Entry:
    return Entry(row.file, row.call, row.operation, row.rule, row.path)


def _folder(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.abspath(path)).parent
