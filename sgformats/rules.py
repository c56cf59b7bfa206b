"""The table of all rules: what each means, and an example that breaks it.

The name of a rule is stable. `stage` says what the rule is about: `decode` rules raise `DecodeError`
(nothing can be read), `contract` rules raise `ValidationError`, `request` rules concern the parameters
of a call, `exchange` rules whether an answer matches its call, `capture` rules the file that holds both,
`drift` rules the differences between two captures, and `extract` rules answers that give no rows.
`beyond_schema` describes what the shipped schema files cannot express.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from sgformats.errors import Location, Problem, Severity, describe_fault
from sgformats.operations import OperationName

Stage = Literal["decode", "contract", "request", "exchange", "capture", "drift", "extract"]


class Rule(msgspec.Struct, frozen=True):
    """One rule: its name, its stage, its meaning, and an example.

    `example` is a payload whose first problem is this rule, read as an answer of `operation` in the
    time zone `zone`. For a `request` rule it is a URL, for an `exchange` rule the answer to `call` with
    the HTTP status `status`, for a `capture` or `extract` rule the text of a capture named `file`, and
    for a `drift` rule the text of a capture that is compared with the capture `against`.
    `tolerable` says when lax mode accepts a payload that breaks the rule. A problem of severity
    `warning` may be intended.
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
        "The body is not an answer of this API: it is an HTML page, plain text, binary data, or empty.",
        "The service is not available. Please try again later.",
    ),
    Rule(
        "too-large",
        "decode",
        "The payload is larger than `max_bytes`, is nested deeper than 256 levels, or has more than "
        "262,144 values in one item or in an answer that is not a list. It is not read further.",
        "[" * 257 + "]" * 257,
    ),
    Rule(
        "bad-encoding",
        "decode",
        "The bytes are not valid in their declared encoding, the declaration contradicts the bytes or "
        "is unknown, or an escape is half a surrogate pair.",
        '<?xml version="1.0" encoding="EBCDIC"?><invalidemails/>',
    ),
    Rule(
        "forbidden-doctype",
        "decode",
        "The document has a DOCTYPE. The API never sent one, and DTDs are never processed.",
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
        "The payload as a whole has none of the documented forms, or mixes two of them.",
        "{}",
        operation="invalidemails.delete",
        beyond_schema="In XML, an empty `<result/>`, and text beside elements in a `<result>`: a "
        "type in XSD 1.0 is either mixed or not, regardless of its content.",
    ),
    Rule(
        "wrong-operation",
        "contract",
        "The payload is an answer of another operation; for example, a `success` does not answer a "
        "`get`. If the call is known, this also applies to a JSON list in which every record has "
        "exactly the fields of another list, and these differ in two or more fields from those of "
        "the expected list, which lacks at least one of them.",
        '{"message":"success"}',
        beyond_schema="Some successes and failures differ only in their text.",
    ),
    Rule(
        "wrong-type",
        "contract",
        "A value does not have the type of its field: for example a number, a list or an element "
        "instead of text.",
        '[{"email":5,"reason":"Bad Syntax"}]',
        tolerable="A single record instead of a list; it is read as a list of one.",
    ),
    Rule(
        "missing-field",
        "contract",
        "A required field is missing.",
        '[{"email":"brandon"}]',
    ),
    Rule(
        "duplicate-field",
        "contract",
        "A field occurs twice in one record or result, however its name is escaped.",
        '[{"email":"brandon","\\u0065mail":"isaac","reason":"Bad Syntax"}]',
        beyond_schema="In JSON, a schema sees only the last of them. In XML, a second `<message>` in a "
        "`<result>` whose first is not `error`.",
    ),
    Rule(
        "unknown-field",
        "contract",
        "A field or element is not part of the operation's contract.",
        '[{"email":"brandon","reason":"Bad Syntax","status":"550"}]',
        tolerable="In a record or a result, and an empty element in a list. It is ignored.",
    ),
    Rule(
        "unknown-attribute",
        "contract",
        "An element has an attribute. The API's XML has none.",
        '<invalidemails page="1"/>',
        tolerable="Always. It is ignored.",
    ),
    Rule(
        "unexpected-text",
        "contract",
        "There is text between elements, where only white space is allowed.",
        "<invalidemails>none</invalidemails>",
    ),
    Rule(
        "invalid-timestamp",
        "contract",
        "A timestamp does not have the form `YYYY-MM-DD HH:MM:SS`, or does not exist in the calendar.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"}]',
        tolerable="White space around an otherwise valid timestamp.",
        beyond_schema="The lengths of months, and the year 0000; schemas check only the form.",
    ),
    Rule(
        "ambiguous-time",
        "contract",
        "In the time zone that the caller named, the clock showed the time of the timestamp twice, "
        "and the caller did not choose one with `fold`.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-11-01 01:40:30"}]',
        zone="America/Los_Angeles",
        beyond_schema="Schemas know no time zones.",
    ),
    Rule(
        "nonexistent-time",
        "contract",
        "In the time zone that the caller named, the clock skipped the time of the timestamp.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-03-08 02:40:30"}]',
        zone="America/Los_Angeles",
        beyond_schema="Schemas know no time zones.",
    ),
    Rule(
        "invalid-number",
        "contract",
        "A count or code is not a whole number of 1 to 15 digits.",
        '{"error":{"code":-1,"message":"Permission denied, wrong credentials"}}',
        tolerable="White space around an otherwise valid count.",
    ),
    Rule(
        "missing-parameter",
        "request",
        "The call lacks a required parameter.",
        "https://sendgrid.com/api/distributor.manage.json?method=invalidemails&task=get",
    ),
    Rule(
        "invalid-parameter",
        "request",
        "The call does not accept the value of a parameter, or the parameter occurs twice.",
        "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=k&days=0",
    ),
    Rule(
        "empty-parameter",
        "request",
        "An optional parameter has an empty value. Real clients send such calls.",
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
        "The call said `date=1`, but a record has no `created`.",
        '[{"email":"brandon","reason":"Bad Syntax"}]',
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***&date=1",
    ),
    Rule(
        "unexpected-created",
        "exchange",
        "The call did not say `date=1`, or said `date=0`, but a record has `created`. The v3 API "
        "always sends `created`.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-06-10 12:40:30"}]',
        severity="warning",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***",
    ),
    Rule(
        "wrong-format",
        "exchange",
        "The answer is not in the format that the path of the call asks for. The format of the answer "
        "is detected from its bytes, and the answer is checked in that format.",
        "<invalidemails/>",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***",
    ),
    Rule(
        "too-many-records",
        "exchange",
        "The list has more records than `limit` allows, and `limit` is at least 1. The location is the "
        "first record beyond the limit.",
        '[{"email":"brandon","reason":"Bad Syntax"},{"email":"isaac","reason":"Bad Syntax"}]',
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***&limit=1",
    ),
    Rule(
        "out-of-range",
        "exchange",
        "A record was created outside the range of `start_date`, `end_date` or `days`, or of the "
        "v3 API's `start_time` or `end_time`. Dates and timestamps without a zone may be in any "
        "zone from UTC-12 to UTC+14, so only records are reported that no time zone could explain: "
        "they are off by more than 26 hours. `days` count back from the time that the capture records "
        "for the call; without such a time, `days` is not checked.",
        '[{"email":"brandon","reason":"Bad Syntax","created":"2009-05-10 12:40:30"}]',
        call="GET /api/invalidemails.get.json"
        "?api_user=***&api_key=***&date=1&start_date=2009-06-01",
    ),
    Rule(
        "unrelated-record",
        "exchange",
        "The call asked for the records of one `email`, but a record has another. Letter case, "
        "surrounding white space, `+` for a space and percent escapes make no difference.",
        '[{"email":"brandon","reason":"Bad Syntax"}]',
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***&email=isaac@hotmail.comm",
    ),
    Rule(
        "status-mismatch",
        "exchange",
        "The HTTP status and the answer contradict each other: a list, a success or a count without a "
        "2xx status; a failure whose code differs from a 4xx or 5xx status; a body with status 204; or "
        "a failure of the v3 API with a 2xx status (the older API's failures may have one).",
        "[]",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=***",
        status=500,
    ),
    Rule(
        "secret-in-url",
        "exchange",
        "The URL contains an `api_key`, which is the account's password, or a password before the "
        "host. URLs end up in logs; use a form body, or a header for the v3 API. `***`, `REDACTED`, "
        "`FILTERED` and values in brackets are not secrets.",
        "[]",
        severity="warning",
        call="GET /api/invalidemails.get.json?api_user=***&api_key=k",
    ),
    Rule(
        "unreadable-body",
        "capture",
        "The capture holds an answer that cannot be decoded: invalid base64, damaged compressed data, "
        "or an unknown content encoding.",
        '{"url":"/api/invalidemails.get.json?api_user=***&api_key=***","body_base64":"W10*"}',
        file="calls.jsonl",
    ),
    Rule(
        "unrecognized-body",
        "capture",
        "A value beside a call could be its answer, but in a form that is not supported: under an "
        "unknown key of a JSON line, or as a value of a programming language in a log.",
        '{"url":"/api/invalidemails.get.json?api_user=***&api_key=***","got":"[{email: a}]"}',
        file="calls.jsonl",
    ),
    Rule(
        "unreadable-entry",
        "capture",
        "One entry of the capture is malformed. The entries around it are read.",
        '{"url":\n',
        file="calls.jsonl",
    ),
    Rule(
        "damaged-capture",
        "capture",
        "The file cannot be read as a capture, or not to its end. Everything before the damage is "
        "read. The exit code is 2, except for `extract`, which writes a reject.",
        '{"log":{"version":"1.2","entries":[',
        file="calls.har",
    ),
    Rule(
        "ambiguous-operation",
        "extract",
        "An answer without a call could belong to several operations and would mean something "
        "different for each. Name the operation with --operation.",
        '{"body":[]}',
    ),
    Rule(
        "differs",
        "drift",
        "The two captures have different answers to the same call: a value, the number of records, or "
        "the HTTP status differs. Format, order of fields, layout and encoding make no difference.",
        '{"url":"/api/bounces.count.json?api_user=***&api_key=***","body":"{\\"count\\":3}"}',
        against='{"url":"/api/bounces.count.xml?api_user=***&api_key=***",'
        '"body":"<result><count>2</count></result>"}',
    ),
    Rule(
        "missing-exchange",
        "drift",
        "The first capture holds a call that the second lacks. The location is that of the call in the "
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


def problem_of(
    rule: str,
    location: Location,
    expected: str = "",
    found: str = "",
    *,
    message: str = "",
    tolerable: bool = False,
) -> Problem:
    """A problem with a rule; its message is made of `expected` and `found` unless one is given."""
    message = message or describe_fault(expected, found)
    return Problem(rule, RULES[rule].severity, message, location, tolerable, expected, found)
