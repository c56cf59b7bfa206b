"""Redacts YAML cassettes scalar by scalar; everything else stays the same.

PyYAML gives the place and the value of each scalar. A replacement keeps the style and the lines of the
scalar if possible, and is quoted if necessary. Text that is not YAML is searched as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sgformats.errors import MissingPackageError
from sgformats.redact.edits import Edit, Layer, Marks, apply, as_it_is
from sgformats.redact.hider import Claim
from sgformats.redact.rewriting import Rewriter
from sgformats.redact.structure import Container, ScalarPlace

# Replacements for which a plain scalar stays a plain string.
_HARMLESS = re.compile(r"[A-Za-z0-9*%._@+-]*\Z")
_NO_TEXT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_BREAK = re.compile(r"(?<![ \t])[ \t]*(?:\r\n|\n|\r)(?:[ \t]*(?:\r\n|\n|\r))*[ \t]*")
_SINGLE = re.compile(f"''|{_BREAK.pattern}")
_PROPERTY = re.compile(r"[^ \t\r\n]+[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")
_DOUBLE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|(?:\r\n|\n|\r)[ \t]*|[^xuU\r\n])"
    rf"|{_BREAK.pattern}"
)
_SHORT = dict(zip("0abtnvfre\tN_LP", "\0\a\b\t\n\v\f\r\x1b\t\x85\xa0\u2028\u2029", strict=True))


# libyaml's time is quadratic in the depth.
_DEEPEST = 256
# May be missing at the end of a cut text.
_CLOSINGS = ("", "'", '"', '\\"', '0"', '00"', '000"')


def yaml_edits(text: str, rewriter: Rewriter) -> list[Edit]:
    """The edits for a YAML document, or for some items of its list.

    After the first YAML error, the rest is searched as text.
    """
    loader = _loader()
    readings = []
    for closing in _CLOSINGS:
        readings.append(_read(text + closing, loader))
        if readings[-1].whole:
            break
    reading = max(readings, key=lambda one: (one.whole, len(one.scalars)))
    claims = []
    for event, scalar in reading.scalars:
        stop = min(scalar.stop, len(text))
        if scalar.start < stop:
            found = rewriter.scalar(event.value, scalar, 0)
            edits = _written(reading.text, event, scalar, found) if found else []
            claims.append(Claim(scalar.start, stop, _clipped(edits, len(text))))
    if not reading.whole:
        claims = rewriter.hider.claims(text, 0, claims)
    return [edit for claim in claims for edit in claim.edits]


class _YamlReading(NamedTuple):
    """The scalars of a text, each with its event; `whole`: it is YAML to its end."""

    text: str
    scalars: list[tuple[Any, ScalarPlace]]
    whole: bool


def _clipped(edits: list[Edit], size: int) -> list[Edit]:
    """The edits without the characters that were added at the end of the text."""
    return [edit._replace(stop=min(edit.stop, size)) for edit in edits if edit.start < size]


def _loader() -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingPackageError("a cassette in YAML", "PyYAML", "captures") from None
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read(text: str, loader: Any) -> _YamlReading:
    import yaml

    outline = _Outline()
    try:
        for event in yaml.parse(text, Loader=loader):
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
        if len(self._states) >= _DEEPEST:
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


def _written(text: str, event: Any, scalar: ScalarPlace, edits: list[Edit]) -> list[Edit]:
    """Convert edits of a scalar's value to edits of the text."""
    start, stop = _bounds(text, event, scalar)
    new = apply(event.value, edits)
    layer = _LAYERS[event.style or "plain"](text, start, stop)
    if layer is not None and layer.text == event.value:
        lifted = list(layer.lift(edits))
        plain = new[:1] not in "*%@-+." and new.lower() not in _NO_TEXT
        if event.style or (plain and all(_HARMLESS.match(edit.new) for edit in lifted)):
            return lifted
    quoted = json.dumps(new, ensure_ascii=text.isascii())
    if event.style in ("|", ">"):
        end = _LINE_END.findall(text[start:stop])
        quoted += end[-1] if end and text[start:stop].endswith(("\n", "\r")) else ""
    return [Edit(start, stop, quoted)]


