"""Finds keys that damage has separated from their names.

`find_torn` takes a text in which every secret with a name is already hidden by stars. If a line
belongs to a call of the API but contains no whole name with a hidden value, its name is lost. Then
everything in it that looks like a key is found, unless it is the value of a harmless name. If it
contains damage beside a whole name, only what very likely is a key, or a piece of one, is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sgformats.secrets.names import (
    RUN,
    blanks,
    fold,
    is_random,
    whole_kind_of,
    without_colours,
)

# The remains of the names of credentials. The search is much faster if all begin with a literal.
_CREDENTIALS = re.compile(
    r"api[;_-]|pi_|_use|user?[\"'\\]|user:\w|:[^\s@:/\"']{6,80}@|_key"
    r"|auth|utho|thor|hori|oriz|riza|izat|bear|eare|arer|:\s?bea|aut(?<!\waut)[^o]"
)
_CALLS = re.compile(r"api|sendgrid|/v3/|suppress|\.get\.|\.delete\.|\.add\.|\.count\.")
# Characters that only damage can cause: control characters, and bytes that are not UTF-8.
_BYTES = "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd"
_DAMAGE = re.compile(f"[{_BYTES}]")
# Such a character between the start of a name and its value; the rest may look like a word.
_DAMAGED_NAME = re.compile(rf"""api[;_-][^\s&"'<>{_BYTES}]{{0,40}}[{_BYTES}]""")
_AFTER_DAMAGE = re.compile(rf"""{_DAMAGED_NAME.pattern}[^\s&"'<>]{{0,40}}\Z""")
_NAME_BEFORE = re.compile(r"""([\w-]{1,40})\\*["']?[:= >]{1,4}\\*(["']?)(?:[A-Za-z-]{1,20}\ )?\Z""")
_ENDS = re.compile(r"""\*+(?:[\s&;)}\]<]|\\+[nrt]|\\*(["'])(?:[\s,}\])]|\Z)|\Z)""")
_USER = re.compile(r"\*{3,400}@[\w.-]{1,100}(?::[0-9]|/)")
_USER_BEFORE = re.compile(r"//(?:[^\s:/@]{1,128}:)?\Z")
_ESCAPES = re.compile(
    r"\\\\{0,3}(?:u[0-9a-fA-F]{4}|[bfnrt]|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2})|%(?:25){0,4}[0-9a-fA-F]{2}"
    r"|&#(?:x[0-9a-fA-F]{1,8}|[0-9]{1,9});"
)
_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z?")
# A number of JSON with an exponent looks random.
_NUMBER = re.compile(r"[0-9]+[eE][+-]?[0-9]+(?=[\s,}\]])")
_BEFORE_NUMBER = re.compile(r"[:,\[]\s?-?(?:[0-9]{1,40}\.)?\Z")
_WORDS = re.compile(r"(?:HTTP|HTML|JSON|XML|URL|API)?[a-z]*(?:[A-Z][a-z]{2,})*")
_NAME_OF_VALUE = re.compile(
    r"""([A-Za-z_][\w-]{0,40})(\\*["']?\s?[:=]\s?\\*["']?|>)[^"'=&<>{}]*\Z"""
)
_ADDRESS = re.compile(r"[\w.+%-]{0,128}@([\w-]{1,64}\.[\w.-]{1,128})(/?)")
_SCHEMES = ("Bearer ", "bearer ", "Basic ", "basic ")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{1,400}")
_LONG = 80
_NEAR = 2
_BEFORE = 240
_AROUND = 1024

_HARMLESS = frozenset(
    (
        *("email", "reason", "message", "error", "errors", "user", "ip", "time", "timestamp", "ts"),
        *("date", "host", "server", "version", "etag", "via", "id", "uuid", "rid", "digest"),
        *("sha1", "md5", "sha256", "checksum", "requestid", "xrequestid", "traceid", "spanid"),
        *("cfray", "body", "text", "string", "content", "data", "payload", "responsebody"),
        *("boundary", "bodybase64", "base64string", "recordid", "warcrecordid", "pageref"),
        *("correlationid", "xtraceid", "messageid", "useragent", "contenttype", "xruntime"),
    )
)
"""Names, without separators, whose values are no keys even if they look like one."""


