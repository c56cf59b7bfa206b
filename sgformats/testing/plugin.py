"""pytest plugin: the fixture `sgformats_check`, and captures as tests (`--sgformats`).

pytest loads `pytest_sgformats`, which imports this module on first use. Each exchange of a capture
is a test. It is checked on collection, so that no answer stays in memory; the test reports the
result. An exchange of another API is skipped with the reason, a truncated capture fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

import msgspec
import pytest

from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES, Format
from sgformats.captures.exchange import Exchange
from sgformats.captures.reading import find_captures, match_paths
from sgformats.codec import parse
from sgformats.contract.configuration import find_config
from sgformats.contract.outcome import Finding, Outcome
from sgformats.contract.run import CheckOptions, check_captures, check_exchange
from sgformats.contract.showing import name_of
from sgformats.errors import (
    AmbiguousOperationError,
    ArgumentError,
    CaptureError,
    DecodeError,
    ValidationError,
)
from sgformats.operations import Operation, find_operation
from sgformats.records import Reply, Success
from sgformats.report.text import PLAIN, finding_lines
from sgformats.responses import exchange_of

_SHOWN = 20


class Check:
    """The fixture `sgformats_check`: call it with an answer.

    The default `mode` and `ignore` are the settings `sgformats_mode` and `sgformats_ignore`, or
    else those of `[tool.sgformats]` in `pyproject.toml`.
    """

    def __init__(self, mode: Mode = "strict", ignore: Sequence[str] = ()) -> None:
        self.mode = mode
        self.ignore = tuple(ignore)

    @classmethod
    def of(cls, config: pytest.Config) -> Check:
        """The fixture with the settings of a run."""
        options = _options(config)
        return cls(options.mode, options.ignore)

    def __call__(
        self,
        response: Any,
        operation: str | Operation | None = None,
        *,
        mode: Mode | None = None,
        ignore: Sequence[str] | None = None,
        url: str | None = None,
        verb: str | None = None,
        request_body: str | bytes | None = None,
        status: int | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Reply | None:
        """Check an answer and return its reply; the test fails if the answer has errors.

        `response` is a response of requests, httpx, Django, Flask or the like, an `Exchange`, or a
        payload as bytes or text. `operation` is detected from the call or else from the payload if
        omitted. `url`, `verb`, `request_body` and `status` add the call and the status to a
        payload. Warnings do not count. The result is None only for an answer whose problems are all
        ignored but leave no certain meaning.
        """
        __tracebackhide__ = True
        options = CheckOptions(
            operation=None if operation is None else find_operation(operation).name,
            mode=self.mode if mode is None else mode,
            ignore=self.ignore if ignore is None else tuple(ignore),
            max_bytes=max_bytes,
            recorded=False,
        )
        found = exchange_of(
            response,
            url=url,
            verb=verb,
            request_body=request_body,
            status=status,
            max_bytes=max_bytes,
        )
        if found.request is None and operation is not None:
            found = _without_call(found)
        elif operation is not None and found.request is not None:
            _expect_call(found.request.operation, options)
        outcome = check_exchange(found, options)
        if outcome.skipped is not None:
            _fail(f"sgformats cannot check this answer: {outcome.skipped}")
        if _counting(outcome):
            _fail(_in_words(outcome))
        try:
            return _reply(found, outcome, options)
        except AmbiguousOperationError as error:
            _fail(f"sgformats cannot read this answer: {error}")


def _fail(message: str) -> NoReturn:
    __tracebackhide__ = True
    pytest.fail(message, pytrace=False)


def _expect_call(operation: str, options: CheckOptions) -> None:
    __tracebackhide__ = True
    if operation != options.operation:
        _fail(f"expected an answer to {options.operation}, found one to a call of {operation}")


def _without_call(found: Exchange) -> Exchange:
    """The answer without its URL, which is not a call of this API, such as a test double's."""
    return Exchange(
        None, found.status, found.content_type, found.body, found.source, fault=found.fault
    )


def _reply(found: Exchange, outcome: Outcome, options: CheckOptions) -> Reply | None:
    if not found.body:
        return Success()  # A successful delete of v3.
    modes: tuple[Mode, ...] = ("strict", "lax")
    for mode in modes:
        try:
            return parse(
                found.body,
                None if outcome.operation is None else find_operation(outcome.operation),
                format=cast("Format | None", outcome.format),
                mode=mode,
                max_bytes=options.max_bytes,
            )
        except (DecodeError, ValidationError):
            continue
    return None


# Words.


def _counting(outcome: Outcome) -> list[Finding]:
    return [f for f in outcome.findings if f.counts and f.problem.severity == "error"]


def _in_words(outcome: Outcome) -> str:
    """The findings with their frames, errors first, up to a limit."""
    errors = _counting(outcome)
    others = [finding for finding in outcome.findings if finding not in errors]
    shown = [*errors, *others][:_SHOWN]
    lines = [] if not outcome.call else [outcome.call]
    for finding in shown:
        lines += [*finding_lines(PLAIN, outcome, finding), ""]
    more = len(outcome.findings) - len(shown)
    if more:
        lines.append(f"and {more} more")
    return "\n".join(lines).rstrip()


