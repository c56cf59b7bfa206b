"""Parts of XML text: names, references, comments, and the XML declaration.

The functions raise `Fault` at the first wrong character; its rule is `truncated` if the text ends
too early. Those that skip a part return the index after it.
"""

from __future__ import annotations

import re
from functools import cache

from sgformats._model.node import Fault, unexpected
from sgformats._text.payload import WHITE, skip_white
from sgformats._xml.plain import character_of
from sgformats.errors import quote

_NAME_START = (
    ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""A character that XML does not allow, not even as a reference."""
_REFERENCE = re.compile(r"&(#[0-9]+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);")
_REFERENCE_CUT = re.compile(r"&(?:#(?:[0-9]*|x[0-9a-fA-F]*)|[A-Za-z]*)?\Z")
# The parts of the XML declaration, and the values that they may have.
_DECLARED = {
    "version": r"1\.[0-9]*",
    "encoding": "[A-Za-z][A-Za-z0-9._-]*",
    "standalone": "yes|no",
}


@cache
def _name() -> re.Pattern[str]:
    # Compiled late, because that takes milliseconds, and JSON never needs it.
    return re.compile(f"[{_NAME_START}][{_NAME_START}\\-.0-9\xb7\u0300-\u036f\u203f\u2040]*")


def match_name(chars: str, i: int = 0) -> re.Match[str] | None:
    return _name().match(chars, i)


def skip_declaration(chars: str) -> int:
    """Skip the XML declaration at the start of a document."""
    i = 5
    for word, form in _DECLARED.items():
        space = skip_white(chars, i)
        if is_cut(chars, space, word):
            raise unexpected(chars, len(chars), f"{word}=")
        if not chars.startswith(word, space):
            if word == "version":
                raise unexpected(chars, space, f"{word}=")
            continue
        if space == i:
            raise unexpected(chars, space, "white space")
        i = skip_white(chars, space + len(word))
        if chars[i : i + 1] != "=":
            raise unexpected(chars, i, '"="')
        i = skip_white(chars, i + 1)
        value = re.compile(f"\"(?:{form})\"|'(?:{form})'").match(chars, i)
        if value is None:
            if chars.find("?>", i) < 0:
                i = len(chars)
            raise unexpected(chars, i, f"a value of {word}")
        i = value.end()
    i = skip_white(chars, i)
    if not chars.startswith("?>", i):
        raise unexpected(chars, i if i + 1 < len(chars) else len(chars), '"?>"')
    return i + 2


def skip_misc(chars: str, i: int, expected: str) -> int:
    """Skip white space, comments and instructions, up to the root or the end."""
    while True:
        i = skip_white(chars, i)
        if i >= len(chars):
            if expected:
                raise unexpected(chars, i, expected)
            return i
        if chars.startswith("<!--", i) or chars.startswith("<?", i):
            i = skip_comment_or_instruction(chars, i)
        elif chars.startswith("<!DOCTYPE", i):
            raise Fault(i, "", "DOCTYPE", "forbidden-doctype")
        elif expected and chars[i] == "<":
            if is_cut(chars, i, "<!--", "<!DOCTYPE"):
                raise unexpected(chars, len(chars), expected)
            return i
        elif not expected and is_cut(chars, i, "<!--"):
            raise unexpected(chars, len(chars), "the rest of a comment or an instruction")
        else:
            raise unexpected(chars, i, expected or "the end of the document")


def skip_comment_or_instruction(chars: str, i: int) -> int:
    """Skip the comment or the instruction at an index."""
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
        raise Fault(i, "an XML declaration only at the very start", "a later one")
    if ":" in name[0]:
        raise Fault(i + 2, "a name without a colon", quote(name[0]))
    end = name.end()
    if not is_cut(chars, end, "?>") and not chars.startswith((*WHITE, "?>"), end):
        raise unexpected(chars, end, "white space")
    end = chars.find("?>", end)
    if end < 0:
        raise unexpected(chars, len(chars), '"?>"')
    return end + 2


def read_characters(chars: str, start: int, end: int) -> str:
    """Text or an attribute's value with its references and line ends replaced."""
    raw = chars[start:end]
    if "&" not in raw:
        return line_ends(raw)
    parts: list[str] = []
    i = start
    while (amp := chars.find("&", i, end)) >= 0:
        reference = _REFERENCE.match(chars, amp)
        if reference is None:
            if _REFERENCE_CUT.match(chars, amp):
                raise unexpected(chars, len(chars), '";"')
            found = quote(chars[amp : amp + 12])
            raise Fault(amp, "&amp; or a reference that XML defines", found)
        char = character_of(reference[1])
        if char is None:
            expected = "a reference to a character that XML allows"
            raise Fault(amp, expected, quote(reference[0]))
        parts += (line_ends(chars[i:amp]), char)
        i = reference.end()
    parts.append(line_ends(chars[i:end]))
    return "".join(parts)


def line_ends(raw: str) -> str:
    """Text with every line end as a single newline."""
    return raw.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw else raw


def is_cut(chars: str, i: int, *tokens: str) -> bool:
    """Whether the text ends inside one of the tokens, which begins at `i`."""
    rest = chars[i : i + 10]
    return i + len(rest) == len(chars) and any(token.startswith(rest) for token in tokens)


def illegal_character(chars: str, i: int) -> Fault:
    """The fault of a character that XML does not allow."""
    return Fault(i, "a character that XML allows", f"U+{ord(chars[i]):04X}")
