"""Generates pages of `docs/` from the code: one for each operation, the rules, the index, the reference.

`python docs/generate.py` writes them. `pages` returns their texts, which a test compares with the files.
"""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import reference
from msgspec.structs import replace

import sgformats
from sgformats.captures import Exchange, Source, read_capture
from sgformats.contract import check, check_captures
from sgformats.contract.drift import compare_captures
from sgformats.errors import Problem
from sgformats.extract.read.options import Options
from sgformats.extract.read.outcome import read_exchange
from sgformats.operations import OPERATIONS, Operation, Parameter, Surface
from sgformats.records import Failure
from sgformats.request import Request
from sgformats.request.parameters import parameters_of, surfaces_of
from sgformats.rules import RULES, Rule
from sgformats.schemafiles import data_folder, json_schema
from sgformats.testing import Case, load_corpus

FOLDER = Path(__file__).parent

_PLAIN = {*range(32, 127), *b"\t\n"}
_CLIP = 60
_NOTHING = "(an empty file)"

_PROVENANCE = ("documented", "observed", "constructed")
_SAMPLES = {
    "api_user": "***",
    "api_key": "***",
    "user": "customer@example.com",
    "email": "isaac@hotmail.comm",
}


def pages() -> dict[Path, str]:
    """The text of each generated page, by file."""
    written = {
        FOLDER / "operations" / f"{name}.md": "\n".join(_operation(operation))
        for name, operation in OPERATIONS.items()
    }
    written[FOLDER / "rules.md"] = "\n".join(_rules())
    written[FOLDER / "README.md"] = "\n".join(_index())
    written[FOLDER / "reference.md"] = "\n".join(reference.page()).rstrip() + "\n"
    return written


def _index() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Generated from the code and the corpus by `python docs/generate.py`."
    yield ""
    yield "| operation | reply | formats |"
    yield "|---|---|---|"
    for name, operation in OPERATIONS.items():
        yield f"| [`{name}`](operations/{name}.md) | {_replies(operation)} | {_formats(operation)} |"
    yield ""
    yield "- [API reference](reference.md): every public name."
    yield f"- [The rules](rules.md): all {len(RULES)} rules, each with an example that breaks it."
    yield "- [For authors of clients](clients.md): typed records, failures and retries, the next page."
    yield "- [For people with old captures](archives.md): from one damaged answer to gigabytes of logs."
    yield "- [Reading](reading.md): strict and lax mode, time zones, `json-v3`, damaged payloads."
    yield "- [Benchmarks](benchmarks.md): speed and memory compared with other libraries."
    yield "- [Captures](captures.md): the supported kinds of files, and what is not read."
    yield "- [Extraction](extract.md): from captures to tables: columns, rejects and the summary."
    yield "- [Other tools](spark.md): the same tables in DuckDB, pandas, Polars, Dask and Apache Spark."
    yield "- [Tutorial](tutorial.md): from a folder of old logs to a database and a chart."
    yield "- [In CI](ci.md): any shell, GitHub Actions, GitLab, pre-commit and pytest."
    yield "- [Design](design.md): the architecture, the terms and the promises."
    yield ""


def _replies(operation: Operation) -> str:
    if operation.task == "get":
        return f"`Listing[{operation.method.record.__name__}]` or `Failure`"
    return "`Count` or `Failure`" if operation.task == "count" else "`Success` or `Failure`"


def _formats(operation: Operation) -> str:
    return "xml, json, json-v3" if operation.in_v3 else "xml, json"


def _operation(operation: Operation) -> Iterator[str]:
    name = operation.name
    yield f"# `{name}`"
    yield ""
    yield json_schema(operation)["description"]
    yield ""
    yield f"`parse` returns {_replies(operation)}. Formats: {_formats(operation)}."
    yield ""
    if operation.task == "get":
        yield from _fields(operation)
    yield "## Schemas"
    yield ""
    for kind in ("xsd", "schema.json", *(["v3.schema.json"] if operation.in_v3 else [])):
        yield f"- [`{name}.{kind}`](../../schemas/{name}.{kind})"
    yield ""
    yield "## Requests"
    yield ""
    yield "Replace `.json` by `.xml` to get XML. A `POST` may send the parameters as a form."
    if operation.in_v3:
        yield "The v3 API has only JSON."
    yield ""
    for surface in surfaces_of(operation):
        yield from _request(operation, surface)
    yield "## Answers"
    yield ""
    yield "One example of each form of an answer, and the reply that `parse` returns for it."
    yield ""
    for title, case, file in _examples(operation):
        yield from _answer(operation, title, case, file)


