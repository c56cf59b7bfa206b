"""Load the corpus of captures: every file with the expected results of reading and checking.

A case is a capture in `corpus/captures/` and the `.expected.json` beside it, named after the whole
file; `corpus/captures/README.md` describes both. `load_capture_cases` returns every case, or
raises one `ArgumentError` that names every defect: nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from sgformats.captures import KINDS
from sgformats.errors import ArgumentError
from sgformats.operations import OPERATIONS
from sgformats.rules import RULES
from sgformats.schemafiles import data_folder

_SUFFIX = ".expected.json"


class ExpectedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payload: its length in bytes, and their SHA-256."""

    bytes: int
    sha256: str


class ExpectedExchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The expectation for one exchange. `rules` are those of all its problems, in order."""

    operation: str | None
    status: int | None
    entry: int | None
    line: int | None
    offset: int | None
    body: ExpectedBody | None
    rules: tuple[str, ...]


class ExpectedDamage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a capture is truncated or damaged, as in its `CaptureError`."""

    line: int | None
    offset: int | None


class _CaptureExpectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: str
    kind: str
    exchanges: tuple[ExpectedExchange, ...]
    damage: ExpectedDamage | None = None
    fields: dict[str, str] = {}


class CaptureCase(msgspec.Struct, frozen=True):
    """One capture, with its expected exchanges.

    `name` is the name of the file, `kind` a key of `KINDS`. `fields` is the argument of
    `read_captures`.
    """

    name: str
    path: Path
    why: str
    kind: str
    exchanges: tuple[ExpectedExchange, ...]
    damage: ExpectedDamage | None = None
    fields: dict[str, str] = {}


def load_capture_cases(folder: Path | None = None) -> tuple[CaptureCase, ...]:
    """Every case of a folder, by name; the default is the shipped captures.

    Raises `ArgumentError` with a line for each defect: a capture without its expectation or the
    reverse, an empty folder, an invalid or contradictory expectation.

    >>> any(case.name == "calls.jsonl" for case in load_capture_cases())
    True
    """
    top = data_folder("corpus") / "captures" if folder is None else folder
    defects: list[str] = []
    cases = []
    for name in _names(top, defects):
        try:
            cases.append(_case(top / name))
        except (msgspec.MsgspecError, ValueError, OSError) as error:
            defects.append(f"{name}: {error}")
    if not cases and not defects:
        defects.append(f"{top}: expected a case, found an empty folder")
    if defects:
        raise ArgumentError("\n".join(defects))
    return tuple(cases)


def _names(folder: Path, defects: list[str]) -> Iterator[str]:
    """The names of captures that have their expectation."""
    if not folder.is_dir():
        defects.append(f"{folder}: expected a folder")
        return
    found = {file.name for file in folder.iterdir() if not file.name.startswith(".")}
    found.discard("README.md")
    for name in sorted(found):
        if name.endswith(_SUFFIX):
            if name.removesuffix(_SUFFIX) not in found:
                defects.append(f"{name}: missing {name.removesuffix(_SUFFIX)} beside it")
        elif name + _SUFFIX not in found:
            defects.append(f"{name}: missing {name}{_SUFFIX} beside it")
        else:
            yield name


def _case(path: Path) -> CaptureCase:
    raw = path.with_name(path.name + _SUFFIX).read_bytes()
    expected = msgspec.json.decode(raw, type=_CaptureExpectation)
    if contradictions := list(_contradictions(expected)):
        raise ValueError("; ".join(contradictions))
    return CaptureCase(path.name, path, **msgspec.structs.asdict(expected))


def _contradictions(expected: _CaptureExpectation) -> Iterator[str]:
    """The contradictions within an expectation."""
    if not expected.why:
        yield "`why` is empty"
    if expected.kind not in KINDS:
        yield f"no kind {expected.kind!r}"
    for number, exchange in enumerate(expected.exchanges):
        if exchange.entry not in (number, None):
            yield f"entry {exchange.entry} is at index {number}"
        if exchange.operation is not None and exchange.operation not in OPERATIONS:
            yield f"no operation {exchange.operation!r}"
        yield from (f"no rule {rule!r}" for rule in exchange.rules if rule not in RULES)
