"""Parts of payloads that XML and JSON share: nodes, scalars, time zones, and shapes.

In: operations, records, texts. Nothing here depends on a format.
The packages of the core above may import it.
"""
