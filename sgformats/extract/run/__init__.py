"""Run an extraction from the first path to the finished output.

In: the arguments of `extract` or `to_arrow`. Out: OUT and a `Summary`, or a stream of record
batches. A killed run resumes from its finished parts. Callers: users, through `sgformats.extract`,
and the command line.
"""
