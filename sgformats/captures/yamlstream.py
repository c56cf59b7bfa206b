"""Streams the items of a list in a YAML file from the events of PyYAML's parser.

Memory holds only the current item (see `yamlvalues` for what is kept of it).

YAML that is cut at a line end is still YAML. So an item is yielded only once something after it
shows that it is whole: the next item, a bracket, or the key that recorders write after the list. If
the file ends with the list, `is_whole` decides on the last item. Damage raises `CaptureError` with
its place, after the last whole item.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any, BinaryIO, NamedTuple, NoReturn

from sgformats.captures.yamlvalues import TOO_DEEP, Composer
from sgformats.errors import CaptureError, MissingPackageError
from sgformats.secrets import without_secrets

_OPEN_STYLES = (None, "", "|", ">")
_KEPT = 64 * 1024
_CHUNK = 16 * 1024
# Parsers compare each directive with all before it.
_DIRECTIVES = 100
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

IsWhole = Callable[[object, "str | None"], bool]


class Item(NamedTuple):
    """An item: where it begins (bytes from 0, lines from 1), its value, and its fault if any."""

    offset: int
    line: int
    value: object
    fault: tuple[str, str] | None = None


def items(
    file: BinaryIO, name: str, keys: tuple[str, ...], limit: int, is_whole: IsWhole
) -> Iterator[Item]:
    """Every item of the lists under `keys` of a mapping, or of a list that is the document.

    `limit` is in characters; a larger item comes without its value. `is_whole(value, open_end)`
    decides whether the last item is complete; `open_end` is the text at the end of the file that
    might have been cut, if there is one.

    Raises `CaptureError` at damage and if there is no such list, `MissingPackageError` without
    PyYAML.
    """
    yaml = import_yaml()
    text = _Text(file, limit)
    events = _Events(yaml, parse_events(text), text, name, limit)
    try:
        yield from _documents(events, keys, is_whole)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        last, mark = events.pending, getattr(error, "problem_mark", None)
        if last is not None and is_whole(last.value, None):
            yield last
        problem = without_secrets(str(getattr(error, "problem", None) or "invalid syntax"))
        # Some releases of libyaml have their own bound, and look ahead.
        reason = TOO_DEEP if "nesting depth" in problem else f"expected YAML: {problem}"
        events.fail(reason, None if mark is None else mark.index)
    if text.damage is not None:
        events.fail("")
    if not events.lists:
        raise CaptureError(name, f"expected a list of {' or '.join(keys)}, found none")


def import_yaml() -> Any:
    """The module of PyYAML. Raises `MissingPackageError`."""
    try:
        import yaml
    except ImportError:
        raise MissingPackageError("reading YAML", "PyYAML", "captures") from None
    return yaml


def parse_events(text: Any) -> Iterator[Any]:
    """The events of PyYAML's parser, which is slow if it was built without libyaml."""
    yaml = import_yaml()
    return iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def _documents(events: _Events, keys: tuple[str, ...], is_whole: IsWhole) -> Iterator[Item]:
    yaml = events.yaml
    events.next()  # The start of the stream.
    event = events.next()
    while isinstance(event, yaml.DocumentStartEvent):
        events.begin()
        list_first = yield from _root(events, keys)
        end, event = events.next(), events.next()
        last = events.pending
        if not events.unclosed:
            continue
        if end.explicit or isinstance(event, yaml.DocumentStartEvent):
            yield from events.proven()
            continue
        whole = last is None or is_whole(last.value, events.open_end())
        open_end = events.open_end() is not None
        cut = events.text.damage is not None or (list_first and (open_end or not whole))
        if last is not None and whole and not (cut and events.text.open_end):
            yield last
        if cut:
            events.fail("expected a key after the list, found the end of the file")
        if not whole:
            events.fail("expected the rest of the last entry, found the end of the file")


def _root(events: _Events, keys: tuple[str, ...]) -> Generator[Item, None, bool]:
    """The items of a document; returns whether a list is under its first key."""
    yaml, root = events.yaml, events.next()
    if isinstance(root, yaml.SequenceStartEvent):
        yield from _list(events, root)
        return False
    if not isinstance(root, yaml.MappingStartEvent):
        events.item(root)
        return False
    count = first_list = 0
    while not isinstance(event := events.next(), yaml.MappingEndEvent):
        yield from events.proven()
        events.unclosed = False
        count += 1
        key, value = events.item(event).value, events.next()
        listed = isinstance(key, str) and key.lstrip(":") in keys
        if listed and isinstance(value, yaml.SequenceStartEvent):
            first_list = count
            yield from _list(events, value)
        else:
            events.item(value)
    return first_list == 1


