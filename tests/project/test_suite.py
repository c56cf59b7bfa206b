"""The test suite: which tests run, which skips are accepted, and how its files are laid out."""

from __future__ import annotations

import pkgutil
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import sgformats
from tests.conftest import SKIPS

pytest_plugins = ["pytester"]

TESTS = Path(__file__).resolve().parents[1]
SKIP_REASON = re.compile(r'(?:skipif\([^"]*(?:"[^"]*"\))?[^"]*reason=|pytest\.skip\()"([^"]+)"')
SAMPLE = """
import pytest
from hypothesis import settings

def test_profile():
    found = settings()
    assert (found.max_examples, found.derandomize, found.print_blob) == EXPECTED

@pytest.mark.thorough
def test_long():
    assert True
"""
QUICK, THOROUGH = (15, True, False), (300, False, True)


@pytest.fixture
def profile_kept() -> Iterator[None]:
    before = settings()
    yield
    settings.register_profile("before", before)
    settings.load_profile("before")


@pytest.mark.usefixtures("profile_kept")
@pytest.mark.parametrize(
    ("arguments", "variables", "profile", "ended"),
    [
        ([], {}, QUICK, {"passed": 1, "deselected": 1}),
        ([], {"THOROUGH": "0"}, QUICK, {"passed": 1, "deselected": 1}),
        ([], {"HYPOTHESIS_PROFILE": "thorough"}, THOROUGH, {"passed": 1, "deselected": 1}),
        (["--thorough"], {}, THOROUGH, {"passed": 2}),
        ([], {"THOROUGH": "1"}, THOROUGH, {"passed": 2}),
        (["-m", "thorough"], {}, QUICK, {"passed": 1, "deselected": 1}),
        (["test_sample.py::test_long"], {}, QUICK, {"passed": 1}),
    ],
)
def test_thorough_tests_run_only_when_asked_for(
    arguments: list[str],
    variables: dict[str, str],
    profile: tuple[int, bool, bool],
    ended: dict[str, int],
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("THOROUGH", "HYPOTHESIS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    shutil.copy(TESTS / "conftest.py", pytester.path)
    pytester.makepyfile(test_sample=SAMPLE.replace("EXPECTED", repr(profile)))
    pytester.makeini("[pytest]\nmarkers = thorough")
    result = pytester.runpytest_inprocess("-p", "no:xdist", *arguments)
    result.assert_outcomes(**ended)


def test_every_module_is_loaded_before_the_first_example_is_drawn() -> None:
    modules = {m.name for m in pkgutil.walk_packages(sgformats.__path__, "sgformats.")}
    apart = {"sgformats.__main__", "sgformats.extract.spark"}  # Runs a command; needs a package.
    assert sorted(modules - sys.modules.keys() - apart) == []


SKIPPING = """
import pytest

def test_a_package():
    pytest.importorskip("no_such_package")

@pytest.mark.skipif(True, reason="this system has no /dev/full")
def test_a_machine():
    pass
"""
SKIPPED_WHOLE = "import pytest\npytest.importorskip('no_such_package')"


@pytest.mark.usefixtures("profile_kept")
@pytest.mark.parametrize(
    ("ci", "ended"), [("", {"skipped": 3}), ("true", {"skipped": 1, "failed": 1, "errors": 1})]
)
def test_in_ci_a_missing_package_is_a_failure(
    ci: str, ended: dict[str, int], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    shutil.copy(TESTS / "conftest.py", pytester.path)
    pytester.makepyfile(test_one=SKIPPING, test_other=SKIPPED_WHOLE)
    pytester.makeini("[pytest]\nmarkers = thorough")
    result = pytester.runpytest_inprocess("-p", "no:xdist", "--continue-on-collection-errors")
    result.assert_outcomes(**ended)
    reason = "skipped in CI: could not import 'no_such_package'"
    assert (reason in result.stdout.str()) == (ci == "true")


def test_the_accepted_skips_are_those_of_the_tests() -> None:
    reasons = {
        reason
        for path in TESTS.rglob("test_*.py")
        for reason in SKIP_REASON.findall(path.read_text("utf-8"))
    }
    assert reasons == SKIPS


# Folders of tests that are not named after a package, and why.
NO_PACKAGE = {
    "browser": "needs Chromium: the HTML report as a person sees it",
    "core": "the core: bytes to replies, and back",
    "docs": "the pages",
    "project": "the repository: its layers, its packaging, its CI",
    "spark": "needs Java: `sgformats.extract.spark`",
}


def test_every_folder_of_tests_has_a_package_or_a_reason() -> None:
    package = Path(sgformats.__file__).parent
    packages = {path.parent.name for path in package.glob("*/__init__.py")}
    folders = {path.parent.name for path in TESTS.glob("*/__init__.py")}
    assert folders <= packages | NO_PACKAGE.keys()
    assert NO_PACKAGE.keys() <= folders


def test_no_file_of_tests_is_longer_than_400_lines() -> None:
    lines = {path: len(path.read_bytes().splitlines()) for path in TESTS.rglob("*.py")}
    assert {str(path.relative_to(TESTS)): n for path, n in lines.items() if n > 400} == {}
