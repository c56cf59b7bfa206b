"""Builds the documentation site: `python docs/website.py FOLDER`, with the extra `docs`.

The pages link to schemas and payloads, so these are copied with the same layout as in the repository.
A dead link or any other warning is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"\]\(([^)#\s:]+)[^)]*\)")
_TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def stage(folder: Path) -> None:
    """Copies the pages, and every file that one of them links to."""
    pages = [ROOT / name for name in _TOP]
    pages += [
        page for part in ("docs", "schemas", "corpus") for page in (ROOT / part).rglob("*.md")
    ]
    files = set(pages)
    for page in pages:
        for link in _LINK.findall(page.read_text("utf-8")):
            found = (page.parent / link).resolve()
            if found.is_file() and found.is_relative_to(ROOT):
                files.add(found)
    for file in sorted(files):
        target = folder / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def main() -> int:
    """Writes the site to the folder given on the command line."""
    if len(sys.argv) != 2:
        print("usage: python docs/website.py FOLDER", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as pages:
        stage(Path(pages))
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
        command += ["--config-file", str(ROOT / "docs" / "mkdocs.yml"), "--site-dir", sys.argv[1]]
        environment = {**os.environ, "PAGES": pages, "NO_MKDOCS_2_WARNING": "1"}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
