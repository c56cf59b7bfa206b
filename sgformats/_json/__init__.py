"""The format JSON, in the versions of the older API and of API v3.

Takes a `Text` and an operation; returns replies, nodes or payloads. Modules and functions have the
same names as in `_xml`; the table of formats calls them.
"""
