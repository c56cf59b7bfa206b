"""Settings for all tests: which of them run, and the number of examples of property tests.

Quick, the default: a few derandomized examples, and no test marked `thorough`.
Thorough, with `--thorough` or `THOROUGH=1`: every test, and many random examples. A failing example
is printed with the `@reproduce_failure` line that repeats it.

In CI (`CI=true`) a test fails if it is skipped for a reason that is not in `SKIPS`.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

import sgformats

_COMMON = settings(
    settings.get_profile("default"),  # In CI, Hypothesis loads another profile.
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile("quick", _COMMON, max_examples=15, derandomize=True, database=None)
# Many examples, the same in every run, so that CI never fails by chance.
settings.register_profile("ci", _COMMON, max_examples=100, derandomize=True, database=None)
settings.register_profile("thorough", _COMMON, max_examples=300, print_blob=True)

# Folders that need an extra and another program. They run only if the command line names them.
APART = {"browser", "spark"}

# The accepted reasons for a skip. A missing package is none.
SKIPS = {
    "nothing is unreadable to root",
    "only root can give a file to another user",
    "only root can give a folder to another user",
    "only root can make a device",
    "only root can mount a small file system",
    "the package that ships the schema needs Python 3.11",
    "this system has no /dev/full",
}
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        default=os.environ.get("THOROUGH", "0") not in {"", "0"},
        help="run every test, with many random examples (also: THOROUGH=1)",
    )


def pytest_configure(config: pytest.Config) -> None:
    default = "thorough" if config.getoption("thorough") else "quick"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", default))
    load_every_module()


def load_every_module() -> None:
    """Import the whole package, so that the quick examples are the same in every run.

    Hypothesis also draws constants from the loaded modules, which would otherwise depend on the tests
    that ran before in the same process.
    """
    for module in pkgutil.walk_packages(sgformats.__path__, "sgformats."):
        if not module.name.endswith(".__main__"):
            with suppress(sgformats.MissingPackageError):
                importlib.import_module(module.name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the thorough tests unless the command line asks for them."""
    by_name = any("::" in argument for argument in config.args)
    if config.getoption("thorough") or by_name or "thorough" in config.getoption("markexpr"):
        return
    left_out = {item for item in items if item.get_closest_marker("thorough")}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Keep ten thousand collected tests out of every later garbage collection."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if collection_path.name not in APART or collection_path.parent != Path(__file__).parent:
        return None
    here = config.invocation_params.dir
    named = ((here / str(arg).partition("::")[0]).resolve() for arg in config.args)
    return None if any(path.is_relative_to(collection_path) for path in named) else True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return without_unknown_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return without_unknown_skip((yield))


def without_unknown_skip(report: Report) -> Report:
    """The report; in CI, a skip for an unknown reason becomes a failure."""
    if os.environ.get("CI") == "true" and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason not in SKIPS:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {reason}"
    return report
