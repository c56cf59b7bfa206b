"""From bytes to characters: encodings, places in bytes, lines and columns, windows, damaged bytes.

In: a payload. Out: its `Text`, or a `DecodeError` that says why there is none.
Every package of the core above may use it.
"""