# Captures as tests.


class BrokenContract(Exception):
    """The failure of the test of an exchange."""


_OPTIONS = pytest.StashKey[CheckOptions]()
_FILES = pytest.StashKey[dict[Path, str]]()
_OWNERS = pytest.StashKey[dict[Path, "CaptureFile"]]()


def find_files(config: pytest.Config) -> None:
    """Find the captures to collect, and check the settings.

    Raises `pytest.UsageError` for a missing capture or an invalid setting.
    """
    files: dict[Path, str] = {}
    try:
        _options(config)
        for path in _paths(config):
            for file in find_captures(path):
                files.setdefault(Path(file).resolve(), file)
    except (CaptureError, ArgumentError) as error:
        raise pytest.UsageError(f"--sgformats: {error}") from None
    config.stash[_FILES] = files
    config.stash[_OWNERS] = {}


def capture_files(session: pytest.Session) -> Iterable[CaptureFile]:
    """A collector for every capture."""
    for path in session.config.stash[_FILES].values():
        yield CaptureFile.from_parent(session, path=Path(path))


def _paths(config: pytest.Config) -> Iterator[str]:
    """The files and folders of the option, or of the settings if the option has no path.

    Raises `ArgumentError` if neither names any, and for a pattern that matches nothing.
    """
    here = config.invocation_params.dir
    for path in config.getoption("sgformats"):
        if path is not None:
            yield from _matched(path, here)
            continue
        table = find_config(here)
        if not table.values.get("paths"):
            raise ArgumentError("expected a PATH, or paths in [tool.sgformats], found neither")
        for named in table.values["paths"]:
            yield from _matched(named, table.folder)


def _matched(path: str, folder: Path) -> list[str]:
    found = match_paths(path, str(folder))
    if not found:
        raise ArgumentError(f"no file matches {name_of(path)}")
    return found


def capture_file(path: Path, parent: pytest.Collector) -> CaptureFile | None:
    """The collector of a file that is one of the captures."""
    if path.resolve() not in parent.config.stash[_FILES]:
        return None
    return CaptureFile.from_parent(parent, path=path)


def _options(config: pytest.Config) -> CheckOptions:
    """The settings: the command line's, pytest's own, then those of `[tool.sgformats]`."""
    if _OPTIONS not in config.stash:
        folder = config.invocation_params.dir
        baseline = config.getoption("sgformats_baseline")
        config.stash[_OPTIONS] = find_config(folder).options(
            {
                "mode": config.getini("sgformats_mode"),
                "ignore": config.getini("sgformats_ignore"),
                "baseline": baseline and str(folder / baseline),
            }
        )
    return config.stash[_OPTIONS]


class CaptureFile(pytest.File):
    """A capture: a test for each of its exchanges."""

    def collect(self) -> Iterator[CaptureItem]:
        """The tests, in order; none if another collector of the file has them."""
        owner = self.config.stash[_OWNERS].setdefault(self.path.resolve(), self)
        if owner is not self:
            return
        path = self.config.stash[_FILES][self.path.resolve()]
        shown = _shown(self.path, self.config.invocation_params.dir)
        for number, outcome in enumerate(check_captures([path], _options(self.config))):
            member = outcome.source.file.removeprefix(path)  # Of an archive.
            source = msgspec.structs.replace(outcome.source, file=shown + member)
            outcome = msgspec.structs.replace(outcome, source=source)
            yield CaptureItem.from_parent(self, name=_name(number, outcome), outcome=outcome)


def _shown(path: Path, folder: Path) -> str:
    """A path, relative to a folder if it is inside."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _name(number: int, outcome: Outcome) -> str:
    if outcome.unread:
        return "damaged"
    return f"{number}-{outcome.operation or ('other' if outcome.skipped else 'answer')}"


class CaptureItem(pytest.Item):
    """An exchange, or the end of a damaged capture."""

    def __init__(self, *, outcome: Outcome, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome = outcome
        self.add_marker("sgformats")
        known = (outcome.operation, outcome.format)
        self.extra_keyword_matches.update(word for word in known if word)
        if outcome.skipped is not None:
            self.add_marker(pytest.mark.skip(reason=outcome.skipped))

    def runtest(self) -> None:
        """Report the findings."""
        if _counting(self.outcome):
            raise BrokenContract(_in_words(self.outcome))
        if self.outcome.findings:
            self.add_report_section("call", "sgformats", _in_words(self.outcome))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The message, without a traceback."""
        if isinstance(excinfo.value, BrokenContract):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place of the exchange in the capture."""
        line = self.outcome.source.line
        # At the end of the test id, pytest would read its dots as those of a class name.
        return self.path, (line or 1) - 1, f"{self.path.name}, {self.name}"
