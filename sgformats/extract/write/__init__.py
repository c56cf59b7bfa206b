"""Write rows to files: first a part for each shard, then all parts joined in one output format.

In: shards, and blocks of rows. Out: finished parts that a later run can reuse, and one complete
file. `SINKS` lists the output formats. Locks, cleanup and progress belong to `run`.
Callers: `run`, and the data source of Spark.
"""
