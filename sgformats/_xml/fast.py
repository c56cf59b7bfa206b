"""Plain XML, cut at every `<`: where each piece is what it must be, whole columns fall out.

Plain is what the API and most XML writers write: elements without attributes, text, layout, XML's own
references, CDATA sections in text, and a declaration of a usual form. With a comment, a DOCTYPE, a
namespace or white space inside a tag, a piece is not the one expected, and the answer is None.
The proof is that nothing is left over: every `<` begins a piece, every piece is compared as a whole
or up to the `>` after which its text begins, and text holds no `<`, no `]]>`, no stray `&` and no
character that XML forbids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgformats._model.scalars import SCALARS, read_timestamps
from sgformats._text.payload import WHITE
from sgformats._xml.plain import NotPlainError, PlainDocument, open_plain, unescape
from sgformats.operations import Method, Operation
from sgformats.records import Count, Failure, Listing, Reply, Success

Column = list[str | None]

_FEW = 100  # Pieces that are sooner looked at one by one.
_BLOCK = 1 << 18  # Characters that are cut at a time, to bound the number of pieces.


def decode(data: bytes | str, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    document = _opened(data)
    if document is None:
        return None
    if document.chars.startswith("<result>", document.start):
        return _decode_result(document, operation)
    return _decode_list(document, operation.method) if operation.task == "get" else None


def _opened(data: bytes | str) -> PlainDocument | None:
    try:
        return open_plain(data)
    except UnicodeError:
        return None


def _decode_result(document: PlainDocument, operation: Operation) -> Reply | None:
    try:
        result = _read_result(document)
    except NotPlainError:
        return None
    messages, errors, counts = result
    if counts:
        return _counted(counts[0]) if operation.task == "count" and len(counts) == 1 else None
    if len(messages) == 2 and errors is None and messages[0].strip(WHITE) == "error":
        return Failure(messages[1])
    if len(messages) != 1:
        return None
    if errors or messages[0].strip(WHITE) != "success":
        return Failure(messages[0], tuple(errors or ()))
    return Success(messages[0]) if operation.task in ("delete", "add") else None


def _counted(text: str) -> Count | None:
    try:
        return Count(SCALARS["number"].read(text))
    except ValueError:
        return None


def _decode_list(document: PlainDocument, method: Method) -> Listing[Any] | None:
    found = read_list(document, method.root, method.item, method.names)
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


def read_list(
    document: PlainDocument, root: str, item: str, names: Sequence[str]
) -> dict[str, Column] | None:
    """The texts of each field of a list, item by item; None for a field that an item lacks."""
    chars, start, end, escaped = document
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
    """The messages, the errors and the counts of a result; of a count nothing else.

    Raises `NotPlainError` for one of another form.
    """
    pieces = document.chars[document.start : document.end].split("<")
    read = unescape if document.escaped else str
    last = len(pieces) - 1
    if pieces[last] != "/result>" or last < 2:
        raise NotPlainError
    if last == 2 and (text := read(pieces[1].removeprefix("result>")).strip(WHITE)):
        return [text], None, []
    found: dict[str, list[str]] = {"message": [], "count": []}
    errors: list[str] | None = None
    at = 2
    whole = _is(pieces[1], "result>")
    while whole and at < last:
        name, mark, text = pieces[at].partition(">")
        at += 1
        if not mark:
            raise NotPlainError
        if name == "errors" and errors is None and not text.strip(WHITE):
            errors = []
            while whole and pieces[at].startswith("error>"):
                errors.append(read(pieces[at][6:]))
                whole = whole and _is(pieces[at + 1], "/error>")
                at += 2
        elif name in found:
            found[name].append(read(text))
        else:
            raise NotPlainError
        whole = whole and _is(pieces[at], f"/{name}>")
        at += 1
    if not whole or (found["count"] and (found["message"] or errors is not None)):
        raise NotPlainError
    return found["message"], errors, found["count"]


def _read_items(
    pieces: list[str], item: str, names: Sequence[str], escaped: bool
) -> dict[str, Column]:
    """The columns of the items in what was cut; the first piece is the layout before them."""
    if pieces[0].strip(WHITE):
        raise NotPlainError
    del pieces[0]
    columns = _uniform(pieces, item, names) if len(pieces) > _FEW else None
    if columns is None:
        columns = _mixed(pieces, item, names)
    return {name: _unescaped(columns[name]) if escaped else columns[name] for name in names}


def _is(piece: str, tag: str) -> bool:
    return piece.rstrip(WHITE) == tag


def _uniform(pieces: list[str], item: str, names: Sequence[str]) -> dict[str, Column] | None:
    """The columns of items that all have the fields of the first, in its order; None for others."""
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
    if not _all(pieces[::stride], f"{item}>") or not _all(
        pieces[stride - 1 :: stride], f"/{item}>"
    ):
        return None
    columns: dict[str, Column] = {name: [None] * items for name in names if name not in order}
    for place, name in enumerate(order):
        opened = pieces[2 * place + 1 :: stride]
        # What stands before the text of every piece is cut away and seen to be there at once.
        texts: Column = list(("\0" + "\0".join(opened)).split(f"\0{name}>"))
        if texts[0] or len(texts) != items + 1:
            return None
        if not _all(pieces[2 * place + 2 :: stride], f"/{name}>"):
            return None
        del texts[0]
        columns[name] = texts
    return columns


def _all(pieces: list[str], tag: str) -> bool:
    """Whether all pieces are one tag with one layout, but for the last, which may have its own."""
    alike = pieces.count(pieces[0]) + (pieces[-1] != pieces[0])
    return alike == len(pieces) and _is(pieces[0], tag) and _is(pieces[-1], tag)


def _mixed(pieces: list[str], item: str, names: Sequence[str]) -> dict[str, Column]:
    """The columns of items of any number and order of fields."""
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


def _unescaped(column: Column) -> Column:
    return [unescape(text) if text and "&" in text else text for text in column]
