"""The required packages, and the machine and versions that affect the results.

Nothing names the machine. Importing this module needs only the standard library, so that it can
report what is missing: a table without a peer would flatter sgformats.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
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

# Of pyperf's metadata, neither the host name nor paths.
_KEPT = (
    "aslr",
    "cpu_count",
    "cpu_model_name",
    "perf_version",
    "python_compiler",
    "python_implementation",
    "python_version",
    "timer",
)


def missing_packages() -> list[str]:
    """The packages that are not installed."""
    return [name for name in MEASURED + TOOLS if version_of(name) is None]


def version_of(package: str) -> str | None:
    """A package's version; None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@cache
def about_run() -> Mapping[str, str | int]:
    """pyperf's metadata on the machine and Python that may be published."""
    import pyperf  # type: ignore[import-untyped]  # it has no types

    found = pyperf.Run([1.0]).get_metadata()
    return {key: found[key] for key in _KEPT if key in found}


def machine() -> str:
    """Python, the processor and the system in a line."""
    known = about_run()
    model = known.get("cpu_model_name") or platform.processor() or platform.machine()
    return (
        f"{platform.python_implementation()} {platform.python_version()}; {model}, "
        f"{known.get('cpu_count', '?')} cores, {platform.system()} {platform.machine()}"
    )


def versions() -> dict[str, str]:
    """The versions of the measured packages."""
    from lxml import etree

    import sgformats

    found = {name: version_of(name) or "?" for name in MEASURED}
    libxml2 = ".".join(map(str, etree.LIBXML_VERSION))
    return {"sgformats": sgformats.__version__, **found, "libxml2": libxml2}
