"""The other format, JSON, in its two versions: the older API's and the successor's.

In: a `Text` and an operation. Out: replies, nodes or payloads.
The table of formats calls it; `_xml` is its twin.
"""
