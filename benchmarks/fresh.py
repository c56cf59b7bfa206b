"""Measurements in fresh processes: peak memory, and the time of an import.

Peak memory is that of the resident set, because lxml, msgspec and orjson do not use Python's
allocator. It is the growth since just before the work, after imports, a first run and reading.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchmarks.contender import FORMATS, OURS, Contender, Format
from benchmarks.payloads import Payload, valid
from benchmarks.peers import contenders, contenders_of
from benchmarks.tasks import every_bad
from benchmarks.timing import Timed

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = (
    "lxml.etree",
    "sgformats",
    "orjson",
    "msgspec",
    "jsonschema",
    "jsonschema_rs",
    "pydantic",
    "pydantic_xml",
    "xsdata.formats.dataclass.parsers",
    "xmltodict",
)
_IMPORT = """\
import time
begin = time.perf_counter()
import {}
print(time.perf_counter() - begin)
"""


class Job(NamedTuple):
    """One contender's work on one payload, whose memory is to be measured."""

    name: str
    peer: str
    contender: Contender
    payload: Callable[[], Payload]
    records: int


class Peak(NamedTuple):
    """The growth of memory in bytes, a value for each process."""

    name: str
    contender: str
    format: Format
    floor: bool
    records: int
    values: tuple[int, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def jobs(sizes: Sequence[int]) -> list[Job]:
    """Strict parsing of the largest payload by all; validation in two sizes by sgformats."""
    found = []
    for format in FORMATS:
        for contender, peer in contenders("parse", format).items():
            found.append(_job(contender, peer, valid, sizes[-1]))
        for contender, peer in contenders("validate", format).items():
            if contender.name == OURS:
                for size in (max(sizes[-1] // 10, 1), sizes[-1]):
                    found.append(_job(contender, peer, every_bad, size))
    return found


def _job(contender: Contender, peer: str, make: Callable[[str, int], Payload], size: int) -> Job:
    name = f"memory/{contender.work}/{contender.format}/{size}"
    return Job(name, peer, contender, lambda: make(contender.format, size), size)


def peak(job: Job, rounds: int, folder: Path, step: Callable[[], None] = lambda: None) -> Peak:
    """Measure a job in fresh processes; `step` is called after each."""
    who = job.contender
    small, large = folder / "small", folder / "large"
    small.write_bytes(valid(who.format, 3).data)
    large.write_bytes(job.payload().data)
    choice = [job.peer, who.name, who.work, who.format, str(small), str(large)]
    values = []
    for _ in range(rounds):
        output = run_python(["-m", "benchmarks.fresh", *choice], folder)
        values.append(max(int(output), 1))
        step()
    return Peak(job.name, who.name, who.format, who.floor, job.records, tuple(values))


def import_times(rounds: int, folder: Path, step: Callable[[], None] = lambda: None) -> list[Timed]:
    """The seconds that imports take in fresh processes, interleaved; the first is the floor."""
    chance = Random(0)
    values: dict[str, list[float]] = {module: [] for module in IMPORTS}
    for module in IMPORTS:  # Compile all modules.
        run_python(["-c", _IMPORT.format(module)], folder)
    for _ in range(rounds):
        for module in chance.sample(IMPORTS, len(IMPORTS)):
            values[module].append(float(run_python(["-c", _IMPORT.format(module)], folder)))
            step()
    return [
        Timed(module, 1, module == IMPORTS[0], 1, tuple(taken)) for module, taken in values.items()
    ]


def run_python(arguments: Sequence[str], folder: Path) -> str:
    """The output of Python; compiled modules go to `folder`, whatever the settings."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def size_of(records: Sequence[Any]) -> int:
    """The bytes of the records themselves: their tuple, the records, and their values."""
    objects: dict[int, Any] = {id(records): records}
    for record in records:
        for value in (record, record.email, record.reason, record.created):
            objects[id(value)] = value
    return sum(map(sys.getsizeof, objects.values()))


def _measure(peer: str, name: str, work: str, format: str, small: str, large: str) -> int:
    (run,) = (
        who.run
        for who in contenders_of(peer)
        if (who.name, who.work, who.format) == (name, work, format)
    )
    run(Path(small).read_bytes())
    data = Path(large).read_bytes()
    before = _begin()
    result = run(data)
    growth = _most() - before
    del result
    return growth


def _begin() -> int:
    """The memory in use now, from which the next peak is counted."""
    if sys.platform == "linux":
        try:
            Path("/proc/self/clear_refs").write_text("5")  # Forgets the peak so far.
        except OSError:
            return _most()
        return _status("VmRSS")
    return _most()


def _most() -> int:
    """The peak of memory; on Linux `ru_maxrss` would include the peak of the parent."""
    if sys.platform == "linux":
        return _status("VmHWM")
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    print(json.dumps(_measure(*sys.argv[1:])))
