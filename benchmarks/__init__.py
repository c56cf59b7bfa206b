"""sgformats beside its peers, on the same payloads: `python -m benchmarks` in a clone.

Every contender does the same work as its users would write it, and is held to the same records before
anything is timed. What is told are ratios inside one run; a machine's own speed is no part of them.
"""
