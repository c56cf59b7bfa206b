"""Extract tables from captures: records, exchanges and rejects; every exchange is accounted for.

`extract` writes a file or a database, `to_arrow` returns a stream of record batches, and
`sgformats.extract.spark.SgformatsSource` is a data source of Apache Spark.
"""

from sgformats.extract.read.counts import Counts
from sgformats.extract.read.options import Options
from sgformats.extract.read.tables import TABLES
from sgformats.extract.run.extraction import Progress, Summary, extract
from sgformats.extract.run.stream import to_arrow

__all__ = ["TABLES", "Counts", "Options", "Progress", "Summary", "extract", "to_arrow"]
