"""The schema files are valid and complete, and accept exactly the right payloads."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path

import pytest
import xmlschema
from jsonschema import Draft202012Validator

import sgformats
from sgformats._text.payload import Format
from sgformats.operations import OPERATIONS, Operation, OperationName
from sgformats.rules import RULES
from sgformats.schemafiles import json_schema, xsd_bytes
from tests.core.schemakit import BASE, BEYOND, FOLDER, as_bytes, payloads, verdicts

V3_OPERATIONS = [name for name, operation in OPERATIONS.items() if operation.in_v3]
CONTRACTS = [
    *((name, format) for name in OPERATIONS for format in ("xml", "json")),
    *((name, "json-v3") for name in V3_OPERATIONS),
]
# The quick tests try the schemas of one method. Those of the others have the same parts.
QUICK = "invalidemails."


@pytest.mark.parametrize(
    ("operation", "format"),
    [
        pytest.param(*contract, marks=() if contract[0].startswith(QUICK) else pytest.mark.thorough)
        for contract in CONTRACTS
    ],
)
def test_every_validator_gives_the_verdicts_of_the_table(
    operation: OperationName, format: str
) -> None:
    table = payloads(OPERATIONS[operation], format)
    assert len(table) > 100
    for way, verdict in verdicts(operation, format).items():
        found = {payload: verdict(payload) for payload in table}
        assert (way, found) == (way, dict(table))


@pytest.mark.parametrize(("rule", "operation", "format", "payload"), BEYOND)
def test_strict_mode_refuses_what_no_schema_can_express(
    rule: str, operation: OperationName, format: Format, payload: str
) -> None:
    ways = verdicts(operation, format)
    assert {way: verdict(payload) for way, verdict in ways.items()} == dict.fromkeys(ways, True)
    zone = RULES[rule].zone
    problems = sgformats.validate(as_bytes(payload, format), operation, format=format, zone=zone)
    assert {problem.rule for problem in problems} == {rule}
    assert RULES[rule].beyond_schema


def test_the_readme_lists_what_no_schema_can_express() -> None:
    rules = {rule.name: rule.beyond_schema for rule in RULES.values() if rule.beyond_schema}
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", readme, re.MULTILINE)) == rules
    assert {rule for rule, *_ in BEYOND} == rules.keys()


def test_the_examples_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    found = doctest.testfile(str(FOLDER / "README.md"), module_relative=False)
    assert (found.failed, found.attempted) == (0, 13)


@pytest.mark.parametrize(("operation", "format"), CONTRACTS)
def test_strict_mode_accepts_what_a_schema_accepts(
    operation: OperationName, format: Format
) -> None:
    table = payloads(OPERATIONS[operation], format)
    beyond = {payload for _, *where, payload in BEYOND if where == [operation, format]}
    for payload in table.keys() - beyond:
        found = sgformats.validate(as_bytes(payload, format), operation, format=format)
        assert (payload, found == []) == (payload, table[payload])


def test_the_folder_holds_a_file_for_every_contract_and_nothing_else() -> None:
    kinds = {"xml": "xsd", "json": "schema.json", "json-v3": "v3.schema.json"}
    expected = {f"{operation}.{kinds[format]}" for operation, format in CONTRACTS}
    shared = {"shared.xsd", "shared.schema.json"}
    assert {path.name for path in FOLDER.iterdir()} == {*expected, *shared, "README.md"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.schema.json")), ids=lambda path: path.name)
def test_a_json_schema_is_valid_and_refers_only_to_the_shared_file(path: Path) -> None:
    schema = json.loads(path.read_bytes())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == BASE + path.name
    references = set(re.findall(r'"\$ref": "([^"]*)"', path.read_text("utf-8")))
    outside = {reference.partition("#")[0] for reference in references} - {""}
    assert outside == (set() if path.name == "shared.schema.json" else {"shared.schema.json"})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xsd")), ids=lambda path: path.name)
def test_an_xsd_is_valid_and_refers_only_to_the_shared_file(path: Path) -> None:
    meta_schema = xmlschema.XMLSchema10.meta_schema
    assert meta_schema is not None
    meta_schema.build()
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
def test_the_schemas_have_the_fields_of_the_table_of_operations(operation: Operation) -> None:
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


@pytest.mark.parametrize("name", V3_OPERATIONS)
def test_the_v3_schemas_have_the_fields_of_the_table_of_operations(name: OperationName) -> None:
    method = OPERATIONS[name].method
    schema = json_schema(name, v3=True)
    definitions = schema["$defs"]
    lists = OPERATIONS[name].task == "get"
    assert list(definitions) == ([method.item] if lists else []) + ["shared.schema.json"]
    assert f"/v3/suppression/{method.v3}`" in schema["description"]
    if lists:
        kinds = {field.name: field.scalar for field in method.fields} | {"created": "seconds"}
        definition = definitions[method.item]
        assert definition["properties"] == {
            name: {"$ref": f"shared.schema.json#/$defs/{kind}"} for name, kind in kinds.items()
        }
        assert list(definition["properties"]) == sorted(kinds)
        assert set(definition["required"]) == set(method.required(v3=True))


@pytest.mark.parametrize(("operation", "format"), [c for c in CONTRACTS if c[1] != "xml"])
def test_the_examples_in_a_json_schema_are_valid(operation: OperationName, format: str) -> None:
    schema = json_schema(operation, v3=format == "json-v3")
    validator = Draft202012Validator(schema)
    examples = schema["examples"]
    assert [validator.is_valid(example) for example in examples] == [True] * len(examples)
    assert len(examples) >= (1 if operation.endswith("delete") and format == "json-v3" else 2)


@pytest.mark.parametrize(
    ("operation", "v3", "payload", "message"),
    [
        ("get", False, '[{"email":"a"}]', "'reason' is a required property"),
        ("get", False, "5", "5 is not of type 'array'"),
        (
            *("delete", False, '{"message":"a","error":"b"}'),
            "Additional properties are not allowed ('message' was unexpected)",
        ),
        ("count", False, '{"count":null}', "None is not of type 'integer'"),
        ("count", False, "[]", "[] is not of type 'object'"),
        ("delete", False, '{"error":{"code":1}}', "'message' is a required property"),
        ("delete", False, "{}", "'message' is a required property"),
        ("get", True, '[{"email":"a","reason":"r"}]', "'created' is a required property"),
        (
            *("get", True, '[{"created":"1","email":"a","reason":"r"}]'),
            "'1' is not of type 'integer'",
        ),
        ("get", True, '{"errors":[]}', "[] should be non-empty"),
        ("get", True, '{"errors":[{}]}', "'message' is a required property"),
    ],
)
def test_a_validator_names_only_the_fault(
    operation: str, v3: bool, payload: str, message: str
) -> None:
    schema = json_schema(OPERATIONS[f"invalidemails.{operation}"], v3=v3)
    (error,) = Draft202012Validator(schema).iter_errors(json.loads(payload))
    assert error.message == message
