"""Every rule that a problem can name, in one table: what it means, and an example that breaks it.

A rule's name is stable. `stage` tells what stands in its way: `decode` rules make a `DecodeError`
(nothing can be read), `contract` rules a `ValidationError`, `request` rules are about a call's
parameters. `beyond_schema` marks what the shipped schema files cannot say, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Stage = Literal["decode", "contract", "request"]


class Rule(msgspec.Struct, frozen=True):
    """One rule: its name, where it applies, its meaning in a sentence, and an example.

    `example` is a payload that breaks this rule first, read as an answer of `operation`; for a
    `request` rule it is a URL. `zone` is what the call names, where the rule is about one.
    `tolerable` says when lax reading goes on in spite of it.
    """

    name: str
    stage: Stage
    meaning: str
    example: str
    operation: str = "invalidemails.get"
    zone: str | None = None
    tolerable: str = ""
    beyond_schema: str = ""


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
        "The payload is an answer of another operation; a `success` is no answer to a `get`.",
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
        "unknown-parameter",
        "request",
        "The call has no parameter of that name.",
        "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=k&page=2",
    ),
)

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _TABLE}
