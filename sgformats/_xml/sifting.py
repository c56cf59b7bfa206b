"""A long XML list of which little is odd."""

from __future__ import annotations

from itertools import accumulate

from sgformats._model.node import Node
from sgformats._model.sifting import DEEPEST, Records, Sifted, certain, move
from sgformats._model.sifting import sift as sift_items
from sgformats._text.payload import WHITE, Text
from sgformats._xml.fast import Plain, decode_list, find_items, opened
from sgformats._xml.reader import read
from sgformats.operations import Operation


def sift(data: bytes | str, text: Text, operation: Operation) -> Sifted | None:
    """The tree of a long list, in which only what the short route does not know has nodes.

    None, or a `Fault`, where the text is no such list, or one that must be seen as a whole.
    """
    method = operation.method
    document = opened(data)
    if document is None or "\r" in text.chars:
        return None
    pieces = text.chars[document.start : document.end].split("<")
    starts = find_items(pieces, method.root, method.item)
    if starts is None:
        return None
    begin = document.start
    places = [begin, *accumulate((len(piece) + 1 for piece in pieces[1:]), initial=begin)]
    root = Node("element", method.root, begin, begin + len(method.root) + 2)
    odd = []

    def records(start: int, stop: int) -> Records | None:
        inside = text.chars[places[starts[start]] : places[starts[stop]]]
        chars = f"<{method.root}>{inside}</{method.root}>"
        group = Plain(chars, 0, len(chars), document.escaped)
        reply = decode_list(group, method)
        return None if reply is None else reply.records

    for start, stop, group in sift_items(len(starts) - 1, records):
        if group is not None:
            root.nodes.append(certain(group))
            continue
        first, last = starts[start], starts[stop]
        if last - first > DEEPEST:
            return None
        item = text.chars[places[first] : places[last]].rstrip(WHITE)
        node = read(Text(item, text.encoding))
        move(node, places[first])
        root.nodes.append(node)
        odd.append(item)
    if len(odd) == len(starts) - 1:
        return None
    return Sifted(root, f"<{method.root}>{''.join(odd)}</{method.root}>")
