"""`python -m benchmarks`: measure, and write the page and the picture into `docs/`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.needs import missing_packages

if TYPE_CHECKING:
    from benchmarks.results import Results

_DOCS = Path(__file__).resolve().parents[1] / "docs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; 0 when it measured, 1 when a contender failed, 2 when it cannot."""
    parser = _parser()
    given = parser.parse_args(arguments)
    missing = missing_packages()
    if missing:
        return _cannot(
            f"every peer has to be there, and {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not installed: "
            'pip install --editable ".[bench]"'
        )
    from benchmarks.run import Plan, names, run
    from benchmarks.tasks import DisagreementError

    plan = Plan(given.quick, given.only, given.rounds)
    if not names(plan):
        known = ", ".join(names(plan._replace(only=None)))
        return _cannot(f"no benchmark's name fits {given.only!r}; there are {known}")
    try:
        results = run(plan)
    except DisagreementError as error:
        return _cannot(str(error), 1)
    except subprocess.CalledProcessError:
        return _cannot("a process of its own failed; what it said stands above", 1)
    partial = given.quick or given.only is not None
    folder = given.output or (None if partial else _DOCS)
    try:
        _write(results, folder, given.json)
    except OSError as error:
        return _cannot(f"cannot write: {error.strerror or error}")
    return 0


def _write(results: Results, folder: Path | None, values: Path | None) -> None:
    from benchmarks.chart import svg
    from benchmarks.report import page
    from benchmarks.values import suite

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


def _cannot(why: str, code: int = 2) -> int:
    print(f"benchmarks: {why}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures sgformats beside its peers, and writes benchmarks.md and benchmarks.svg.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="3 and 100 records, one round: shows that everything works, measures nothing",
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
        help="where to write; docs, or with --quick or --only nowhere: the page is printed then",
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


_number.__name__ = "number from 1 on"  # As argparse calls it in its complaint.

if __name__ == "__main__":
    sys.exit(main())
