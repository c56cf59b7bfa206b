"""Every rule that a problem can name, in one table: what it means, and an example that breaks it.

A rule's name is stable. `stage` tells what stands in its way: `decode` rules make a `DecodeError`
(nothing can be read), `contract` rules a `ValidationError`, `request` rules are about a call's
parameters, `exchange` rules about what an answer owes to its call, `capture` rules about the file
that holds both, `drift` rules about what another capture says, `extract` rules about what cannot be
made a row of a table. `beyond_schema` marks what the shipped schema files cannot say, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from sgformats.errors import Severity
from sgformats.operations import OperationName

Stage = Literal["decode", "contract", "request", "exchange", "capture", "drift", "extract"]


class Rule(msgspec.Struct, frozen=True):
    """One rule: its name, where it applies, its meaning in a sentence, and an example.

    `example` is a payload that breaks this rule first, read as an answer of `operation`; for a
    `request` rule it is a URL, for an `exchange` rule the answer to `call`, with `status`, for a
    `capture` or `extract` rule the text of a capture named `file`, for a `drift` rule one that is
    held against the capture `against`. `zone` is what the call names, where the rule is about one.
    `tolerable` says when lax reading goes on in spite of it. A problem of severity `warning` may be
    as it should be.
    """

    name: str
    stage: Stage
    meaning: str
    example: str
    operation: OperationName = "invalidemails.get"
    zone: str | None = None
    tolerable: str = ""
    beyond_schema: str = ""
    severity: Severity = "error"
    call: str = ""
    status: int = 200
    file: str = ""
    against: str = ""


_TABLE = (
    Rule(
        "not-an-answer",
        "decode",
        "The body is none of this API's: an HTML page, plain text, binary data, or nothing at all.",
        "The service is not available. Please try again later.",
    ),
    Rule(
        "too-large",
        "decode",
        "The payload is larger than `max_bytes`, or nested deeper than 256 levels; "
        "it was not read further.",
        "[" * 257 + "]" * 257,
    ),
    Rule(
        "bad-encoding",
        "decode",
        "The bytes are not text in the encoding that they declare, the declaration contradicts the "
        "bytes or is unknown, or an escape names half a character.",
        '<?xml version="1.0" encoding="EBCDIC"?><invalidemails/>',
    ),
    Rule(
        "forbidden-doctype",
        "decode",
        "The document carries a DOCTYPE. The API never sent one, and none is ever processed.",
        '<!DOCTYPE invalidemails SYSTEM "x.dtd"><invalidemails/>',
    ),
    Rule(
        "truncated",
        "decode",
        "The payload ends before it is complete.",
        '[{"email":"isaac@hotmail.comm","reason":"Mail dom',
    ),
    Rule(
        "not-well-formed",
        "decode",
        "The payload breaks the syntax of XML or JSON.",
        '[{"email":"brandon","reason":"Bad Syntax"},]',
    ),
    Rule(
        "unknown-shape",
        "contract",
        "The payload as a whole is of no documented shape, or is two of them at once.",
        "{}",
        operation="invalidemails.delete",
        beyond_schema="In XML an empty `<result/>`, and text beside elements in a `<result>`: a "
        "type in XSD 1.0 is either mixed or not, whatever it holds.",
    ),
    Rule(
        "wrong-operation",
        "contract",
        "The payload is an answer of another operation; a `success` is no answer to a `get`. Beside "
        "its call, a JSON list is one too where every record has just the fields of another list, "
        "and differs from this one's in two or more, one of which this one does not have at all.",
        '{"message":"success"}',
        beyond_schema="A success and a failure in words differ in their text alone.",
    ),
    Rule(
        "wrong-type",
        "contract",
        "A value is of another type than its field: a number, a list, an element where text "
        "belongs.",
        '[{"email":5,"reason":"Bad Syntax"}]',
        tolerable="One record where a list belongs, for the list of that one record.",
    ),
    Rule(
        "missing-field",
        "contract",
        "A required field is not there.",
        '[{"email":"brandon"}]',
    ),
    Rule(
        "duplicate-field",
        "contract",
        "A field stands twice in one record or result, however its name is escaped.",
        '[{"email":"brandon","\\u0065mail":"isaac","reason":"Bad Syntax"}]',
        beyond_schema="In JSON, where a schema sees the last of them only; in XML, a second "
        "`<message>` in a `<result>` whose first is not `error`.",
    ),
    Rule(
        "unknown-field",
        "contract",
        "A field or element that the operation's contract does not have.",
        '[{"email":"brandon","reason":"Bad Syntax","status":"550"}]',
        tolerable="In a record or a result, and an empty element in a list: it is left out.",
    ),
    Rule(
        "unknown-attribute",
        "contract",
        "An attribute: the API's XML has none.",
        '<invalidemails page="1"/>',
        tolerable="Always: it is left out.",
    ),
    Rule(
        "unexpected-text",
        "contract",
        "Text between elements, where only white space may stand.",
        "<invalidemails>none</invalidemails>",
    ),
    Rule(
        "invalid-timestamp",
        "contract",
        "A timestamp is not of the form `YYYY-MM-DD HH:MM:SS`, or names no moment of the calendar.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"}]',
        tolerable="White space around a timestamp that is valid otherwise.",
        beyond_schema="The lengths of months, and year 0000; the form is the schema's.",
    ),
    Rule(
        "ambiguous-time",
        "contract",
        "A timestamp, read in the zone that the caller named, is of the hour that its clock showed "
        "twice, and the caller did not say which by `fold`.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-11-01 01:40:30"}]',
        zone="America/Los_Angeles",
        beyond_schema="A schema knows of no zone.",
    ),
    Rule(
        "nonexistent-time",
        "contract",
        "A timestamp, read in the zone that the caller named, is of an hour that its clock "
        "skipped.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-03-08 02:40:30"}]',
        zone="America/Los_Angeles",
        beyond_schema="A schema knows of no zone.",
    ),
    Rule(
        "invalid-number",
        "contract",
        "A count or code is not a whole number of 1 to 15 digits.",
        '{"error":{"code":-1,"message":"Permission denied, wrong credentials"}}',
        tolerable="White space around a count that is valid otherwise.",
    ),
    Rule(
        "missing-parameter",
        "request",
        "A call lacks a parameter that it requires.",
        "https://sendgrid.com/api/distributor.manage.json?method=invalidemails&task=get",
    ),
    Rule(
        "invalid-parameter",
        "request",
        "A parameter's value is not one that the call takes, or it stands twice.",
        "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=k&days=0",
    ),
    Rule(
        "empty-parameter",
        "request",
        "A parameter that may be left out is there without a value. Real clients send such calls.",
        "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=k&date=",
        severity="warning",
    ),
    Rule(
        "unknown-parameter",
        "request",
        "The call has no parameter of that name.",
        "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=k&page=2",
    ),
    Rule(
        "missing-created",
        "exchange",
        "The call said `date=1`, and a record does not tell when it was made.",
        '[{"email":"brandon","reason":"Bad Syntax"}]',
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***&date=1",
    ),
    Rule(
        "unexpected-created",
        "exchange",
        "The call did not say `date=1`, or said `date=0`, and a record tells when it was made. The "
        "successor always tells.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-06-10 12:40:30"}]',
        severity="warning",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***",
    ),
    Rule(
        "wrong-format",
        "exchange",
        "The answer is in another format than the call's path asks for. The bytes of the answer tell "
        "its format, and it is held against the contract in that one.",
        "<invalidemails/>",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***",
    ),
    Rule(
        "too-many-records",
        "exchange",
        "The list holds more records than `limit` allows, if that is at least 1. The place is that of "
        "the first record too many.",
        '[{"email":"brandon","reason":"Bad Syntax"},{"email":"isaac","reason":"Bad Syntax"}]',
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***&limit=1",
    ),
    Rule(
        "out-of-range",
        "exchange",
        "A record was made outside of what `start_date`, `end_date` or `days`, in the successor "
        "`start_time` or `end_time`, asked for. Neither a day nor a timestamp names its zone: only "
        "what is outside whichever of UTC-12 to UTC+14 each was meant in, so by more than 26 hours. "
        "`days` count back from the time that the capture tells; where it tells none, they are not "
        "held against anything.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-05-10 12:40:30"}]',
        call="GET /api/invalidemails.get.json"
        "?api_user=***&api_key=***&date=1&start_date=2009-06-01",
    ),
    Rule(
        "unrelated-record",
        "exchange",
        "The call asked for the records of one `email`, and a record is of another; letter case, "
        "white space around, `+` for a space and percent escapes make no difference.",
        '[{"email":"brandon","reason":"Bad Syntax"}]',
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***&email=isaac@hotmail.comm",
    ),
    Rule(
        "status-mismatch",
        "exchange",
        "The HTTP status and the answer contradict each other: a list, a success or a count under a "
        "status that is not of the 200s; a failure with a code under another status that tells of "
        "a failure; a body under 204; a failure of the successor under a status of the 200s, which "
        "the older calls have.",
        "[]",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***",
        status=500,
    ),
    Rule(
        "secret-in-url",
        "exchange",
        "The URL carries an `api_key`, which is the account's password, or a password before its "
        "host: URLs end up in logs. A form body, or a header in the successor, does not. What is "
        "written as `***`, `REDACTED`, `FILTERED` or in brackets is none.",
        "[]",
        severity="warning",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=k",
    ),
    Rule(
        "unreadable-body",
        "capture",
        "The capture holds an answer in a form that cannot be undone: broken base64, a broken "
        "compression, an unknown content encoding.",
        '{"url":"/api/invalidemails.get.json?api_user=***&api_key=***","body_base64":"W10*"}',
        file="calls.jsonl",
    ),
    Rule(
        "unrecognized-body",
        "capture",
        "Beside a call stands what could be its answer, in a form that is not read: under an unknown "
        "key of a JSON line, or as a value of a programming language in a log.",
        '{"url":"/api/invalidemails.get.json?api_user=***&api_key=***","got":"[{email: a}]"}',
        file="calls.jsonl",
    ),
    Rule(
        "unreadable-entry",
        "capture",
        "One entry of the capture is not of its form; those around it are read.",
        '{"url":\n',
        file="calls.jsonl",
    ),
    Rule(
        "damaged-capture",
        "capture",
        "The file cannot be read as a capture, or not to its end. What stands before is read; the "
        "exit code is 2.",
        '{"log":{"version":"1.2","entries":[',
        file="calls.har",
    ),
    Rule(
        "ambiguous-operation",
        "extract",
        "An answer without a call can be one of several operations, each meaning something else by it: "
        "--operation says which.",
        '{"body":[]}',
    ),
    Rule(
        "differs",
        "drift",
        "The answer says something else than the other capture's answer to the same call: a value, "
        "a record more or less, or the HTTP status. Format, order of fields, layout and encoding "
        "make no difference.",
        '{"url":"/api/bounces.count.json?api_user=***&api_key=***","body":"{\\"count\\":3}"}',
        against='{"url":"/api/bounces.count.xml?api_user=***&api_key=***",'
        '"body":"<result><count>2</count></result>"}',
    ),
    Rule(
        "missing-exchange",
        "drift",
        "The first capture holds a call that the second lacks. It is named where it stands in the "
        "first.",
        "",
        against='{"url":"/api/bounces.get.json?api_user=***&api_key=***","body":"[]"}',
    ),
    Rule(
        "extra-exchange",
        "drift",
        "The second capture holds a call that the first lacks.",
        '{"url":"/api/bounces.get.json?api_user=***&api_key=***","body":"[]"}',
    ),
)

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _TABLE}
