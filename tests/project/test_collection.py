"""Every process collects the same tests in the same order; running on several cores needs that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.thorough
def test_the_tests_and_their_order_do_not_depend_on_hashes() -> None:
    command = [
        sys.executable,
        *("-m", "pytest", "-q", "-n0", "--collect-only", "--thorough"),
        str(TESTS),
    ]
    collected = {
        subprocess.run(
            command,
            cwd=TESTS.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.rpartition(b"\n\n")[0]  # The last line has the duration.
        for seed in ("1", "2")
    }
    assert len(collected) == 1
