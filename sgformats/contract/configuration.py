"""Read the settings of `sgformats check` and `pytest --sgformats` from `pyproject.toml`.

The table is `[tool.sgformats]`, in the nearest file upward from a folder that has it. The command
line overrides it. Keys are named like the options; paths are relative to the folder of the file. An
unknown key, or a value of the other type, is an `ArgumentError` that names the file and the nearest
key.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.opening import MAX_RATIO, MAX_UNPACKED, Unpacking
from sgformats.captures.reading import reading_options
from sgformats.contract.baseline import read_baseline
from sgformats.contract.run import CheckOptions
from sgformats.contract.select import Selection, split_rules
from sgformats.contract.showing import name_of
from sgformats.errors import ArgumentError, MissingPackageError, quote
from sgformats.operations import find_operation

_FILE = "pyproject.toml"
_TABLE = "tool.sgformats"


class KeyForm(NamedTuple):
    """A type that a key may have: its name in words, and its check."""

    words: str
    fits: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _check_number(value: int) -> None:
    if value < 1:
        raise ArgumentError(f"expected a number of at least 1, found {value}")


_TEXT = KeyForm("text", _is_text)
_TEXTS = KeyForm("a list of texts", _is_texts)
_NUMBER = KeyForm("a whole number", _is_number)
_PAIRS = KeyForm("a table of texts", _is_table)

# Named like the options and arguments of `sgformats check`.
KEYS: Mapping[str, KeyForm] = {
    "paths": _TEXTS,
    "report": _TEXTS,
    "select": _TEXTS,
    "ignore": _TEXTS,
    "severity": _TEXT,
    "mode": _TEXT,
    "operation": _TEXT,
    "kind": _TEXT,
    "field": _PAIRS,
    "max-problems": _NUMBER,
    "max-bytes": _NUMBER,
    "max-ratio": _NUMBER,
    "max-unpacked": _NUMBER,
    "baseline": _TEXT,
}
# Each raises `ArgumentError` for an invalid value.
_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "select": lambda value: Selection(select=_rules(value)),
    "ignore": lambda value: Selection(ignore=_rules(value)),
    "severity": lambda value: Selection(severity=value),
    "mode": lambda value: Selection(mode=value),
    "operation": find_operation,
    "max-problems": _check_number,
    "kind": lambda value: reading_options(value, None, MAX_BYTES),
    "field": lambda value: reading_options(None, value, MAX_BYTES),
    "max-bytes": lambda value: reading_options(None, None, value),
    "max-ratio": lambda value: Unpacking(max_ratio=value),
    "max-unpacked": lambda value: Unpacking(max_bytes=value),
}
_TYPES: Mapping[type[Any], str] = {
    bool: "a boolean",
    str: "text",
    int: "a whole number",
    float: "a number with a point",
    list: "a list",
    dict: "a table",
}


class Config(NamedTuple):
    """The values of the table by key, and its file; None if there is no table."""

    file: Path | None
    values: Mapping[str, Any]

    def options(self, given: Mapping[str, Any]) -> CheckOptions:
        """The options of a check; values in `given` that are not empty override the table.

        Raises `ArgumentError` for an invalid value, even if it is overridden, and for a baseline
        that cannot be read.
        """
        for key, value in self.values.items():
            try:
                if key in _CHECKS:
                    _CHECKS[key](value)
            except ArgumentError as error:
                raise self.refused(key, str(error)) from None
        values = dict(self.values)
        if "baseline" in values:
            values["baseline"] = self.path(values["baseline"])
        values.update((key, value) for key, value in given.items() if value)
        return CheckOptions(
            operation=values.get("operation"),
            mode=values.get("mode", "strict"),
            select=_rules(values.get("select", ())),
            ignore=_rules(values.get("ignore", ())),
            severity=values.get("severity", "warning"),
            baseline=read_baseline(values["baseline"]) if "baseline" in values else None,
            kind=values.get("kind"),
            fields=values.get("field"),
            max_bytes=values.get("max-bytes", MAX_BYTES),
            unpacking=Unpacking(
                values.get("max-ratio", MAX_RATIO), values.get("max-unpacked", MAX_UNPACKED)
            ),
        )

    def refused(self, name: str, reason: str) -> ArgumentError:
        """The error for an invalid value of a key."""
        return _refused(self.file, f"{name}: {reason}")

    @property
    def folder(self) -> Path:
        """The folder that paths in the table are relative to."""
        assert self.file is not None
        return self.file.parent

    def path(self, text: str) -> str:
        """A path of the table, relative to the working directory."""
        folder = os.path.relpath(self.folder)
        return text if folder == os.curdir else str(Path(folder, text))

    def path_to_write(self, name: str, text: str) -> str:
        """Like `path`, for a file to write: the table may come from someone else's repository.

        Raises `ArgumentError` for a path outside of the table's folder, also through a link.
        """
        path = self.path(text)
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.folder)):
            raise self.refused(
                name,
                f"expected a file in the folder of {_FILE}, found {quote(text)}; "
                "the command line may name any",
            )
        return path


def find_config(folder: Path) -> Config:
    """The settings for a folder.

    Raises `ArgumentError` for a file that cannot be read, and for unknown keys and other types.
    """
    for here in (folder, *folder.parents):
        file = here / _FILE
        table = _read(file) if file.is_file() else None
        if table is not None:
            return Config(file, _check_table(file, table))
    return Config(None, {})


def _rules(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for text in texts for name in split_rules(text))


def _read(file: Path) -> Any:
    """The table; None where the file has none."""
    try:
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
    except ImportError:
        raise MissingPackageError(f"reading {_FILE}", "tomli", "cli") from None
    try:
        document: Any = tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise _refused(file, f"expected UTF-8, found another byte at {error.start}") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refused(file, f"expected TOML: {error}") from None
    for name in _TABLE.split("."):
        if not isinstance(document, dict) or name not in document:
            return None
        document = document[name]
    return document


def _check_table(file: Path, table: Any) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        raise _refused(file, f"expected a table, found {_type(table)}")
    for key, value in table.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key.lower().replace("_", "-"), KEYS, 1)
            known = f'did you mean "{near[0]}"?' if near else f"expected one of {', '.join(KEYS)}"
            raise _refused(file, f"unknown key {quote(key)}: {known}")
        form = KEYS[key]
        if not form.fits(value):
            raise _refused(file, f"{key}: expected {form.words}, found {_type(value, form)}")
    return table


def _type(value: Any, form: KeyForm | None = None) -> str:
    inside = list(value) if isinstance(value, list) else []
    if form is _PAIRS and isinstance(value, dict):
        inside = list(value.values())
    other = next((one for one in inside if not isinstance(one, str)), None)
    name = _TYPES.get(type(value), "a date or time")
    return name if other is None else f"{_TYPES.get(type(other), 'a date or time')} in it"


def _refused(file: Path | None, reason: str) -> ArgumentError:
    name = name_of(os.path.relpath(file)) if file is not None else _FILE
    return ArgumentError(f"{name}: [{_TABLE}]: {reason}")
