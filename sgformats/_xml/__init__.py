"""The format XML: `fast` reads plain documents, `reader` all, `items` lists item by item.

Takes a `Text` and an operation; returns replies, nodes or payloads. Modules and functions have the
same names as in `_json`; the table of formats calls them. Only this package imports `lxml`.
"""
