"""Load the corpus: every payload with its expectation.

A case is a payload file and the `.expect.json` of the same stem beside it; `corpus/README.md`
describes the format. `load_corpus` returns every case below a folder. If files contradict that
description, it raises one `ArgumentError` that names every defect: nothing is skipped. It ignores
the folder `captures`, which `sgformats.testing.captures` loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import msgspec

from sgformats._model.scalars import SCALARS
from sgformats._model.zones import Fold
from sgformats._text.payload import Format
from sgformats.errors import ArgumentError, Location
from sgformats.operations import OPERATIONS, Method, OperationName
from sgformats.records import (
    Count,
    ErrorDetail,
    Failure,
    Json,
    Listing,
    Record,
    Reply,
    Success,
)
from sgformats.rules import RULES
from sgformats.schemafiles import data_folder

Provenance = Literal["documented", "observed", "constructed"]

_SUFFIX = ".expect.json"
_CAPTURES = "captures"
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00")

# Text, as it is or as parts to repeat: [["<a>", 200000], ["</a>", 200000]].
_Parts: TypeAlias = list[tuple[str, int]]
_Text: TypeAlias = str | _Parts


class ExpectedProblem(NamedTuple):
    """An expected problem: all fields of `sgformats.Problem` except the message."""

    rule: str
    location: Location
    tolerable: bool


class Case(msgspec.Struct, frozen=True):
    """One payload, with the expected results.

    `name` is the case's path in the corpus without a suffix. `format` is the detected format, None
    for neither XML nor JSON. `strict` and `lax` are the replies of the two modes, None if the
    payload is refused. `problems` is the complete result of validation. `same_reply_as` names a
    case with the same reply. `given_format`, `zone` and `fold` are arguments of the caller.
    """

    name: str
    operation: OperationName
    payload: bytes
    format: Format | None
    provenance: Provenance
    why: str
    strict: Reply | None
    lax: Reply | None
    problems: tuple[ExpectedProblem, ...]
    same_reply_as: str | None = None
    given_format: Format | None = None
    zone: str | None = None
    fold: Fold | None = None


class _Listing(msgspec.Struct, forbid_unknown_fields=True):
    method: str
    records: list[dict[str, _Text | None]]


class _Success(msgspec.Struct, forbid_unknown_fields=True):
    message: _Text


class _Failure(msgspec.Struct, forbid_unknown_fields=True):
    message: _Text
    errors: list[str]
    code: int | None
    details: list[dict[str, Any]] = []
    extra: dict[str, Any] = {}


class _Reply(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    listing: _Listing | None = None
    success: _Success | None = None
    failure: _Failure | None = None
    count: int | None = None


class _Problem(msgspec.Struct, forbid_unknown_fields=True):
    rule: str
    path: str
    native: str
    line: int
    column: int
    offset: int
    tolerable: bool


class _Expectation(msgspec.Struct, forbid_unknown_fields=True):
    operation: str
    format: Format | None
    provenance: Provenance
    why: str
    strict: _Reply | Literal["refused"]
    lax: _Reply | Literal["refused"]
    problems: list[_Problem]
    same_reply_as: str | None = None
    given_format: Format | None = None
    zone: str | None = None
    fold: Fold | None = None
    payload: _Parts | None = None

    @property
    def aware(self) -> bool:
        """Whether timestamps have a zone: in v3, and if `zone` is given."""
        return self.zone is not None or (self.given_format or self.format) == "json-v3"


def load_corpus(folder: Path | None = None) -> tuple[Case, ...]:
    """Every case below a folder, by name; the default is the shipped corpus.

    Raises `ArgumentError` with a line for each defect: a payload without its expectation or the
    reverse, two payloads with one stem, a folder without a case, an invalid or contradictory
    expectation, or a missing or different partner (`same_reply_as`).

    >>> any(case.name == "seed/list-json" for case in load_corpus())
    True
    """
    top = data_folder("corpus") if folder is None else folder
    defects: list[str] = []
    cases: dict[str, Case] = {}
    for stem, files in _stems(top, defects, leave=_CAPTURES):
        name = stem.relative_to(top).as_posix()
        try:
            cases[name] = _case(name, files)
        except (msgspec.MsgspecError, ValueError) as error:
            defects.append(f"{name}: {error}")
    defects.extend(_different_partners(cases))
    if defects:
        raise ArgumentError("\n".join(defects))
    return tuple(cases[name] for name in sorted(cases))


def _stems(
    folder: Path, defects: list[str], leave: str | None = None
) -> Iterator[tuple[Path, list[Path]]]:
    """Every stem below a folder with its files, except in the folder `leave`."""
    if not folder.is_dir():
        defects.append(f"{folder}: expected a folder")
        return
    found: dict[str, list[Path]] = {}
    folders = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            if entry.name != leave:
                folders.append(entry)
        elif entry.name != "README.md" and not entry.name.startswith("."):
            suffix = _SUFFIX if entry.name.endswith(_SUFFIX) else entry.suffix
            found.setdefault(entry.name.removesuffix(suffix), []).append(entry)
    if not found and not folders:
        defects.append(f"{folder}: expected a case, found an empty folder")
    for stem, files in found.items():
        yield folder / stem, files
    for inner in folders:
        yield from _stems(inner, defects)


def _case(name: str, files: list[Path]) -> Case:
    payloads = [file for file in files if not file.name.endswith(_SUFFIX)]
    if len(payloads) == len(files):
        raise ValueError(f"missing {name.rpartition('/')[2]}{_SUFFIX} beside {files[0].name}")
    if len(payloads) > 1:
        raise ValueError(f"expected one payload, found {', '.join(p.name for p in payloads)}")
    (expectation,) = (file for file in files if file not in payloads)
    expected = msgspec.json.decode(expectation.read_bytes(), type=_Expectation)
    if (expected.payload is None) != bool(payloads):
        found = "both" if payloads else "neither"
        raise ValueError(f"expected a payload file or the key `payload`, found {found}")
    case = Case(
        name,
        cast("OperationName", expected.operation),
        payloads[0].read_bytes() if payloads else _text(expected.payload or "").encode("utf-8"),
        expected.format,
        expected.provenance,
        expected.why,
        None if expected.strict == "refused" else _reply(expected.strict, expected.aware),
        None if expected.lax == "refused" else _reply(expected.lax, expected.aware),
        tuple(_problem(problem) for problem in expected.problems),
        expected.same_reply_as,
        expected.given_format,
        expected.zone,
        expected.fold,
    )
    if contradictions := list(_contradictions(case)):
        raise ValueError("; ".join(contradictions))
    return case


def _text(expected: _Text) -> str:
    return (
        expected if isinstance(expected, str) else "".join(part * times for part, times in expected)
    )


def _problem(expected: _Problem) -> ExpectedProblem:
    location = Location(
        expected.path, expected.native, expected.line, expected.column, expected.offset
    )
    return ExpectedProblem(expected.rule, location, expected.tolerable)


def _reply(expected: _Reply, aware: bool) -> Reply:
    replies: list[Reply] = []
    if expected.listing is not None:
        operation = OPERATIONS.get(f"{expected.listing.method}.get")
        if operation is None:
            raise ValueError(f"no method {expected.listing.method!r}")
        records = tuple(_record(operation.method, r, aware) for r in expected.listing.records)
        replies.append(Listing(operation.method.name, records))
    if expected.success is not None:
        replies.append(Success(_text(expected.success.message)))
    if expected.failure is not None:
        failure = expected.failure
        details = tuple(map(_detail, failure.details))
        errors, extra = tuple(failure.errors), _detail(failure.extra)
        replies.append(Failure(_text(failure.message), errors, failure.code, details, extra))
    if expected.count is not None:
        replies.append(Count(expected.count))
    if len(replies) != 1:
        raise ValueError("expected one of `listing`, `success`, `failure`, `count` in a reply")
    return replies[0]


def _detail(expected: Mapping[str, Any]) -> ErrorDetail:
    if unknown := expected.keys() - set(ErrorDetail.__struct_fields__):
        raise ValueError(f"expected fields of an error detail, found {sorted(unknown)}")
    return ErrorDetail(
        **{
            name: value if isinstance(value, str) else Json(msgspec.json.encode(value).decode())
            for name, value in expected.items()
        }
    )


def _record(method: Method, expected: Mapping[str, _Text | None], aware: bool) -> Record:
    names = {field.name for field in method.fields}
    if expected.keys() != names:
        raise ValueError(f"expected a record of {sorted(names)}, found {sorted(expected)}")
    values: dict[str, Any] = {}
    for field in method.fields:
        value = expected[field.name]
        if value is None and field.required:
            raise ValueError(f"expected text for `{field.name}`, found null")
        read = _moment if aware and field.scalar == "timestamp" else SCALARS[field.scalar].read
        values[field.name] = None if value is None else read(_text(value))
    record: Record = method.record(**values)
    return record


def _moment(text: str) -> datetime:
    if _MOMENT.fullmatch(text) is None:
        raise ValueError("not of the form YYYY-MM-DDTHH:MM:SS+00:00")
    return datetime.fromisoformat(text)


def _contradictions(case: Case) -> Iterator[str]:
    """The contradictions within an expectation."""
    if case.operation not in OPERATIONS:
        yield f"no operation {case.operation!r}"
    if not case.why:
        yield "`why` is empty"
    if case.fold is not None and case.zone is None:
        yield "`fold` needs a `zone`"
    rules = [problem.rule for problem in case.problems]
    for rule in rules:
        if rule not in RULES or RULES[rule].stage not in ("decode", "contract"):
            yield f"no rule {rule!r} of a payload"
        elif RULES[rule].stage == "decode" and len(rules) > 1:
            yield f"`{rule}` has other problems beside it, but nothing else can be read"
    if (case.strict is None) != bool(rules):
        yield "`strict` is a reply exactly if there are no problems"
    if (case.lax is None) == all(problem.tolerable for problem in case.problems):
        yield "`lax` is a reply exactly if all problems are tolerable"
    if case.strict is not None and case.strict != case.lax:
        yield "`strict` and `lax` differ for a valid payload"


def _different_partners(cases: Mapping[str, Case]) -> Iterator[str]:
    for case in cases.values():
        if case.same_reply_as is None:
            continue
        partner = cases.get(case.same_reply_as)
        if partner is None:
            yield f"{case.name}: no case {case.same_reply_as!r}"
        elif case.lax is None or case.lax != partner.lax:
            yield f"{case.name}: the reply is not that of {partner.name}"
