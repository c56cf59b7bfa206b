"""The state of one run of a command: read payloads, report failures, keep the exit code.

A run continues past what it cannot read. Each failure is one line on standard error, and the worst
one sets the exit code.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, NoReturn

from sgformats._text.positions import Text
from sgformats.contract.showing import name_of, visible
from sgformats.errors import AmbiguousOperationError, Problems, SgformatsError
from sgformats.secrets import without_secrets

REFUSED = 1
TROUBLE = 2
_CHUNK = 1024 * 1024


class Trouble(Exception):
    """The job cannot be done, for the reason in the text: one line."""


class PayloadSource(NamedTuple):
    """Where a payload is read from: a file, or standard input if there is no path."""

    path: str | None

    @classmethod
    def of(cls, argument: str) -> PayloadSource:
        """The source that an argument names: standard input is `-`."""
        return cls(None if argument == "-" else argument)

    @property
    def name(self) -> str:
        """The file's name as text, even if it is not valid UTF-8."""
        return "<stdin>" if self.path is None else name_of(self.path)


class Job:
    """The state of a run; `code` is its exit code so far."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.code = 0

    def trouble(self, message: str) -> None:
        """Report that a part of the job cannot be done."""
        self.code = TROUBLE
        complain(message)

    def refused(self, source: PayloadSource, problems: Problems) -> None:
        """Report a refused payload with its first problem."""
        self.code = max(self.code, REFUSED)
        first = problems[0]
        where = f"{source.name}:{first.location.line}:{first.location.column}"
        more = f" (and {problems.total - 1} more)" if problems.total > 1 else ""
        complain(f"{where}: {first.rule}: {without_secrets(first.message)}{more}")
        self.hint(source)

    def hint(self, source: PayloadSource) -> None:
        """Suggest other commands if a refused file is a capture."""
        if source.path is None:
            return
        from sgformats.cli.captures import is_capture

        if is_capture(source.path, {}):
            complain(
                f"{source.name} is a capture: use sgformats check to check its answers, "
                "sgformats extract to get their records"
            )

    def failed(self, source: PayloadSource, error: SgformatsError) -> None:
        """Report the error that the library raised for a payload."""
        if error.problems:
            self.refused(source, Problems(error.problems, error.total))
        elif isinstance(error, AmbiguousOperationError):
            self.trouble(f"{source.name}: {error} with --operation")
        else:
            self.trouble(f"{source.name}: {error}".replace(" zone=", " --zone"))

    def read(self, source: PayloadSource) -> bytes:
        """A payload's bytes.

        Raises `Trouble` if they cannot be read, `DecodeError` if there are more than `max_bytes`;
        reading stops there.
        """
        try:
            if source.path is not None:
                with Path(source.path).open("rb", buffering=0) as file:
                    known = os.fstat(file.fileno())
                    if stat.S_ISREG(known.st_mode) and known.st_size > self.max_bytes:
                        self._too_large(str(known.st_size))
                    return self._all_of(file)
            return self._all_of(standard_input())
        except OSError as error:
            raise Trouble(f"cannot read {source.name}: {error.strerror or error}") from None
        except ValueError as error:  # A path with a zero byte in it, a closed stream.
            raise Trouble(f"cannot read {source.name}: {error}") from None

    def _all_of(self, file: IO[bytes]) -> bytes:
        chunks = []
        size = 0
        while chunk := file.read(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > self.max_bytes:
                self._too_large("more")
        return b"".join(chunks)

    def _too_large(self, found: str) -> NoReturn:
        expected, advice = f"at most {self.max_bytes} bytes", "a larger --max-bytes allows more"
        raise Text("", "UTF-8").error("too-large", 0, expected, found, advice)


def standard_input() -> BinaryIO:
    """The bytes of standard input. Raises `Trouble` if it is closed."""
    if sys.stdin is None:
        raise Trouble("cannot read standard input: it is closed")
    return sys.stdin.buffer


def complain(message: str) -> None:
    """One line on standard error."""
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "utf-8"
        print(f"sgformats: {visible(message, encoding)}", file=sys.stderr)
