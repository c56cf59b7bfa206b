"""What must be installed: every peer is measured or nothing is, for a table without one would flatter.

Imports nothing but the standard library, so that it can tell what is missing.
"""

from __future__ import annotations

from importlib import metadata

# What bears on the numbers: peers, and what the library itself stands on.
MEASURED = (
    "jsonschema",
    "jsonschema-rs",
    "lxml",
    "msgspec",
    "orjson",
    "pyarrow",
    "pydantic",
    "pydantic-xml",
    "xmltodict",
    "xsdata",
)
TOOLS = ("matplotlib", "pyperf", "rich")


def missing_packages() -> list[str]:
    """The packages that are not installed."""
    return [name for name in MEASURED + TOOLS if version_of(name) is None]


def version_of(package: str) -> str | None:
    """A package's version, where it is installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
