"""What holds for the benchmarks themselves; run where the extra `bench` is: `pytest benchmarks/tests`."""
