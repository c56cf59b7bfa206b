"""One format, XML. `fast` reads what is plainly valid, `reader` everything, `items` one by one.

In: a `Text` and an operation. Out: replies, nodes or payloads. Only this package imports `lxml`.
The table of formats calls it; `_json` is its twin.
"""
