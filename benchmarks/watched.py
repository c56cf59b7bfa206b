"""Measure a command from a small process: its time, its peak memory and its CPU time.

`python -m benchmarks.watched COMMAND…` prints them in seconds, bytes and seconds. The memory is
that of the largest of the command's processes. On Linux a child starts with the peak of its parent,
so this module imports little.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence


def main(command: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    begin = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    seconds = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss if sys.platform == "darwin" else 1024 * used.ru_maxrss
    print(json.dumps([seconds, peak, used.ru_utime + used.ru_stime]))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
