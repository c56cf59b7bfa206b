"""Read captures into rows.

In: paths and `Options`. Out: `find_shards` plans shards, `read_shard` yields blocks of table rows
and adds to `Counts`; the rows do not depend on how captures are cut. Imports neither `write` nor
`run`. Callers: `write`, `run` and the data source of Spark.
"""
