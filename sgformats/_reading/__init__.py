"""The contract: the reply that the nodes of a payload mean, and every problem with them.

Takes a `Node`, an operation and a time zone; returns a reply and the problems in document order.
It does not depend on the format of the nodes. The scan and the codec call it.
"""
