"""Finds calls in a line of a text log: their URLs and details.

A call of this API is recognised by its path, anywhere in a line and in any quotes. A call of
another service is recognised only if its URL follows a verb or `curl`, or begins the line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

STAMP = re.compile(
    rb"""[\[(]?(?:
      [0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?
        (?:Z|\ ?(?:[+-][0-9]{2}:?[0-9]{2}|UTC|GMT)(?![0-9]))?)?
    | [0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\ [+-][0-9]{4})?
    | [0-9]{1,2}-[A-Z][a-z]{2}-[0-9]{4}\ [0-9:]{8}(?:\ [A-Za-z_/]{1,40})?
    | (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ )?[A-Z][a-z]{2}\ {1,2}[0-9]{1,2}\ [0-9:]{8}
        (?:\.[0-9]{1,9})?(?:\ [0-9]{4})?
    | (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ )[0-9]{1,2}\ [A-Z][a-z]{2}\ [0-9]{4}\ [0-9:]{8}
        (?:\ (?:[A-Z]{3}|[+-][0-9]{4}))?
    | [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?
    | [0-9]{10}(?:\.[0-9]{1,9})?
    | [A-Z],\ \[[0-9]{4}-[0-9T:.\ \#-]{1,40}
    )[\])]?(?=[\s|,]|:\s|--|\Z)""",
    re.VERBOSE,
)
# Ruby puts a letter before the time, and the process number after it.
_TIME = re.compile(rb"[A-Z0-9][A-Za-z0-9](?:[^\]) ]| (?!#))*")
VERBS = rb"(?:GET|POST|DELETE|PUT|PATCH|HEAD|OPTIONS)"

_PATH = rb"""/(?:api|apiv2)/[A-Za-z]+\.[A-Za-z]+\.(?:xml|json)(?![A-Za-z0-9])
  | /v3/suppression/[a-z_]+(?:/[^\s?#"'<>\\`|]+)?"""
_CALL = re.compile(
    rb"""(?: (?: [Hh][Tt][Tt][Pp][Ss]?: )? // [^/?#\s"'<>\\`]*
      | (?<![\w./:@%%-]) [A-Za-z0-9][A-Za-z0-9.-]* (?: :[0-9]+ )?
      | (?<![\w./:@%%-]) ) (?: %b )"""
    % _PATH,
    re.VERBOSE,
)
_REST = re.compile(rb"""\?[^\s"'<>\\`|]*""")
_VERSION = re.compile(rb"(?<! ) +HTTP/[0-9]")
_VERB = re.compile(rb"(?<![A-Za-z])" + VERBS + rb"(?![A-Za-z])")
_REQUEST = re.compile(
    rb"""(?<![A-Za-z]) (?P<verb>%b) ["']? \s+ ["'(\[]?
        (?P<target> https?://[^\s"'<>]+ | /[^\s"'<>]*(?=\ HTTP/) )
      | \A [>\s]* (?P<alone> https?://[^\s"'<>]+ ) \s* \Z"""
    % VERBS,
    re.VERBOSE,
)
_FETCHING = re.compile(rb"(?<!\w)curl\s")
_FETCHED = re.compile(rb"""https?://[^\s"'<>]+""")
_CURL = re.compile(rb"(?<![\w/.-])curl(?:\.exe)?\s")
_CURL_VERB = re.compile(rb"(?<!\S)(?:-X\s*|--request[= ])['\"]?([A-Z]+)")
_CURL_DATA = re.compile(
    rb"""(?<!\S)(?:-d|--data(?:-raw|-binary|-ascii|-urlencode)?|-F|--form(?:-string)?)[= ]?\s*
      (?: '([^']*)' | "([^"]*)" | ([^\s'"]+) )""",
    re.VERBOSE,
)
_CURL_GET = re.compile(rb"(?<!\S)(?:-G|--get)(?!\S)")
_CREDENTIAL = re.compile(rb"api;?_(?:user|key);?=")
_STATUS = re.compile(
    rb"""HTTP/[0-9.]{1,3}["']?\s+([1-5][0-9]{2})(?![0-9])
      | (?<![A-Za-z])(?i:status|code|status[_ -]?code)["']?\s*(?:[:=]\s*)?["']?
        ([1-5][0-9]{2})(?![0-9A-Za-z])
      | (?:->|=>|<-|<=|\xe2\x86\x92|\xe2\x86\x90)\s*["'\[(]?([1-5][0-9]{2})(?![0-9A-Za-z])
      | (?<![\w.-])([1-5][0-9]{2})\ (?:OK|Created|No\ Content
          |Bad\ |Unauthorized|Forbidden|Not\ |Internal|Service)
      | (?i:response|returned|answered|got|received)\W{1,3}([1-5][0-9]{2})(?![0-9A-Za-z])""",
    re.VERBOSE,
)
_BARE_STATUS = re.compile(rb"\W{0,3}([1-5][0-9]{2})(?=[\s,|:)\]]|\Z)")
_CONTENT_TYPE = re.compile(
    rb"(?i:content[-_]type)[\"']?\s*[:=]>?\s*[\"']?([\w.+-]+/[\w.+-]+(?:;\s*charset=[\w-]+)?)"
)
_NO_ANSWERS = (b"application/x-www-form-urlencoded", b"multipart/")
_LABEL = re.compile(rb"(?i)respon|answer|repl(?:y|ied)|received|returned|<[-=<]|got\s")
_DELIMITERS = b" \t\"'<>\\`(,|"
_FORM_END = re.compile(rb"[\s\"'<>\\`)|]")
_CLOSERS = {ord(")"): b"(", ord("]"): b"[", ord("}"): b"{"}
_NEAR = 64
_FAR = 8192


class Call(NamedTuple):
    """A call, and where in the line it begins and ends. `known`: its path is one of this API.

    `request_line`: it is an HTTP request line. `answered`: the line mentions the answer.
    """

    start: int
    end: int
    url: bytes
    verb: bytes | None
    form: bytes | None = None
    time: bytes | None = None
    known: bool = True
    request_line: bool = False
    answered: bool = False


class Calls:
    """The calls of this API in a line. Ask with rising indices only."""

    def __init__(self, line: bytes) -> None:
        self._line = line
        # A substring search suffices for nearly every line; the pattern takes fifty times as long.
        self._signs = {sign: line.find(sign) for sign in (b"/api", b"/v3/suppression/")}
        self._next = self._search(0)

    def start(self, at: int) -> int | None:
        """The index of the first call at or after `at`."""
        if self._next is not None and self._next.start() < at:
            self._next = self._search(at)
        return None if self._next is None else self._next.start()

    def find(self, at: int) -> Call | None:
        """The first call at or after index `at`."""
        if self.start(at) is None or self._next is None:
            return None
        return _read(self._line, at, *self._next.span())

    def _search(self, at: int) -> re.Match[bytes] | None:
        for sign, index in self._signs.items():
            if 0 <= index < at:
                self._signs[sign] = self._line.find(sign, at)
        return _CALL.search(self._line, at) if max(self._signs.values()) >= 0 else None


def find_call(line: bytes, at: int) -> Call | None:
    """The first call of this API in a line, at or after index `at`."""
    return Calls(line).find(at)


def _read(line: bytes, at: int, start: int, end: int) -> Call:
    """The call with its path at `start` to `end`, and its details in the line from `at` on."""
    before = line[max(at, start - _NEAR) : start]
    verbs = list(_VERB.finditer(before))
    verb = verbs[-1][0] if verbs else None
    opener = _opener(before, verbs[-1].start() if verbs else len(before))
    rest = _REST.match(line, end)
    end = rest.end() if rest is not None else end
    closing = line.find(opener, end, end + _FAR) if opener else -1
    version = None
    if verb is not None and opener:
        version = _VERSION.search(line, end, end + _FAR if closing < 0 else closing)
    elif verb is not None:
        version = _VERSION.match(line, end)
    if version is not None:
        end = version.start()
    else:
        end = closing if closing >= 0 and rest is not None else _unpunctuated(line, start, end)
    stamp = STAMP.search(line, at, min(start, at + 4 * _NEAR))
    form = None
    if _CURL.search(line, at, start) is not None:
        other = _CURL.search(line, end)
        verb, form = _read_curl(line[at : other.start() if other is not None else None])
    return Call(
        start=start,
        end=end,
        url=line[start:end],
        verb=verb,
        form=form,
        time=None if stamp is None else _TIME.search(stamp[0])[0],  # type: ignore[index]
        request_line=version is not None,
        answered=_LABEL.search(line, at, start) is not None,
    )


def find_other(line: bytes, at: int) -> Call | None:
    """The first call of another service in a line, at or after index `at`."""
    if line.find(b"http", at) < 0 and line.find(b" HTTP/", at) < 0:
        return None
    text = line.rstrip(b"\r\n")
    found = _REQUEST.search(text, at)
    curl = _FETCHING.search(text, at, len(text) if found is None else found.start())
    fetched = None if curl is None else _FETCHED.search(text, curl.end())
    if curl is not None and fetched is not None:
        return Call(curl.start(), fetched.end(), fetched[0], None, known=False)
    if found is None:
        return None
    url = found["target"] or found["alone"]
    return Call(found.start(), found.end(), url, found["verb"], known=False)


def find_form(text: bytes) -> bytes | None:
    """The form in a text: the word that holds the credentials."""
    found = _CREDENTIAL.search(text)
    if found is None:
        return None
    start = max(text.rfind(bytes([sign]), 0, found.start()) for sign in _DELIMITERS) + 1
    end = _FORM_END.search(text, found.end())
    form = text[start : end.start() if end else len(text)]
    first, separator, rest = form.partition(b"&")
    if first.count(b"=") > 1:  # As in `body=api_user=…`.
        first = first.partition(b"=")[2]
    return first + separator + rest


def find_status(text: bytes, *, after_call: bool = False) -> int | None:
    """The HTTP status in a text; directly after a call a bare number is enough."""
    found = _BARE_STATUS.match(text) if after_call else None
    found = found or _STATUS.search(text)
    return None if found is None else int(next(filter(None, found.groups())))


def find_content_type(text: bytes) -> bytes | None:
    """The content type of an answer in a text."""
    found = _CONTENT_TYPE.search(text)
    return None if found is None or found[1].lower().startswith(_NO_ANSWERS) else found[1]


def _opener(before: bytes, verb_at: int) -> bytes:
    """The quote directly before a call, or before its verb."""
    signs = (before[end - 1 : end] for end in (len(before), verb_at) if end)
    return next((sign for sign in signs if sign in (b'"', b"'", b"`")), b"")


def _unpunctuated(line: bytes, start: int, end: int) -> int:
    """The end of a URL, without the sentence punctuation after it."""
    opened = {sign for sign, opener in _CLOSERS.items() if opener in line[start:end]}
    while end > start:
        sign = line[end - 1]
        if sign not in b".,;:!" and (sign not in _CLOSERS or sign in opened):
            break
        end -= 1
    return end


def _read_curl(command: bytes) -> tuple[bytes, bytes | None]:
    """The verb and the form of a `curl` command."""
    parts = [b"".join(filter(None, found.groups())) for found in _CURL_DATA.finditer(command)]
    verb = b"GET" if not parts or _CURL_GET.search(command) else b"POST"
    named = _CURL_VERB.search(command)
    return named[1] if named else verb, b"&".join(parts) if parts else None
