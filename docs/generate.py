"""Writes the pages of `docs/` that can be told from the code: an operation each, and the rules.

`python docs/generate.py` writes them; `pages` gives their texts, and a test holds the files to that.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path

import sgformats
from sgformats.operations import OPERATIONS, Operation, Parameter, Surface
from sgformats.parameters import parameters_of, surfaces_of
from sgformats.request import Request
from sgformats.rules import RULES, Rule
from sgformats.schemafiles import json_schema
from sgformats.testing import Case, load_corpus

FOLDER = Path(__file__).parent

_cases = functools.cache(load_corpus)
_PLAIN = {*range(32, 128), *b"\t\n"}

_TASKS = {
    "get": "Retrieves the list, or a part of it.",
    "delete": "Takes addresses off the list.",
    "add": "Puts an address on the list.",
    "count": "Tells how long the list is.",
}
_PROVENANCE = ("documented", "observed", "constructed")
_SAMPLES = {
    "api_user": "***",
    "api_key": "***",
    "user": "customer@example.com",
    "email": "isaac@hotmail.comm",
}


def pages() -> dict[Path, str]:
    """The text of every generated page, by its file."""
    written = {
        FOLDER / "operations" / f"{name}.md": "\n".join(_operation(operation))
        for name, operation in OPERATIONS.items()
    }
    written[FOLDER / "rules.md"] = "\n".join(_rules())
    written[FOLDER / "README.md"] = "\n".join(_index())
    return written


def _index() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Generated from the code and the corpus by `python docs/generate.py`."
    yield ""
    yield "| operation | answers with | replies |"
    yield "|---|---|---|"
    for name, operation in OPERATIONS.items():
        yield f"| [`{name}`](operations/{name}.md) | {_replies(operation)} | {_formats(operation)} |"
    yield ""
    yield f"[The rules](rules.md): all {len(RULES)}, each with an example that breaks it."
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
    yield f"{_TASKS[operation.task]} Answers with {_replies(operation)}; formats:"
    yield f"{_formats(operation)}."
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
    for surface in surfaces_of(operation):
        yield from _request(operation, surface)
    yield "## Answers"
    yield ""
    for title, case in _examples(operation):
        yield from _answer(operation, title, case)


def _fields(operation: Operation) -> Iterator[str]:
    method = operation.method
    said = json_schema(operation)["$defs"][method.item]["properties"]
    yield f"In XML the root is `{method.root}` and each record an `{method.item}`; in JSON the"
    yield "answer is an array. Fields may stand in any order."
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
        if parameter.required
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
        yield f"| `{parameter.name}` | {required} | {_value(parameter)} |"
    yield ""


def _value(parameter: Parameter) -> str:
    if parameter.form == "choice":
        return " or ".join(f"`{choice}`" for choice in parameter.choices)
    if parameter.form == "integer":
        most = "" if parameter.most is None else f" to {parameter.most}"
        return f"an integer from {parameter.least}{most}"
    return {"text": "text", "date": "`YYYY-MM-DD`", "seconds": "Unix seconds"}[parameter.form]


def _examples(operation: Operation) -> Iterator[tuple[str, Case]]:
    """The best case for each form that a valid answer takes, by format and dialect."""
    best: dict[str, Case] = {}
    for case in _cases():
        if case.operation != operation.name or case.strict is None:
            continue
        text = case.payload
        told = case.zone is not None or case.given_format is not None
        if told or not text.isascii() or not set(text) <= _PLAIN:
            continue
        found = sgformats.classify(text)
        title = f"{found.format}, {found.dialect}"
        if title not in best or _rank(case) < _rank(best[title]):
            best[title] = case
    yield from sorted(best.items())


def _rank(case: Case) -> tuple[int, bool, int, str]:
    shown = getattr(case.strict, "records", (None,))
    return _PROVENANCE.index(case.provenance), not shown, len(case.payload), case.name


def _answer(operation: Operation, title: str, case: Case) -> Iterator[str]:
    reply = sgformats.parse(case.payload, operation.name, mode="strict")
    yield f"### {title}"
    yield ""
    yield from _block("xml" if title.startswith("xml") else "json", case.payload.decode("ascii"))
    yield from _block("python", repr(reply))


def _rules() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield "A problem names one of these. A `decode` rule makes a `DecodeError` and is then the only"
    yield "problem; a `contract` rule makes a `ValidationError`; a `request` rule is about a call."
    yield ""
    yield "| rule | stage | meaning |"
    yield "|---|---|---|"
    for rule in RULES.values():
        yield f"| [`{rule.name}`](#{rule.name}) | {rule.stage} | {_cell(rule.meaning)} |"
    yield ""
    for rule in RULES.values():
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"## {rule.name}"
    yield ""
    yield rule.meaning
    yield ""
    if rule.tolerable:
        yield f"Lax reading goes on: {rule.tolerable}"
        yield ""
    if rule.beyond_schema:
        yield f"Beyond the schemas: {rule.beyond_schema}"
        yield ""
    if rule.stage == "request":
        problems = Request.parse(rule.example).problems()
    else:
        problems = sgformats.validate(rule.example.encode(), rule.operation, zone=rule.zone)
    zone = f" in the zone {rule.zone}" if rule.zone else ""
    call = (
        "As a request:" if rule.stage == "request" else f"As an answer of `{rule.operation}`{zone}:"
    )
    yield call
    yield ""
    clipped = rule.example if len(rule.example) <= 200 else rule.example[:60] + " …"
    yield from _block("text", clipped.replace("api_user=u&api_key=k", "api_user=***&api_key=***"))
    shown = [
        {
            "rule": problem.rule,
            "message": problem.message,
            "path": problem.location.path,
            "native": problem.location.native,
            "line": problem.location.line,
            "column": problem.location.column,
            "offset": problem.location.offset,
        }
        for problem in problems
        if problem.rule == rule.name
    ]
    yield from _block("json", json.dumps(shown[0], indent=2, ensure_ascii=False))


def _block(language: str, text: str) -> Iterator[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    yield f"{fence}{language}"
    yield text.rstrip("\n")
    yield fence
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> None:
    """Writes every page."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
