"""Modules import only from lower layers, and never anything that opens a network connection.

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

# From the bottom up. A part is a module or a package. It imports only from lower layers, and nothing
# from other parts of its own layer.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("secrets", "records"),
    ("errors", "files", "spreadsheets"),
    ("operations", "workers"),
    ("rules",),
    ("schemafiles", "redaction", "_text"),
    ("_model", "request"),
    ("_xml", "_json", "_reading", "_retrying", "hiding"),
    ("_fast", "_options"),
    ("_formats",),
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
# The layers inside a package, from the bottom up. Packages that are not named here have none.
INSIDE: dict[str, tuple[tuple[str, ...], ...]] = {
    "secrets": (
        ("escapes", "names", "pairs"),
        ("calls", "torn", "users"),
        ("search",),
        ("showing",),
    ),
    "_text": (
        ("signs", "declared"),
        ("positions",),
        ("payload",),
        ("encodings", "window"),
        ("damaged",),
    ),
    "_model": (("node", "outcomes", "scalars", "zones"), ("items", "rawjson", "shapes", "writing")),
    "_xml": (
        ("plain", "schema"),
        ("fast", "tokens"),
        ("namespaces", "writer"),
        ("reader",),
        ("items",),
    ),
    "_json": (("fast", "reader", "schema"), ("writer",), ("items",)),
    "_reading": (("paths",), ("findings",), ("records",), ("results",), ("answers",)),
    "_scan": (
        ("found", "sampling", "salvaged", "sizes"),
        ("scan",),
        ("document", "opened"),
        ("harvest", "stream"),
        ("salvage",),
    ),
    "extract": (
        ("read.counts", "read.options", "read.tables", "read.cells"),
        ("read.exchanges", "read.outcome", "read.shards"),
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
# Third-party modules of an extra that a sub-package may import.
EXTRAS = {
    "captures": {"brotli", "yaml", "zstandard"},
    "extract": {"duckdb", "pyarrow", "pyspark"},
    "redact": {"zstandard"},
    "report": {"jinja2"},
    "testing": {"hypothesis", "pytest"},
    "cli": {"click", "rich"},
    "contract": {"tomli", "tomllib"},  # tomllib is in the standard library from Python 3.11 on.
}
NETWORK = {
    *("aiohttp", "asynchat", "asyncio", "asyncore", "ftplib", "http", "httpx", "imaplib"),
    *("nntplib", "poplib", "requests", "select", "selectors", "smtplib", "socket", "socketserver"),
    *("ssl", "telnetlib", "urllib.error", "urllib.request", "urllib3", "webbrowser", "websockets"),
    "xmlrpc",
}
IMPORTERS = {"import_module", "__import__"}
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYER_OF = {name: layer for layer, names in enumerate(LAYERS) for name in names}
INNER_LAYER_OF = {
    f"{package}.{name}": layer
    for package, layers in INSIDE.items()
    for layer, names in enumerate(layers)
    for name in names
}


def name_of(path: Path) -> str:
    """A module's name inside the package; for an `__init__` module, the name of its package."""
    inside = path.relative_to(PACKAGE)
    parts = inside.parts[:-1] if inside.stem == "__init__" else (*inside.parts[:-1], inside.stem)
    return ".".join(parts) or "__init__"


