"""`salvage` and `classify` of bodies that hold other text, or that are no answer at all."""

from __future__ import annotations

from typing import Final

import pytest

import sgformats
from sgformats import classify, salvage, validate
from sgformats.operations import OperationName

GET: Final = "invalidemails.get"


def values(found: sgformats.Salvage, name: str) -> list[str]:
    """One field of all salvaged records."""
    return [getattr(record, name) for record in found.records]


LIST = (
    '[{"email":"kim@shop.example","reason":"Known bad domain","created":"2012-03-04 05:06:07"},'
    '{"email":"lee@shop.example","reason":"é"}]'
)
XML_LIST = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<invalidemails>'
    "<invalidemail><email>kim@shop.example</email><reason>é</reason></invalidemail>"
    "<invalidemail><email>lee@shop.example</email><reason>no</reason></invalidemail>"
    "</invalidemails>"
)
OTHER = '[{"email":"old@shop.example","reason":"r"}]'
BEFORE = {
    "a warning in markup": "<br />\n<b>Warning</b>:  x in <b>/a.php</b> on line <b>3</b><br />\n",
    "a warning with a link": (
        "<br />\n<b>Warning</b>: f() [<a href='function.f'>function.f</a>]: no<br />\n"
    ),
    "a warning in text": "Warning: f() [function.f]: no in /a.php on line 3\n",
    "a notice that begins with a bracket": "[function.f] Warning: no\n",
    "a comment": "<!-- served by web3 -->\n",
    "a comment that holds a list": f"<!-- {OTHER} -->\n",
    "a script that holds a list": f"<script>var a = {OTHER};</script>",
    "a block": '<div class="error">no</div>',
    "a table": "<table><tr><th>( ! ) Notice</th></tr></table>\n",
    "an instruction": "<?php echo 1; ?>\n",
    "headers": "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("operation", [GET, None])
def test_text_before_a_list_costs_no_record(before: str, operation: OperationName | None) -> None:
    found = salvage(before + LIST, operation)
    assert values(found, "email") == ["kim@shop.example", "lee@shop.example"]
    # A bracket at the beginning is taken for the list's.
    assert found.unaccounted == len(before.strip()) - before.startswith("[")
    assert found.problem_count == 1
    assert found.reply is None
    with pytest.raises(sgformats.DecodeError):
        sgformats.parse(before + LIST, operation)


@pytest.mark.parametrize("name", sorted(BEFORE.keys() - {"a script that holds a list"}))
def test_a_list_after_other_text_is_read_in_its_declared_encoding(name: str) -> None:
    found = salvage((BEFORE[name] + XML_LIST).encode("latin-1"), GET)
    assert values(found, "reason") == ["é", "no"]


def test_no_record_is_read_from_a_web_page() -> None:
    page = f"<html><body><script>var a = {OTHER};</script><pre>{LIST}</pre></body></html>"
    for data in (page, "<!-- x -->" + page, "<br />" + page, f"<title>x</title>{LIST}"):
        assert salvage(data, GET).records == ()
        assert salvage(data, GET).unaccounted == len(data.encode())


@pytest.mark.parametrize("before", ["\n", "\r\n  ", "<!-- x -->\n"])
@pytest.mark.parametrize("declared", ["ISO-8859-1", "windows-1252", "UTF-8", "US-ASCII", "koi9"])
def test_a_late_declaration_is_the_first_problem(before: str, declared: str) -> None:
    text = before + XML_LIST.replace("ISO-8859-1", declared)
    data = text.encode("latin-1")
    (problem,) = validate(data, GET)
    assert (problem.rule, problem.location.offset) == ("not-well-formed", len(before))
    assert (problem.location.line, problem.location.column) == (
        2,
        len(before.rpartition("\n")[2]) + 1,
    )
    found = salvage(data, GET)
    assert found.broken_at == len(before)
    known = declared in ("ISO-8859-1", "windows-1252")
    assert values(found, "reason") == ["é", "no"][not known :]
    with pytest.raises(sgformats.DecodeError) as raised:
        list(sgformats.iter_records([data], GET))
    assert raised.value.problems == (problem,)


def test_without_a_byte_order_mark_only_ascii_records_are_certain() -> None:
    text = "\n" + XML_LIST.replace("ISO-8859-1", "UTF-16")
    assert values(salvage(text.encode("utf-16-le"), GET), "reason") == ["no"]
    marked = b"\xff\xfe" + text.encode("utf-16-le")
    assert values(salvage(marked, GET), "reason") == ["é", "no"]


RETRIED: list[tuple[str, str, bool]] = [
    # Gateways' pages and fragments of them.
    ("<h1>503 Service Unavailable</h1>\nNo server is available.", "html", True),
    ("<h1>502 Bad Gateway</h1>", "html", True),
    ('<meta http-equiv="refresh" content="5">\n<p>We are down', "html", True),
    ("<center><h1>502</h1><hr>nginx</center>", "html", True),
    ("<pre>Cannot GET /</pre>", "html", True),
    ('<a href="/login">Found</a>.', "html", True),
    ("<!-- maintenance -->", "html", True),
    ('<html><script>var a = {"message":"x"}</script>', "html", True),
    # Their XML and JSON.
    ("<Error><Code>SlowDown</Code><Message>Please reduce</Message></Error>", "unknown", True),
    ("<Error><Code>SlowDown</Code><Message>Please red", "unknown", True),
    ("<error><code>503</code><message>down</message></error>", "unknown", True),
    ('<s:Envelope xmlns:s="urn:s"><s:Body><s:Fault/></s:Body></s:Envelope>', "unknown", True),
    ('<s:Envelope xmlns:s="urn:s"><s:Bo', "unknown", True),
    ('{"fault":{"faultstring":"Rate limit quota violation"}}', "unknown", True),
    ('{"fault":{"faultstring":"Rate lim', "unknown", True),
    # Cut answers of the API.
    ("<b", "truncated", True),
    ("<invalidem", "truncated", True),
    ('<?xml version="1.0" enc', "truncated", True),
    ("<result><mess", "truncated", True),
    ('[{"em', "truncated", True),
    ('{"mess', "truncated", True),
    # Temporary failures, and others.
    ('{"error":{"code":429,"message":"x"}}', "error with code", True),
    ('{"error":{"code":503,"message":"x"}}', "error with code", True),
    ('{"error":{"code":403,"message":"x"}}', "error with code", False),
    ('{"message":"Too Many Requests"}', "message", True),
    ('{"message":"Email does not exist"}', "message", False),
    ('{"errors":[{"field":null,"message":"too many requests"}]}', "message and errors", True),
    ('{"errors":[{"field":null,"message":"bad request"}]}', "message and errors", False),
    ("<result><message>Too many requests</message></result>", "message", True),
    ('{"statusCode":429,"message":"x"}', "message", True),
    # The texts of a record say nothing about the call.
    ('[{"email":"a","reason":"too many requests"}]', "list", False),
    ('{"email":"a","status":"550","reason":"rate limit"}', "record", False),
    # Answers inside other text.
    ("email,reason\na@shop.example,no\n", "plain-text", False),
    ("a@shop.example;550;no\n", "plain-text", False),
    (f"callback({LIST});", "plain-text", False),
    ("callback([])", "plain-text", False),
    ('callback({"message":"error"})', "plain-text", False),
    (f"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{LIST}", "plain-text", False),
    ("HTTP/1.1 200 OK\n\n[]", "plain-text", False),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n[]", "plain-text", False),
    ("HTTP/1.1 503 Down\r\n\r\n<h1>503</h1>", "plain-text", True),
    ("HTTP/1.1 200 OK\r\n\r\n<html>down", "plain-text", True),
    (f"<br />\n<b>Warning</b>: x\n{LIST}", "html", False),
    ("Please try again later.", "plain-text", True),
]


@pytest.mark.parametrize(("payload", "dialect", "retry"), RETRIED)
def test_classify_names_the_dialect_and_whether_to_retry(
    payload: str, dialect: str, retry: bool
) -> None:
    found = classify(payload)
    assert (found.dialect, found.retry) == (dialect, retry)


A, B = '{"email":"a@x","reason":"r"}', '{"email":"b@x","reason":"r"}'
ITEM = "<invalidemail><email>a@x</email><reason>r</reason></invalidemail>"
# Other documents, and how many of their bytes are records.
DOCUMENTS = {
    "a list with a hole": (f'{{"0":{A},"2":{B}}}', 0),
    "a wrapped list": (f'{{"data":[{A},{B}]}}', len(A) + len(B)),
    "a success beside a list": (f'{{"message":"success","list":[{A}]}}', len(A)),
    "a list in another element": (f"<a><invalidemails>{ITEM}</invalidemails></a>", len(ITEM)),
    "an object of another service": ('{"foo":{"bar":1}}', 0),
    "a document of another service": ("<Error><Code>SlowDown</Code></Error>", 0),
    "a text": ('"some text"', 0),
    "a success in the place of a list": ('{"message":"success"}', 0),
}


@pytest.mark.parametrize(("payload", "accounted"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_byte_of_another_document_is_accounted_for(payload: str, accounted: int) -> None:
    whole, cut = salvage(payload, GET), salvage(payload[:-1], GET)
    assert whole.records == cut.records
    assert sum(len(ITEM if "<" in payload else A) for _ in whole.records) == accounted
    assert (whole.broken_at, whole.reply) == (None, None)
    # The markup of a list counts as neither.
    markup = len("<invalidemails></invalidemails>") if accounted else 0
    assert 0 <= len(payload) - accounted - whole.unaccounted <= markup
    assert 0 <= whole.unaccounted - cut.unaccounted <= 1
    if "message" not in payload:  # A message answers other operations.
        assert salvage(payload).records == salvage(payload[:-1]).records == whole.records


def test_unknown_members_are_unaccounted() -> None:
    for payload, size in (
        (f'{{"message":"success","bounces":[{A}]}}', len(f'"bounces":[{A}]')),
        ('{"x":1 , "message":"success","y":"é"}', len('"x":1') + len('"y":"é"') + 1),
        ("<result><message>success</message><y>1</y></result>", len("<y>1</y>")),
    ):
        found = salvage(payload, "bounces.delete")
        assert found.reply == sgformats.Success()
        assert found.unaccounted == size


def test_a_processing_instruction_before_an_answer_is_skipped() -> None:
    data = "<?php echo '<a>' ?><!-- x --><result><message>no</message></result>"
    assert sgformats.parse(data, "bounces.delete") == sgformats.Failure("no")
