"""What can go wrong, as data: `Location`, `Problem`, and the one exception tree.

Every public call raises a `SgformatsError` or nothing. `DecodeError` and `ValidationError` say that
the payload is wrong and carry `.problems`; `ArgumentError` and its children say that the call was.
Text that is shown is made from the attributes, clipped, and never holds a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from sgformats.records import Failure
from sgformats.secrets import without_secrets

Severity = Literal["error", "warning"]

MAX_PROBLEMS = 10_000
"""How many problems of one payload are kept, if the call names no other number."""

_CLIP = 60
_LONGEST_WORD = 128
# Words in which there is nothing to hide.
_PLAIN = re.compile(r"[A-Za-z_]*")


def quote(value: str) -> str:
    """A value as it may stand in a message: in quotes, clipped at 60 characters, no secret in it."""
    return f'"{show(value)}"'


def show(text: str, most: int = _CLIP) -> str:
    """Foreign text as it may be shown: clipped, with escapes for control characters, no secret in it."""
    head = text[: 4 * most]
    plain = _PLAIN.fullmatch(head) is not None
    shown = head if plain else without_secrets(head)
    if len(shown) > most or len(text) > len(head):
        shown = shown[: most - 1] + "…"
    return shown if plain or shown.isprintable() else "".join(map(_visible, shown))


def describe(value: object) -> str:
    """A wrong argument as a message shows it: text and small numbers as they are, else the type."""
    if isinstance(value, str):
        return quote(value)
    small = value is None or (isinstance(value, int) and abs(value) < 1 << 64)
    return str(value) if small else type(value).__name__


def nearest(word: str, words: Sequence[str]) -> str | None:
    """The word that one was meant to be, if there is one near enough."""
    from difflib import get_close_matches  # It takes a while to import.

    close = get_close_matches(word[:_LONGEST_WORD], words, 1, 0.75)
    return close[0] if close else None


def suggest(meant: str | None) -> str:
    """The end of a message, with what was meant."""
    return f"; did you mean {meant}?" if meant else ""


def _shown_whole(text: str) -> str:
    return "".join(map(_visible, without_secrets(text)))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


class Location(msgspec.Struct, frozen=True):
    """Where in a payload something stands.

    `path` names the value in the words of the reply (`[0].created`, 0-based, the same from XML and
    JSON; empty for the whole payload); `native` is an XPath or a JSON Pointer. Keys and names of the
    payload stand in both as they may be shown: clipped, escaped, without secrets. `line` and `column`
    count characters from 1, `offset` counts bytes from 0. All three point at the first character of
    the value that offends, of what should not be there, or of the place where something is missing.
    """

    path: str
    native: str
    line: int
    column: int
    offset: int

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}"
        return f"{place} ({self.path})" if self.path else place


class Problem(msgspec.Struct, frozen=True):
    """One finding: a stable `rule` (a key of `sgformats.RULES`), its message, and its location.

    `tolerable`: the payload still has one certain meaning, so lax mode accepts it. `expected` and
    `found` are the parts of the message as data: `found` is empty where something is missing,
    `expected` where something is there that should not be. Both are clipped and hold no secret.
    """

    rule: str
    severity: Severity
    message: str
    location: Location
    tolerable: bool = False
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        return f"{self.location}: {self.rule}: {self.message}"


def describe_fault(expected: str, found: str) -> str:
    """The message of what was expected and found, one of which may be empty."""
    if expected and found:
        return f"expected {expected}, found {found}"
    return f"missing {expected}" if expected else f"unexpected {found}"


def change_texts(problem: Problem, change: Callable[[str], str]) -> Problem:
    """A problem with all texts but the rule changed, to hide or to clip them."""
    location = msgspec.structs.replace(
        problem.location, path=change(problem.location.path), native=change(problem.location.native)
    )
    return msgspec.structs.replace(
        problem,
        message=change(problem.message),
        location=location,
        expected=change(problem.expected),
        found=change(problem.found),
    )


class Problems(list[Problem]):
    """Problems in document order: the first, if there are many.

    `total` is the number of all, `tolerable` whether all are, also those that are not in the list.
    """

    def __init__(
        self,
        kept: Iterable[Problem] = (),
        total: int | None = None,
        tolerable: bool | None = None,
    ) -> None:
        super().__init__(kept)
        self.total = len(self) if total is None else total
        every = all(problem.tolerable for problem in self)
        self.tolerable = every if tolerable is None else tolerable


class SgformatsError(Exception):
    """The root of every error that this library raises."""

    problems: tuple[Problem, ...] = ()
    total = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class _ProblemsError(SgformatsError):
    """`problems` are the first in document order, at most `MAX_PROBLEMS`; `total` is how many there are.

    `parse_response` sets `status`, that of the response, and `retry`: whether it makes sense to send
    the call again.
    """

    status: int | None = None
    retry: bool | None = None

    def __init__(self, problems: tuple[Problem, ...], total: int | None = None) -> None:
        super().__init__(problems, total)
        self.problems = problems
        self.total = len(problems) if total is None else total

    def __str__(self) -> str:
        first, more = self.problems[0], self.total - 1
        return f"{first} (and {more} more)" if more else str(first)


class DecodeError(_ProblemsError):
    """The bytes are no well-formed XML or JSON, or are refused before they are read as such."""


class ValidationError(_ProblemsError):
    """The payload is well-formed, but it breaks the contract of the operation."""


class ArgumentError(SgformatsError, ValueError, TypeError):
    """The call was wrong, not the payload: an argument of a type or a value that cannot be."""


class UnknownOperationError(ArgumentError):
    """No operation of that name, or a URL that is no call of this API."""


class AmbiguousOperationError(ArgumentError):
    """Several operations can answer with this payload, each meaning something else by it."""

    def __init__(self, candidates: tuple[str, ...]) -> None:
        super().__init__(candidates)
        self.candidates = candidates

    def __str__(self) -> str:
        return (
            "expected a payload of one operation, found one that may answer "
            f"{', '.join(self.candidates)}; name the operation"
        )


class EncodeError(SgformatsError, ValueError):
    """A value that cannot be written in the format asked for.

    `path` names the value as `Location.path` does; `index` is the character in it that cannot be
    written, where the fault is a single character.
    """

    def __init__(self, path: str, reason: str, index: int | None = None) -> None:
        super().__init__(path, reason, index)
        self.path = path
        self.reason = reason
        self.index = index

    def __str__(self) -> str:
        where = self.path or "the reply"
        if self.index is not None:
            where += f", character {self.index}"
        return f"cannot encode {where}: {self.reason}"


class CaptureError(SgformatsError):
    """A file that cannot be read as a capture, or not to its end.

    `file` is the capture, `reason` what was expected and found; `line` (from 1) and `offset` (bytes
    from 0) say where in it, uncompressed, reading ended, where that is known.
    """

    def __init__(
        self, file: str, reason: str, line: int | None = None, offset: int | None = None
    ) -> None:
        super().__init__(file, reason, line, offset)
        self.file = file
        self.reason = reason
        self.line = line
        self.offset = offset

    def __str__(self) -> str:
        places = [self.file]
        if self.line is not None:
            places.append(f"line {self.line}")
        if self.offset is not None:
            places.append(f"byte {self.offset}")
        return _shown_whole(f"{', '.join(places)}: {self.reason}")


class ExtractError(SgformatsError):
    """An extraction that cannot go on: what it reads or writes is not what it was, or not there.

    `subject` is the file, or the part of one, `reason` what was expected and found, and `advice` what
    to do. What was done is kept where `advice` says so.
    """

    def __init__(self, subject: str, reason: str, advice: str = "") -> None:
        super().__init__(subject, reason, advice)
        self.subject = subject
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        advice = f"; {self.advice}" if self.advice else ""
        return _shown_whole(f"{self.subject}: {self.reason}{advice}")


class FailureError(SgformatsError):
    """Another answer was asked for, and the API answered with a `failure`.

    `message`, `errors`, `code`, `details` and `extra` are those of the `Failure`.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure
        self.message = failure.message
        self.errors = failure.errors
        self.code = failure.code
        self.details = failure.details
        self.extra = failure.extra

    def __str__(self) -> str:
        code = "" if self.code is None else f" (code {self.code})"
        return f"the API answered with a failure{code}: {quote(self.message)}"


class MissingPackageError(SgformatsError, ImportError):
    """Something was asked for that needs a package of an extra, which is not installed."""

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(purpose, package, extra)
        self.purpose = purpose
        self.package = package
        self.extra = extra

    def __str__(self) -> str:
        return f'{self.purpose} needs {self.package}: pip install "sgformats[{self.extra}]"'
