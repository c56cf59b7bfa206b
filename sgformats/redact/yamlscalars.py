"""Redacts YAML cassettes scalar by scalar; everything else stays the same.

PyYAML gives the place and the value of each scalar. A replacement keeps the style and the lines of the
scalar if possible, and is quoted if necessary. Text that is not YAML is searched as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from sgformats.captures.yamlstream import import_yaml, parse_events
from sgformats.captures.yamlvalues import MAX_LEVELS
from sgformats.redact.edits import Edit, Layer, apply, layer_of, unchanged, unescape
from sgformats.redact.hider import Claim
from sgformats.redact.names import Container, ScalarPlace
from sgformats.redact.rewriting import Rewriter

# Replacements for which a plain scalar stays a plain string.
_HARMLESS = re.compile(r"[A-Za-z0-9*%._@+-]*\Z")
_NOT_STRINGS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_BREAK = re.compile(r"(?<![ \t])[ \t]*(?:\r\n|\n|\r)(?:[ \t]*(?:\r\n|\n|\r))*[ \t]*")
_SINGLE = re.compile(f"''|{_BREAK.pattern}")
_PROPERTY = re.compile(r"[^ \t\r\n]+[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")
_INDENT = re.compile(r"(?<=[\r\n])( *)[^ \r\n]")
_DIGIT = re.compile("[1-9]")
_DOUBLE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|(?:\r\n|\n|\r)[ \t]*|[^xuU\r\n])"
    rf"|{_BREAK.pattern}"
)
_SHORT = dict(zip("0abtnvfre\tN_LP", "\0\a\b\t\n\v\f\r\x1b\t\x85\xa0\u2028\u2029", strict=True))


# May be missing at the end of a cut text.
_CLOSINGS = ("", "'", '"', '\\"', '0"', '00"', '000"')


def yaml_edits(rewriter: Rewriter, text: str) -> list[Edit]:
    """The edits for a YAML document, or for some items of its list.

    After the first YAML error, the rest is searched as text.
    """
    readings = []
    for closing in _CLOSINGS:
        readings.append(_read(text + closing))
        if readings[-1].whole:
            break
    reading = max(readings, key=lambda one: (one.whole, len(one.scalars)))
    claims = []
    for event, scalar in reading.scalars:
        stop = min(scalar.stop, len(text))
        if scalar.start < stop:
            found = rewriter.scalar(event.value, scalar, 0)
            edits = _scalar_edits(reading.text, event, scalar, found) if found else []
            claims.append(Claim(scalar.start, stop, _clip(edits, len(text))))
    if not reading.whole:
        claims = rewriter.hider.claims(text, 0, claims)
    return [edit for claim in claims for edit in claim.edits]


class _YamlReading(NamedTuple):
    """The scalars of a text, each with its event; `whole`: it is YAML to its end."""

    text: str
    scalars: list[tuple[Any, ScalarPlace]]
    whole: bool


def _clip(edits: list[Edit], size: int) -> list[Edit]:
    """The edits without the characters that were added at the end of the text."""
    return [edit._replace(stop=min(edit.stop, size)) for edit in edits if edit.start < size]


def _read(text: str) -> _YamlReading:
    yaml = import_yaml()
    outline = _Outline()
    try:
        for event in parse_events(text):
            if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
                outline.open(isinstance(event, yaml.SequenceStartEvent))
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                outline.close()
            elif isinstance(event, yaml.ScalarEvent):
                outline.scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                outline.add("")
    except (yaml.YAMLError, ValueError):
        return _YamlReading(text, outline.found, False)
    return _YamlReading(text, outline.found, True)


class _Outline:
    """The open containers of a document, and the scalars so far."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, ScalarPlace]] = []
        self._frame: Container | None = None
        # For each outer container: the key that waits for its value, and the number of items.
        self._states: list[tuple[str | None, int]] = []
        self._key: str | None = None
        self._number = 0

    def open(self, array: bool) -> None:
        """Open an object or an array. Raises `ValueError` if nested too deeply."""
        if len(self._states) >= MAX_LEVELS:
            raise ValueError
        self._states.append((self._key, self._number))
        self._frame = Container.inside(self._frame, array, self._key or "")
        self._key, self._number = None, 0

    def close(self) -> None:
        """Close the container, which was a value or a key."""
        if self._frame is not None:
            self._frame = self._frame.parent
            key, number = self._states.pop()
            mapping = self._frame is not None and not self._frame.array
            self._key = "" if mapping and key is None else None
            self._number = number + 1

    def scalar(self, event: Any) -> None:
        """Add a scalar, which is a key or a value."""
        is_key = self._frame is not None and not self._frame.array and self._key is None
        key = "" if is_key else self._key or ""
        place = event.start_mark.index, event.end_mark.index
        self.found.append((event, ScalarPlace(self._frame, key, self._number, *place, is_key)))
        self.add(event.value)

    def add(self, value: str) -> None:
        """Advance past a scalar with that value."""
        frame = self._frame
        if frame is not None and not frame.array and self._key is None:
            self._key = value
        elif frame is not None:
            frame.add(self._key or "", value)
            self._key, self._number = None, self._number + 1


