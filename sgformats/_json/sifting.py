"""A long JSON list of which little is odd."""

from __future__ import annotations

import msgspec

from sgformats._json.fast import decode_list
from sgformats._json.reader import read_json
from sgformats._model.node import Node
from sgformats._model.sifting import DEEPEST, Records, Sifted, certain, move
from sgformats._model.sifting import sift as sift_items
from sgformats._text.payload import Text
from sgformats.operations import Operation

_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def sift(data: bytes | str, text: Text, operation: Operation) -> Sifted | None:
    """The tree of a long list, in which only what the short route does not know has nodes.

    None, or a `Fault`, where the text is no such list, or one that must be seen as a whole.
    """
    return _sift(text, operation, v3=False)


def sift_v3(data: bytes | str, text: Text, operation: Operation) -> Sifted | None:
    """The same for the successor's lists."""
    return _sift(text, operation, v3=True)


def _sift(text: Text, operation: Operation, v3: bool) -> Sifted | None:
    data = text.chars.encode()
    try:
        items = list(map(bytes, _ITEMS.decode(data)))
    except (msgspec.DecodeError, RecursionError):
        return None
    begin = data.index(b"[")
    root = Node("array", "", begin, begin)
    odd = []
    place = begin + 1  # Behind the last item, in bytes.
    seen = index = place  # Behind the last odd one, in bytes and in characters.

    def records(start: int, stop: int) -> Records | None:
        reply = decode_list(b"[" + b",".join(items[start:stop]) + b"]", operation, v3)
        return None if reply is None else reply.records

    for start, stop, group in sift_items(len(items), records):
        if group is not None:
            place = _behind(data, items[start:stop], place)
            root.nodes.append(certain(group))
            continue
        raw = items[start]
        place = data.index(raw, place)
        index += len(data[seen:place].decode())
        item = raw.decode()
        if raw.count(b"[") + raw.count(b"{") > DEEPEST:
            return None
        node = read_json(item)
        move(node, index)
        root.nodes.append(node)
        odd.append(item)
        index += len(item)
        seen = place = place + len(raw)
    return Sifted(root, f"[{','.join(odd)}]") if len(odd) < len(items) else None


def _behind(data: bytes, items: list[bytes], place: int) -> int:
    """The place behind items that come next."""
    joined = b",".join(items)
    for start in (place, place + 1):
        if data.startswith(joined, start):
            return start + len(joined)
    for raw in items:
        place = data.index(raw, place) + len(raw)
    return place
