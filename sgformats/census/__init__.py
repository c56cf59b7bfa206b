"""Count the operations, formats, dialects, fields, reasons and dates in captures.

In: captures. Out: a `Census`, as data, as rows of a table, and as an HTML page.
"""

from sgformats.census.counting import take_census
from sgformats.census.figures import Census, Figures, Span, Tally, census_html

__all__ = ["Census", "Figures", "Span", "Tally", "census_html", "take_census"]
