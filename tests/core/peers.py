"""A second opinion on payloads: plain lxml and plain jsonschema with the schema files.

Nothing here uses the library's readers. Strict mode must agree with `xml_accepts` and `json_accepts`,
which check the schema and then the rules that `RULES[...].beyond_schema` names.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator
from lxml import etree

from sgformats.operations import OPERATIONS
from tests.core.schemakit import BASE, FOLDER, files

# The encodings that a declaration may name; libxml2 knows more.
ENCODINGS = re.compile(
    r"utf-?8|us-ascii|ascii|latin-?1|iso[-_]?8859-1|cp1252|koi8-r|windows-125[0-8]"
    r"|iso-8859-(?:[1-9]|1[0-13-6])|utf-(?:16|32)(?:le|be)?",
    re.IGNORECASE,
)
WHITE = " \t\r\n"
MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
ZEROS = (
    (rb"[\t\n\r -~]\0\0\0", "utf-32-le"),
    (rb"\0\0\0[\t\n\r -~]", "utf-32-be"),
    (rb"[\t\n\r -~]\0", "utf-16-le"),
    (rb"\0[\t\n\r -~]", "utf-16-be"),
)


@functools.cache
def xml_schema(operation: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(FOLDER / f"{operation}.xsd")))


@functools.cache
def json_validator(operation: str, v3: bool = False) -> Draft202012Validator:
    name = f"{operation}.v3.schema.json" if v3 else f"{operation}.schema.json"
    return Draft202012Validator({"$ref": BASE + name}, registry=files())


def plain_xml(data: bytes) -> Any:
    """lxml's tree with its defaults, except for entities; None if it refuses the payload."""
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        return None


def xml_accepts(data: bytes, operation: str) -> bool:
    root = plain_xml(data)
    if root is None or root.getroottree().docinfo.doctype:
        return False
    if not xml_schema(operation).validate(root):
        return False
    return not any(_beyond_xml(root, operation)) and not _contradicts(data, root)


def _contradicts(data: bytes, root: Any) -> bool:
    """`bad-encoding`: the declared encoding contradicts the bytes, or is not supported."""
    declared = re.search(r"\A\ufeff?<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)", _head(data))
    if declared is None:
        return False
    name = declared[1].lower()
    if not ENCODINGS.fullmatch(name):
        return True
    width = 4 if b"\0\0" in data[:4] else 2 if b"\0" in data[:4] else 1
    if width == 1:
        marked = data.startswith(b"\xef\xbb\xbf")
        return name.startswith(("utf-16", "utf-32")) or (marked and name not in ("utf-8", "utf8"))
    return name.rstrip("lbe") != f"utf-{8 * width}"


def _head(data: bytes) -> str:
    return data[:400].replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf").decode("latin-1")


def _beyond_xml(root: Any, operation: str) -> Iterator[bool]:
    yield from (not is_timestamp(text(node)) for node in root.iter("created"))
    if root.tag != "result":
        return
    children = list(root.iterchildren("*"))
    messages = [text(node) for node in children if node.tag == "message"]
    loose = "".join(root.xpath("text()")).strip(WHITE)
    yield bool(loose) == bool(children)  # Text beside elements, or nothing at all.
    yield len(messages) > 1 and messages[0].strip(WHITE) != "error"
    if messages or loose:
        done = len(messages) < 2 and (messages or [loose])[0].strip(WHITE) == "success"
        yield _wrong_success(done and not root.xpath("errors/error"), operation)


def text(node: Any) -> str:
    return str(node.xpath("string()"))


def is_timestamp(value: str) -> bool:
    try:
        return not value or bool(datetime.strptime(value, "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return False


def _wrong_success(success: bool, operation: str) -> bool:
    return success and OPERATIONS[operation].task in ("get", "count")


class DuplicateKeyError(ValueError):
    """An object has a key twice, and nothing else is wrong."""


def plain_json(data: bytes) -> Any:
    """The value that `json.loads` gives; ValueError if it is neither RFC 8259 nor I-JSON."""

    duplicates = []

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        duplicates.append(len(found) < len(pairs))
        return found

    def number(digits: str) -> Any:
        return int(digits[:4000])

    try:
        value = json.loads(data, parse_constant=refuse, object_pairs_hook=members, parse_int=number)
    except RecursionError:
        raise ValueError("too deep") from None
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # Refuses an unpaired surrogate.
    if any(duplicates):
        raise DuplicateKeyError
    return value


def json_accepts(data: bytes, operation: str, v3: bool = False) -> bool:
    if v3 and not data:  # An empty body answers a successful delete.
        return operation.endswith(".delete")
    try:
        value = plain_json(data)
    except ValueError:
        return False
    if not json_validator(operation, v3).is_valid(value) or _depth(value) > 256:
        return False
    if isinstance(value, list) and not v3:
        return all(is_timestamp(record.get("created", "")) for record in value)
    done = not v3 and value.get("message", "").strip(WHITE) == "success" and not value.get("errors")
    return not _wrong_success(done, operation)


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)):
        return 0
    return 1 + max(map(_depth, inside), default=0)


def codec_of(data: bytes, xml: bool) -> tuple[str, int]:
    """The Python codec of a payload, by mark, zero bytes or declaration, and the mark's size."""
    for mark, codec in MARKS:
        if data.startswith(mark):
            return codec, len(mark)
    for zeros, codec in ZEROS:
        if re.match(zeros, data, re.DOTALL):
            return codec, 0
    head = data[:400].decode("latin-1")
    declared = re.match(
        r"<\?xml\s+version\s*=\s*[^\s]+\s+encoding\s*=\s*[\"']([A-Za-z0-9._-]*)[\"']", head
    )
    if xml and declared and ENCODINGS.fullmatch(declared[1]):
        name = declared[1].lower()
        return ("utf-8" if name.startswith(("utf-16", "utf-32")) else name), 0
    return "utf-8", 0


def line_and_column(data: bytes, offset: int, xml: bool) -> tuple[int, int]:
    """The line and the column of a byte, both from 1: lines end at \\n, \\r\\n and \\r."""
    codec, mark = codec_of(data, xml)
    chars = data[mark:offset].decode(codec, "ignore")
    following = data[max(mark, offset) :].decode(codec, "replace")[:1]
    lines = re.split(r"\r\n|\n|\r(?!\Z)" if following == "\n" else r"\r\n|\n|\r", chars)
    return len(lines), len(lines[-1]) + 1


def pointed_at(data: bytes, pointer: str) -> bool:
    """Whether a JSON Pointer names a value of a document, which may have duplicate keys."""
    found = [json.loads(data, object_pairs_hook=_Members)]
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = [value for one in found for value in _inside(one, name)]
    return bool(found)


class _Members(list[tuple[str, Any]]):
    pass


def _inside(value: Any, name: str) -> list[Any]:
    if isinstance(value, _Members):
        return [member for key, member in value if key == name]
    return [value[int(name)]] if isinstance(value, list) else []
