"""Finds where payloads begin in a line of a text log, and which are certainly of this API.

Some beginnings are certain anywhere. Others count only at the beginning of a line, after a word
such as `response:`, or directly after a call.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from sgformats.captures.jsonvalues import NoObjectError, members
from sgformats.captures.literals import is_repr, read_literal
from sgformats.captures.logcalls import STAMP
from sgformats.captures.logpayload import KEY, LEVEL, LISTS, is_event
from sgformats.operations import OPERATIONS

_ITEMS = "|".join(sorted({operation.method.item for operation in OPERATIONS.values()})).encode()
_ROOT = LISTS + b"|result"
_ANY = b"|".join((LISTS, _ITEMS, b"result"))
_FIELD = rb"(?:email|created|reason|status|ip|\\u00)"

_NAME = rb"(?:message|errors?|count|email|created|reason|status|ip)"

# Sure signs of an answer anywhere in a line.
_CERTAIN = re.compile(
    rb"""(?P<field> (?: \[\s*\{\s* | \{\s* )""%b"" | <\?xml[^"\\<>]{0,64}=""(?=[^"])
          | (?<=[,;\t]")[\[{](?=\s*\Z) )
      | (?P<html> (?i: <!doctype\s+html | <html[\s>] ) )
      | (?P<xml> <\?xml[\s?] | <(?:%b)[\s/>] )
      | (?P<json> \[\s*\{\s*["}] | \{\s*"(?:%b|\\u00) )
      | (?P<quoted> ["'](?= (?: \[\s*\{\s* | \{\s* )\\"%b\\" | <\?xml[^"\\<>]*=\\" )
          | (?:(?<!\w)b)?["'](?=\\x1[fF]\\x8[bB]) )"""
    % (_NAME, _ROOT, KEY, _NAME),
    re.VERBOSE,
)
# Signs that count only after a word such as `response:`, or directly after a call.
_LIKELY = re.compile(rb'(?P<json>\[\s*\]|\{\s*\}|\{\s*")')
# Further beginnings of a payload, only at the beginning of a line.
_LEADING = re.compile(
    rb"""(?P<html> (?i: <(?:head|body|title)[\s>] ) )
      | (?P<xml> <(?:%b)[\s/>] | <!-- | <!DOCTYPE\s | \?xml\s+version | (?:%b)> )
      | (?P<json> \[\s*\] | \[\s*\Z | \[\s*" | \{\s*\} | \{\s*\Z | \{\s*"%b
          | "(?:message|errors?|count|email)"\s*: )
      | (?P<sentence> (?i: (?![1-5][0-9]{2}\s) [^<>{}\[\]]{0,80} (?:
            service\ (?:is\ )?(?:temporarily\ )?(?:not\ available|unavailable)
          | try\ again\ later | bad\ gateway | gateway\ time-?out | internal\ server\ error ) ) )"""
    % (_ANY, _ROOT, _FIELD),
    re.VERBOSE,
)
# The message of a gateway on the line of the call.
_UNAVAILABLE = re.compile(
    rb"[^A-Za-z{}\[\]<>]{0,32}(?=(?i:the service is (?:currently )?not available))"
)
# Further beginnings of a payload on the first line after a call.
_FIRST = re.compile(rb'(?P<xml><[A-Za-z])|(?P<json>\{\s*")')
_LOG_RECORD = re.compile(
    rb"""\{ (?: \s*"(?:time|date|name|host)" | [^{}]{0,4096}? (?<!\\)"(?:level|lvl|severity|timestamp
        |@timestamp|ts|msg|logger|pid|hostname)" ) \s* :""",
    re.VERBOSE,
)
_WORD = re.compile(
    rb"""(?: (?i: \b(?:body|respon[cs]e|answer(?:ed)?|repl(?:y|ied)|result|payload|content|data|text
        |returned|returns|received|got|output) )
        (?: \s* (?: \([^()\[\]{}]{0,32}\) | [1-9][0-9]{0,8}(?:\ ?(?:bytes|b|ms|s))?
          | (?i:body|text|content|status|code|for|from|was|is|ok) (?![A-Za-z]) ) ){0,6}
        ["']? \s* (?:[:=>-]{1,3}\s*)?
      | (?:->|=>|<-)\s* ) ["'(]?b?["'(]? \Z""",
    re.VERBOSE,
)
_SIGN = re.compile(rb"\s*(?:[<>*#]\s+(?=\S)|(?:[\w.-]{1,60}[ \t]*)?\|[ \t])")
_STAMPED = re.compile(
    rb"""(?: %b | \[?%b\]?(?=[\s:]) ) (?: [\s|,:]* (?: \[[^\][{}"\s][^\][{}"]*\] | %b(?![A-Za-z])
        | (?:[\w.-]+[ ])?[\w./-]+\[[0-9]+\]: | [\w.$-]+:(?!//) | [\w.$-]+(?=\s+--?\s) ) )* [\s|:-]*"""
    % (STAMP.pattern, LEVEL, LEVEL),
    re.VERBOSE,
)
_SURE_XML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:%b)[\s/>]" % _ROOT)
_SURE_LIST = re.compile(rb'\s*\[\s*\{\s*"(?:email|created|reason|status|ip)"\s*:')
# Fields of SendGrid's Event Webhook, which is another API.
_EVENT_LIST = re.compile(
    rb'\s*\[\s*\{[^{}]{0,4096}?"(?:event|timestamp|sg_event_id|sg_message_id|smtp-id)"\s*:'
)
_LITERAL = re.compile(rb"""(?:(?<!\w)[bBuU])?['"]\Z""")
_AFTER_LITERAL = re.compile(rb"[\s,;.)\]}]|\Z")
_NEAR = 64
_GLANCE = 64 * 1024


class Start(NamedTuple):
    """Where in a line a payload begins, and whether nothing but a log prefix precedes it.

    `kind` is one of `OpenPayload`.
    """

    kind: str
    at: int
    leading: bool


def find_start(line: bytes, at: int, end: int, *, first: bool, after_call: bool) -> Start | None:
    """Find where a payload begins in a part of a line.

    `first`: between the call and this line are only lines of the same exchange. `after_call`: the
    part begins directly after a call.
    """
    start = _find_sign(line, at, end)
    if start is not None and (start.kind != "json" or not _LOG_RECORD.match(line, start.at)):
        # An earlier beginning on the line, such as a comment, comes first.
        leading = _leading(line, first=False) if at == 0 else None
        if leading is not None and leading.at < start.at:
            start = leading
        return _as_literal(line, at, start)
    candidate = _LIKELY.search(line, at, end)
    while candidate is not None:
        before = line[max(at, candidate.start() - _NEAR) : candidate.start()]
        alone = after_call and candidate.start() - at < _NEAR and not before.strip(b" \t\"'=->:|()")
        if (alone or _WORD.search(before)) and not _LOG_RECORD.match(line, candidate.start()):
            return _as_literal(line, at, Start("json", candidate.start(), leading=False))
        candidate = _LIKELY.search(line, candidate.end(), end)
    if after_call:
        unavailable = _UNAVAILABLE.match(line, at, end)
        return None if unavailable is None else Start("sentence", unavailable.end(), leading=False)
    return _leading(line, first) if at == 0 else None


def _as_literal(line: bytes, at: int, start: Start) -> Start:
    """The same payload, as a string literal if its quotes and escapes make it one."""
    opening = _LITERAL.search(line, max(at, start.at - 2), start.at)
    if opening is None or start.kind in ("quoted", "field"):
        return start
    literal = read_literal(line, opening.start())
    if literal is None or _AFTER_LITERAL.match(line, literal.end) is None:
        return start
    raw = line[start.at : literal.end - 1]
    if len(opening[0]) == 1 and (
        b"\\" not in raw or not is_repr(raw) or not _is_whole(literal.value)
    ):
        return start
    return Start("quoted", opening.start(), start.leading)


def _is_whole(body: bytes) -> bool:
    """Whether a body is XML, or complete JSON."""
    if body[:1] == b"<":
        return True
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        return True
    except (msgspec.MsgspecError, RecursionError):
        return False


def find_certain(line: bytes, at: int, end: int) -> Start | None:
    """Find where a payload without a known call begins."""
    start = _find_sign(line, at, end)
    return None if start is None or start.kind == "html" else start


def _find_sign(line: bytes, at: int, end: int) -> Start | None:
    """Find a sure sign of an answer."""
    near = min(end, at + _GLANCE)
    signs = (b"<", b"{", b"\\x1", b'"[')
    if near == end and all(line.find(sign, at, near) < 0 for sign in signs):
        return None
    found = _CERTAIN.search(line, at, end)
    if found is None:
        return None
    leading = at == 0 and not line[len(prefix_of(line)) : found.start()].strip()
    return Start(found.lastgroup or "", found.start(), leading)


def _leading(line: bytes, first: bool) -> Start | None:
    index = len(prefix_of(line))
    index += len(line) - index - len(line[index:].lstrip(b" \t"))
    found = _LEADING.match(line, index) or (_FIRST.match(line, index) if first else None)
    if found is None or (found.lastgroup == "json" and _LOG_RECORD.match(line, index)):
        return None
    if found.lastgroup == "sentence" and (not first or is_event(line)):
        return None
    return Start(found.lastgroup or "", index, leading=True)


def prefix_of(line: bytes) -> bytes:
    """The log's prefix of a line: a timestamp with its fields, or a mark such as `<`."""
    found = _SIGN.match(line) or _STAMPED.match(line)
    return b"" if found is None else found[0]


def is_event_list(body: bytes) -> bool:
    """Whether a list holds events of SendGrid's webhook rather than records."""
    return _EVENT_LIST.match(body) is not None


def is_certain_answer(body: bytes) -> bool:
    """Whether a payload without a known call is certainly an answer of this API."""
    if _SURE_XML.match(body) or _SURE_LIST.match(body):
        return True
    try:
        found = members(body)
    except NoObjectError:
        return False
    names = found.keys()
    if names == {"count"}:
        return True
    if names == {"error"}:
        return found["error"].startswith(b"{") and b'"code"' in found["error"]
    message = found.get("message")
    return names <= {"message", "errors"} and message in (b'"success"', b'"error"')
