"""What a payload holds, whatever its format: nodes, values, moments, and the shapes they come in.

In: operations, records, texts. Out: nothing that knows XML from JSON.
Every package of the core above may use it.
"""
