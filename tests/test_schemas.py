"""The contract files: they are schemas, complete, and say exactly what they should."""

from __future__ import annotations

import doctest
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree
from referencing import Registry

from sgformats.operations import METHODS, OPERATIONS, Method, Operation
from sgformats.rules import RULES
from sgformats.schemafiles import json_schema, schema_folder, xsd_bytes

FOLDER = schema_folder()
BASE = "https://sgformats.example/schemas/"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

Verdict = Callable[[str], bool]
Payloads = Mapping[str, bool]

TIMES = [
    "2009-06-10 12:40:30",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59",
    "2012-02-29 19:05:09",
    "",
]
NO_TIMES = [
    *("2009-00-10 12:40:30", "2009-13-10 12:40:30", "2009-06-00 12:40:30", "2009-06-32 12:40:30"),
    *("2009-06-10 24:00:00", "2009-06-10 12:60:30", "2009-06-10 12:40:60", "2009-06-10T12:40:30"),
    *(" 2009-06-10 12:40:30", "2009-06-10 12:40:30 ", "2009-06-10 12:40:30\n", "\n", " "),
    *("2009-06-10", "2009-06-10 12:40", "09-06-10 12:40:30", "2009-6-10 2:40:30", "1276173630"),
    *("2009-06-10 12:40:30Z", "2009-06-10 12:40:30.0", "-2009-06-10 12:40:30", "never"),
    *("٢٠٠٩-06-10 12:40:30", "2009-06-10\u00a012:40:30", "2009-06-10 12:40:30\u2028"),
]
NUMBERS = ["2", "0", "007", "999999999999999"]
NO_NUMBERS = ["", " 2", "2 ", "2\n", "-1", "+1", "1.5", "1e3", "1000000000000000", "٢", "two"]


def all_of(verdict: bool, payloads: Iterable[str]) -> dict[str, bool]:
    return dict.fromkeys(payloads, verdict)


# Results. Every operation may answer with a failure; what XSD cannot refuse is in BEYOND.
XML_RESULTS = all_of(True, [
    "<result><message>Email does not exist</message></result>",
    "<result><message/></result>",
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<result>\n <message> a  b </message>\n</result>',
    "<result><message>error</message><errors><error>a</error><error/></errors></result>",
    "<result><errors><error>a</error></errors><message>error</message></result>",
    "<result><message>error</message><errors/></result>",
    "<result><message>error</message><message>Bad username / password</message></result>",
    "<result><message>error</message><message/></result>",
    "<result>\n  Permission denied\n</result>",
    "<result><![CDATA[a<b]]><!-- c --> d<?e f?></result>",
    "<!-- a --><result><message>b<!-- c -->d<![CDATA[<e>]]></message></result><?f g?>",
    f'<result {XSI}><message xsi:type="text">a</message></result>',
]) | all_of(False, [
    "<result><errors/></result>",
    "<result><message>a</message><message>b</message><message>c</message></result>",
    "<result><message>a</message><errors/><errors/></result>",
    "<result><message>a</message><errors/><message>b</message></result>",
    "<result><errors/><message>a</message><message>b</message></result>",
    "<result><message>a</message><message>b</message><errors/></result>",
    "<result><error>a</error></result>",
    "<result><foo/></result>",
    "<result><message>a</message><foo/></result>",
    "<result>success<result> </result></result>",
    "<result><message><b/></message></result>",
    "<result><message>a</message><errors>b</errors></result>",
    "<result><message>a</message><errors><message>b</message></errors></result>",
    "<result><message>a</message><errors><error><b/></error></errors></result>",
    "<result><message>a</message><count>2</count></result>",
    "<result><count>2</count><message>a</message></result>",
    "<result><count>2</count><count>2</count></result>",
    '<result code="401"><message>a</message></result>',
    '<result><message lang="en">a</message></result>',
    '<result xml:lang="en">a</result>',
    '<result xmlns="urn:a"><message>a</message></result>',
    '<result><a:message xmlns:a="urn:a">a</a:message></result>',
    f'<result {XSI} xsi:nil="false">a</result>',
    f'<result {XSI}><message xsi:type="number">1</message></result>',
    "<Result>a</Result>",
    "<message>success</message>",
    "<error>a</error>",
    "<errors/>",
    "<count>2</count>",
    "<foo/>",
    *(f"<result><count>{text}</count></result>" for text in NO_NUMBERS),
])  # fmt: skip
XML_COUNTS = [f"<result> <count>{text}</count></result>" for text in NUMBERS]

