"""Payloads that the schema files accept or refuse, and validators for these files."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree
from referencing import Registry

from sgformats.operations import METHODS, Method, Operation
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


# Results. Every operation may answer with a failure. BEYOND has what no schema can refuse.
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
    *("<Result>a</Result>", "<message>success</message>", "<error>a</error>", "<errors/>"),
    *("<count>2</count>", "<foo/>"),
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
# JSON v3. A failure may answer every operation; a success has no body.
SECONDS = ["0", "1244637630", "253402300799", "1244637630.0", "1.24463763e9", "-0"]
NO_SECONDS = [
    *("-1", "0.5", "1244637630.5", "253402300800", "1244637630000", "1e400", "null", "true", "[]"),
    *('"1244637630"', '"2009-06-10 12:40:30"', '""', "{}", "[1244637630]"),
]
V3_RESULTS = all_of(True, [
    '{"errors":[{"field":null,"message":"authorization required"}]}',
    '{"errors":[{"message":""}]}',
    '{ "errors": [ {"message": " a\\n"}, {"message": "b", "field": "c"} ] }',
    '{"errors":[{"help":null,"id":5,"error_id":[],"parameter":{},"field":true,"message":"a"}]}',
    '{"id":"a","error_id":1,"help":{},"field":null,"parameter":[],"errors":[{"message":"a"}]}',
    '{"errors":[{"message":"success"}]}',
]) | all_of(False, [
    *('{"errors":[]}', '{"errors":null}', '{"errors":"a"}', '{"errors":{"message":"a"}}'),
    *('{"errors":["a"]}', '{"errors":[null]}', '{"errors":[[]]}', '{"errors":[{}]}'),
    *('{"errors":[{"message":"a"},"b"]}', '{"errors":[{"message":"a"},{"field":"b"}]}'),
    *('{"errors":[{"message":null}]}', '{"errors":[{"message":5}]}', '{"errors":[{"field":null}]}'),
    *('{"errors":[{"message":"a","code":5}]}', '{"errors":[{"message":"a"}],"status":5}'),
    *('{"errors":[{"message":"a"}],"message":"error"}', '{"errors":[{"message":"a"}],"error":"a"}'),
    *('{"id":"a"}', '{"help":"a"}', '{"field":null,"message":"a"}', '{"code":5}', '[{"errors":[]}]'),
    *(payload for payload in JSON_RESULTS if not payload.startswith('{"errors":[{')),
])  # fmt: skip
# Payloads that the schemas accept and strict mode refuses: (rule, operation, format, payload).
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
    *(
        (rule, "unsubscribes.get", format, payload.format(time))
        for rule, time in (
            ("ambiguous-time", "2009-11-01 01:40:30"),
            ("nonexistent-time", "2009-03-08 02:40:30"),
        )
        for format, payload in (
            ("json", '[{{"email":"a","created":"{}"}}]'),
            (
                "xml",
                "<unsubscribes><unsubscribe><email>a</email><created>{}</created>"
                "</unsubscribe></unsubscribes>",
            ),
        )
    ),
    (
        *("duplicate-field", "invalidemails.get", "json-v3"),
        '[{"created":1,"created":2,"email":"a","reason":"r"}]',
    ),
    (
        "duplicate-field",
        "bounces.delete",
        "json-v3",
        '{"errors":[{"field":1,"field":1,"message":"a"}]}',
    ),
]
Pairs = list[tuple[str, str]]


def record(method: Method) -> Pairs:
    values = {"text": "isaac@hotmail.comm", "timestamp": "2009-06-10 12:40:30"}
    return [(field.name, values[field.scalar]) for field in method.fields]


def records(method: Method) -> Iterator[tuple[bool, Pairs]]:
    """Valid and invalid records: fields in every order, each one missing, empty or wrong."""
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


def v3_lists(method: Method) -> Payloads:
    """Like `json_lists`, for records whose `created` is a number, and required."""
    texts = {field.name: "a" for field in method.fields if field.scalar == "text"}
    whole = {"created": "1244637630"} | {name: json.dumps(text) for name, text in texts.items()}

    def row(pairs: Iterable[tuple[str, str]]) -> str:
        return "{" + ",".join(f'"{name}":{value}' for name, value in pairs) + "}"

    one = row(whole.items())
    table = {f"[{row(order)}]": True for order in itertools.permutations(whole.items())}
    table |= all_of(True, ["[]", "[ ]", f"[{one},{one}]", f"[{one}]".replace("a", "\\u0061")])
    for verdict, numbers in ((True, SECONDS), (False, NO_SECONDS)):
        for number in numbers:
            table[f"[{one},{row((whole | {'created': number}).items())}]"] = verdict
    required = method.required(v3=True)
    for name in whole:
        table[f"[{row((n, v) for n, v in whole.items() if n != name)}]"] = name not in required
    for name, value in itertools.product(texts, ("5", "1.5", "null", "true", "[]", "{}", '["a"]')):
        table[f"[{row((whole | {name: value}).items())}]"] = False
    for text in ("", " ", "a\n", "550", "é😀"):
        table |= {f"[{row((whole | {n: json.dumps(text)}).items())}]": True for n in texts}
    unknown = "status" if "status" not in whole else "ip"
    others = (f"[{one},{other}]" for other in ("[]", '"a"', "5", "null", "{}", f"[{one}]"))
    return table | all_of(False, [
        *others, one, f"[[{one}]]", f'{{"{method.name}":[{one}]}}', f'{{"errors":[{one}]}}',
        f"[{row([*whole.items(), (unknown, whole['email'])])}]",
        f"[{row([*whole.items(), ('Email', whole['email'])])}]",
    ])  # fmt: skip


def payloads(operation: Operation, format: str) -> Payloads:
    """Every payload of the tables, and whether the operation's schema must accept it."""
    if format == "json-v3":
        get = operation.task == "get"
        answers = v3_lists(operation.method)
        return {**V3_RESULTS, **(answers if get else all_of(False, answers))}
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


def as_bytes(payload: str, format: str = "xml") -> bytes:
    return payload.encode("ascii", "xmlcharrefreplace") if format == "xml" else payload.encode()


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
    """The validators of an operation's schema: of its files, and of its bundle."""
    if format != "xml":
        v3 = format == "json-v3"
        file = f"{operation}.v3.schema.json" if v3 else f"{operation}.schema.json"
        return {
            "files": by_jsonschema({"$ref": BASE + file}, files()),
            "bundle": by_jsonschema(json_schema(operation, v3=v3), Registry()),
        }
    path, bundle = FOLDER / f"{operation}.xsd", xsd_bytes(operation)
    return {
        "files, lxml": by_lxml(etree.parse(str(path))),
        "bundle, lxml": by_lxml(etree.fromstring(bundle)),
        "files, xmlschema": by_xmlschema(xmlschema.XMLSchema10(str(path), allow="local")),
        "bundle, xmlschema": by_xmlschema(xmlschema.XMLSchema10(bundle.decode())),
    }
