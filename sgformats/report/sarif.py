"""`sarif`: SARIF 2.1.0 (OASIS, errata 01), for code scanning and for viewers.

A result's location is in the file: at the problem if the file is one payload, else at the line
where the exchange begins. In a capture, a related location gives the place inside the exchange: its
region is relative to the payload, which is named as a fragment of the capture
(`calls.har#entry=3`). Problems that do not count are suppressed. A known problem is `unchanged`,
any other is `new`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import json_text, visible
from sgformats.errors import Location
from sgformats.report.fitting import about, fit, fit_summary, local, place, shown_at
from sgformats.report.markdown import clipped, code
from sgformats.rules import RULES, Rule
from sgformats.secrets import without_secrets

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_INDEX = {name: index for index, name in enumerate(RULES)}
Json = dict[str, Any]


class SarifReport:
    """Writes a log of one run, a line for each result."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._begun = False
        self._notes: list[Json] = []

    def add(self, outcome: Outcome) -> None:
        """Write the results of an exchange."""
        uri = file_uri(outcome.source.file)
        outcome = fit(outcome)
        for finding in outcome.findings:
            before = ",\n" if self._begin() else "\n"
            self._write(f"{before}{json_text(_result(outcome, finding, uri))}".encode())
        if outcome.unread:
            text = "the capture could not be read to its end"
            self._notes.append(
                _note("error", text) | {"locations": [_location(uri, outcome.source.line or 1, 1)]}
            )

    def _begin(self) -> bool:
        """Write the head, once; return whether it was already written."""
        if self._begun:
            return True
        self._begun = True
        head = {"$schema": _SCHEMA, "version": "2.1.0"}
        run = {"tool": {"driver": _driver()}, "columnKind": "unicodeCodePoints"}
        self._write(f'{json_text(head)[:-1]},"runs":[{json_text(run)[:-1]},"results":['.encode())
        return False

    def finish(self, summary: CheckSummary) -> None:
        """Write the end: how the run went."""
        self._begin()
        vanished = fit_summary(summary).vanished
        self._notes += (_note("note", f"no longer found: {visible(text)}") for text in vanished)
        invocation: Json = {"executionSuccessful": not summary.unread}
        if self._notes:
            invocation["toolExecutionNotifications"] = self._notes
        self._write(f'\n],"invocations":[{json_text(invocation)}]}}]}}\n'.encode())


def file_uri(file: str) -> str:
    """A path as a URI: relative paths stay relative, and bytes are escaped as needed.

    >>> file_uri("./captures/a b.har")
    'captures/a%20b.har'
    """
    path = without_secrets(local(file))
    try:
        escaped = quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # A lone surrogate that does not represent a byte.
        escaped = quote(path.encode("utf-8", "backslashreplace"))
    if path.startswith("/"):
        return f"file://{escaped}"
    return f"file:///{escaped}" if os.path.isabs(file) else escaped


def _driver() -> Json:
    driver: Json = {"name": "sgformats", "rules": list(map(_rule, RULES.values()))}
    try:
        return driver | {"version": version("sgformats")}
    except PackageNotFoundError:  # Neither installed nor built.
        return driver


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.name.replace("-", " ").capitalize()},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": _help(rule, clipped), "markdown": _help(rule, code)},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [rule.stage]},
    }


def _help(rule: Rule, show: Callable[[str], str]) -> str:
    parts = [rule.meaning]
    if rule.tolerable:
        parts.append(f"Tolerated in lax mode: {rule.tolerable}")
    call = f" as the answer to {show(without_secrets(rule.call))}" if rule.call else ""
    parts.append(f"Example: {show(without_secrets(rule.example))}{call}")
    return "\n\n".join(parts)


def _result(outcome: Outcome, finding: Finding, uri: str) -> Json:
    problem, inside = finding.problem, place(outcome, finding)
    result: Json = {
        "ruleId": problem.rule,
        "level": problem.severity,
        "message": _message(f"{problem.message} ({inside})" if inside else problem.message),
        "locations": [_location(uri, *(shown_at(outcome, finding) or (1, 1)))],
        "partialFingerprints": {"sgformats/v1": _fingerprint(outcome, finding)},
        "baselineState": "unchanged" if finding.known else "new",
        "properties": {
            "entry": outcome.source.entry,
            "offset": outcome.source.offset,
            "call": outcome.call,
            "status": outcome.status,
        },
    }
    if problem.rule in _INDEX:
        result["ruleIndex"] = _INDEX[problem.rule]
    if not finding.counts:
        why = "the baseline lists it" if finding.known else "lax mode tolerates it"
        result["suppressions"] = [{"kind": "external", "justification": why}]
    entry = outcome.source.entry
    if entry is None and outcome.source.line is None:
        result["locations"][0] |= _logical(problem.location)
    elif inside:
        related: Json = {"id": 0, "message": _message(inside)} | _logical(problem.location)
        if about(outcome, finding) == "payload":
            fragment = uri if entry is None else f"{uri}#entry={entry}"
            related |= _location(fragment, problem.location.line, problem.location.column)
        result["relatedLocations"] = [related]
    return result


def _location(uri: str, line: int, column: int) -> Json:
    region = {"startLine": max(line, 1), "startColumn": max(column, 1)}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def _logical(location: Location) -> Json:
    """The value with the problem, by its path and its XPath or JSON Pointer."""
    names = {"fullyQualifiedName": location.path, "decoratedName": location.native}
    known = {key: name for key, name in names.items() if name}
    return {"logicalLocations": [known]} if known else {}


def _message(text: str) -> Json:
    """A message without links, such as `[text](target)`."""
    return {"text": visible(text).replace("](", "] (")}


def _note(level: str, text: str) -> Json:
    return {"level": level, "message": _message(text)}


def _fingerprint(outcome: Outcome, finding: Finding) -> str:
    """A hash that stays the same if the exchange moves within its file."""
    problem = finding.problem
    parts = (
        problem.rule,
        outcome.source.file,
        outcome.call,
        problem.location.path,
        problem.message,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
