"""Work that several processes share: tasks go in, their results come out in the order of the tasks.

Who calls: `contract`, `census`, `redact` and `extract`, through `run_all`.
"""
