"""`sgformats classify`: detect what bodies are from their bytes alone."""

from __future__ import annotations

import click
import msgspec

from sgformats._classify import Classification, classify
from sgformats.cli import options
from sgformats.cli.job import REFUSED, Job
from sgformats.cli.output import Output, open_output
from sgformats.cli.rows import Row
from sgformats.cli.sources import read_payloads
from sgformats.errors import DecodeError
from sgformats.secrets import without_secrets


@click.command("classify", short_help="Detect what bodies are from their bytes alone.")
@options.FILES
@options.to(
    "text",
    "jsonl",
    help="Text on a terminal, one JSON object for each body when piped.",
)
@options.MAX_SIZE
def command(files: tuple[str, ...], to: str | None, max_bytes: int) -> int:
    """Detect the format, encoding and dialect of bodies, and the operations they can answer.

    FILE is a body, a folder of them, a pattern in quotes, or - for standard input.

    \b
    Examples:
      sgformats classify answers
      sgformats classify - --to text < answers/bounces.json

    \b
    JSON: source_file, format, encoding, dialect, operations, evidence, and retry
    (whether the same call may succeed if repeated)

    Exit codes: 0 all can be API answers, 1 some are not, 2 the job could not be done.
    """
    job = Job(max_bytes)
    with open_output() as out:
        to = to or ("text" if out.terminal else "jsonl")
        for source, data in read_payloads(job, files):
            if isinstance(data, DecodeError):
                evidence = (str(data.problems[0]),)
                found = Classification(None, None, "unknown", (), evidence, False)
            else:
                found = classify(data, max_bytes=max_bytes)
            if not found.operations:
                job.code = max(job.code, REFUSED)
            if to == "text":
                _write_text(out, source.name, found)
            else:
                out.json(_row(source.name, found))
    return job.code


def _row(source: str, found: Classification) -> Row:
    evidence = [without_secrets(line) for line in found.evidence]
    return {"source_file": source, **msgspec.structs.asdict(found), "evidence": evidence}


def _write_text(out: Output, source: str, found: Classification) -> None:
    about = [found.dialect, *(word for word in (found.format, found.encoding) if word)]
    out.line(f"{out.style(out.visible(source), bold=True)}: {', '.join(about)}")
    if found.operations:
        out.line(f"  answers {_listed(found.operations)}")
    else:
        advice = "; a retry may help" if found.retry else ""
        out.line(f"  not an answer to any operation{advice}")
    for line in found.evidence:
        out.line(f"  {out.visible(without_secrets(line))}")


def _listed(names: tuple[str, ...]) -> str:
    few = ", ".join(names[:3])
    return few if len(names) <= 3 else f"{few} and {len(names) - 3} more"
