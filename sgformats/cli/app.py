"""The command `sgformats`: load its commands, run one, and turn errors into exit codes.

A command returns its exit code. An error in the arguments, a file or a payload is one line on
standard error that starts with `sgformats: `. A closed pipe or Ctrl-C ends the run without a
message.
"""

from __future__ import annotations

import os
from importlib import import_module

import click
from click.shell_completion import shell_complete

from sgformats.cli.job import REFUSED, TROUBLE, Trouble, complain
from sgformats.cli.output import abandon_standard_output
from sgformats.errors import DecodeError, SgformatsError, ValidationError, nearest, suggest

NAME = "sgformats"
COMPLETE = "_SGFORMATS_COMPLETE"
_INTERRUPTED = 130
_BROKEN_PIPE = 141

# In the order of the help. Each is the `command` of the module with its name.
_COMMANDS = (
    "parse",
    "validate",
    "check",
    "convert",
    "diff",
    "classify",
    "census",
    "extract",
    "redact",
    "schema",
    "operations",
    "completion",
)


class _Commands(click.Group):
    """Imports each command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"sgformats.cli.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            meant = nearest(args[0].lower(), _COMMANDS)
            if meant is not None:
                ctx.fail(f"No such command {args[0]!r}{suggest(meant)}")
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from sgformats import __version__

        click.echo(f"{NAME} {__version__}")
        ctx.exit()


@click.group(
    NAME,
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def app(ctx: click.Context) -> None:
    """Read, check, convert, compare and extract answers of the legacy SendGrid list API, in XML or
    JSON, from single files or captures.

    Exit codes: 0 done, 1 payloads were refused or differ, 2 the job could not be done.

    \b
    Examples:
      sgformats parse answers/bounces.xml
      sgformats parse answers --to csv -o records.csv
      sgformats validate answers
      sgformats check answers
      sgformats extract answers -o records.csv
      sgformats convert answers/bounces.xml --to json
      sgformats diff answers/bounces.xml answers/bounces.json
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    try:
        instruction = os.environ.get(COMPLETE)
        if instruction:
            return shell_complete(app, {}, NAME, COMPLETE, instruction)
        with app.make_context(NAME, arguments) as ctx:
            return int(app.invoke(ctx) or 0)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else NAME
        complain(f"{' '.join(error.format_message().split())} See: {command} --help")
        return TROUBLE
    except (Trouble, SgformatsError) as error:
        complain(str(error))
        return REFUSED if isinstance(error, (DecodeError, ValidationError)) else TROUBLE
    except MemoryError:
        complain("out of memory")
        return TROUBLE
    except (click.Abort, KeyboardInterrupt):
        abandon_standard_output()
        return _INTERRUPTED
    except BrokenPipeError:
        abandon_standard_output()
        return _BROKEN_PIPE
    except OSError as error:
        abandon_standard_output()
        complain(f"cannot write standard output: {error.strerror or error}")
        return TROUBLE