JSON_RESULTS = all_of(True, [
    '{"message":"Email does not exist"}',
    '{"message":""}',
    '{ "message": " a\\n" }',
    '{"message":"error","errors":["a",""]}',
    '{"errors":["a"],"message":"error"}',
    '{"message":"error","errors":[]}',
    '{"error":{"code":401,"message":"Permission denied, wrong credentials"}}',
    '{"error":{"message":"","code":0}}',
    '{"error":{"code":999999999999999,"message":"a"}}',
    '{"error":{"code":401.0,"message":"a"}}',
    '{"error":"Bad username / password"}',
    '{"error":""}',
]) | all_of(False, [
    *("{}", "5", "null", "true", '"success"', '""', '{"foo":1}', '{"result":"success"}'),
    *('{"message":null}', '{"message":5}', '{"message":["a"]}', '{"message":{"a":"b"}}'),
    *('{"errors":[]}', '{"errors":["a"]}', '{"errors":[{"field":null,"message":"a"}]}'),
    *('{"message":"a","errors":null}', '{"message":"a","errors":"b"}', '{"message":"a","foo":"b"}'),
    *('{"message":"a","errors":[1]}', '{"message":"a","errors":[{}]}'),
    *('{"message":"a","errors":[null]}', '{"message":"a","errors":{}}', '{"errors":null}'),
    *('{"message":"a","error":"b"}', '{"message":"a","count":2}', '{"error":"a","errors":[]}'),
    *('{"error":null}', '{"error":5}', '{"error":["a"]}', '{"error":{}}', '{"error":"a","foo":1}'),
    *('{"error":{"code":401}}', '{"error":{"message":"a"}}', '{"error":"a","count":2}'),
    '{"error":{"code":401,"message":"a"},"message":"b"}',
    '{"error":{"code":401,"message":"a","foo":1}}',
    '{"error":{"code":401,"message":null}}',
    *(f'{{"error":{{"code":{code},"message":"a"}}}}' for code in ("-1", "1.5", "1e15", "true")),
    *('{"error":{"code":"401","message":"a"}}', '{"error":{"code":{},"message":"a"}}'),
    *('[{"message":"success"}]', '[{"error":"a"}]', '[["a"]]', '[5]', "[null]", "[[]]", "[{}]"),
    *(f'{{"count":{json.dumps(text)}}}' for text in NO_NUMBERS),
    *('{"count":-1}', '{"count":1.5}', '{"count":1e15}', '{"count":true}', '{"count":null}'),
    *('{"count":[2]}', '{"count":2,"foo":1}', '{"count":2,"message":"a"}'),
])  # fmt: skip
JSON_COUNTS = ['{"count":2}', '{"count":2.0}', *(f'{{"count":"{text}"}}' for text in NUMBERS)]

