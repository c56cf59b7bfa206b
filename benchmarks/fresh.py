"""Measurements in fresh processes: peak memory, and the time of an import.

Peak memory is that of the resident set, because lxml, msgspec and orjson do not use Python's
allocator. It is the growth since just before the work, after imports, a first run and reading.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.payloads import valid
from benchmarks.peers import PEERS, contenders_of
from benchmarks.tasks import Part
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


def peak(part: Part, rounds: int, folder: Path, step: Callable[[], None] = lambda: None) -> Timed:
    """The growth of memory in bytes by a contender's work; `step` is called after each process."""
    who = part.contender
    (peer,) = (name for name in PEERS if who in contenders_of(name))
    small, large = folder / "small", folder / "large"
    small.write_bytes(valid(who.format, 3).data)
    large.write_bytes(part.make(part.spelling, part.size).data)
    place = str(contenders_of(peer).index(who))
    values = []
    for _ in range(rounds):
        output = run_python(["-m", "benchmarks.fresh", peer, place, str(small), str(large)], folder)
        values.append(max(int(output), 1))
        step()
    return Timed(part.name, part.size, 1, tuple(values))


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
    return [Timed(module, 1, 1, tuple(taken)) for module, taken in values.items()]


def run_python(arguments: Sequence[str], folder: Path) -> str:
    """The output of Python; compiled modules go to `folder`, whatever the settings."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def size_of(records: Sequence[Any]) -> int:
    """The bytes of the records themselves: their tuple, the records, and their values."""
    objects: dict[int, Any] = {id(records): records}
    for record in records:
        for value in (record, record.email, record.reason, record.created):
            objects[id(value)] = value
    return sum(map(sys.getsizeof, objects.values()))


def _growth(peer: str, place: str, small: str, large: str) -> int:
    run = contenders_of(peer)[int(place)].run
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
    print(_growth(*sys.argv[1:]))
