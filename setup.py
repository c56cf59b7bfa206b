"""What pyproject.toml cannot say: a wheel has the corpus as one file, not as thousands."""

from __future__ import annotations

import zipfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def pack(folder: Path, target: Path) -> None:
    """Writes the files of a folder into an archive: the same bytes for the same files."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            if not file.name.startswith("."):
                entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    """Builds the package, with the corpus packed; an editable install finds it beside the package."""
    from setuptools import setup  # type: ignore[import-untyped,unused-ignore]
    from setuptools.command.build_py import build_py  # type: ignore[import-untyped,unused-ignore]

    class BuildWithCorpus(build_py):  # type: ignore[misc,unused-ignore]
        def run(self) -> None:
            super().run()
            if not self.editable_mode:
                pack(CORPUS, Path(self.build_lib) / "sgformats" / "corpus.zip")

    setup(cmdclass={"build_py": BuildWithCorpus})


if __name__ == "__main__":
    main()
