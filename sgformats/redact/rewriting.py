"""Redacts documents (JSON, XML and other text) and bodies of bytes.

Both scanners accept any input: a damaged or cut document is read as far as its markup allows, and the
parts between are searched as text. Only hidden values are rewritten.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TypeVar

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.bodies import Chunks
from sgformats.captures.unpacking import GZIP, ZSTD
from sgformats.redact.edits import (
    Edit,
    Layer,
    apply,
    json_layer,
    json_text,
    unchanged,
    xml_layer,
)
from sgformats.redact.encodings import (
    decode,
    encode,
    encoding_of,
    hide_ascii,
    trailing,
)
from sgformats.redact.hider import Claim, Hider
from sgformats.redact.names import Container, ScalarPlace, kind_of
from sgformats.redact.packing import is_deflated, is_text, is_zlib, unpack
from sgformats.secrets import HIDDEN

_Found = TypeVar("_Found")
_DEPTH = 8
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)
_COLON = re.compile(r"\s*:")
_PLAIN = re.compile(r"-?[0-9][0-9.eE+-]*\Z|true\Z|false\Z|null\Z")
_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*\Z")
# A token that is cut at the end of the text counts as whole.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<\?(?:.{0,400}?\?>|[^>]*(?:>|\Z))"
    r"|<![^<>]*(?:>|\Z)"
    r"|<(/?)([A-Za-z_][\w.:-]*)(\s[^<>]*)?(?:>|\Z)",
    re.DOTALL,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}(?:\s+[A-Za-z0-9+/]+)*={0,2}\s*\Z")
_CHUNKS = re.compile(r'\["(?:1f8b|28b52ffd|H4sI|KLUv)[^\[{]*"\]\s*\Z', re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_WHITE = " \t\r\n\ufeff"
# Keys are cut at this length: no name is longer.
_LONGEST_KEY = 400
# So many characters of base64 show what it contains.
_SAMPLE = 1024


class Rewriter:
    """Finds the edits for a capture's texts.

    `opaque` counts the bodies that could not be searched. `lengths` holds the old and new lengths of
    the bodies that changed in the current exchange.
    """

    def __init__(self, hider: Hider, max_bytes: int = MAX_BYTES) -> None:
        self.hider = hider
        self.max_bytes = max_bytes
        self.opaque = 0
        self.lengths: dict[int, int] = {}

    def edits(self, text: str, read: Callable[[str], list[Edit]]) -> list[Edit]:
        """The edits for one exchange, or another unit of text."""
        return self.complete(lambda: read(text))

    def complete(self, read: Callable[[], _Found]) -> _Found:
        """Call `read`; call it again if it found a new secret, which may be repeated elsewhere."""
        self.lengths = {}
        known, opaque = list(self.hider.known), self.opaque
        found = read()
        if known != list(self.hider.known) or self.lengths:
            self.opaque = opaque
            found = read()
        return found

    def string(self, text: str, name: str = "", depth: int = 0) -> list[Edit]:
        """The edits for a text, which may have a name."""
        edits = self.hider.value(name, text)
        if edits is not None:
            return edits
        head = text.lstrip(_WHITE)[:1]
        if depth < _DEPTH:
            if _CHUNKS.match(text) and (joined := self._list_of_chunks(text, depth)) is not None:
                return joined
            if head in ("<", "[") and self.hider.is_clean_list(text):
                return []
            if head in ("{", "["):
                return self.json(text, depth)
            if head == "<":
                return self.xml(text, depth)
            if _BASE64.match(text):
                encoded = self._base64(text, depth)
                if encoded is not None:
                    return encoded
        return self.hider.text(text)

    # JSON.

    def json(self, text: str, depth: int = 0) -> list[Edit]:
        """The edits for a JSON text, a part of one, or similar text."""
        scalars, strict = _scan_json(text)
        claims = []
        for scalar in scalars:
            edits = self._json_scalar(text, scalar, depth)
            claims.append(Claim(scalar.start, scalar.stop, edits))
        if not strict:
            # If a quote is lost, text that seems quoted may be outside of quotes.
            claims = self.hider.claims(text, depth, [claim for claim in claims if claim.edits])
        return [edit for claim in claims for edit in claim.edits]

    def _json_scalar(self, text: str, scalar: ScalarPlace, depth: int) -> list[Edit]:
        if text[scalar.start] != '"':
            return self._number(text, scalar)
        stop = scalar.stop - (scalar.stop - scalar.start > 1 and text[scalar.stop - 1] == '"')
        edits = self.scalar(json_text(text[scalar.start + 1 : stop]), scalar, depth)
        return list(json_layer(text, scalar.start + 1, stop).lift(edits)) if edits else []

    def scalar(self, text: str, scalar: ScalarPlace, depth: int) -> list[Edit]:
        """The edits for a scalar of a JSON or YAML document."""
        if scalar.is_key and not scalar.key:
            return self.hider.prose(text)
        if scalar.hidden:
            return self.hider.whole(text)
        if self.lengths and scalar.is_length and text.isdecimal():
            return self._length(text)
        edits = self.string(text, scalar.name, depth + 1)
        if edits and scalar.is_body and not depth:
            self._note_length(text, apply(text, edits))
        return edits

    def _number(self, text: str, scalar: ScalarPlace) -> list[Edit]:
        token = text[scalar.start : scalar.stop]
        if not _NUMBER.match(token):
            return []
        if scalar.hidden or kind_of(scalar.name) in ("secret", "authorization"):
            return [Edit(scalar.start, scalar.stop, f'"{HIDDEN}"')]
        if self.lengths and scalar.is_length:
            layer = Layer(token, scalar.start, None, unchanged)
            return list(layer.lift(self._length(token)))
        return []

    def _length(self, token: str) -> list[Edit]:
        known = self.lengths.get(int(token)) if len(token) < 16 and token.isdecimal() else None
        return [] if known is None else [Edit(0, len(token), str(known))]

    def _note_length(self, old: str, new: str) -> None:
        before, after = (len(t.encode("utf-8", "surrogatepass")) for t in (old, new))
        if before != after:
            self.lengths[before] = after

    # XML.

    def xml(self, text: str, depth: int = 0) -> list[Edit]:
        """The edits for an XML document, a part of one, or similar text."""
        claims: list[Claim] = []
        runs: list[tuple[int, int, bool]] = []
        name = ""
        at = 0

        def flush() -> None:
            if runs:
                layer = xml_layer(text, runs)
                if layer.text.strip():
                    lifted = layer.lift(self.string(layer.text, name, depth + 1))
                    claims.append(Claim(runs[0][0], runs[-1][1], sorted(lifted)))
                runs.clear()

        for tag in _TAG.finditer(text):
            if tag.start() > at:
                runs.append((at, tag.start(), False))
            at = tag.end()
            if tag[3] is None:
                if tag[1] is not None:
                    runs.append((*tag.span(1), True))
                    continue
                inside = Layer(tag[0], tag.start(), None, unchanged)
                claims.append(Claim(*tag.span(), list(inside.lift(self.hider.text(tag[0])))))
                continue
            flush()
            closes = tag[2] or text[at - 2] == "/"
            name = "" if closes else tag[3].rpartition(":")[2]
            if tag[4] and tag[4].strip(" /\r\n\t"):
                inside = Layer(tag[0], tag.start(), None, unchanged)
                claims.append(Claim(*tag.span(), list(inside.lift(self.hider.text(tag[0])))))
        if at < len(text):
            runs.append((at, len(text), False))
        flush()
        return sorted(edit for claim in claims for edit in claim.edits)

    # Bytes.

    def _list_of_chunks(self, text: str, depth: int) -> list[Edit] | None:
        """The edits for a compressed body kept as a list of chunks; None for other lists."""
        chunks = Chunks.of(text)
        if chunks is None or not chunks.body.startswith((GZIP, ZSTD)):
            return None
        new = self.bytes(chunks.body, depth + 1)
        return [] if new == chunks.body else [Edit(0, len(text), chunks.encode(new))]

    def _base64(self, text: str, depth: int) -> list[Edit] | None:
        """The edits for base64; None if the text is not base64 or has no readable content."""
        digits = _SPACE.sub("", text)
        digits = digits[: len(digits) // 4 * 4]  # Cut base64 may end within a byte.
        if not _may_hold_data(digits[:_SAMPLE]):
            return None
        try:
            data = base64.b64decode(digits, validate=True)
        except (binascii.Error, ValueError):
            return None
        new = self.bytes(data, depth + 1)
        if new == data:
            return []
        self.lengths[len(data)] = len(new)
        written = base64.b64encode(new).decode()
        bare = text.strip()
        start = text.index(bare)
        return [Edit(start, start + len(bare), _break_lines(written, bare))]

    def bytes(self, data: bytes, depth: int = 0) -> bytes:
        """Redact a body and compress it as before; unchanged if there is nothing to hide."""
        unpacked = unpack(data, self.max_bytes)
        if unpacked is not None:
            self.opaque += not unpacked.whole
            old = data if unpacked.whole else hide_ascii(data, None)
            if unpacked.inner is None or depth >= _DEPTH:
                return old
            new = self.bytes(unpacked.inner, depth + 1)
            if new == unpacked.inner:
                return old
            self.lengths[len(unpacked.inner)] = len(new)
            return unpacked.pack(new)
        encoding = encoding_of(data)
        if encoding is None:
            return hide_ascii(data, None)
        whole = len(data) - trailing(len(data), encoding)
        try:
            text = decode(data[:whole], encoding)
        except UnicodeDecodeError:
            self.opaque += 1
            return hide_ascii(data, None)
        edits = self.string(text, "", depth)
        new = encode(apply(text, edits), encoding) + data[whole:] if edits else data
        return hide_ascii(new, encoding)


def _scan_json(text: str) -> tuple[list[ScalarPlace], bool]:
    """The strings and numbers of a text with their places; and whether the text has nothing else."""
    scalars: list[ScalarPlace] = []
    strict = True
    frame: Container | None = None
    key = ""
    number = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        first = token[0]
        if first in "{[":
            frame = Container.inside(frame, first == "[", key)
            key, number = "", 0
        elif first in "}]":
            frame = None if frame is None else frame.parent
            key, number = "", 0
        elif first == ",":
            key, number = "", number + 1
        elif first == ":":
            continue
        else:
            start, stop = match.span()
            is_key = _COLON.match(text, stop) is not None and not (frame and frame.array)
            scalar = ScalarPlace(frame, key, number, start, stop, is_key)
            if first == '"':
                closed = len(token) > 1 and token[-1] == '"'
                inner = json_text(token[1 : min(len(token) - closed, _LONGEST_KEY)])
                if is_key:
                    key = inner
                elif frame is not None:
                    frame.add(key, inner)
            elif not _PLAIN.match(token):
                strict = False
                continue
            scalars.append(scalar)
    return scalars, strict


def _may_hold_data(digits: str) -> bool:
    """Whether base64 may contain text or a compressed body."""
    head = base64.b64decode(digits[: len(digits) // 4 * 4])
    return head.startswith((GZIP, ZSTD)) or is_zlib(head) or is_text(head) or is_deflated(head)


def _break_lines(digits: str, old: str) -> str:
    """Break base64 into lines as long as those of `old`."""
    found = _SPACE.search(old)
    if found is None:
        return digits
    width = max(found.start(), 1)
    lines = (digits[at : at + width] for at in range(0, len(digits), width))
    return found[0].join(lines)
