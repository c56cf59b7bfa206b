"""`python -m benchmarks`: measure, and write the page and the picture into `docs/`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.facts import missing_packages

if TYPE_CHECKING:
    from benchmarks.results import Results

_DOCS = Path(__file__).resolve().parents[1] / "docs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; return 0 if measured, 1 if a contender failed, 2 if impossible."""
    parser = _parser()
    given = parser.parse_args(arguments)
    missing = missing_packages()
    if missing:
        return _fail(
            f"all peers are required, but {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not installed: "
            'pip install --editable ".[bench]"'
        )
    from benchmarks.run import names, run
    from benchmarks.tasks import DisagreementError

    chosen = names(given.quick, given.only)
    if not chosen:
        known = ", ".join(names(given.quick))
        return _fail(f"no benchmark matches {given.only!r}; there are {known}")
    try:
        results = run(chosen, quick=given.quick, rounds=given.rounds)
    except DisagreementError as error:
        return _fail(str(error), 1)
    except subprocess.CalledProcessError:
        return _fail("a child process failed; its messages are above", 1)
    partial = given.quick or given.only is not None
    folder = given.output or (None if partial else _DOCS)
    try:
        _write(results, folder, given.json)
    except OSError as error:
        return _fail(f"cannot write: {error.strerror or error}")
    return 0


def _write(results: Results, folder: Path | None, values: Path | None) -> None:
    from benchmarks.chart import svg
    from benchmarks.report import page
    from benchmarks.results import suite

    picture = svg(results)
    if folder is None:
        print(page(results, picture=False), end="")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmarks.md").write_text(page(results, picture=picture is not None), "utf-8")
        if picture is not None:
            (folder / "benchmarks.svg").write_bytes(picture)
    if values is not None:
        suite(results).dump(str(values), compact=False, replace=True)


def _fail(why: str, code: int = 2) -> int:
    print(f"benchmarks: {why}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure sgformats and its peers, and write benchmarks.md and benchmarks.svg.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="3 and 100 records, one round: only checks that everything works",
    )
    parser.add_argument(
        "--only", metavar="PATTERN", help="a part, such as parse, memory/parse/xml or '*/json/1000'"
    )
    parser.add_argument("--rounds", metavar="N", type=_number, help="rounds of each task (15)")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        type=Path,
        help="where to write (docs; with --quick or --only the page is printed instead)",
    )
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="also write every value, in pyperf's format"
    )
    return parser


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


_number.__name__ = "positive number"  # For the error message of argparse.

if __name__ == "__main__":
    sys.exit(main())
