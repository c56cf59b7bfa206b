"""The full reading of a payload: a list item by item, anything else as a tree.

In: a payload or a window on its text, and an operation. Out: replies, problems, places, breaks.
`document` serves `parse`, `validate`, `classify` and `compare`; `salvage` and `iter_records` are here.
"""
