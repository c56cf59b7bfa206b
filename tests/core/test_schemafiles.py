"""The loader of the schema files: one bundle for each operation, wherever its files are."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sgformats import schemafiles
from sgformats.errors import ArgumentError, UnknownOperationError
from sgformats.operations import Field, Method, Operation
from sgformats.records import Unsubscribe
from sgformats.schemafiles import json_schema, schema_folder, schema_text, xsd_bytes

GREYLIST = Operation(Method("greylist", "entry", Unsubscribe, (Field("email"),), ("get",)), "get")


def test_the_bundle_keeps_comments_and_layout() -> None:
    (top, bottom) = (
        (schema_folder() / "bounces.get.xsd")
        .read_text("utf-8")
        .split('  <xs:include schemaLocation="shared.xsd"/>\n')
    )
    shared = (schema_folder() / "shared.xsd").read_text("utf-8")
    inside = shared[shared.index("  <!-- What") : shared.index("\n\n</xs:schema>")]
    assert schema_text("bounces.get", "xsd") == top + inside + "\n" + bottom


def test_schema_text_is_the_bundle() -> None:
    assert schema_text("bounces.get", "xsd").encode() == xsd_bytes("bounces.get")
    assert json.loads(schema_text("bounces.get", "json-schema")) == json_schema("bounces.get")
    assert schema_text("bounces.get", "json-schema").endswith("}\n")
    v3 = schema_text("bounces.get", "json-schema-v3")
    assert json.loads(v3) == json_schema("bounces.get", v3=True)
    assert json_schema("bounces.get", v3=True)["title"] == "The v3 API's answer to bounces.get"


def test_a_v3_bundle_is_its_file_and_the_shared_one() -> None:
    folder = schema_folder()
    file = json.loads((folder / "blocks.get.v3.schema.json").read_bytes())
    shared = json.loads((folder / "shared.schema.json").read_bytes())
    defs = {**file["$defs"], "shared.schema.json": shared}
    assert json_schema("blocks.get", v3=True) == {**file, "$defs": defs}


def test_an_operation_that_v3_lacks_has_no_v3_schema() -> None:
    missing = r"^expected a call that json-v3 has, found unsubscribes\.delete$"
    with pytest.raises(ArgumentError, match=missing):
        schema_text("unsubscribes.delete", "json-schema-v3")


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / name.replace("__", ".")).write_text(text, "utf-8")
    return folder


def test_a_custom_operation_has_schemas_in_a_custom_folder(tmp_path: Path) -> None:
    frame = "<xsd:schema xmlns:xsd='http://www.w3.org/2001/XMLSchema'>{}</xsd:schema>\n"
    folder = write(
        tmp_path,
        greylist__get__xsd=frame.format(
            "\n<xsd:include schemaLocation='a.xsd'/>\n<xsd:include schemaLocation='b.xsd' />\n"
            "<xsd:element name='greylist' type='a'/>\n"
        ),
        a__xsd=frame.format(
            "<xsd:include schemaLocation='b.xsd'/>"
            "<xsd:complexType name='a'><xsd:attribute name='b' type='b'/></xsd:complexType>"
        ),
        b__xsd=frame.format(
            "<xsd:simpleType name='b'><xsd:restriction base='xsd:date'/></xsd:simpleType>"
        ),
        greylist__get__schema__json='{"$id":"urn:a/greylist","items":{"$ref":"a.json#/$defs/b"}}',
        a__json='{"$id":"a.json","$defs":{"b":{"$ref":"b.json"}}}',
        b__json='{"$id":"b.json","$defs":{"c":{"$ref":"a.json#/$defs/b"}},"type":"string"}',
    )
    compiled = etree.XMLSchema(etree.fromstring(xsd_bytes(GREYLIST, folder)))
    dates = [etree.fromstring(f"<greylist b='{text}'/>") for text in ("2009-06-10", "a")]
    assert [compiled.validate(date) for date in dates] == [True, False]
    assert schema_text(GREYLIST, "xsd", folder).count("simpleType name") == 1
    assert json_schema(GREYLIST, folder) == {
        "$id": "urn:a/greylist",
        "items": {"$ref": "a.json#/$defs/b"},
        "$defs": {
            "a.json": {"$id": "a.json", "$defs": {"b": {"$ref": "b.json"}}},
            "b.json": {
                "$id": "b.json",
                "$defs": {"c": {"$ref": "a.json#/$defs/b"}},
                "type": "string",
            },
        },
    }


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"^cannot read greylist\.get\.xsd: .*No such file"):
        xsd_bytes(GREYLIST)
    with pytest.raises(ArgumentError, match=r"^cannot read greylist\.get\.schema\.json: .*No such"):
        json_schema(GREYLIST)
    for text, reason in [("{", "Expecting property name"), ("[]", "expected an object")]:
        write(tmp_path, greylist__get__schema__json=text)
        with pytest.raises(ArgumentError, match=rf"^cannot read greylist\.get.*: {reason}"):
            json_schema(GREYLIST, tmp_path)
    (tmp_path / "greylist.get.xsd").write_bytes(b"\xff")
    with pytest.raises(
        ArgumentError, match=r"^cannot read greylist\.get\.xsd: .*codec can't decode"
    ):
        xsd_bytes(GREYLIST, tmp_path)


def test_a_reference_to_a_url_is_refused(tmp_path: Path) -> None:
    write(tmp_path, greylist__get__schema__json='{"$ref":"https://sgformats.example/a.json#/b"}')
    with pytest.raises(ArgumentError, match=r"^cannot read https://sgformats\.example/a\.json: "):
        json_schema(GREYLIST, tmp_path)


def test_an_unknown_operation_or_kind_is_refused() -> None:
    for function in (xsd_bytes, json_schema):
        with pytest.raises(
            UnknownOperationError,
            match=r'found "invalidemails\.put"; did you mean invalidemails\.count\?$',
        ):
            function("invalidemails.put")
    kind: Any = "dtd"
    with pytest.raises(
        ArgumentError, match=r"^expected xsd, json-schema or json-schema-v3, found 'dtd'$"
    ):
        schema_text("invalidemails.get", kind)


def test_data_is_in_the_package_when_installed_and_beside_it_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "sgformats"
    (package / "schemas").mkdir(parents=True)
    monkeypatch.setattr(schemafiles, "__file__", str(package / "schemafiles.py"))
    assert schema_folder() == package / "schemas"
    assert schemafiles.data_folder("corpus") == tmp_path / "site" / "corpus"


def test_a_packed_folder_is_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as archive:
        archive.writestr("seed/a.json", "[]")
    monkeypatch.setattr(schemafiles, "__file__", str(tmp_path / "schemafiles.py"))
    folder = schemafiles.data_folder("corpus")
    assert (folder / "seed" / "a.json").read_text() == "[]"
    assert schemafiles.data_folder("corpus") == folder
