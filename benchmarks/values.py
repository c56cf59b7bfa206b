"""Every value of a run in pyperf's format, for its `stats`, `hist` and `compare_to`."""

from __future__ import annotations

from collections.abc import Sequence

import pyperf  # type: ignore[import-untyped]  # it has no types

from benchmarks import facts
from benchmarks.results import Results


def suite(results: Results) -> pyperf.BenchmarkSuite:
    """All values: seconds per call, bytes of memory, seconds of an import and of an extraction."""
    found = [
        _benchmark(f"{name}: {one.name}", one.values, "second", one.loops, one.records)
        for name, timed in results.times.items()
        for one in timed
    ]
    found += [
        _benchmark(f"{peak.name}: {peak.contender}", peak.values, "byte", 1, peak.records)
        for peak in results.peaks
    ]
    found += [
        _benchmark(f"import: {one.name}", one.values, "second", 1, 1) for one in results.imports
    ]
    for taken in results.extraction.taken if results.extraction else ():
        name, records = f"extract: {taken.way.name}", taken.timed.records
        found.append(_benchmark(name, taken.timed.values, "second", 1, records))
        found.append(_benchmark(f"memory/{name}", taken.peaks, "byte", 1, records))
    return pyperf.BenchmarkSuite(found)


def _benchmark(
    name: str, values: Sequence[float], unit: str, loops: int, records: int
) -> pyperf.Benchmark:
    metadata: dict[str, str | float] = {
        **facts.metadata(),
        "name": name,
        "unit": unit,
        "loops": loops,
        "records": records,
    }
    if unit == "byte":
        metadata["duration"] = 1e-9  # Otherwise pyperf sums the bytes as seconds.
    run = pyperf.Run(list(values), metadata=metadata, collect_metadata=False)
    return pyperf.Benchmark([run])
