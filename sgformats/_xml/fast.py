"""The fast reader of plain XML: cuts a document at every `<` and reads whole columns.

`plain` says what plain XML is. With a comment, a DOCTYPE, a namespace or white space inside a tag,
some piece is not the expected one, and the answer is None. The reader is certain because nothing is
left over: every `<` begins a piece, every piece is compared as a whole or up to the `>` before its
text, and text contains no `<`, no `]]>`, no `&` without a reference and no illegal character.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgformats._model.outcomes import read_outcome
from sgformats._model.scalars import SCALARS, read_timestamps
from sgformats._text.payload import MAX_VALUES, WHITE
from sgformats._xml.plain import NotPlainError, PlainDocument, open_plain, unescape
from sgformats.operations import Method, Operation
from sgformats.records import Count, Failure, Listing, Reply

Column = list[str | None]

_FEW = 100  # So few pieces are read faster one by one.
_BLOCK = 1 << 18  # Characters that are cut at a time, to bound the number of pieces.


def decode(data: bytes | str, operation: Operation) -> Reply | None:
    """The reply of a payload that is certainly valid; quickly None for all others."""
    try:
        document = open_plain(data)
        if document is None:
            return None
        if document.chars.startswith("<result>", document.start):
            return _decode_result(document, operation)
        return _decode_list(document, operation.method) if operation.task == "get" else None
    except (NotPlainError, ValueError):  # Also bytes in another encoding, or an invalid count.
        return None


def _decode_result(document: PlainDocument, operation: Operation) -> Reply | None:
    messages, errors, counts = _read_result(document)
    if counts:
        is_count = operation.task == "count" and len(counts) == 1
        return Count(SCALARS["number"].read(counts[0])) if is_count else None
    if len(messages) == 2 and errors is None and messages[0].strip(WHITE) == "error":
        return Failure(messages[1])
    return read_outcome(messages[0], tuple(errors or ()), operation) if len(messages) == 1 else None


def _decode_list(document: PlainDocument, method: Method) -> Listing[Any] | None:
    found = read_list(document, method)
    if found is None:
        return None
    columns: list[list[Any]] = []
    for field, column in zip(method.fields, found.values(), strict=True):
        values: list[Any] | None = column
        if field.scalar == "timestamp":
            values = read_timestamps(column)
        if values is None or (field.required and None in values):
            return None
        columns.append(values)
    return Listing(method.name, method.records(columns))


def read_list(document: PlainDocument, method: Method) -> dict[str, Column] | None:
    """The texts of each field of a list, in order of the items; None for a missing field."""
    root, item, names = method.root, method.item, method.names
    chars, start, end, escaped = document.chars, document.start, document.end, document.escaped
    columns: dict[str, Column] = {name: [] for name in names}
    opening, ending, close = f"<{root}>", f"</{root}>", f"</{item}>"
    if not (chars.startswith(opening, start) and chars.endswith(ending, start, end)):
        return columns if chars[start:end] == f"<{root}/>" else None
    start, end = start + len(opening), end - len(ending)
    try:
        while start < end:
            stop = chars.find(close, start + _BLOCK, end)
            stop = end if stop < 0 else stop + len(close)
            block = _read_items(chars[start:stop].split("<"), item, names, escaped)
            for name, column in block.items():
                columns[name] += column
            start = stop
    except NotPlainError:
        return None
    return columns


def _read_result(document: PlainDocument) -> tuple[list[str], list[str] | None, list[str]]:
    """The messages, the errors and the counts of a result; a count comes alone.

    Raises `NotPlainError` for other forms.
    """
    chars = document.chars[document.start : document.end]
    if chars.count("<") > MAX_VALUES:
        raise NotPlainError  # The full reader may refuse so many elements.
    pieces = chars.split("<")
    read = unescape if document.escaped else str
    last = len(pieces) - 1
    if pieces[last] != "/result>" or last < 2:
        raise NotPlainError
    if last == 2 and (text := read(pieces[1].removeprefix("result>")).strip(WHITE)):
        return [text], None, []
    found: dict[str, list[str]] = {"message": [], "count": []}
    errors: list[str] | None = None
    at = 2
    valid = _is_tag(pieces[1], "result>")
    while valid and at < last:
        name, mark, text = pieces[at].partition(">")
        at += 1
        if not mark:
            raise NotPlainError
        if name == "errors" and errors is None and not text.strip(WHITE):
            errors = []
            while valid and pieces[at].startswith("error>"):
                errors.append(read(pieces[at][6:]))
                valid = valid and _is_tag(pieces[at + 1], "/error>")
                at += 2
        elif name in found:
            found[name].append(read(text))
        else:
            raise NotPlainError
        valid = valid and _is_tag(pieces[at], f"/{name}>")
        at += 1
    if not valid or (found["count"] and (found["message"] or errors is not None)):
        raise NotPlainError
    return found["message"], errors, found["count"]


def _read_items(
    pieces: list[str], item: str, names: Sequence[str], escaped: bool
) -> dict[str, Column]:
    """The columns of the items in these pieces; the first piece is the white space before them."""
    if pieces[0].strip(WHITE):
        raise NotPlainError
    del pieces[0]
    columns = _read_uniform(pieces, item, names) if len(pieces) > _FEW else None
    if columns is None:
        columns = _read_mixed(pieces, item, names)
    if escaped:
        columns = {name: _unescape_column(column) for name, column in columns.items()}
    return columns


def _is_tag(piece: str, tag: str) -> bool:
    return piece.rstrip(WHITE) == tag


def _read_uniform(pieces: list[str], item: str, names: Sequence[str]) -> dict[str, Column] | None:
    """The columns of items that all have the fields of the first in its order; None for others."""
    stride = 2
    order = []
    for piece in pieces[1 : 2 * len(names) + 1 : 2]:
        name = piece.partition(">")[0]
        if name not in names or name in order:
            break
        order.append(name)
        stride += 2
    items, rest = divmod(len(pieces), stride)
    if rest or not items:
        return None
    if not _are_tag(pieces[::stride], f"{item}>") or not _are_tag(
        pieces[stride - 1 :: stride], f"/{item}>"
    ):
        return None
    columns: dict[str, Column] = {name: [None] * items for name in names}
    for place, name in enumerate(order):
        opened = pieces[2 * place + 1 :: stride]
        # One split removes the tag of every piece and shows that all have it.
        texts: Column = list(("\0" + "\0".join(opened)).split(f"\0{name}>"))
        if texts[0] or len(texts) != items + 1:
            return None
        if not _are_tag(pieces[2 * place + 2 :: stride], f"/{name}>"):
            return None
        del texts[0]
        columns[name] = texts
    return columns


def _are_tag(pieces: list[str], tag: str) -> bool:
    """Whether all pieces are the same tag and white space; after the last it may differ."""
    alike = pieces.count(pieces[0]) + (pieces[-1] != pieces[0])
    return alike == len(pieces) and _is_tag(pieces[0], tag) and _is_tag(pieces[-1], tag)


def _read_mixed(pieces: list[str], item: str, names: Sequence[str]) -> dict[str, Column]:
    """The columns of items with any number and order of fields."""
    columns: dict[str, Column] = {name: [] for name in names}
    first, last = f"{item}>", f"/{item}>"
    left = iter(pieces)
    for items, opening in enumerate(left, 1):
        if opening.rstrip(WHITE) != first:
            raise NotPlainError
        for piece in left:
            name, mark, text = piece.partition(">")
            column = columns.get(name)
            if column is not None:
                if not mark or next(left, "").rstrip(WHITE) != f"/{name}>":
                    raise NotPlainError
            elif mark and name.endswith("/") and not text.strip(WHITE):
                column = columns.get(name[:-1].rstrip(WHITE))
                text = ""
            if column is None:
                break
            if len(column) == items:
                raise NotPlainError
            column.append(text)
        else:
            raise NotPlainError
        if piece.rstrip(WHITE) != last:
            raise NotPlainError
        for column in columns.values():
            if len(column) < items:
                column.append(None)
    return columns


def _unescape_column(column: Column) -> Column:
    return [unescape(text) if text and "&" in text else text for text in column]
