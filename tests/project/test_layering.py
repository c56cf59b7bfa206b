"""Imports run one way: from every module to the floors below it, and never to a network.

docs/design.md: "Nothing imports upward".
docs/design.md, promise 8: "No module imports anything that opens a network connection."
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sgformats

PACKAGE = Path(sgformats.__file__).parent

# From the ground up. A module imports from lower floors only; the parts on one floor do not know each
# other. A package stands on one floor, or its modules do, each on its own.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("secrets", "records"),
    ("errors", "files", "spreadsheets"),
    ("operations", "workers"),
    ("rules",),
    ("schemafiles", "redaction", "_text"),
    ("_model", "request"),
    ("_xml", "_json", "_reading", "_retrying", "hiding"),
    ("_formats",),
    ("_options",),
    ("_scan",),
    ("codec", "_classify", "_compare"),
    ("captures",),
    ("contract", "extract", "redact", "responses"),
    ("report",),
    ("census",),
    ("__init__",),
    ("testing",),
    ("cli",),
    ("__main__",),
)
# The floors inside a package, its ground first. What is not named here is free.
INSIDE: dict[str, tuple[tuple[str, ...], ...]] = {
    "_text": (
        ("signs", "declared"),
        ("positions",),
        ("payload",),
        ("encodings", "window"),
        ("damaged",),
    ),
    "_model": (("node", "scalars", "zones"), ("items", "rawjson", "shapes", "writing")),
    "_xml": (
        ("plain", "schema", "writer", "tokens"),
        ("fast", "namespaces"),
        ("reader",),
        ("items",),
    ),
    "_json": (("fast", "reader", "schema"), ("writer",), ("items",)),
    "_reading": (("paths",), ("findings",), ("records", "results"), ("answers",)),
    "_scan": (
        ("found", "sampling", "salvaged", "sizes"),
        ("scan",),
        ("lists", "opened"),
        ("document",),
        ("harvest", "stream"),
        ("salvage",),
    ),
    "extract": (
        ("read.counts", "read.options", "read.tables", "read.cells"),
        ("read.exchanges", "read.outcome", "read.shards"),
        ("read.longlists",),
        ("read.rows",),
        ("write.arrow", "write.text"),
        ("write.parts",),
        ("write.database",),
        ("write.sinks",),
        ("run.partsfolder", "run.stream"),
        ("run.outputs", "run.progress"),
        ("run.extraction",),
        ("spark",),
    ),
    "request": (
        ("forms", "refusals"),
        ("multipart", "parameters", "routes"),
        ("request",),
        ("paging",),
    ),
}
THIRD_PARTY = {"lxml", "jsonschema", "msgspec"}
# What a sub-package may import besides: its extra.
EXTRAS = {
    "captures": {"brotli", "yaml", "zstandard"},
    "census": {"jinja2"},
    "extract": {"duckdb", "pyarrow", "pyspark"},
    "redact": {"yaml", "zstandard"},
    "report": {"jinja2", "junitparser"},
    "testing": {"hypothesis", "pytest"},
    "cli": {"click", "rich"},
    "contract": {"tomli", "tomllib"},  # Which is in the library from Python 3.11 on.
}
NETWORK = {
    *("aiohttp", "asynchat", "asyncio", "asyncore", "ftplib", "http", "httpx", "imaplib"),
    *("nntplib", "poplib", "requests", "select", "selectors", "smtplib", "socket", "socketserver"),
    *("ssl", "telnetlib", "urllib.error", "urllib.request", "urllib3", "webbrowser", "websockets"),
    "xmlrpc",
}
IMPORTERS = {"import_module", "__import__"}
MODULES = sorted(PACKAGE.rglob("*.py"))
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
ROOM_OF = {
    f"{package}.{name}": floor
    for package, floors in INSIDE.items()
    for floor, names in enumerate(floors)
    for name in names
}


def name_of(path: Path) -> str:
    """A module's name inside the package; of a package's own module, the package's."""
    inside = path.relative_to(PACKAGE)
    parts = inside.parts[:-1] if inside.stem == "__init__" else (*inside.parts[:-1], inside.stem)
    return ".".join(parts) or "__init__"


def part_of(name: str) -> str | None:
    """What stands on a floor, a package or a module, that a module is or is inside of."""
    while name and name not in FLOOR_OF:
        name = name.rpartition(".")[0]
    return name or None


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Every module that a file imports: at its top, in functions, for types alone, or by a call."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            if (called.id if isinstance(called, ast.Name) else called) in IMPORTERS:
                yield beginning(node.args[0])


