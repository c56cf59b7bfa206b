"""The schema files of the package: their folder, and self-contained copies of each schema.

`schemas/` holds an XSD 1.0 and a JSON Schema 2020-12 for each operation, and the files that they
share, which refer to each other by relative names. `xsd_bytes` and `json_schema` return the schema
of one operation with all references resolved; nothing is ever fetched.

For an operation of your own, pass the `folder` of its schema files. The functions return bytes,
text and dicts, for a validator of your choice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sgformats.errors import ArgumentError
from sgformats.operations import Operation, find_operation

if TYPE_CHECKING:
    from pathlib import Path
    from tempfile import TemporaryDirectory

Kind = Literal["xsd", "json-schema", "json-schema-v3"]

_INCLUDE = re.compile(r"[ \t]*<(?:\w+:)?include\s+schemaLocation\s*=\s*[\"']([^\"']*)[\"']\s*/>\n?")
_FRAME = re.compile(r"\A.*?<(?:\w+:)?schema\s[^>]*>\n*|\s*</(?:\w+:)?schema\s*>\s*\Z", re.DOTALL)


def data_folder(name: str) -> Path:
    """A data folder of this package: inside it in a wheel, beside it in a checkout.

    A folder that a wheel holds as an archive is unpacked, and removed when the program ends.
    """
    from pathlib import Path

    package = Path(__file__).resolve().parent
    installed, packed = package / name, package / f"{name}.zip"
    if packed.is_file():
        return Path(_unpacked(packed).name)
    return installed if installed.is_dir() else package.parent / name


@cache
def _unpacked(archive: Path) -> TemporaryDirectory[str]:
    import atexit
    import zipfile
    from tempfile import TemporaryDirectory

    folder = TemporaryDirectory(prefix=f"sgformats-{archive.stem}-")
    atexit.register(folder.cleanup)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder.name)
    return folder


def schema_folder() -> Path:
    """The folder of the shipped schema files.

    >>> (schema_folder() / "invalidemails.get.xsd").is_file()
    True
    """
    return data_folder("schemas")


def xsd_bytes(operation: str | Operation, folder: Path | None = None) -> bytes:
    """The XSD of an operation's XML answers, with each `xs:include` replaced by the included file.

    `folder` holds the schema files (default: the shipped ones). Comments and layout do not change.
    Files that include each other must use the same prefix and defaults.

    Raises `UnknownOperationError`, and `ArgumentError` for a file that is missing or not UTF-8.

    >>> b"xs:include" in xsd_bytes("invalidemails.get")
    False
    """
    place = schema_folder() if folder is None else folder
    return _inlined(_read(place, f"{find_operation(operation).name}.xsd"), place, set()).encode()


def json_schema(
    operation: str | Operation, folder: Path | None = None, *, v3: bool = False
) -> dict[str, Any]:
    """The JSON Schema of an operation's JSON answers, with the schemas it refers to in its `$defs`.

    `v3`: the schema of the API v3 answers to the same call. Schemas are bundled as JSON Schema
    defines it: each keeps its `$id`, and no `$ref` changes. `folder` holds the schema files
    (default: the shipped ones). Every call returns a new dict.

    Raises `UnknownOperationError`, and `ArgumentError` for a file that is missing or not JSON, or
    if v3 has no such call.

    >>> json_schema("invalidemails.delete")["title"]
    'The answer of invalidemails.delete'
    """
    place = schema_folder() if folder is None else folder
    found = find_operation(operation)
    if v3 and not found.in_v3:
        raise ArgumentError(f"expected a call that json-v3 has, found {found.name}")
    name = found.name
    schema = _load(place, f"{name}.v3.schema.json" if v3 else f"{name}.schema.json")
    bundle: dict[str, Any] = {}
    unread = [schema]
    while unread:
        for file in files_in(unread.pop()):
            if file not in bundle:
                bundle[file] = _load(place, file)
                unread.append(bundle[file])
    return {**schema, "$defs": {**schema.get("$defs", {}), **bundle}}


def schema_text(operation: str | Operation, kind: Kind, folder: Path | None = None) -> str:
    """The self-contained schema of an operation as text.

    `kind` is `xsd`, `json-schema` or `json-schema-v3`; `folder` is as in `xsd_bytes`. Raises what
    `xsd_bytes` and `json_schema` raise, and `ArgumentError` for another `kind`.

    >>> print(schema_text("bounces.count", "xsd")[:38])
    <?xml version="1.0" encoding="UTF-8"?>
    """
    if kind == "xsd":
        return xsd_bytes(operation, folder).decode()
    if kind in ("json-schema", "json-schema-v3"):
        schema = json_schema(operation, folder, v3=kind == "json-schema-v3")
        return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    raise ArgumentError(f"expected xsd, json-schema or json-schema-v3, found {kind!r}")


def _inlined(text: str, folder: Path, seen: set[str]) -> str:
    """The XSD with each included file in place of its first `xs:include`."""

    def body(include: re.Match[str]) -> str:
        file = include[1]
        if file in seen:
            return ""
        seen.add(file)
        return _inlined(_FRAME.sub("", _read(folder, file)) + "\n", folder, seen)

    return _INCLUDE.sub(body, text)


def files_in(schema: object) -> Iterator[str]:
    """The files that a schema refers to."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield reference.partition("#")[0]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from files_in(part)


def _load(folder: Path, file: str) -> dict[str, Any]:
    try:
        schema = json.loads(_read(folder, file))
    except ValueError as error:
        raise ArgumentError(f"cannot read {file}: {error}") from error
    if not isinstance(schema, dict):
        raise ArgumentError(f"cannot read {file}: expected an object")
    return schema


def _read(folder: Path, file: str) -> str:
    try:
        return (folder / file).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise ArgumentError(f"cannot read {file}: {error}") from error