def part_of(name: str) -> str | None:
    """The part of a layer that a module is, or is inside."""
    while name and name not in LAYER_OF:
        name = name.rpartition(".")[0]
    return name or None


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Every module that a file imports: at the top, in functions, for types, or by a call."""
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
                yield constant_prefix(node.args[0])


def constant_prefix(name: ast.expr) -> str:
    """The constant part with which the argument of an import call begins."""
    first = name.values[0] if isinstance(name, ast.JoinedStr) else name
    assert isinstance(first, ast.Constant), f"{ast.unparse(name)}: imports an unknown module"
    return str(first.value).rstrip(".")


def module_of_import(name: str) -> str | None:
    """The module of this package, or the name in it, that an import names; None for others."""
    top, _, inside = name.partition(".")
    if top != "sgformats":
        return None
    return inside if part_of(inside) else "__init__"


def inner_part_of(name: str) -> str | None:
    """The part of a layer inside its package that a name is, or is inside."""
    return next((inner for inner in INNER_LAYER_OF if f"{name}.".startswith(f"{inner}.")), None)


def test_every_module_is_in_one_layer() -> None:
    names = {name_of(path) for path in MODULES}
    packages = {name.rpartition(".")[0] for name in names}
    assert {part_of(name) for name in names} == set(LAYER_OF)
    assert sum(map(len, LAYERS)) == len(LAYER_OF)
    inner_parts = {name for name in names if name.partition(".")[0] in INSIDE} & (names - packages)
    assert inner_parts == set(INNER_LAYER_OF)


def test_no_module_of_the_core_is_longer_than_350_lines() -> None:
    core = [
        path for path in MODULES if name_of(path).partition(".")[0] in {*INSIDE, "codec", "errors"}
    ]
    lines = {name_of(path): path.read_text("utf-8").count("\n") for path in core}
    assert {name: count for name, count in lines.items() if count > 350} == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_imports_upward(path: Path) -> None:
    name = name_of(path)
    here, inner = part_of(name), inner_part_of(name)
    for imports in map(module_of_import, imported(path)):
        if imports is None:
            continue
        there, other = part_of(imports), inner_part_of(imports)
        assert here is not None and there is not None
        if there != here:
            assert LAYER_OF[there] < LAYER_OF[here], f"{name} imports {imports}"
        elif inner is not None:
            assert other is not None, f"{name} imports {imports}"
            assert INNER_LAYER_OF[other] < INNER_LAYER_OF[inner], f"{name} imports {imports}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_imports_a_network(path: Path) -> None:
    for name in imported(path):
        parts = name.split(".")
        assert not {".".join(parts[:length]) for length in (1, 2)} & NETWORK, name


def test_only_declared_packages_are_imported_and_lxml_by_one_module() -> None:
    for path in MODULES:
        tops = {name.split(".")[0] for name in imported(path)}
        foreign = tops - sys.stdlib_module_names - {"sgformats"}
        if "typing_extensions" in foreign:  # Type checkers bring it.
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


def test_an_ordinary_answer_needs_only_the_fast_readers() -> None:
    """docs/design.md: "`import sgformats` loads the fast readers"."""
    code = (
        "import sys, sgformats\n"
        "print(sgformats.parse(b'{\"count\":2}', 'bounces.count'))\n"
        "print(sgformats.parse(b'<bounces/>', 'bounces.get'))\n"
        "print(*sorted({name.split('.')[1] for name in sys.modules if name[:10] == 'sgformats.'}))"
    )
    assert python(code).splitlines() == [
        "Count(count=2)",
        "Listing(method='bounces', records=())",
        "_fast _json _model _options _text _xml codec errors operations records",
    ]


def test_every_module_of_the_public_model_is_an_attribute_of_the_package() -> None:
    names = ["codec", "errors", "operations", "records", "rules"]
    code = f"import sgformats\nprint(*(getattr(sgformats, name).__name__ for name in {names}))"
    assert python(code).split() == [f"sgformats.{name}" for name in names]
    assert sgformats.__getattr__("rules") is sgformats.rules


def test_no_socket_is_opened_by_importing_everything_or_by_reading_anything() -> None:
    # The last lines prove that the hook works.
    code = """
import importlib, pkgutil, sys
import hypothesis  # It loads other installed packages.
calls = []
seen = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "subprocess.", "os.exec")
sys.addaudithook(lambda event, args: event.startswith(seen) and calls.append(event))
import sgformats
names = [module.name for module in pkgutil.walk_packages(sgformats.__path__, "sgformats.")]
for name in names:
    if not name.endswith(("__main__", ".spark")):  # A program; needs Spark.
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
