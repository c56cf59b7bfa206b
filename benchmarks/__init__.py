"""Benchmarks of sgformats and its peers on the same payloads: `python -m benchmarks` in a clone.

Every contender does the same work, written as its users would write it, and must give the same
records before it is timed. Results are ratios within one run, so they do not depend on the machine.
"""
