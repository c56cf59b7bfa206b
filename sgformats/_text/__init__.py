"""From bytes to characters: encodings, byte offsets, lines and columns, windows, damaged bytes.

In: a payload. Out: its `Text`, or a `DecodeError` with the reason.
The packages of the core above may import it.
"""