def _fields(operation: Operation) -> Iterator[str]:
    method = operation.method
    said = json_schema(operation)["$defs"][method.item]["properties"]
    yield f"In XML, the root is `<{method.root}>` and every record is a `<{method.item}>`. In JSON, the"
    yield "answer is an array of objects. Fields may be in any order."
    yield ""
    yield "| field | type | required | meaning |"
    yield "|---|---|---|---|"
    for field in method.fields:
        required = "yes" if field.required else "no"
        meaning = _cell(said[field.name]["description"])
        yield f"| `{field.name}` | {field.scalar} | {required} | {meaning} |"
    yield ""


def _request(operation: Operation, surface: Surface) -> Iterator[str]:
    known = parameters_of(operation, surface)
    given = tuple(
        (parameter.name, _SAMPLES.get(parameter.name) or parameter.choices[0])
        for parameter in known
        if parameter.required or (surface == "v3" and operation.task == "delete")
    )
    format_: sgformats.Format = "json-v3" if surface == "v3" else "json"
    request = Request(operation.name, format_, surface, given).encode()
    yield f"### {surface}"
    yield ""
    yield "```text"
    yield f"{request.verb} {request.url}"
    yield "```"
    yield ""
    yield "| parameter | required | value |"
    yield "|---|---|---|"
    for parameter in known:
        required = "yes" if parameter.required else "no"
        yield f"| `{parameter.name}` | {required} | {_value(parameter, surface)} |"
    yield ""


def _value(parameter: Parameter, surface: Surface) -> str:
    if surface == "v3" and parameter.name == "email":
        return "text, the last segment of the path"
    if parameter.form == "choice":
        return " or ".join(f"`{choice}`" for choice in parameter.choices)
    if parameter.form == "integer":
        most = "" if parameter.most is None else f" to {parameter.most}"
        return f"an integer from {parameter.least}{most}"
    return {"text": "text", "date": "`YYYY-MM-DD`", "seconds": "Unix seconds"}[parameter.form]


def _examples(operation: Operation) -> Iterator[tuple[str, Case, Path]]:
    """The best case for each form that a valid answer takes, by format and dialect."""
    best: dict[str, tuple[Case, Path]] = {}
    for title, case, file in _shown_cases():
        if not _answers(case, operation):
            continue
        if title not in best or _rank(case, operation) < _rank(best[title][0], operation):
            best[title] = (case, file)
    for title in sorted(best):
        yield title, *best[title]


@functools.cache
def _shown_cases() -> tuple[tuple[str, Case, Path], ...]:
    """The valid cases that a page can show as they are, with their titles and files."""
    return tuple(
        (f"{found.format}, {found.dialect}", case, file)
        for case in load_corpus()
        if case.strict is not None and case.zone is None and case.given_format is None
        if set(case.payload) <= _PLAIN and (file := _file(case)) is not None
        for found in (sgformats.classify(case.payload),)
    )


def _file(case: Case) -> Path | None:
    """The path of a case's payload in the corpus; None if the expectation file holds the payload."""
    stem = data_folder("corpus") / case.name
    found = (file for file in stem.parent.iterdir() if file.with_suffix("") == stem)
    return next((file.relative_to(data_folder("corpus")) for file in found), None)


def _answers(case: Case, operation: Operation) -> bool:
    """Whether a case is an answer of an operation: its own cases, and failures of others that fit."""
    if case.operation == operation.name:
        return True
    problems = sgformats.validate(case.payload, operation.name)
    return isinstance(case.strict, Failure) and not problems


def _rank(case: Case, operation: Operation) -> tuple[bool, int, bool, int, str]:
    """Sort key: prefers the operation's own cases, documented ones, ones with records, short ones."""
    foreign = case.operation != operation.name
    hollow = not getattr(case.strict, "records", (None,))
    return foreign, _PROVENANCE.index(case.provenance), hollow, len(case.payload), case.name


def _answer(operation: Operation, title: str, case: Case, file: Path) -> Iterator[str]:
    reply = sgformats.parse(case.payload, operation.name)
    source = f"[`corpus/{file.as_posix()}`](../../corpus/{file.as_posix()})"
    own = case.operation == operation.name
    origin = "" if own else f" for `{case.operation}`; it means the same here"
    yield f"### {title}"
    yield ""
    yield f"{source}: {case.provenance}{origin}."
    yield ""
    yield from _block("xml" if title.startswith("xml") else "json", case.payload.decode("ascii"))
    yield from _block("python", repr(reply))