# What the schemas let through and strict reading does not: (rule, operation, format, payload).
BEYOND = [
    ("unknown-shape", "invalidemails.delete", "xml", "<result/>"),
    ("unknown-shape", "invalidemails.count", "xml", "<result> </result>"),
    ("unknown-shape", "invalidemails.delete", "xml", "<result>a<message>b</message></result>"),
    ("unknown-shape", "invalidemails.count", "xml", "<result><count>2</count>a</result>"),
    ("wrong-operation", "invalidemails.get", "xml", "<result>success</result>"),
    ("wrong-operation", "invalidemails.get", "json", '{"message":"success"}'),
    ("wrong-operation", "invalidemails.count", "json", '{"message":"success","errors":[]}'),
    ("duplicate-field", "invalidemails.delete", "json", '{"message":"a","m\\u0065ssage":"b"}'),
    (
        *("duplicate-field", "invalidemails.delete", "xml"),
        "<result><message>a</message><message>b</message></result>",
    ),
    (
        *("invalid-timestamp", "unsubscribes.get", "json"),
        '[{"email":"a","created":"2009-02-29 12:40:30"},'
        '{"email":"a","created":"0000-01-01 00:00:00"}]',
    ),
    (
        *("invalid-timestamp", "unsubscribes.get", "xml"),
        "<unsubscribes><unsubscribe><email>a</email><created>2009-06-31 12:40:30</created>"
        "</unsubscribe></unsubscribes>",
    ),
]

Pairs = list[tuple[str, str]]


def record(method: Method) -> Pairs:
    values = {"text": "isaac@hotmail.comm", "timestamp": "2009-06-10 12:40:30"}
    return [(field.name, values[field.scalar]) for field in method.fields]


def records(method: Method) -> Iterator[tuple[bool, Pairs]]:
    """Records and whether they are the method's: every order, each field absent, empty, unlike."""
    whole = record(method)
    for order in itertools.permutations(whole):
        yield True, list(order)
    for field in method.fields:
        yield not field.required, [pair for pair in whole if pair[0] != field.name]
        odd: dict[str, tuple[list[str], list[str]]] = {
            "text": (["", " ", "a\n", "550", "<>&[]{}\"' é😀"], []),
            "timestamp": (TIMES, NO_TIMES),
        }
        for verdict, texts in zip((True, False), odd[field.scalar], strict=True):
            for text in texts:
                yield verdict, [(name, text if name == field.name else v) for name, v in whole]
    unknown = "status" if "status" not in dict(whole) else "ip"
    yield False, [*whole, (unknown, "5.1.1")]
    yield False, []


def xml_list(method: Method, *items: Pairs) -> str:
    def fields(pairs: Pairs) -> str:
        return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in pairs)

    inside = "".join(f"<{method.item}>{fields(pairs)}</{method.item}>" for pairs in items)
    return f"<{method.root}>{inside}</{method.root}>"


def xml_lists(method: Method) -> Payloads:
    root, item, whole = method.root, method.item, record(method)
    one = xml_list(method, whole)
    table = {xml_list(method, whole, pairs): verdict for verdict, pairs in records(method)}
    table |= all_of(True, [
        f"<{root}/>", f"<{root}></{root}>", f"<{root}>\n  <!-- none --><?a b?>\n</{root}>",
        xml_list(method, whole, whole, whole), one.replace("><", ">\n\t<"),
        one.replace("</email>", "<!-- a --><![CDATA[<b>]]></email>"),
        f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{one}\n',
        f'<{root} {XSI} xsi:schemaLocation="urn:a a.xsd"/>',
        f'<{root} {XSI} xsi:noNamespaceSchemaLocation="{root}.get.xsd"/>',
    ])  # fmt: skip
    table |= all_of(False, (xml_list(method, [*whole, pair]) for pair in whole))
    table |= all_of(False, (one.replace(f"</{name}>", f"<b/></{name}>") for name, _ in whole))
    table |= all_of(False, (f"<{other.root}/>" for other in METHODS if other != method))
    return table | all_of(False, [
        f"<{root}>none</{root}>", f"<{root}><foo/></{root}>", f"<{root}><{item}/></{root}>",
        f'<{root} page="1"/>', f'<{root} xmlns="urn:a"/>', f"<{item}/>",
        f"<{root}><{root}/></{root}>",
        one.replace(f"<{item}>", f'<{item} id="1">'), one.replace("<email>", '<email a="b">'),
        one.replace(f"<{item}>", f"<{item}>a"), one.replace(f"</{item}>", f"</{item}>a"),
        one.replace("email>", "Email>"), one.removeprefix(f"<{root}>").removesuffix(f"</{root}>"),
        f"<{root}><result>success</result></{root}>", f"<result>{one}</result>",
    ])  # fmt: skip


