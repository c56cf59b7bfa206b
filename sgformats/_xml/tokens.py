"""The small parts of XML text: names, references, white space, comments, and the XML declaration.

Each function takes the characters and an index, and gives the index behind what it passed. They raise
`Fault` at the first character that cannot stand there; its rule is `truncated` where the text ends early.
"""

from __future__ import annotations

import re
from functools import cache

from sgformats._model.node import Fault
from sgformats._text.payload import ILLEGAL
from sgformats.errors import quote

_NAME_START = (
    ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
SPACE = re.compile(r"[ \t\r\n]*")
NOT_WHITE = re.compile(r"[^ \t\r\n]")
_REFERENCE = re.compile(r"&(?:#([0-9]+)|#x([0-9a-fA-F]+)|(amp|lt|gt|quot|apos));")
_REFERENCE_CUT = re.compile(r"&(?:#(?:[0-9]*|x[0-9a-fA-F]*)|[A-Za-z]*)?\Z")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_BEHIND_NAME = (" ", "\t", "\r", "\n", "?>")
CDATA = "<![CDATA["


@cache
def _name() -> re.Pattern[str]:
    # Compiled when the first name is read: that takes as long as a third of `import sgformats`.
    return re.compile(f"[{_NAME_START}][{_NAME_START}\\-.0-9\xb7\u0300-\u036f\u203f\u2040]*")


def match_name(chars: str, i: int = 0) -> re.Match[str] | None:
    """The name that begins at an index, or None."""
    return _name().match(chars, i)


def pass_declaration(chars: str) -> int:
    """Where the XML declaration ends with which a document begins."""
    i = 5
    versions = r"""("1\.[0-9]*"|'1\.[0-9]*')"""
    encodings = r"""("[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*')"""
    standalones = r"""("(?:yes|no)"|'(?:yes|no)')"""
    for word, values, required in (
        ("version", versions, True),
        ("encoding", encodings, False),
        ("standalone", standalones, False),
    ):
        space = pass_space(chars, i)
        if is_cut(chars, space, word):
            raise unexpected(chars, len(chars), f"{word}=")
        if not chars.startswith(word, space):
            if required:
                raise unexpected(chars, space, f"{word}=")
            continue
        if space == i:
            raise unexpected(chars, space, "white space")
        i = pass_space(chars, space + len(word))
        if chars[i : i + 1] != "=":
            raise unexpected(chars, i, '"="')
        i = pass_space(chars, i + 1)
        value = re.compile(values).match(chars, i)
        if value is None:
            if chars.find("?>", i) < 0:
                i = len(chars)
            raise unexpected(chars, i, f"a value of {word}")
        i = value.end()
    i = pass_space(chars, i)
    if not chars.startswith("?>", i):
        raise unexpected(chars, i if i + 1 < len(chars) else len(chars), '"?>"')
    return i + 2


def pass_between(chars: str, i: int, expected: str) -> int:
    """Passes white space, comments and instructions, up to the root or the end."""
    while True:
        i = pass_space(chars, i)
        if i >= len(chars):
            if expected:
                raise unexpected(chars, i, expected)
            return i
        if chars.startswith("<!--", i) or chars.startswith("<?", i):
            i = pass_comment_or_instruction(chars, i)
        elif chars.startswith("<!DOCTYPE", i):
            raise Fault(i, "no DOCTYPE", "one", "forbidden-doctype")
        elif expected and chars[i] == "<":
            if is_cut(chars, i, "<!--", "<!DOCTYPE"):
                raise unexpected(chars, len(chars), expected)
            return i
        elif not expected and is_cut(chars, i, "<!--"):
            raise unexpected(chars, len(chars), "the rest of a comment or an instruction")
        else:
            raise unexpected(chars, i, expected or "the end of the document")


def pass_comment_or_instruction(chars: str, i: int) -> int:
    """Where a comment or an instruction ends that begins here."""
    if chars.startswith("<!--", i):
        end = chars.find("--", i + 4)
        if end < 0 or end + 2 >= len(chars):
            raise unexpected(chars, len(chars), '"-->"')
        if chars[end + 2] != ">":
            raise unexpected(chars, end, '"-->"')
        return end + 3
    name = match_name(chars, i + 2)
    if name is None:
        raise unexpected(chars, i + 2, "the name of an instruction")
    if name.end() == len(chars):
        raise unexpected(chars, len(chars), '"?>"')
    if name[0].lower() == "xml":
        raise Fault(i, "an XML declaration only at the very start", "one here")
    if ":" in name[0]:
        raise Fault(i + 2, "a name without a colon", quote(name[0]))
    end = name.end()
    if not is_cut(chars, end, "?>") and not chars.startswith(_BEHIND_NAME, end):
        raise unexpected(chars, end, "white space")
    end = chars.find("?>", end)
    if end < 0:
        raise unexpected(chars, len(chars), '"?>"')
    return end + 2


def read_characters(chars: str, start: int, end: int) -> str:
    """The characters that a run of text or an attribute's value stands for."""
    raw = chars[start:end]
    if "&" not in raw:
        return line_ends(raw)
    parts = []
    i = start
    while (amp := chars.find("&", i, end)) >= 0:
        reference = _REFERENCE.match(chars, amp)
        if reference is None:
            if _REFERENCE_CUT.match(chars, amp):
                raise unexpected(chars, len(chars), '";"')
            found = quote(chars[amp : amp + 12])
            raise Fault(amp, "&amp; or a reference that XML defines", found)
        parts.append(line_ends(chars[i:amp]))
        parts.append(_referred(reference, amp))
        i = reference.end()
    parts.append(line_ends(chars[i:end]))
    return "".join(parts)


def line_ends(raw: str) -> str:
    """Text with every line's end as XML has it."""
    return raw.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw else raw


def _referred(reference: re.Match[str], at: int) -> str:
    decimal, hexadecimal, named = reference.groups()
    if named:
        return _NAMED[named]
    digits = (decimal or hexadecimal).lstrip("0") or "0"
    code = int(digits, 10 if decimal else 16) if len(digits) <= 7 else 0
    if code > 0x10FFFF or ILLEGAL.match(chr(code)):
        raise Fault(at, "a reference to a character that XML allows", quote(reference[0]))
    return chr(code)


def pass_space(chars: str, i: int) -> int:
    """Where white space ends that begins here, if it does."""
    match = SPACE.match(chars, i)
    return match.end() if match else i


def unexpected(chars: str, i: int, expected: str) -> Fault:
    """The fault of what stands at `i`, which may be the end."""
    if i >= len(chars):
        return Fault(len(chars), expected, "the end of the payload", "truncated")
    return Fault(i, expected, quote(chars[i]))


def is_cut(chars: str, i: int, *tokens: str) -> bool:
    """Whether the text ends inside one of the tokens that could begin at `i`."""
    rest = chars[i : i + 10]
    return i + len(rest) == len(chars) and any(token.startswith(rest) for token in tokens)


def illegal_character(chars: str, i: int) -> Fault:
    """The fault of a character that XML cannot hold."""
    return Fault(i, "a character that XML allows", f"U+{ord(chars[i]):04X}")