def _list(events: _Events, start: Any) -> Iterator[Item]:
    """All items but the last, which stays pending unless a bracket closes the list."""
    events.lists += 1
    while not isinstance(event := events.next(), events.yaml.SequenceEndEvent):
        yield from events.proven()
        events.pending = events.item(event)
        if getattr(event, "flow_style", False):
            yield from events.proven()
    if start.flow_style:
        yield from events.proven()
    events.unclosed = not start.flow_style


class _Events:
    """The parser events of a file, with their places."""

    def __init__(
        self, yaml: Any, events: Iterator[Any], text: _Text, name: str, limit: int
    ) -> None:
        self.yaml = yaml
        self.text = text
        self.lists = 0
        self.pending: Item | None = None
        """The last item, until what follows proves it whole."""
        self.unclosed = False
        """Whether the last list has no closing bracket, and no key has followed it."""
        self._events = events
        self._name = name
        self._composer = Composer(yaml, self.next, self.fail, limit)

    def next(self) -> Any:
        event = next(self._events)
        if self.text.given - self.text.index > _KEPT:
            self.text.place(event.start_mark.index)
        return event

    def begin(self) -> None:
        self._composer.forget()
        self.pending, self.unclosed = None, False

    def proven(self) -> Iterator[Item]:
        """The last item, because what follows shows that it is whole."""
        item, self.pending = self.pending, None
        if item is not None:
            yield item

    def item(self, event: Any) -> Item:
        """The item that begins with an event."""
        offset, line = self.text.place(event.start_mark.index)
        return Item(offset, line, *self._composer.compose(event))

    def open_end(self) -> str | None:
        """The text at the end of the file, if nothing closes it."""
        last = self._composer.last_scalar
        if not self.text.open_end or last is None or last.style not in _OPEN_STYLES:
            return None
        return str(last.value)

    def fail(self, reason: str, index: int | None = None) -> NoReturn:
        """Raise the error for a character or the end of the text; damage takes precedence."""
        damage = self.text.damage
        if isinstance(damage, CaptureError):
            raise damage
        if damage is not None:
            reason, index = damage, None
        offset, line = self.text.place(self.text.given if index is None else index)
        raise CaptureError(self._name, reason, line, offset)


class _Text:
    """The text of a stream, and the byte offset and line of each character.

    PyYAML counts characters; places in captures are in bytes. The text ends before anything that
    YAML does not allow (a control character, bytes that are not UTF-8), so that everything before
    it is parsed; the reason is kept as `damage`. The same applies to a stream that fails, a value
    longer than `limit`, and constructs that make parsers slow. Only the parser calls `read`.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.damage: str | CaptureError | None = None
        self.given = 0
        """How many characters the parser has received."""
        self.open_end = False
        """Whether the text so far ends within a line."""
        self._file = file
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._chunks: list[str] = []  # The text from `index` on.
        self.index = 0
        """The last character that `place` was called for."""
        self._offset = 0
        self._line = 1
        self._directives = 0
        self._begun = False
        self._ended = False

    def read(self, size: int = _CHUNK) -> str:
        """The next characters; none at the end."""
        chunk = ""
        while not chunk and not self._ended:
            if self.given - self.index > self._limit:
                return self._end(f"expected a value of at most {self._limit} bytes, found more")
            chunk = self._decoded()
        self._directives += chunk.count("\n%TAG")
        if self._directives > _DIRECTIVES:
            return self._end(f"expected at most {_DIRECTIVES} directives, found more")
        if chunk:
            self.given += len(chunk)
            self.open_end = chunk[-1] not in "\r\n"
            self._chunks.append(chunk)
        return chunk

    def place(self, index: int) -> tuple[int, int]:
        """The byte offset and the line of a character; releases the text before it."""
        if index > self.index:
            text = "".join(self._chunks)
            part = text[: index - self.index]
            self._chunks = [text[len(part) :]]
            self._offset += len(part) if part.isascii() else len(part.encode())
            self._line += part.count("\n")
            self.index += len(part)
        return self._offset, self._line

    def _decoded(self) -> str:
        try:
            data = self._file.read(_CHUNK)
        except CaptureError as error:
            return self._end(error)
        try:
            text = self._decoder.decode(data, final=not data)
            invalid = ""
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode("utf-8")
            invalid = f"the byte {error.object[error.start]:02X}"
        self._ended = not data
        forbidden = _FORBIDDEN.search(text)
        if forbidden is not None:
            invalid = f"U+{ord(forbidden[0]):04X}"
            text = text[: forbidden.start()]
        if not self._begun and text:
            self._begun = True
            if text[0] == "\ufeff":
                text = text[1:]
                self._offset = 3
        if invalid:
            self._end(f"expected a printable character in UTF-8, found {invalid}")
        return text

    def _end(self, damage: str | CaptureError) -> str:
        self.damage = damage
        self._ended = True
        return ""
