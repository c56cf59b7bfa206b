"""Documents without what is to be hidden: JSON, XML and other text, and bodies of bytes.

Both scanners take anything: a document that is damaged, or cut anywhere, is read as far as its
marks go, and what stands between them is looked at as text. Nothing but what is hidden is written
anew.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.bodies import Chunks
from sgformats.redact.edits import (
    Edit,
    Layer,
    apply,
    as_it_is,
    json_layer,
    json_text,
    xml_layer,
)
from sgformats.redact.encodings import (
    decode,
    encode,
    encoding_of,
    hide_ascii,
    trailing,
)
from sgformats.redact.hider import Claim, Hider, kind_of
from sgformats.redact.squeezing import (
    GZIP,
    ZSTD,
    is_deflated,
    is_text,
    is_zlib,
    unsqueezed,
)
from sgformats.redact.structure import Container, ScalarPlace
from sgformats.secrets import HIDDEN

_DEPTH = 8
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)
_COLON = re.compile(r"\s*:")
_PLAIN = re.compile(r"-?[0-9][0-9.eE+-]*\Z|true\Z|false\Z|null\Z")
_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*\Z")
# What is cut at the end of the text counts as whole.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<\?[^>]*(?:>|\Z)|<![^<>]*(?:>|\Z)"
    r"|<(/?)([A-Za-z_][\w.:-]*)(\s[^<>]*)?(?:>|\Z)",
    re.DOTALL,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}(?:\s+[A-Za-z0-9+/]+)*={0,2}\s*\Z")
_CHUNKS = re.compile(r'\["(?:1f8b|28b52ffd|H4sI|KLUv)[^\[{]*"\]\s*\Z', re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_WHITE = " \t\r\n\ufeff"
# No name is longer.
_NAMING = 400
# So much of base64 tells what it may stand for.
_SNIFFED = 1024


class Rewriter:
    """Says what is to change in a capture's texts.

    `opaque` counts the bodies that could not be looked into. `lengths` holds, of the bodies that
    changed in the exchange at hand, how long they were and are.
    """

    def __init__(self, hider: Hider, max_bytes: int = MAX_BYTES) -> None:
        self.hider = hider
        self.max_bytes = max_bytes
        self.opaque = 0
        self.lengths: dict[int, int] = {}

    def unit(self, text: str, read: Callable[[str], list[Edit]]) -> str:
        """One exchange, or whatever belongs together, without what is to be hidden."""
        edits = self.edits(text, read)
        return apply(text, edits) if edits else text

    def edits(self, text: str, read: Callable[[str], list[Edit]]) -> list[Edit]:
        """What is to change in it.

        It is read again where a secret was met for the first time, which it may repeat elsewhere.
        """
        self.lengths = {}
        known, opaque = list(self.hider.known), self.opaque
        edits = read(text)
        if known != list(self.hider.known) or self.lengths:
            self.opaque = opaque
            edits = read(text)
        return edits

    def string(self, text: str, name: str = "", depth: int = 0) -> list[Edit]:
        """A text of a name, which may be none."""
        edits = self.hider.value(name, text)
        if edits is not None:
            return edits
        head = text.lstrip(_WHITE)[:1]
        if depth < _DEPTH:
            if _CHUNKS.match(text) and (joined := self._chunks(text, depth)) is not None:
                return joined
            if head in ("<", "[") and self.hider.is_quiet(text):
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
        """A JSON text, a part of one, or what looks like one."""
        scalars, strict = _scan_json(text)
        claims = []
        for scalar in scalars:
            edits = self._json_scalar(text, scalar, depth)
            claims.append(Claim(scalar.start, scalar.stop, edits))
        if not strict:
            # Where a mark is lost, what seems to stand in quotes may stand between them.
            claims = self.hider.claims(text, depth, [claim for claim in claims if claim.edits])
        return [edit for claim in claims for edit in claim.edits]

    def _json_scalar(self, text: str, scalar: ScalarPlace, depth: int) -> list[Edit]:
        if text[scalar.start] != '"':
            return self._number(text, scalar)
        stop = scalar.stop - (scalar.stop - scalar.start > 1 and text[scalar.stop - 1] == '"')
        edits = self.scalar(json_text(text[scalar.start + 1 : stop]), scalar, depth)
        return list(json_layer(text, scalar.start + 1, stop).lift(edits)) if edits else []

    def scalar(self, text: str, scalar: ScalarPlace, depth: int) -> list[Edit]:
        """A string of a JSON or YAML document."""
        if scalar.is_key and not scalar.key:
            return self.hider.prose(text)
        if scalar.hidden:
            return self.hider.whole(text)
        if self.lengths and scalar.is_length and text.isdecimal():
            return self._length(text)
        edits = self.string(text, scalar.name, depth + 1)
        if edits and scalar.is_body and not depth:
            self._measure(text, apply(text, edits))
        return edits

    def _number(self, text: str, scalar: ScalarPlace) -> list[Edit]:
        token = text[scalar.start : scalar.stop]
        if not _NUMBER.match(token):
            return []
        if scalar.hidden or kind_of(scalar.name) in ("secret", "authorization"):
            return [Edit(scalar.start, scalar.stop, f'"{HIDDEN}"')]
        if self.lengths and scalar.is_length:
            layer = Layer(token, scalar.start, None, as_it_is)
            return list(layer.lift(self._length(token)))
        return []

    def _length(self, token: str) -> list[Edit]:
        known = self.lengths.get(int(token)) if len(token) < 16 and token.isdecimal() else None
        return [] if known is None else [Edit(0, len(token), str(known))]

    def _measure(self, old: str, new: str) -> None:
        before, after = (len(t.encode("utf-8", "surrogatepass")) for t in (old, new))
        if before != after:
            self.lengths[before] = after

    # XML.

    def xml(self, text: str, depth: int = 0) -> list[Edit]:
        """An XML document, a part of one, or what looks like one."""
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
                inside = Layer(tag[0], tag.start(), None, as_it_is)
                claims.append(Claim(*tag.span(), list(inside.lift(self.hider.text(tag[0])))))
                continue
            flush()
            closes = tag[2] or text[at - 2] == "/"
            name = "" if closes else tag[3].rpartition(":")[2]
            if tag[4] and tag[4].strip(" /\r\n\t"):
                inside = Layer(tag[0], tag.start(), None, as_it_is)
                claims.append(Claim(*tag.span(), list(inside.lift(self.hider.text(tag[0])))))
        if at < len(text):
            runs.append((at, len(text), False))
        flush()
        return sorted(edit for claim in claims for edit in claim.edits)

    # Bytes.

    def _chunks(self, text: str, depth: int) -> list[Edit] | None:
        """A compressed body that is kept as a list of chunks; None for other lists."""
        chunks = Chunks.of(text)
        if chunks is None or not chunks.body.startswith((GZIP, ZSTD)):
            return None
        new = self.bytes(chunks.body, depth + 1)
        return [] if new == chunks.body else [Edit(0, len(text), chunks.again(new))]

    def _base64(self, text: str, depth: int) -> list[Edit] | None:
        """None for what is none, or holds nothing that could be read."""
        digits = _SPACE.sub("", text)
        digits = digits[: len(digits) // 4 * 4]  # What is cut ends with half a byte.
        if not _is_promising(digits[:_SNIFFED]):
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
        return [Edit(start, start + len(bare), _laid_out(written, bare))]

    def bytes(self, data: bytes, depth: int = 0) -> bytes:
        """A body without what is to be hidden, compressed as it was; the same where there is none."""
        squeezed = unsqueezed(data, self.max_bytes)
        if squeezed is not None:
            self.opaque += not squeezed.whole
            if squeezed.inner is None or depth >= _DEPTH:
                return data
            new = self.bytes(squeezed.inner, depth + 1)
            if new == squeezed.inner:
                return data
            self.lengths[len(squeezed.inner)] = len(new)
            return squeezed.again(new)
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
    """The strings and numbers of a text, each with where it stands; and whether there is no more."""
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
                inner = json_text(token[1 : min(len(token) - closed, _NAMING)])
                if is_key:
                    key = inner
                elif frame is not None:
                    frame.add(key, inner)
            elif not _PLAIN.match(token):
                strict = False
                continue
            scalars.append(scalar)
    return scalars, strict


def _is_promising(digits: str) -> bool:
    """Whether base64 may stand for a body that is text, or for a compressed one."""
    head = base64.b64decode(digits[: len(digits) // 4 * 4])
    return head.startswith((GZIP, ZSTD)) or is_zlib(head) or is_text(head) or is_deflated(head)


def _laid_out(digits: str, old: str) -> str:
    """Base64 in lines as long as those of another."""
    found = _SPACE.search(old)
    if found is None:
        return digits
    width = max(found.start(), 1)
    lines = (digits[at : at + width] for at in range(0, len(digits), width))
    return found[0].join(lines)