def json_lists(method: Method) -> Payloads:
    whole = dict(record(method))
    table = {json.dumps([whole, dict(pairs)]): verdict for verdict, pairs in records(method)}
    table |= all_of(
        True, ["[]", "[ ]", json.dumps([whole] * 3), json.dumps([whole]).replace("a", "\\u0061")]
    )
    for name, value in itertools.product(whole, (5, 1.5, None, True, [], {}, ["a"], {"a": "b"})):
        table[json.dumps([whole | {name: value}])] = False
    others = (json.dumps([whole, other]) for other in ([], "a", 5, None, [whole], {"message": "a"}))
    wrapped = (
        json.dumps(other) for other in ({method.name: [whole]}, {"errors": [whole]}, [[whole]])
    )
    return table | all_of(False, [*others, *wrapped, json.dumps(whole)])


def payloads(operation: Operation, format: str) -> Payloads:
    """Every payload of the tables, with the verdict of this operation's schema."""
    results, counts = (XML_RESULTS, XML_COUNTS) if format == "xml" else (JSON_RESULTS, JSON_COUNTS)
    lists = (xml_lists if format == "xml" else json_lists)(operation.method)
    if operation.task != "get":
        lists = all_of(False, lists)
    return {**results, **all_of(operation.task == "count", counts), **lists}


@cache
def files() -> Registry[Any]:
    contents = (json.loads(path.read_bytes()) for path in FOLDER.glob("*.schema.json"))
    registry: Registry[Any] = Registry()
    return registry.with_contents((schema["$id"], schema) for schema in contents)


def as_bytes(payload: str) -> bytes:
    return payload.encode("ascii", "xmlcharrefreplace")


def by_lxml(schema: Any) -> Verdict:
    compiled = etree.XMLSchema(schema)
    return lambda payload: compiled.validate(etree.fromstring(as_bytes(payload)))


def by_xmlschema(schema: xmlschema.XMLSchema10) -> Verdict:
    return lambda payload: schema.is_valid(ElementTree.fromstring(as_bytes(payload)))


def by_jsonschema(schema: dict[str, Any], registry: Registry[Any]) -> Verdict:
    validator = Draft202012Validator(schema, registry=registry)
    return lambda payload: validator.is_valid(json.loads(payload))


@cache
def verdicts(operation: str, format: str) -> Mapping[str, Verdict]:
    """The ways to ask an operation's schema: its files as they are, and bundled."""
    if format == "json":
        return {
            "files": by_jsonschema({"$ref": f"{BASE}{operation}.schema.json"}, files()),
            "bundle": by_jsonschema(json_schema(operation), Registry()),
        }
    path, bundle = FOLDER / f"{operation}.xsd", xsd_bytes(operation)
    return {
        "files, lxml": by_lxml(etree.parse(str(path))),
        "bundle, lxml": by_lxml(etree.fromstring(bundle)),
        "files, xmlschema": by_xmlschema(xmlschema.XMLSchema10(str(path), allow="local")),
        "bundle, xmlschema": by_xmlschema(xmlschema.XMLSchema10(bundle.decode())),
    }


