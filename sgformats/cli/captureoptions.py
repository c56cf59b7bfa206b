"""The options of commands that read captures: one definition each."""

from __future__ import annotations

import functools
from typing import Any

import click
from click.shell_completion import CompletionItem

from sgformats.captures.jsonlines import FIELDS
from sgformats.captures.kinds import KINDS
from sgformats.captures.opening import MAX_RATIO, MAX_UNPACKED, Unpacking
from sgformats.cli.options import Decorator, Function, OperationName
from sgformats.contract.select import Selection, split_rules
from sgformats.rules import RULES


class RuleNames(click.ParamType):  # type: ignore[type-arg]  # not generic in older releases
    """Comma-separated names of rules, with shell completion."""

    name = "rules"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = split_rules(str(value))
        if param is not None and param.name == "ignore":
            return Selection(ignore=names).ignore
        return Selection(select=names).select

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        before, comma, last = incomplete.rpartition(",")
        names = (name for name in RULES if name.startswith(last))
        return [CompletionItem(f"{before}{comma}{name}") for name in names]


def rules(name: str, *, help: str) -> Decorator:
    """An option that takes rules."""
    return click.option(name, type=RuleNames(), metavar="RULE", multiple=True, help=help)


OPERATION = click.option(
    "--operation",
    type=OperationName(),
    metavar="NAME",
    help="Operation of answers without a call, such as invalidemails.get.",
)
KIND = click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    metavar="KIND",
    help=f"Treat every capture as this kind, whatever its content: {', '.join(KINDS)}.",
)


def workers(default: str = "one for each core") -> Decorator:
    """`--workers`."""
    return click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Number of processes. [default: {default}]",
    )


def unpacking_options(default: bool = True) -> tuple[Decorator, Decorator]:
    """`--max-ratio` and `--max-unpacked`."""

    def option(name: str, most: int, help: str) -> Decorator:
        return click.option(
            name,
            type=click.IntRange(min=1),
            metavar="N",
            default=most if default else None,
            help=f"{help} [default: {most}]",
        )

    return (
        option(
            "--max-ratio",
            MAX_RATIO,
            "Highest ratio of unpacked to packed bytes of a compressed capture.",
        ),
        option("--max-unpacked", MAX_UNPACKED, "Most bytes to unpack from a compressed capture."),
    )


def unpacking() -> Decorator:
    """The same two options, passed to the command as one `unpacking` argument."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def call(max_ratio: int, max_unpacked: int, **others: Any) -> Any:
            return function(unpacking=Unpacking(max_ratio, max_unpacked), **others)

        command: Function = call
        for option in reversed(unpacking_options()):
            command = option(command)
        return command

    return decorate


class FieldPath(click.ParamType):  # type: ignore[type-arg]  # not generic in older releases
    """NAME=PATH as a pair, with shell completion."""

    name = "field"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, _, path = str(value).partition("=")
        if not (name and path):
            self.fail(
                f"expected NAME=PATH such as url=request.target, found {value!r}.", param, ctx
            )
        if name not in FIELDS:
            self.fail(f"expected one of {', '.join(FIELDS)}, found {name!r}.", param, ctx)
        return name, path

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(f"{name}=") for name in FIELDS if name.startswith(incomplete)]


FIELD = click.option(
    "--field",
    type=FieldPath(),
    metavar="NAME=PATH",
    multiple=True,
    help="JSON lines: path of a value, such as url=request.target; may be repeated. "
    f"Names: {', '.join(FIELDS)}.",
)
