"""Captures: files that hold traffic, read one exchange at a time.

`read_captures(path)` yields an `Exchange` for every call and answer in a file or folder, whatever
the kind of capture. YAML, WARC and zstandard need the extra `captures`.
"""

from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.kinds import KINDS, Kind
from sgformats.captures.opening import Unpacking
from sgformats.captures.reading import find_captures, read_capture, read_captures
from sgformats.captures.skipping import skip_reason

__all__ = [
    "KINDS",
    "Exchange",
    "Kind",
    "Source",
    "Unpacking",
    "find_captures",
    "read_capture",
    "read_captures",
    "skip_reason",
]
