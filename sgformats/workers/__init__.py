"""Runs tasks in several processes: tasks go in, results come out in the order of the tasks.

Callers: `contract`, `census`, `redact` and `extract`, through `run_all`.
"""
