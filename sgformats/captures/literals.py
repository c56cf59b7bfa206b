"""String literals of Python, Ruby, Go, Java, Node and SQL, with their escapes undone.

One table serves all languages where they agree. `\\x` stands for a byte, except in Python's `u'…'`,
where it stands for a character. Characters are encoded in UTF-8.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BEGIN = re.compile(rb"""(?P<prefix>[bBuU]?)(?P<quote>["'`])""")
_END = {quote: re.compile(rb"\\.|" + quote, re.DOTALL) for quote in (b'"', b"'", b"`")}
_ESCAPE = re.compile(
    rb"""\\(?: (?P<byte>x[0-9a-fA-F]{2}) | (?P<octal>[0-3][0-7]{2}|0)
      | (?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
      | u\{(?P<braced>[0-9a-fA-F]{1,6})\} | (?P<short>u[0-9a-fA-F]{4}) | (?P<long>U[0-9a-fA-F]{8})
      | (?P<sign>.) )""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = {
    bytes([sign]): bytes([meaning])
    for sign, meaning in zip(b"nrtbfvae\\'\"`#$/", b"\n\r\t\b\f\v\a\x1b\\'\"`#$/", strict=True)
}
_SIGNS[b"\n"] = b""
_REPR_ESCAPE = re.compile(rb"\\(?:[\\'nrt]|x[0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2})")


class Literal(NamedTuple):
    """The value of a string literal, and the index after its closing quote."""

    value: bytes
    end: int


def read_literal(text: bytes, at: int) -> Literal | None:
    """Read the string literal that begins at index `at`; None if there is no complete one."""
    begin = _BEGIN.match(text, at)
    if begin is None:
        return None
    quote = begin["quote"]
    end = next((t.end() for t in _END[quote].finditer(text, begin.end()) if t[0] == quote), None)
    if end is None:
        return None
    return Literal(undo_escapes(text[begin.end() : end - 1], begin["prefix"].lower()), end)


def undo_escapes(text: bytes, prefix: bytes = b"") -> bytes:
    """Undo the escapes between the quotes; `prefix` is Python's `b` or `u`."""

    def undone(found: re.Match[bytes]) -> bytes:
        kind = found.lastgroup
        if kind == "sign":
            return _SIGNS.get(found["sign"], found[0])
        if kind in ("byte", "octal"):
            number = int(found["byte"][1:], 16) if kind == "byte" else int(found["octal"], 8)
            return chr(number).encode() if prefix == b"u" else bytes([number])
        if prefix == b"b":
            return found[0]
        if kind == "pair":
            high, low = int(found["pair"][1:5], 16), int(found["pair"][7:], 16)
            return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()
        number = int((found["braced"] or (found["short"] or found["long"])[1:]), 16)
        return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else found[0]

    return _ESCAPE.sub(undone, text)


def is_repr(text: bytes) -> bool:
    """Whether the text between the quotes has only escapes of Python's `repr` in single quotes."""
    at = text.find(b"\\")
    while at >= 0:
        found = _REPR_ESCAPE.match(text, at)
        if found is None:
            return False
        at = text.find(b"\\", found.end())
    return True