@pytest.mark.parametrize("format", ["xml", "json"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_reading_of_a_schema_gives_the_verdict_of_the_table(
    operation: str, format: str
) -> None:
    table = payloads(OPERATIONS[operation], format)
    assert len(table) > 100
    for way, verdict in verdicts(operation, format).items():
        found = {payload: verdict(payload) for payload in table}
        assert (way, found) == (way, dict(table))


@pytest.mark.parametrize(("rule", "operation", "format", "payload"), BEYOND)
def test_what_no_schema_can_say_passes(
    rule: str, operation: str, format: str, payload: str
) -> None:
    ways = verdicts(operation, format)
    assert {way: verdict(payload) for way, verdict in ways.items()} == dict.fromkeys(ways, True)
    assert RULES[rule].beyond_schema


def test_the_readme_lists_what_no_schema_can_say() -> None:
    rules = {rule.name: rule.beyond_schema for rule in RULES.values() if rule.beyond_schema}
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", readme, re.MULTILINE)) == rules
    assert {rule for rule, *_ in BEYOND} == rules.keys()


def test_the_readme_shows_what_python_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    found = doctest.testfile(str(FOLDER / "README.md"), module_relative=False)
    assert (found.failed, found.attempted) == (0, 13)


def test_the_folder_holds_two_files_for_every_operation_and_nothing_else() -> None:
    kinds = ("xsd", "schema.json")
    expected = {f"{name}.{kind}" for name in (*OPERATIONS, "shared") for kind in kinds}
    assert {path.name for path in FOLDER.iterdir()} == {*expected, "README.md"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.schema.json")), ids=lambda path: path.name)
def test_a_json_schema_is_one_and_refers_to_files_beside_it(path: Path) -> None:
    schema = json.loads(path.read_bytes())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == BASE + path.name
    references = set(re.findall(r'"\$ref": "([^"]*)"', path.read_text("utf-8")))
    outside = {reference.partition("#")[0] for reference in references} - {""}
    assert outside == (set() if path.name == "shared.schema.json" else {"shared.schema.json"})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xsd")), ids=lambda path: path.name)
def test_an_xsd_is_one_and_refers_to_files_beside_it(path: Path) -> None:
    meta_schema = xmlschema.XMLSchema10.meta_schema
    assert meta_schema is not None
    assert [error.reason for error in meta_schema.iter_errors(str(path))] == []
    text = path.read_text("utf-8")
    locations = re.findall(r'ocation="([^"]*)"', text)
    assert locations == ([] if path.name == "shared.xsd" else ["shared.xsd"])
    start = re.findall("<xs:schema[^>]*>", text)
    assert start == [
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        ' blockDefault="#all" finalDefault="#all">'
    ]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_the_schemas_name_what_the_table_of_operations_names(operation: Operation) -> None:
    method, lists = operation.method, operation.task == "get"
    xsd = xmlschema.XMLSchema10(xsd_bytes(operation).decode())
    assert set(xsd.elements) == ({method.root, "result"} if lists else {"result"})
    definitions = json_schema(operation)["$defs"]
    assert list(definitions) == ([method.item] if lists else []) + ["shared.schema.json"]
    if lists:
        definition = definitions[method.item]
        assert list(definition["properties"]) == [field.name for field in method.fields]
        assert definition["required"] == [field.name for field in method.fields if field.required]
        assert [value["$ref"] for value in definition["properties"].values()] == [
            f"shared.schema.json#/$defs/{field.scalar}" for field in method.fields
        ]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_examples_in_a_json_schema_are_valid(operation: str) -> None:
    validator = Draft202012Validator(json_schema(operation))
    examples = json_schema(operation)["examples"]
    assert [validator.is_valid(example) for example in examples] == [True] * len(examples)
    assert len(examples) >= 2


@pytest.mark.parametrize(
    ("operation", "payload", "messages"),
    [
        ("invalidemails.get", [{"email": "a"}], ["'reason' is a required property"]),
        ("invalidemails.get", 5, ["5 is not of type 'array'"]),
        (
            *("invalidemails.delete", {"message": "a", "error": "b"}),
            ["Additional properties are not allowed ('message' was unexpected)"],
        ),
        ("invalidemails.count", {"count": None}, ["None is not of type 'integer'"]),
        ("invalidemails.count", [], ["[] is not of type 'object'"]),
        ("invalidemails.delete", {"error": {"code": 1}}, ["'message' is a required property"]),
        ("invalidemails.delete", {}, ["'message' is a required property"]),
    ],
)
def test_a_validator_names_the_fault_and_nothing_else(
    operation: str, payload: object, messages: list[str]
) -> None:
    errors = Draft202012Validator(json_schema(operation)).iter_errors(payload)
    assert [error.message for error in errors] == messages