def _bounds(text: str, event: Any, scalar: ScalarPlace) -> tuple[int, int]:
    """Where a scalar begins and ends, without its anchor and its tag."""
    start, stop = scalar.start, scalar.stop
    for mark, named in (("&", event.anchor), ("!", event.tag)):
        if named is not None and text[start : start + 1] == mark:
            start = _behind(text, start)
    if text[start : start + 1] in "&!" and start < stop and event.style:
        start = _behind(text, start)
    return start, stop


def _behind(text: str, start: int) -> int:
    match = _PROPERTY.match(text, start)
    return match.end() if match else start


# Layers of a scalar, by its style. None if that is too complex.


def _plain(text: str, start: int, stop: int) -> Layer | None:
    return _folded(text, start, stop, _BREAK, as_it_is)


def _single(text: str, start: int, stop: int) -> Layer | None:
    return _folded(text, start + 1, stop - 1, _SINGLE, lambda new: new.replace("'", "''"))


def _double(text: str, start: int, stop: int) -> Layer | None:
    def write(new: str) -> str:
        return json.dumps(new, ensure_ascii=text.isascii())[1:-1]

    return _folded(text, start + 1, stop - 1, _DOUBLE, write)


def _folded(text: str, start: int, stop: int, pattern: re.Pattern[str], write: Any) -> Layer:
    parts: list[str] = []
    marks = Marks.none()
    size = 0
    done = start
    for match in pattern.finditer(text, start, stop):
        parts.append(text[done : match.start()])
        size += match.start() - done
        done = match.end()
        read = _unfolded(match[0])
        if len(read) > 1:  # Several empty lines, each one a character.
            for char in read:
                marks.add(size, match.start(), match.end())
                parts.append(char)
                size += 1
        elif read:
            marks.add(size, match.start(), match.end())
            parts.append(read)
            size += 1
        elif done < stop:
            _mark_next(marks, size, done, pattern, text)
    parts.append(text[done:stop])
    return Layer("".join(parts), start, marks if marks.place else None, write)


def _mark_next(marks: Marks, size: int, done: int, pattern: re.Pattern[str], text: str) -> None:
    """Mark the character after a gap, unless it is marked anyway."""
    if pattern.match(text, done) is None:
        marks.add(size, done, done + 1)


def _unfolded(raw: str) -> str:
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
    lines = list(_lines(text, head.end(), stop))
    indents = [len(line) - len(line.lstrip(" ")) for _, line in lines if line.strip(" \r\n")]
    indent = min(indents, default=0)
    digit = re.search("[1-9]", text[start : head.start()].partition("#")[0])
    if digit is not None:
        return None
    parts: list[str] = []
    marks = Marks.none()
    size = 0
    for at, line in lines:
        kept = line[indent:] if line.strip(" \r\n") else line.lstrip(" ")
        shown = kept.replace("\r\n", "\n").replace("\r", "\n")
        marks.add(size, at + len(line) - len(kept), at + len(line) - len(kept) + 1)
        if len(shown) < len(kept) and len(shown) > 1:
            marks.add(size + len(shown) - 1, at + len(line) - 2, at + len(line))
        parts.append(shown)
        size += len(shown)
    value = "".join(parts)
    chomp = text[start : head.start()].partition("#")[0]
    if "+" not in chomp:
        value = value.rstrip("\n") + ("" if "-" in chomp or not value.strip("\n") else "\n")
    spaces = " " * indent
    return Layer(value, head.end(), marks, lambda new: new.replace("\n", "\n" + spaces))


def _lines(text: str, start: int, stop: int) -> Iterator[tuple[int, str]]:
    while start < stop:
        end = _LINE_END.search(text, start, stop)
        after = end.end() if end else stop
        yield start, text[start:after]
        start = after


def _nothing(text: str, start: int, stop: int) -> Layer | None:
    return None


_LAYERS = {"plain": _plain, "'": _single, '"': _double, "|": _literal, ">": _nothing}
