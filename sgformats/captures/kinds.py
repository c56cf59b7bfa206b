"""The kinds of captures: one row each, with how it is recognised and what reads it.

`find_kind` tries unmistakable content first, then the file name, then a text log. Any other file is
a bare payload.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, NamedTuple

from sgformats.captures import har, jsonlines, logexports, textlog, toolfiles, vcr, warc
from sgformats.captures.bodies import too_large
from sgformats.captures.build import CaptureOptions, exchange
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.lines import MARK
from sgformats.captures.logwrappers import has_wrapper
from sgformats.captures.opening import utf8_head
from sgformats.errors import CaptureError

HEAD = 64 * 1024
"""How many bytes of a capture decide its kind."""

Reader = Callable[[BinaryIO, str, CaptureOptions], Iterator[Exchange]]
Matcher = Callable[[bytes, Mapping[str, str]], bool]

_LINES = 10


class Kind(NamedTuple):
    """A kind of capture.

    `suffixes` are the file name suffixes of the kind. `matches` checks the first bytes, given the
    fields that hold the values of JSON lines. `certain`: a match is proof.
    """

    name: str
    suffixes: tuple[str, ...]
    matches: Matcher
    certain: bool
    read: Reader


def find_kind(head: bytes, name: str, fields: Mapping[str, str]) -> Kind:
    """The kind of a capture that begins with `head`; `name` is without a compression suffix."""
    start = utf8_head(head).removeprefix(MARK)
    lowered = name.lower()
    for kind in KINDS.values():
        if kind.certain and kind.matches(start, fields):
            return kind
    if has_wrapper(start):
        return KINDS["log"]
    for kind in KINDS.values():
        if kind.suffixes and lowered.endswith(kind.suffixes):
            return kind
    return next(kind for kind in KINDS.values() if kind.matches(start, fields))


def _matching(pattern: str) -> Matcher:
    compiled = re.compile(pattern.encode("ascii"), re.VERBOSE | re.IGNORECASE)
    return lambda head, fields: compiled.match(head) is not None


def _has_call_line(head: bytes, fields: Mapping[str, str]) -> bool:
    """Whether one of the first lines is an object that holds an exchange."""
    lines = [line for line in head.splitlines() if line.strip()][:_LINES]
    if len(lines) == 1 and len(head) >= HEAD:  # Of a longer line, only keys can be read.
        names = {fields.get(key, key).rpartition(".")[2] for key in jsonlines.REQUIRED}
        keys = "|".join(map(re.escape, names))
        found = re.search(f'"(?:{keys})"\\s*:'.encode(), lines[0])
        return found is not None and lines[0].lstrip()[:1] == b"{"
    return any(jsonlines.holds_call(line, fields) for line in lines if line.lstrip()[:1] == b"{")


def _read_payload(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """One payload without its call; its fault is `too-large` if it was not read to its end."""
    source, limit = Source(name), options.max_bytes
    body, damage = bytearray(), None
    try:
        while len(body) <= limit and (piece := file.read(HEAD)):
            body += piece
    except CaptureError as error:
        damage = error
    if len(body) > limit:
        yield exchange(source, body=b"", fault=too_large(limit))
        return
    if body or damage is None:
        yield exchange(source, body=bytes(body), max_bytes=limit)
    if damage is not None:
        raise damage


def _read_nothing(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """One exchange, with nothing but its source."""
    yield exchange(Source(name))


_TABLE = (
    Kind("warc", (".warc",), _matching(r"\s* WARC/[0-9]"), True, warc.read),
    Kind("har", (".har",), _matching(r'\s* \{ \s* "log" \s* : \s* \{'), True, har.read),
    Kind("log-json", (), logexports.matches, True, logexports.read),
    Kind("tool-json", (".chlsj",), toolfiles.matches, True, toolfiles.read),
    Kind(
        "vcr-json",
        (),
        _matching(
            r"""\s* (?: \{ [^\[]*? "(?:http_)?interactions" \s* :
                | \[ \s* \{ \s* "(?:request|response|scope|recorded_at)" \s* :
                | \[ \s* \{ \s* "status" \s* : \s* [0-9]{3} \s* , \s* "headers" \s* : )"""
        ),
        True,
        vcr.read_json,
    ),
    Kind(
        "vcr",
        (".yaml", ".yml"),
        _matching(
            r"""(?: \s | \#[^\n]*\n | ---[^\n]*\n )*
                (?: (?: http_interactions | interactions ) \s* :
                  | version \s* : [^\n]* \n (?: [^\n]+\n ){0,8}? interactions \s* :
                  | - \s+ (?: ! [^\s]+ \s+ )? (?: request | response | recorded_at | scope ) \s* : )"""
        ),
        True,
        vcr.read_yaml,
    ),
    Kind("json-array", (), jsonlines.is_array, True, jsonlines.read_array),
    Kind("jsonl", (".jsonl", ".ndjson", ".jsonlines"), _has_call_line, True, jsonlines.read),
    Kind("log", (".log",), textlog.matches, False, textlog.read),
    Kind("payload", (), lambda head, fields: True, False, _read_payload),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _TABLE}

NO_CAPTURE = Kind("none", (), lambda head, fields: False, False, _read_nothing)