def beginning(name: ast.expr) -> str:
    """What a name that is put together for an import call surely begins with."""
    first = name.values[0] if isinstance(name, ast.JoinedStr) else name
    assert isinstance(first, ast.Constant), f"{ast.unparse(name)}: imports whatever it is told to"
    return str(first.value).rstrip(".")


def own(name: str) -> str | None:
    """The module of this package that an import names, if it does, or something in it."""
    top, _, inside = name.partition(".")
    if top != "sgformats":
        return None
    return inside if part_of(inside) else "__init__"


def room_of(name: str) -> str | None:
    """The module that has a floor inside its package, of a module or of something in it."""
    return next((room for room in ROOM_OF if f"{name}.".startswith(f"{room}.")), None)


def test_every_module_is_in_one_layer() -> None:
    names = {name_of(path) for path in MODULES}
    packages = {name.rpartition(".")[0] for name in names}
    assert {part_of(name) for name in names} == set(FLOOR_OF)
    assert sum(map(len, FLOORS)) == len(FLOOR_OF)
    rooms = {name for name in names if name.partition(".")[0] in INSIDE} & (names - packages)
    assert rooms == set(ROOM_OF)


def test_no_module_of_the_core_is_longer_than_350_lines() -> None:
    core = [
        path for path in MODULES if name_of(path).partition(".")[0] in {*INSIDE, "codec", "errors"}
    ]
    lines = {name_of(path): path.read_text("utf-8").count("\n") for path in core}
    assert {name: count for name, count in lines.items() if count > 350} == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_imports_upward(path: Path) -> None:
    name = name_of(path)
    here, room = part_of(name), room_of(name)
    for imports in map(own, imported(path)):
        if imports is None:
            continue
        there, other = part_of(imports), room_of(imports)
        assert here is not None and there is not None
        if there != here:
            assert FLOOR_OF[there] < FLOOR_OF[here], f"{name} imports {imports}"
        elif room is not None:
            assert other is not None, f"{name} imports {imports}"
            assert ROOM_OF[other] < ROOM_OF[room], f"{name} imports {imports}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_imports_a_network(path: Path) -> None:
    for name in imported(path):
        parts = name.split(".")
        assert not {".".join(parts[:length]) for length in (1, 2)} & NETWORK, name


def test_only_declared_packages_are_imported_and_lxml_by_one_module() -> None:
    for path in MODULES:
        tops = {name.split(".")[0] for name in imported(path)}
        foreign = tops - sys.stdlib_module_names - {"sgformats"}
        if "typing_extensions" in foreign:  # For type checkers, which bring it.
            assert "\n    from typing_extensions import" in path.read_text("utf-8")
            foreign.remove("typing_extensions")
        assert foreign <= THIRD_PARTY | EXTRAS.get(path.relative_to(PACKAGE).parts[0], set()), path
        assert ("lxml" in foreign) == (name_of(path) == "_xml.schema"), path


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_importing_the_library_loads_neither_jsonschema_nor_an_extra() -> None:
    late = {"jsonschema"}.union(*EXTRAS.values())
    code = "import sys, sgformats; print(*sorted(sys.modules))"
    assert late & {name.split(".")[0] for name in python(code).split()} == set()


def test_no_socket_is_opened_by_importing_everything_or_by_reading_anything() -> None:
    # The hook sees Python's own doings; the last line shows that it does see them.
    code = """
import importlib, pkgutil, sys
import hypothesis  # It loads whatever else is installed, and that is not our doing.
calls = []
seen = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "subprocess.", "os.exec")
sys.addaudithook(lambda event, args: event.startswith(seen) and calls.append(event))
import sgformats
names = [module.name for module in pkgutil.walk_packages(sgformats.__path__, "sgformats.")]
for name in names:
    if not name.endswith(("__main__", ".spark")):  # The one is a program, the other needs Spark.
        importlib.import_module(name)
from sgformats.testing.corpus import load_corpus
read = 0
for case in load_corpus():
    if case.name.startswith(("hostile/", "seed/")) and len(case.payload) < 100_000:
        sgformats.validate(case.payload, case.operation)
        sgformats.classify(case.payload)
        if case.strict and not case.given_format and not case.zone:
            sgformats.compare(case.payload, case.payload, case.operation)
            sgformats.convert(case.payload, "json", case.operation)
        read += 1
sgformats.Request.parse("https://sendgrid.com/api/invalidemails.get.xml?api_user=a").problems()
print(len(names) > 40, read > 40, calls)
import socket
socket.socket().close()
print(calls)
"""
    assert python(code) == "True True []\n['socket.__new__']\n"


def test_a_class_name_occurs_once_in_the_package() -> None:
    """docs/design.md: "A word has one meaning in the whole project." """
    found: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(name_of(path))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
