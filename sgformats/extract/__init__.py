"""Extract tables from captures: records, exchanges and rejects; every exchange is accounted for.

`extract` writes a file or a database, `to_arrow` returns a stream of record batches, and
`sgformats.extract.spark.SgformatsSource` is a data source of Apache Spark.
"""

from sgformats.extract.arrow import to_arrow
from sgformats.extract.columns import TABLES
from sgformats.extract.counts import Counts
from sgformats.extract.options import Options
from sgformats.extract.run import Progress, Summary, extract

__all__ = ["TABLES", "Counts", "Options", "Progress", "Summary", "extract", "to_arrow"]
