"""The machine and the versions that affect the results, without names of the machine."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache

import pyperf  # type: ignore[import-untyped]  # it has no types
from lxml import etree

import sgformats
from benchmarks.needs import MEASURED, version_of

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


@cache
def metadata() -> Mapping[str, str | int]:
    """pyperf's metadata on the machine and Python that may be published."""
    found = pyperf.Run([1.0]).get_metadata()
    return {key: found[key] for key in _KEPT if key in found}


def machine() -> str:
    """The processor and the system in a line."""
    known = metadata()
    cores = known.get("cpu_count", "?")
    model = known.get("cpu_model_name") or platform.processor() or platform.machine()
    return f"{model}, {cores} cores, {platform.system()} {platform.machine()}"


def python() -> str:
    """Python and its version in a line."""
    return f"{platform.python_implementation()} {platform.python_version()}"


def versions() -> dict[str, str]:
    """The versions of the measured packages."""
    found = {"sgformats": sgformats.__version__}
    found |= {name: version_of(name) or "?" for name in MEASURED}
    found["libxml2"] = ".".join(map(str, etree.LIBXML_VERSION))
    return found
