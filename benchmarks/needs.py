"""The required packages: a table without a peer would flatter sgformats.

Imports only the standard library, so that it can report what is missing.
"""

from __future__ import annotations

from importlib import metadata

# Packages that affect the results: peers and dependencies.
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
    """A package's version; None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
