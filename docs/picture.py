"""Draws `docs/report.png`: the HTML report of the corpus's captures, in Chromium.

`python docs/picture.py` needs Chromium, and the extras `captures`, `cli` and `reports`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CAPTURES = ROOT / "corpus" / "captures"
SIZE = "1100,760"


def main() -> int:
    """Writes the picture."""
    suffix = ".expected.json"
    names = [path.name.removesuffix(suffix) for path in sorted(CAPTURES.glob(f"*{suffix}"))]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        check = [sys.executable, "-m", "sgformats", "check", "--report", f"html={report}", *names]
        subprocess.run(check, cwd=CAPTURES, check=False)
        picture = f"--screenshot={ROOT / 'docs' / 'report.png'}"
        draw = ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", picture]
        return subprocess.run([*draw, f"--window-size={SIZE}", report.as_uri()]).returncode


if __name__ == "__main__":
    sys.exit(main())
