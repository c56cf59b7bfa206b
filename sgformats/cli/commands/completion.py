"""`sgformats completion`: print the completion script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from sgformats.cli.output import open_output


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script for SHELL: bash, zsh or fish.

    \b
    Examples:
      sgformats completion bash > sgformats.bash
      sgformats completion fish
    """
    from sgformats.cli.app import COMPLETE, NAME, app

    completion = get_completion_class(shell)
    assert completion is not None
    # Not bash's own `source`: that runs bash to ask for its version.
    script = ShellComplete.source(completion(app, {}, NAME, COMPLETE))
    with open_output() as out:
        out.data(script.lstrip("\n").encode())
    return 0
