"""The members of a JSON object as written, so that a body in it keeps its exact text.

Lone surrogates, bytes that are not UTF-8 (kept by `surrogateescape`) and control characters in
strings are accepted. In nested objects and arrays only the brackets are checked, so that any depth
can be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

_WHITE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
# Only finds the bounds of values; numbers are not parsed.
_SHAPE = json.JSONDecoder(strict=False, parse_int=len, parse_float=len)
_LENIENT = json.JSONDecoder(strict=False)


class NoObjectError(Exception):
    """The text is not a JSON object; `index` is the byte that shows it. Never leaves `captures`."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def members(raw: bytes) -> dict[str, bytes]:
    """The values of an object by key, as written; of duplicate keys the last.

    Raises `NoObjectError`.
    """
    try:
        return {
            k: bytes(v) for k, v in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()
        }
    except (ValueError, RecursionError):
        pass
    return {key: raw[start:end] for key, (start, end) in spans(raw).items()}


def spans(raw: bytes) -> dict[str, tuple[int, int]]:
    """The byte ranges of an object's values, by key. Raises `NoObjectError`."""
    text = raw.decode("utf-8", "surrogateescape")
    found: dict[str, tuple[int, int]] = {}
    try:
        at = _after(text, 0, "{")
        while True:
            if text[at : at + 1] == "}" and not found:
                break
            first = text[at : at + 1]
            key, at = ("", at) if first in ("{", "[") else _SHAPE.raw_decode(text, at)
            if first != '"':
                raise json.JSONDecodeError("", text, at)
            start = _after(text, at, ":")
            end = _end(text, start)
            found[key] = (start, end)
            at = _WHITE.match(text, end).end()  # type: ignore[union-attr]
            if text[at : at + 1] == "}":
                break
            at = _after(text, at, ",")
        at = _WHITE.match(text, at + 1).end()  # type: ignore[union-attr]
        if at < len(text):
            raise json.JSONDecodeError("", text, at)
    except json.JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated string")
        raise NoObjectError(_size(text if cut else text[: error.pos])) from None
    return _in_bytes(text, found)


def objects(raw: bytes) -> Iterator[tuple[int, int]]:
    """The byte ranges of objects that follow one another in a text.

    The last range may be anything: the rest after the last object.
    """
    text = raw.decode("utf-8", "surrogateescape")
    at = offset = 0
    while at < len(text):
        begin = _WHITE.match(text, at).end()  # type: ignore[union-attr]
        offset += _size(text[at:begin])
        at = begin
        end = len(text)
        if text.startswith("{", at):
            with suppress(json.JSONDecodeError):
                end = _end(text, at)
        following = _WHITE.match(text, end).end()  # type: ignore[union-attr]
        if not text.startswith("{", following):
            end = len(text)
        size = _size(text[at:end])
        if size:
            yield offset, offset + size
        offset += size
        at = end


def value(raw: bytes) -> Any:
    """Decode a member's value. Raises `NoObjectError` if it is not JSON."""
    try:
        return decode(raw, strict=False)
    except ValueError:
        raise NoObjectError(0) from None


def decode(raw: bytes, *, strict: bool = True) -> Any:
    """Decode a JSON text; of duplicate keys the last counts.

    Lone surrogates, which JSON can express, are kept. Without `strict`, control characters in
    strings and bytes that are not UTF-8 are accepted. Raises `ValueError` if the text is not JSON,
    is nested too deeply, or has an integer of more digits than Python reads.
    """
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        pass
    try:
        if strict:
            return json.loads(raw.decode("utf-8"))
        return _LENIENT.decode(raw.decode("utf-8", "surrogateescape"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _end(text: str, start: int) -> int:
    """The index after the value that begins at `start`."""
    if text[start : start + 1] not in ("{", "["):
        return _SHAPE.raw_decode(text, start)[1]
    depth = 0
    in_string = False
    for token in _TOKEN.finditer(text, start):
        sign = token[0]
        if sign == '"':
            in_string = not in_string
        elif not in_string and len(sign) == 1:
            depth += 1 if sign in "{[" else -1
            if depth == 0:
                return token.end()
    raise json.JSONDecodeError("", text, len(text))


def _after(text: str, at: int, sign: str) -> int:
    """The index of what follows the required character `sign`."""
    at = _WHITE.match(text, at).end()  # type: ignore[union-attr]
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError("", text, at)
    return _WHITE.match(text, at + 1).end()  # type: ignore[union-attr]


def _in_bytes(text: str, found: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    if text.isascii():
        return found
    at = offset = 0
    result = {}
    for key, (start, end) in sorted(found.items(), key=lambda item: item[1]):
        begins = offset + _size(text[at:start])
        offset = begins + _size(text[start:end])
        at = end
        result[key] = (begins, offset)
    return result


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
