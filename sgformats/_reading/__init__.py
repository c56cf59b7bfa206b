"""The contract: what the nodes of a payload mean, and every problem with them.

In: a `Node`, an operation, a time zone. Out: a `Reply` and the problems in document order.
It does not know which format the nodes come from. The scan and the codec call it.
"""
