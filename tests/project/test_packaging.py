"""The contents and the metadata of the installed package."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

import sgformats
from sgformats.cli import main
from sgformats.schemafiles import data_folder
from tests.docs.pagekit import ROOT


def test_the_metadata_has_the_version() -> None:
    assert importlib.metadata.version("sgformats") == sgformats.__version__


def test_the_package_is_marked_as_typed() -> None:
    assert (Path(sgformats.__file__).parent / "py.typed").is_file()


def test_schemas_and_corpus_are_installed() -> None:
    assert (data_folder("schemas") / "invalidemails.get.xsd").is_file()
    assert (data_folder("corpus") / "seed" / "list-xml.xml").is_file()


def test_a_wheel_has_the_corpus_as_one_small_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT)
    from setup import pack

    corpus = ROOT / "corpus"
    for name in ("one.zip", "two.zip"):
        pack(corpus, tmp_path / name)
    packed = (tmp_path / "one.zip").read_bytes()
    assert packed == (tmp_path / "two.zip").read_bytes()
    assert len(packed) < 1_500_000
    files = (file for file in corpus.rglob("*") if file.is_file())
    expected = {file.relative_to(corpus).as_posix() for file in files if file.name[0] != "."}
    assert set(zipfile.ZipFile(tmp_path / "one.zip").namelist()) == expected


def test_every_package_is_installed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    package = Path(sgformats.__file__).parent
    found = {
        ".".join(("sgformats", *path.parent.relative_to(package).parts))
        for path in package.rglob("__init__.py")
    }
    assert set(settings["tool"]["setuptools"]["packages"]) == found | {"sgformats.schemas"}


def test_three_packages_are_required_and_the_rest_are_extras() -> None:
    needed = importlib.metadata.requires("sgformats") or []
    always = {re.split(r"[^\w-]", line)[0] for line in needed if "extra ==" not in line}
    assert always == {"jsonschema", "lxml", "msgspec"}
    # Every extra that a message of the package names exists.
    folder = Path(sgformats.__file__).parent
    named = {
        extra
        for path in folder.rglob("*.py")
        for extra in re.findall(r"sgformats\[(\w+)\]", path.read_text("utf-8"))
    }
    extras = set(importlib.metadata.metadata("sgformats").get_all("Provides-Extra") or [])
    assert {"cli"} <= named <= extras


def test_the_purpose_of_every_dependency_is_explained() -> None:
    needed = importlib.metadata.requires("sgformats") or []
    names = {re.split(r"[^\w-]", line)[0] for line in needed} - {"sgformats"}
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert len(names) > 30
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_the_console_script_is_the_command_line() -> None:
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="sgformats")
    assert script.load() is main


def test_every_public_name_exists_once() -> None:
    assert all(hasattr(sgformats, name) for name in sgformats.__all__)
    assert len(set(sgformats.__all__)) == len(sgformats.__all__)
    assert set(sgformats.__all__) <= set(dir(sgformats))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sgformats.__getattr__("nothing")


def test_a_missing_extra_gives_one_line_with_the_command() -> None:
    code = (
        "import sys; sys.modules['click'] = None\n"
        "from sgformats.cli import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r'sgformats: .*pip install "sgformats\[cli\]"\n', done.stderr)
