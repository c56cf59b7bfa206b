"""pytest's door to `sgformats.testing.plugin`: options, a fixture, and nothing that takes time.

Every run of pytest loads this module wherever sgformats is installed, so it stands outside of the
package, whose import it puts off until something of it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sgformats.testing.plugin import CaptureFile, Check


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares `--sgformats` and the settings."""
    group = parser.getgroup("sgformats", "answers of the legacy SendGrid list API")
    group.addoption(
        "--sgformats",
        action="append",
        default=[],
        nargs="?",
        metavar="PATH",
        help="collect every exchange in this file, this folder or the files that this pattern in "
        "quotes matches as a test; without PATH, those in the paths of [tool.sgformats] in "
        "pyproject.toml (repeatable; -m sgformats runs these alone)",
    )
    group.addoption(
        "--sgformats-baseline",
        metavar="FILE",
        help="problems in this file, which `sgformats check --write-baseline` wrote, are known and "
        "fail no test",
    )
    parser.addini(
        "sgformats_mode",
        "what sgformats takes for valid: strict, or lax, which takes what has one certain meaning",
        default="",
    )
    parser.addini(
        "sgformats_ignore", "rules that sgformats does not look for", type="args", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, and finds the captures if there are any to collect."""
    config.addinivalue_line("markers", "sgformats: an exchange of a capture (--sgformats)")
    if config.getoption("sgformats"):
        from sgformats.testing.plugin import find_files

        find_files(config)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Puts the captures behind whatever else the session collects."""
    outcome: Any = yield
    if isinstance(collector, pytest.Session) and collector.config.getoption("sgformats"):
        from sgformats.testing.plugin import capture_files

        report = outcome.get_result()
        report.result = [*(report.result or ()), *capture_files(collector)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CaptureFile | None:
    """Collects a capture also where its path, or one of its tests, is an argument by itself."""
    if not parent.config.getoption("sgformats"):
        return None
    from sgformats.testing.plugin import capture_file

    return capture_file(file_path, parent)


@pytest.fixture(scope="session")
def sgformats_check(request: pytest.FixtureRequest) -> Check:
    """Checks an answer of the API, and gives its meaning: `sgformats_check(response, "bounces.get")`.

    Takes a response of requests, httpx and the like, with which the rules between call and answer are
    checked too, or a payload as bytes or text. Fails with the places of all that is wrong.
    """
    from sgformats.testing.plugin import Check

    return Check.of(request.config)
