"""Tests of the benchmarks, which need the extra `bench`: `pytest benchmarks/tests`."""
