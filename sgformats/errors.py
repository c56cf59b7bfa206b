"""Problems as data (`Location`, `Problem`), and the exceptions of this package.

Public functions raise nothing but `SgformatsError`. `DecodeError` and `ValidationError` mean that
the payload is wrong, and have `.problems`; `ArgumentError` and its subclasses mean that the call is
wrong. Messages are made from the attributes, clipped, and contain no secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from sgformats.records import Failure

Severity = Literal["error", "warning"]

MAX_PROBLEMS = 10_000
"""The default limit of problems that are kept for one payload."""

_CLIP = 60
_LONGEST_WORD = 128
# Texts without secrets.
_PLAIN = re.compile(r"[A-Za-z_]*")


def quote(value: str) -> str:
    """Quote a value for a message: clipped at 60 characters and without secrets."""
    return f'"{show(value)}"'


def show(text: str, most: int = _CLIP) -> str:
    """Make foreign text safe to show: clipped, control characters escaped, without secrets."""
    head = text[: 4 * most]
    plain = _PLAIN.fullmatch(head) is not None
    shown = head if plain else _hidden(head)
    if len(shown) > most or len(text) > len(head):
        shown = shown[: most - 1] + "…"
    return shown if plain or shown.isprintable() else "".join(map(_visible, shown))


def describe(value: object) -> str:
    """Describe a wrong argument: text, None and small numbers by value, others by type."""
    if isinstance(value, str):
        return quote(value)
    small = value is None or (isinstance(value, int) and abs(value) < 1 << 64)
    return str(value) if small else type(value).__name__


def nearest(word: str, words: Sequence[str]) -> str | None:
    """The most similar of some words; None if none is similar enough."""
    from difflib import get_close_matches  # Slow to import.

    close = get_close_matches(word[:_LONGEST_WORD], words, 1, 0.75)
    return close[0] if close else None


def suggest(meant: str | None) -> str:
    """The end of a message that suggests a word, or nothing."""
    return f"; did you mean {meant}?" if meant else ""


def _shown_whole(text: str) -> str:
    return "".join(map(_visible, _hidden(text)))


def _hidden(text: str) -> str:
    import sgformats.secrets as secrets  # Slow to import.

    return secrets.without_secrets(text)


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


class Location(msgspec.Struct, frozen=True):
    """A location in a payload.

    `path` is the path of the value in the reply (`[0].created`, 0-based, the same for XML and JSON;
    empty for the whole payload), `native` an XPath or a JSON Pointer. Names from the payload are
    clipped, escaped and without secrets in both. `line` and `column` count characters from 1,
    `offset` counts bytes from 0. All three point at the first character of the wrong or unexpected
    value, or at the place where something is missing.
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
    `found` are the parts of the message as data: `found` is empty if something is missing,
    `expected` if something is unexpected. Both are clipped and contain no secret.
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
    """The message for what was expected and found; one of them may be empty."""
    if expected and found:
        return f"expected {expected}, found {found}"
    return f"missing {expected}" if expected else f"unexpected {found}"


def change_texts(problem: Problem, change: Callable[[str], str]) -> Problem:
    """A problem with `change` applied to all its texts except the rule."""
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
    """Problems in document order; only the first ones, if there are many.

    `total` counts all problems, `tolerable` is true if all are, including those not in the list.
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
    """The base class of all errors of this package."""

    problems: tuple[Problem, ...] = ()
    total = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class _ProblemsError(SgformatsError):
    """`problems` are the first `MAX_PROBLEMS` at most, in document order; `total` counts all.

    `parse_response` sets `status` to that of the response, and `retry` to whether the call is worth
    sending again.
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
    """The payload is not well-formed XML or JSON, or is refused unread."""


class ValidationError(_ProblemsError):
    """The payload is well-formed but breaks the contract of the operation."""


class ArgumentError(SgformatsError, ValueError, TypeError):
    """The call is wrong, not the payload: an argument has a wrong type or value."""


class UnknownOperationError(ArgumentError):
    """There is no operation with that name, or a URL is not a call of this API."""


class AmbiguousOperationError(ArgumentError):
    """Several operations can have this payload as their answer, with different replies."""

    def __init__(self, candidates: tuple[str, ...]) -> None:
        super().__init__(candidates)
        self.candidates = candidates

    def __str__(self) -> str:
        return (
            "expected a payload of one operation, found one that may answer "
            f"{', '.join(self.candidates)}; name the operation"
        )


class EncodeError(SgformatsError, ValueError):
    """A value cannot be written in the requested format.

    `path` is the value's path, as in `Location`; `index` is the index of the character that cannot
    be written, if it is only one.
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
    """A file cannot be read as a capture, or not to its end.

    `file` is the capture, `reason` the fault; `line` (from 1) and `offset` (uncompressed bytes,
    from 0) are where reading ended, if known.
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
    """An extraction cannot continue, because a file that it reads or writes is missing or changed.

    `subject` is the file or a part of it, `reason` the fault, and `advice` what to do, which also
    says whether the finished part is kept.
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
    """The API answered with a failure where another reply was required.

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
    """A function needs a package of an extra that is not installed."""

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(purpose, package, extra)
        self.purpose = purpose
        self.package = package
        self.extra = extra

    def __str__(self) -> str:
        return f'{self.purpose} needs {self.package}: pip install "sgformats[{self.extra}]"'
