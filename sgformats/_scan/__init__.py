"""A list item by item: certain groups, odd items, and what follows damage.

In: windows of text. Out: records, problems, breaks. `stream` and `salvage` give them to callers.
"""
