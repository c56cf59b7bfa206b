"""Redacts one capture as a stream: detects its kind, splits it into parts, and joins them again."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import BinaryIO

import msgspec

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.bystanders import binary_name
from sgformats.captures.kinds import find_kind
from sgformats.captures.opening import UNPACKING, Opened, Unpacking
from sgformats.captures.reading import reading_options
from sgformats.errors import CaptureError
from sgformats.redact.anonymise import Anonymiser
from sgformats.redact.edits import Edit
from sgformats.redact.encodings import (
    encode,
    encoding_of,
    errors_of,
    hide_ascii,
)
from sgformats.redact.hider import Hider
from sgformats.redact.packing import pack
from sgformats.redact.pieces import redact_units
from sgformats.redact.rewriting import Rewriter
from sgformats.redact.units import (
    json_units,
    line_units,
    log_units,
    xml_units,
    yaml_units,
)
from sgformats.redact.warcrecords import redacted_records
from sgformats.redact.yamlscalars import yaml_edits
from sgformats.secrets import hide_torn

_HEAD = 64 * 1024
# This much of the text before a part may hold the name of a key at its beginning.
_BEFORE = 400
_PIECE = 256 * 1024
# A character may take several bytes.
_SHARE, _LEAST = 4, 1 << 20
_JSON_LINE = re.compile(r'\s*\{\s*"[^\r\n]*\}\s*\Z')
_JSON = re.compile(r"\{\s*[\"}]|\[\s*[\[{\"\]]|[{\[]\s*\Z")


class Redaction(msgspec.Struct, frozen=True):
    """The counts of files, of changed files, and of changed exchanges.

    `opaque` counts the bodies that could not be searched because they are damaged or compressed in
    an unknown way: any secrets in them are still there.
    """

    files: int
    changed: int
    places: int
    opaque: int

    def plus(self, other: Redaction) -> Redaction:
        """The sum of both."""
        return Redaction(
            self.files + other.files,
            self.changed + other.changed,
            self.places + other.places,
            self.opaque + other.opaque,
        )


def redact_stream(
    file: BinaryIO,
    name: str,
    write: Callable[[bytes], object],
    *,
    anonymise: Anonymiser | None = None,
    keep_user: bool = False,
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    unpacking: Unpacking = UNPACKING,
) -> Redaction:
    """Redact an open file; `write` is called with the redacted bytes, in order.

    Raises `ArgumentError` for invalid arguments. Raises `CaptureError` if the file cannot be read
    further, after everything before is written.
    """
    reading_options(kind, fields, max_bytes, unpacking)
    rewriter = Rewriter(Hider(keep_user=keep_user, fake=anonymise), max_bytes)
    opened = Opened(file, name, unpacking)
    packing = opened.packing.name if opened.packing else None
    if (reason := binary_name(opened.peek(_HEAD))) is not None:
        opened.refuse(reason)
    if not opened.peek(1):
        opened.read(1)  # Raises the error if nothing can be read.
    redaction = _StreamRedaction(opened, name, kind, fields, rewriter)
    for piece in pack(redaction.parts(), packing, redaction.is_warc):
        write(piece)
    if redaction.damage is not None:
        raise redaction.damage
    return Redaction(1, int(redaction.places > 0), redaction.places, rewriter.opaque)


class _StreamRedaction:
    """The redaction of one capture: `places` counts the changed parts, `damage` ended it early."""

    def __init__(
        self,
        file: Opened,
        name: str,
        kind: str | None,
        fields: Mapping[str, str] | None,
        rewriter: Rewriter,
    ) -> None:
        self.places = 0
        self.damage: CaptureError | None = None
        self._rest = b""
        self._file = file
        self._name = name
        self._rewriter = rewriter
        head = file.peek(_HEAD)
        self._encoding = encoding_of(head) or "UTF-8"
        found = kind or find_kind(head, file.name, fields or {}).name
        self._layout = _find_layout(found, head, self._encoding)

    @property
    def is_warc(self) -> bool:
        """Whether it is a WARC file, in which each part is compressed by itself."""
        return self._layout == "warc"

    def parts(self) -> Iterator[bytes]:
        """The redacted parts of the capture."""
        if self.is_warc:
            records = redacted_records(self._file, self._name, self._rewriter, self._stop)
            for record, written in records:
                self.places += record != written
                yield written
            return
        units, read = _LAYOUTS[self._layout]
        longest = max(self._rewriter.max_bytes // _SHARE, _LEAST)
        found = units(self._characters(), longest)
        redacted = redact_units(
            found,
            self._rewriter,
            partial(read, self._rewriter),
            self._rewriter.string if self._layout == "yaml" else None,
        )
        before = ""
        for unit, without_named in redacted:
            new = hide_torn(without_named, before)
            before = without_named[-_BEFORE:]
            encoded = encode(new, self._encoding)
            data = hide_ascii(encoded, self._encoding)
            self.places += new != unit or data != encoded
            yield data
        yield self._rest

    def _stop(self, error: CaptureError) -> None:
        self.damage = self.damage or error

    def _characters(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._encoding)(errors_of(self._encoding))
        try:
            while data := self._file.read(_PIECE):
                if text := decoder.decode(data):
                    yield text
        except CaptureError as error:
            self.damage = error
        except UnicodeDecodeError:
            found = f"expected text in {self._encoding}, found other bytes"
            self.damage = CaptureError(self._name, found)
            return
        self._rest = decoder.getstate()[0]  # A part of a character.


def _find_layout(kind: str, head: bytes, encoding: str) -> str:
    """The layout of a capture of a kind; for a payload, its first characters decide."""
    if kind in _LAYOUT_OF_KIND:
        return _LAYOUT_OF_KIND[kind]
    text = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return "xml"
    return "json" if _JSON.match(text) else "log"


_Read = Callable[[Rewriter, str], list[Edit]]


def _read_log(rewriter: Rewriter, text: str) -> list[Edit]:
    """The edits for the lines that are JSON, and for the blocks of text between them."""
    edits: list[Edit] = []
    at = block = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        if _JSON_LINE.match(text, at, end):
            edits += _moved(rewriter.string(text[block:at]), block)
            edits += _moved(rewriter.json(text[at:end]), at)
            block = end
        at = end
    return edits + _moved(rewriter.string(text[block:]), block)


def _moved(edits: list[Edit], by: int) -> list[Edit]:
    return [Edit(start + by, stop + by, new) for start, stop, new in edits]


_LAYOUTS: Mapping[str, tuple[Callable[[Iterable[str], int], Iterator[str]], _Read]] = {
    "json": (json_units, Rewriter.json),
    "jsonl": (line_units, Rewriter.string),
    "yaml": (yaml_units, yaml_edits),
    "xml": (xml_units, Rewriter.xml),
    "log": (log_units, _read_log),
}
"""By name: what splits a capture into units, and what finds the edits of a unit."""
# By the kinds of `captures.kinds`; for other kinds the content decides.
_LAYOUT_OF_KIND = {
    "warc": "warc",
    "har": "json",
    "log-json": "json",
    "tool-json": "json",
    "vcr-json": "json",
    "json-array": "json",
    "vcr": "yaml",
    "jsonl": "jsonl",
    "log": "log",
}
