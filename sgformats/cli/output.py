"""The output of a command: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO

from sgformats.cli.job import Trouble
from sgformats.contract.showing import json_text, name_of, visible
from sgformats.files import Discard, is_special, replacing

_PIPE_WIDTH = 80
_LEAST_WIDTH = 40


class Output:
    """A sink for text and data, with the properties of its destination.

    `terminal`: whether it is a terminal. `width`: cells in a line. `encoding`: that of the text.
    `color`: whether styles are used. A file is written only if `complete`.
    """

    def __init__(self, stream: IO[bytes], encoding: str, terminal: bool) -> None:
        self._stream = stream
        self.encoding = encoding
        self.terminal = terminal
        self.complete = True
        columns = shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns
        self.width = max(columns, _LEAST_WIDTH) if terminal else _PIPE_WIDTH
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self.color = terminal and not plain

    def visible(self, text: str) -> str:
        """The text with control characters and what the encoding lacks escaped."""
        return visible(text, self.encoding)

    def style(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        """The text in a style, if styles are used."""
        if not self.color:
            return text
        from click import style

        return style(text, fg=color, bold=bold or None)

    def line(self, text: str = "") -> None:
        """Write a line of safe text; characters that the encoding lacks are escaped."""
        self._stream.write((text + "\n").encode(self.encoding, "backslashreplace"))

    def raw(self, data: bytes) -> None:
        """Write bytes of safe text."""
        self._stream.write(data)

    def data(self, data: bytes, encoding: str = "utf-8") -> None:
        """Write bytes unchanged; on a terminal, escape control characters."""
        if not self.terminal:
            self._stream.write(data)
            return
        for line in data.decode(encoding, "backslashreplace").splitlines(keepends=True):
            text = line.rstrip("\r\n")
            shown = "\t".join(map(self.visible, text.split("\t")))
            end = "\n" if text != line else ""
            self._stream.write((shown + end).encode(self.encoding, "backslashreplace"))

    def json(self, value: Any) -> None:
        """Write a value as one line of JSON."""
        self.data(f"{json_text(value)}\n".encode())

    def array(self, values: Iterable[Any]) -> None:
        """Write values as one JSON array, a line for each."""
        before = "["
        for value in values:
            self.data(f"{before}\n{json_text(value)}".encode())
            before = ","
        self.data(b"[]\n" if before == "[" else b"\n]\n")

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


@contextmanager
def open_output(path: str | None = None) -> Iterator[Output]:
    """Standard output for None and `-`, else a file that is written whole or not at all.

    A file is written beside its destination and replaces it in one step, with the permissions of
    the old file. After an exception, or if the output is not `complete`, the old file stays. Any
    `OSError` that reaches this is reported as a write error.
    """
    standard = path is None or path == "-"
    try:
        if path is None or path == "-":
            with _standard_output() as output:
                yield output
        elif is_special(path):
            with _special(path) as output:
                yield output
        else:
            with _replacing(path) as output:
                yield output
    except OSError as error:
        if standard:
            abandon_standard_output()
        if isinstance(error, BrokenPipeError):
            raise
        where = "standard output" if path is None or path == "-" else name_of(path)
        raise Trouble(f"cannot write {where}: {error.strerror or error}") from None


@contextmanager
def _standard_output() -> Iterator[Output]:
    if sys.stdout is None:
        raise Trouble("cannot write standard output: it is closed")
    stream: BinaryIO = sys.stdout.buffer
    # With PYTHONUNBUFFERED this is the raw file, whose `write` may write only a part.
    buffered = io.BufferedWriter(stream) if isinstance(stream, io.RawIOBase) else None
    encoding = sys.stdout.encoding or "utf-8"
    output = Output(buffered or stream, encoding, sys.stdout.isatty())
    try:
        yield output
        output.flush()
    finally:
        if buffered is not None:
            _detach(buffered)


def _detach(buffered: io.BufferedIOBase) -> None:
    """Keep the file open when the buffer is freed; write errors were already reported."""
    with suppress(OSError):
        buffered.detach()


def abandon_standard_output() -> None:
    """Discard what is still buffered, so that the exit of the process does not fail again."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextmanager
def _special(path: str) -> Iterator[Output]:
    # Append: /dev/stdout may be a file that already has content.
    with Path(path).open("ab") as file:
        yield Output(file, "utf-8", file.isatty())


@contextmanager
def _replacing(path: str) -> Iterator[Output]:
    with replacing(path) as file:
        output = Output(file, "utf-8", False)
        yield output
        output.flush()
        if not output.complete:
            raise Discard