def find_torn(
    text: str, before: str = "", *, start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, int]]:
    """The spans of keys without names, in order; `before` is the end of the text before this one.

    Only keys that overlap the part from `start` to `stop` are found.
    """
    last_index = len(text) if stop is None else min(stop, len(text))
    last = without_colours(before.rstrip("\n").rpartition("\n")[2])
    continued = bool(last) and _CREDENTIALS.search(fold(last)) is not None and not _is_whole(last)
    at = 0
    while at < last_index:
        end = text.find("\n", at) + 1 or len(text)
        line = without_colours(text[at:end])
        low = fold(line)
        has_credentials = _CREDENTIALS.search(low) is not None
        certain = has_credentials or _DAMAGE.search(line) is not None
        known = certain or continued or _CALLS.search(low) is not None
        whole = known and _is_whole(line)
        if known and end > start and not (whole and not _DAMAGE.search(line)):
            inside = max(0, start - at), min(len(line), last_index - at)
            for span in _keys(line, is_random if certain and not whole else is_likely, *inside):
                yield at + span[0], at + span[1]
        continued = has_credentials and not whole
        at = end


def _keys(
    line: str, is_key: Callable[[str], bool], first: int, last: int
) -> Iterator[tuple[int, int]]:
    """The spans of keys in a part of a line; reads only as much around it as is needed."""
    begin, end = max(0, first - _AROUND), min(len(line), last + _AROUND)
    while begin and not _is_separator(line[begin - 1]):
        begin -= 1
    while end < len(line) and not _is_separator(line[end]):
        end += 1
    bare = _ESCAPES.sub(blanks, line[begin:end])
    damaged = _DAMAGED_NAME.search(bare) is not None
    at = first - begin
    while at and bare[at - 1].isalnum():
        at -= 1
    for run in RUN.finditer(bare, at):
        start, stop = run.span()
        if begin + stop <= first or begin + start >= last:
            continue
        after_damage = damaged and _AFTER_DAMAGE.search(bare, max(0, start - _LONG), start)
        is_piece = is_key(run[0]) or (not run[0].islower() and _is_near_damage(bare, start, stop))
        if after_damage or (is_piece and not _is_harmless(bare, start, stop)):
            yield begin + start, begin + stop


def _is_near_damage(line: str, start: int, stop: int) -> bool:
    before = _DAMAGE.search(line, max(0, start - _NEAR), start)
    return (before or _DAMAGE.search(line, stop, stop + _NEAR)) is not None


def _is_separator(char: str) -> bool:
    """Whether a character separates names, keys, escapes and addresses."""
    return char in " \t\n\"'<>,;[]{}()"


def _is_whole(line: str) -> bool:
    """Whether a line contains a hidden value with its whole name."""
    at = line.find("***")
    while at >= 0:
        if _USER.match(line, at) and _USER_BEFORE.search(line, max(0, at - 131), at):
            return True
        end = _ENDS.match(line, at)
        if end is not None:
            name = _NAME_BEFORE.search(line, max(0, at - 80), at)
            closed = name is not None and (not name[2] or name[2] == end[1])
            if (
                name is not None
                and closed
                and whole_kind_of(name[1]) in ("secret", "authorization", "cookie")
            ):
                return True
        while line.startswith("*", at):
            at += 1
        at = line.find("***", at)
    return False


def is_likely(run: str) -> bool:
    """Whether a run is very likely a key: of mixed case, and not made of words."""
    mixed = not run.islower() and not run.isupper()
    return mixed and is_random(run) and not _WORDS.fullmatch(run) and not _TIME.fullmatch(run)


def _is_harmless(line: str, start: int, stop: int) -> bool:
    before = line[max(0, start - _BEFORE) : start]
    if _TIME.fullmatch(line, start, stop):
        return True
    if _NUMBER.match(line, start) and _BEFORE_NUMBER.search(before):
        return True
    if before.endswith(_SCHEMES):
        return False
    left = before.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-%")
    is_password = (
        before.endswith(":") and not before.endswith("mailto:") and is_likely(line[start:stop])
    )
    host = start - len(before) + len(left) - 1
    if left.endswith("@") and _is_address(_ADDRESS.match(line, host)):
        return True
    address = None if _DAMAGE.match(left[-1:]) else _ADDRESS.match(line, start)
    if address is not None and not address[2] and not is_password and not before.endswith("user:"):
        return _is_address(address) and (not is_likely(line[start:stop]) or _has_name(before))
    encoded = _BASE64.match(line, start)
    if encoded is not None and encoded.end() - start > _LONG:
        return True
    return _has_name(before)


def _is_address(match: re.Match[str] | None) -> bool:
    """Whether the host of an address is not of mixed case, and no damage follows."""
    if match is None or match[1] not in (match[1].lower(), match[1].upper()):
        return False
    return not _DAMAGE.match(match.string, match.end())


def _has_name(before: str) -> bool:
    """Whether a text ends with a harmless name and the beginning of its value."""
    name = _NAME_OF_VALUE.search(before)
    if name is None or name.groups() == ("user", ":"):  # Followed by a password.
        return False
    return fold(name[1]).replace("-", "").replace("_", "") in _HARMLESS
