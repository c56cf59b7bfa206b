"""Draws `docs/reasons.svg`: runs the tutorial on its sample, as its test does.

`python docs/chart.py` needs the extras of the tutorial, and no network.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.docs.pagekit import run_step, steps_of  # noqa: E402


def main() -> None:
    """Writes the picture."""
    names: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("corpus").symlink_to(ROOT / "corpus")
        for step in steps_of(ROOT / "docs" / "tutorial.md"):
            if not step.code.startswith("pip install"):
                run_step(step, names)
        shutil.copyfile("reasons.svg", ROOT / "docs" / "reasons.svg")
        os.chdir(ROOT)


if __name__ == "__main__":
    main()