def _rules() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield "Every problem names one of these rules. The stage of a rule says what it is about:"
    yield ""
    yield "| stage | the rule is about |"
    yield "|---|---|"
    yield "| `decode` | bytes that cannot be read: `DecodeError`, with no other problem |"
    yield "| `contract` | a readable answer that breaks the contract: `ValidationError` |"
    yield "| `request` | a call |"
    yield "| `exchange` | an answer that does not match its call |"
    yield "| `capture` | the file that holds calls and answers |"
    yield "| `drift` | differences between two captures |"
    yield "| `extract` | answers that give no rows |"
    yield ""
    yield "A problem of severity `warning` may be intended. *Lax* says whether lax mode can tolerate the"
    yield "problem, and *beyond* whether the rule covers cases that no schema file can express. The section"
    yield "of each rule has the details."
    yield ""
    yield "| rule | stage | severity | meaning | lax | beyond |"
    yield "|---|---|---|---|---|---|"
    for rule in RULES.values():
        lax, beyond = (_mark(rule, said) for said in (rule.tolerable, rule.beyond_schema))
        link = f"[`{rule.name}`](#{rule.name})"
        yield (
            f"| {link} | {rule.stage} | {rule.severity} | {_cell(rule.meaning)} | {lax} | {beyond} |"
        )
    yield ""
    for rule in RULES.values():
        yield from _rule(rule)


def _mark(rule: Rule, said: str) -> str:
    if rule.stage not in ("decode", "contract"):
        return "–"
    return "yes" if said else "no"


def _rule(rule: Rule) -> Iterator[str]:
    yield f"## {rule.name}"
    yield ""
    yield rule.meaning
    yield ""
    if rule.tolerable:
        yield f"Tolerated in lax mode: {rule.tolerable}"
        yield ""
    if rule.beyond_schema:
        yield f"Not expressible in the schema files: {rule.beyond_schema}"
        yield ""
    example, problems = _broken(rule)
    yield f"As {_role(rule)}:"
    yield ""
    if rule.call:
        yield from _block("text", rule.call)
        yield f"answered with HTTP status {rule.status} and this body:"
        yield ""
    yield from _block("text", example if len(example) <= 200 else example[:_CLIP] + " …")
    if rule.stage == "drift":
        yield "compared with another, `then.jsonl`:"
        yield ""
        yield from _block("text", rule.against or _NOTHING)
    yield from _block("json", json.dumps([*map(_told, problems)], indent=2, ensure_ascii=False))


def _role(rule: Rule) -> str:
    """What the example of a rule is."""
    zone = f" in the zone {rule.zone}" if rule.zone else ""
    roles = {
        "request": "a request",
        "exchange": "an exchange, the call",
        "capture": f"a capture, `{rule.file}`",
        "drift": "a capture, `now.jsonl`",
        "extract": "a capture, `calls.jsonl`",
    }
    return roles.get(rule.stage, f"an answer of `{rule.operation}`{zone}")


def _broken(rule: Rule) -> tuple[str, list[Problem]]:
    """A rule's example without secrets, and all its problems."""
    if rule.stage == "request":
        url = Request.parse(rule.example).redacted().encode().url
        return url, Request.parse(url).problems()
    if rule.stage == "exchange":
        return rule.example, check(
            Exchange(
                request=Request.parse(rule.call),
                status=rule.status,
                content_type=None,
                body=rule.example.encode(),
                source=Source("example"),
            )
        )
    if rule.stage == "capture":
        return rule.example, _captured(rule)
    if rule.stage == "drift":
        return rule.example or _NOTHING, _drifted(rule)
    if rule.stage == "extract":
        (exchange,) = read_capture(BytesIO(rule.example.encode()), kind="jsonl")
        problem = read_exchange(exchange, Options()).problem
        return rule.example, [] if problem is None else [problem]
    return rule.example, sgformats.validate(rule.example.encode(), rule.operation, zone=rule.zone)


def _drifted(rule: Rule) -> list[Problem]:
    with tempfile.TemporaryDirectory() as folder:
        then, now = Path(folder, "then.jsonl"), Path(folder, "now.jsonl")
        then.write_text(rule.against, "utf-8")
        now.write_text(rule.example, "utf-8")
        outcomes = list(compare_captures(str(then), str(now)))
        problems = [found.problem for outcome in outcomes for found in outcome.findings]
    here = f"{folder}{os.sep}"
    return [replace(problem, message=problem.message.replace(here, "")) for problem in problems]


def _captured(rule: Rule) -> list[Problem]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, rule.file)
        file.write_text(rule.example, "utf-8", newline="\n")
        outcomes = list(check_captures([file]))
    return [found.problem for outcome in outcomes for found in outcome.findings]


def _told(problem: Problem) -> dict[str, object]:
    location = problem.location
    return {
        "rule": problem.rule,
        "severity": problem.severity,
        "message": problem.message,
        "path": location.path,
        "native": location.native,
        "line": location.line,
        "column": location.column,
        "offset": location.offset,
        "tolerable": problem.tolerable,
    }


def _block(language: str, text: str) -> Iterator[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    yield f"{fence}{language}"
    yield "".join(map(_visible, text.rstrip("\n")))
    yield fence
    yield ""


def _visible(character: str) -> str:
    if character.isprintable() or character in "\t\n":
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> None:
    """Writes every page."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
