"""The options that several commands share, each defined once."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, NamedTuple, get_args

import click
from click.shell_completion import CompletionItem

from sgformats import operations
from sgformats._compare import Difference, compare
from sgformats._model.zones import Fold, find_zone
from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES, Format
from sgformats.codec import parse, validate
from sgformats.errors import Problem, Problems
from sgformats.operations import Operation
from sgformats.records import Reply

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]

FORMATS = click.Choice(get_args(Format))
_SIZE = re.compile(r"([0-9]{1,18}) ?(?:([kmg])(i?))?b?", re.IGNORECASE)
# Paths are checked when they are read, so that one bad file does not end the run.
PATH = click.Path(allow_dash=True, readable=False)


class ByteCount(click.IntRange):
    """A number of bytes: `10000000`, `10MB`, `64MiB`, `5k`."""

    name = "number of bytes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and (found := _SIZE.fullmatch(value.strip())) is not None:
            base = 1024 if found[3] else 1000
            power = "kmg".index(found[2].lower()) + 1 if found[2] else 0
            value = int(found[1]) * base**power
        return super().convert(value, param, ctx)


class OperationName(click.ParamType):  # type: ignore[type-arg]  # not generic in older releases
    """The name of an operation, with shell completion."""

    name = "operation"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Operation:
        return operations.find_operation(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        names = operations.OPERATIONS
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


FILES = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATH)


def file(name: str) -> Decorator:
    """One payload."""
    return click.argument(name, metavar=name.upper(), type=PATH)


def to(*choices: str, help: str, default: str | None = None) -> Decorator:
    """`--to`."""
    return click.option(
        "--to", type=click.Choice(choices), default=default, show_default=True, help=help
    )


OUTPUT = click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="OUT",
    help="Write to this file, whole or not at all, instead of standard output.",
)
CSV_SAFE = click.option(
    "--csv-safe",
    is_flag=True,
    help="CSV: put an apostrophe before each text that a spreadsheet would run as a formula.",
)
MAX_SIZE = click.option(
    "--max-bytes",
    type=ByteCount(min=0),
    metavar="N",
    default=MAX_BYTES,
    help=f"Refuse larger payloads without reading them. [default: {MAX_BYTES}]",
)
_OPERATION = click.option(
    "--operation",
    type=OperationName(),
    metavar="NAME",
    help="Operation, such as invalidemails.get; detected if omitted. See: sgformats operations",
)
_MODE = click.option(
    "--mode",
    type=click.Choice(get_args(Mode)),
    default="strict",
    show_default=True,
    help="lax also accepts what breaks the contract but still has one certain meaning.",
)
_FORMAT = click.option("--format", type=FORMATS, help="Treat the payload as this format.")
ZONE = click.option(
    "--zone",
    metavar="ZONE",
    help="Time zone of timestamps that have none, such as America/Los_Angeles.",
)
FOLD = click.option(
    "--fold",
    type=click.Choice([str(fold) for fold in get_args(Fold)]),
    callback=lambda ctx, param, value: None if value is None else int(value),
    help="For an hour that a clock change in ZONE repeats: 0 the first, 1 the second.",
)


class ReadingChoices(NamedTuple):
    """The arguments shared by the functions of the library."""

    operation: Operation | None
    format: Format | None
    mode: Mode
    zone: str | None
    fold: Fold | None
    max_bytes: int

    def parse(self, data: bytes) -> Reply:
        """The reply. Raises the errors of `sgformats.parse`."""
        return parse(
            data,
            self.operation,
            format=self.format,
            mode=self.mode,
            zone=self.zone,
            fold=self.fold,
            max_bytes=self.max_bytes,
        )

    def validate(self, data: bytes) -> Problems:
        """The problems."""
        return validate(
            data,
            self.operation,
            format=self.format,
            zone=self.zone,
            fold=self.fold,
            max_bytes=self.max_bytes,
        )

    def compare(self, a: bytes, b: bytes) -> list[Difference]:
        """Every difference. Raises the errors of `sgformats.compare`."""
        return compare(
            a,
            b,
            self.operation,
            mode=self.mode,
            zone=self.zone,
            fold=self.fold,
            max_bytes=self.max_bytes,
        )

    def tolerates(self, problem: Problem) -> bool:
        """Whether the mode tolerates this problem."""
        return self.mode == "lax" and problem.tolerable


def reading(*, format: bool = True) -> Decorator:
    """All options on how to read, passed to the command as one `reading` argument."""
    shared = (_OPERATION, _MODE, *((_FORMAT,) if format else ()), ZONE, FOLD, MAX_SIZE)

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def call(
            operation: Operation | None,
            mode: Mode,
            zone: str | None,
            fold: Fold | None,
            max_bytes: int,
            format: Format | None = None,
            **others: Any,
        ) -> Any:
            find_zone(zone, fold)  # Report a bad zone once, not for each payload.
            reading = ReadingChoices(operation, format, mode, zone, fold, max_bytes)
            return function(reading=reading, **others)

        command = call
        for option in reversed(shared):
            command = option(command)
        return command

    return decorate
