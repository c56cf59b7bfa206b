"""The command line: `sgformats COMMAND …`, an extra of the package (`cli`).

The library never imports it. `main` returns the exit code: 0 done, 1 payloads were refused or
differ, 2 the job could not be done.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

_NEEDED = ("click", "rich", *(("tomli",) if sys.version_info < (3, 11) else ()))
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with these arguments, or those of the process; return the exit code."""
    try:
        missing = [name for name in _NEEDED if find_spec(name) is None]
        if missing:
            print(
                f"sgformats: the command line needs {' and '.join(missing)}: "
                'pip install "sgformats[cli]"',
                file=sys.stderr,
            )
            return 2
        from sgformats.cli.app import run

        return run(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:
        return _INTERRUPTED
