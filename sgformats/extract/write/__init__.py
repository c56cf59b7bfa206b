"""Write rows to files: first a part for each shard, then all parts joined in one output format.

In: shards, and blocks of rows. Out: finished parts that a later run can reuse, and one complete file.
`SINKS` lists the output formats. Locking, cleaning and progress are the business of `run`.
Callers: `run`; the data source of Spark uses `arrow`.
"""
