"""A command seen from a small process of its own: how long it took, and its memory at the most.

`python -m benchmarks.watched COMMAND…` prints both, in seconds and bytes, and the seconds that all of
its processes have taken together. The memory is that of the largest of them. On Linux a parent's counts
for its child, so this imports little.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence


def main(command: Sequence[str]) -> int:
    """Runs the command; what it returns."""
    begin = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    seconds = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss if sys.platform == "darwin" else 1024 * used.ru_maxrss
    print(json.dumps([seconds, peak, used.ru_utime + used.ru_stime]))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