def _scalar_edits(text: str, event: Any, scalar: ScalarPlace, edits: list[Edit]) -> list[Edit]:
    """Convert edits of a scalar's value to edits of the text."""
    start, stop = _without_properties(text, event, scalar)
    new = apply(event.value, edits)
    layer_at = _LAYERS.get(event.style or "plain")
    layer = None if layer_at is None else layer_at(text, start, stop)
    if layer is not None and layer.text == event.value:
        lifted = list(layer.lift(edits))
        plain = new[:1] not in "*%@-+." and new.lower() not in _NOT_STRINGS
        if event.style or (plain and all(_HARMLESS.match(edit.new) for edit in lifted)):
            return lifted
    quoted = json.dumps(new, ensure_ascii=text.isascii())
    if event.style in ("|", ">"):
        end = _LINE_END.findall(text[start:stop])
        quoted += end[-1] if end and text[start:stop].endswith(("\n", "\r")) else ""
    return [Edit(start, stop, quoted)]


def _without_properties(text: str, event: Any, scalar: ScalarPlace) -> tuple[int, int]:
    """Where a scalar begins and ends, without its anchor and its tag."""
    start, stop = scalar.start, scalar.stop
    for mark, named in (("&", event.anchor), ("!", event.tag)):
        if named is not None and text[start : start + 1] == mark:
            start = _after_property(text, start)
    if text[start : start + 1] in "&!" and start < stop and event.style:
        start = _after_property(text, start)
    return start, stop


def _after_property(text: str, start: int) -> int:
    match = _PROPERTY.match(text, start)
    return match.end() if match else start


# Layers of a scalar, by its style. None if that is too complex.


def _plain(text: str, start: int, stop: int) -> Layer | None:
    return _folded(text, start, stop, _BREAK, unchanged)


def _single(text: str, start: int, stop: int) -> Layer | None:
    return _folded(text, start + 1, stop - 1, _SINGLE, lambda new: new.replace("'", "''"))


def _double(text: str, start: int, stop: int) -> Layer | None:
    def write(new: str) -> str:
        return json.dumps(new, ensure_ascii=text.isascii())[1:-1]

    return _folded(text, start + 1, stop - 1, _DOUBLE, write)


def _folded(
    text: str, start: int, stop: int, pattern: re.Pattern[str], write: Callable[[str], str]
) -> Layer:
    return layer_of(unescape(text, start, stop, pattern, _unfolded), start, write)


def _unfolded(match: re.Match[str]) -> str:
    raw = match[0]
    if raw == "''":
        return "'"
    if raw[0] != "\\":
        return "\n" * (len(_LINE_END.findall(raw)) - 1) or " "
    kind = raw[1]
    if kind in "xuU":
        code = int(raw[2:], 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    if kind in "\r\n":
        return ""
    return _SHORT.get(kind, kind)


def _literal(text: str, start: int, stop: int) -> Layer | None:
    head = _LINE_END.search(text, start, stop)
    if head is None:
        return None
    header = text[start : head.start()].partition("#")[0]
    if _DIGIT.search(header):
        return None
    at = head.end()
    indent = min((len(line[1]) for line in _INDENT.finditer(text, at, stop)), default=0)
    pattern = re.compile(rf"(?<=[\r\n]) {{1,{indent}}}|\r\n?" if indent else r"\r\n?")
    pieces = unescape(text, at, stop, pattern, lambda match: "\n" if match[0][0] == "\r" else "")
    layer = layer_of(pieces, at, lambda new: new.replace("\n", "\n" + " " * indent))
    if "+" in header:
        return layer
    value = layer.text.rstrip("\n")
    return layer._replace(text=value if "-" in header or not value else value + "\n")


# By style; a folded block (`>`) has none.
_LAYERS = {"plain": _plain, "'": _single, '"': _double, "|": _literal}
