"""Invalid input that contenders accept, and valid input that they refuse, found by running them.

Each trap is a payload, or a record to write. A contender whose result differs from that of
sgformats does not check it, or refuses valid input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

import sgformats
from benchmarks.contender import OPERATION, Contender, Row, rows_of
from benchmarks.peers import contenders

_HEAD = '"email":"a","reason":"x"'
_XML = "<email>a</email><reason>x</reason>"


def _json(inside: str) -> bytes:
    return f"[{{{inside}}}]".encode()


def _xml(inside: str, before: str = "") -> bytes:
    item = f"<invalidemail>{inside}</invalidemail>"
    return f"{before}<invalidemails>{item}</invalidemails>".encode()


def _dated(created: str) -> dict[str, bytes]:
    return {
        "json": _json(f'{_HEAD},"created":"{created}"'),
        "xml": _xml(f"{_XML}<created>{created}</created>"),
    }


READ: Mapping[str, Mapping[str, bytes]] = {
    "a duplicate field": {
        "json": _json(f'"email":"b",{_HEAD}'),
        "xml": _xml(f"<email>b</email>{_XML}"),
    },
    "a missing field": {"json": _json('"email":"a"'), "xml": _xml("<email>a</email>")},
    "an unknown field": {"json": _json(f'{_HEAD},"y":"1"'), "xml": _xml(f"{_XML}<y>1</y>")},
    "a `T` in a timestamp": _dated("2009-06-10T12:40:30"),
    "a zone": _dated("2009-06-10 12:40:30Z"),
    "a fraction of a second": _dated("2009-06-10 12:40:30.5"),
    "30 February": _dated("2009-02-30 12:40:30"),
    "a number as a timestamp": {
        "json": _json(f'{_HEAD},"created":1244637630'),
        "xml": _xml(f"{_XML}<created>1244637630</created>"),
    },
    "`null` as a timestamp": {"json": _json(f'{_HEAD},"created":null')},
    "half a surrogate pair": {"json": _json('"email":"a","reason":"\\ud800"')},
    "an empty timestamp": _dated(""),
    "an empty text": {
        "json": _json('"email":"","reason":"x"'),
        "xml": _xml("<email></email><reason>x</reason>"),
    },
    "white space around a text": {
        "json": _json('"email":" a ","reason":"x"'),
        "xml": _xml("<email> a </email><reason>x</reason>"),
    },
    "an attribute": {"xml": _xml('<email k="1">a</email><reason>x</reason>')},
    "text between fields": {"xml": _xml(f"a{_XML}")},
    "a comment in a text": {"xml": _xml("<email>a<!-- -->b</email><reason>x</reason>")},
    "a DOCTYPE": {"xml": _xml(_XML, "<!DOCTYPE invalidemails>")},
    "a declaration that contradicts the bytes": {
        "xml": b"\xef\xbb\xbf" + _xml(_XML, '<?xml version="1.0" encoding="UTF-16"?>')
    },
}
WRITTEN: Mapping[str, Row] = {
    "a zone": Row("a", "x", datetime(2009, 6, 10, 12, 40, 30, tzinfo=timezone.utc)),
    "a fraction of a second": Row("a", "x", datetime(2009, 6, 10, 12, 40, 30, 500_000)),
    "a number as a text": Row("a", 5),  # type: ignore[arg-type]  # that is the trap
    "half a surrogate pair": Row("a", "\ud800"),
}
_WRITTEN_XML: Mapping[str, Row] = {"a character that XML does not allow": Row("a", "\x01")}
_REFUSED = "refused"


class Notes(NamedTuple):
    """The traps that a contender does not detect, and the valid ones that it refuses."""

    unchecked: list[str]
    refused: list[str]


def notes(contender: Contender) -> Notes:
    """Compare a contender's results for the traps with those of sgformats."""
    _, ours, *_ = contenders(contender.work, contender.format)
    found = Notes([], [])
    for name, result, right in _outcomes(contender, ours):
        if result != right:
            (found.refused if result == _REFUSED else found.unchecked).append(name)
    return found


def _outcomes(contender: Contender, ours: Contender) -> Iterator[tuple[str, Any, Any]]:
    if contender.work == "encode":
        written = {**WRITTEN, **(_WRITTEN_XML if contender.format == "xml" else {})}
        for name, row in written.items():
            yield name, _outcome(contender, [row]), _outcome(ours, [row])
        return
    for name, payloads in READ.items():
        if contender.format in payloads:
            data = payloads[contender.format]
            yield name, _outcome(contender, data), _outcome(ours, data)


def _outcome(contender: Contender, subject: bytes | Sequence[Row]) -> Any:
    """The result of a contender, or that it refuses the input."""
    try:
        given = subject if isinstance(subject, bytes) else contender.given(subject)
        result = contender.normalize(contender.run(given))
    except Exception:  # Each library raises its own errors.
        return _REFUSED
    if contender.work == "parse":
        return result
    try:
        reply = sgformats.parse(result, OPERATION)
    except sgformats.SgformatsError:
        return "a document that is not valid"
    assert isinstance(reply, sgformats.Listing)
    return rows_of(reply.records)
