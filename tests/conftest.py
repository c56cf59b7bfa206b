"""Settings for all tests: which folders run by default, and how long property tests look."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile("dev", max_examples=60, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("ci", max_examples=300, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# Folders that need an extra and a program of their own: they run when named on the command line.
APART = {"browser", "spark"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if collection_path.name not in APART or collection_path.parent != Path(__file__).parent:
        return None
    here = config.invocation_params.dir
    named = ((here / str(arg).partition("::")[0]).resolve() for arg in config.args)
    return None if any(path.is_relative_to(collection_path) for path in named) else True
