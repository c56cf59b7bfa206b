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
    text = raw.decode("latin-1")  # One character for each byte, so that indices count bytes.
    found: dict[str, tuple[int, int]] = {}
    try:
        at = _after(text, 0, "{")
        while text[at : at + 1] != "}" or found:
            first, begin = text[at : at + 1], at
            if first not in ("{", "["):
                at = _SHAPE.raw_decode(text, at)[1]
            if first != '"':
                raise json.JSONDecodeError("", text, at)
            start = _after(text, at, ":")
            key, end = value(raw[begin:at]), _end(raw, text, start)
            found[key] = (start, end)
            at = _skip_white(text, end)
            if text[at : at + 1] == "}":
                break
            at = _after(text, at, ",")
        at = _skip_white(text, at + 1)
        if at < len(text):
            raise json.JSONDecodeError("", text, at)
    except json.JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated string")
        raise NoObjectError(len(raw) if cut else error.pos) from None
    return found


def objects(raw: bytes) -> Iterator[tuple[int, int]]:
    """The byte ranges of objects that follow one another in a text.

    The last range may be anything: the rest after the last object.
    """
    text = raw.decode("latin-1")
    at = _skip_white(text, 0)
    while at < len(text):
        end = len(text)
        if text.startswith("{", at):
            with suppress(json.JSONDecodeError):
                end = _end(raw, text, at)
        following = _skip_white(text, end)
        if not text.startswith("{", following):
            end = following = len(text)
        yield at, end
        at = following


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


class Brackets:
    """Tracks the brackets of JSON, piece by piece; those in strings do not count."""

    _TOKEN = re.compile(rb'\\.|["\[\]{}]', re.DOTALL)

    def __init__(self) -> None:
        self._depth = 0
        self.in_string = False

    @property
    def is_open(self) -> bool:
        """Whether a bracket or a string is open."""
        return self._depth > 0 or self.in_string

    def closed(self, piece: bytes, at: int) -> int | None:
        """The index after the bracket that closes the first one; None if that stays open."""
        for token in self._TOKEN.finditer(piece, at):
            sign = token[0]
            if sign == b'"':
                self.in_string = not self.in_string
            elif not self.in_string and len(sign) == 1:
                self._depth += 1 if sign in b"[{" else -1
                if self._depth <= 0:
                    self._depth = 0
                    return token.end()
        return None


def _end(raw: bytes, text: str, start: int) -> int:
    """The index after the value that begins at `start`."""
    if text[start : start + 1] not in ("{", "["):
        return _SHAPE.raw_decode(text, start)[1]
    end = Brackets().closed(raw, start)
    if end is None:
        raise json.JSONDecodeError("", text, len(text))
    return end


def _after(text: str, at: int, sign: str) -> int:
    """The index of what follows the required character `sign`."""
    at = _skip_white(text, at)
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError("", text, at)
    return _skip_white(text, at + 1)


def _skip_white(text: str, at: int) -> int:
    return _WHITE.match(text, at).end()  # type: ignore[union-attr]
