"""The path of a value: the steps from the root to it.

A reader makes one for each value; its text is built only when a problem or a caller needs it.
"""

from __future__ import annotations

from sgformats.errors import show


class ValuePath:
    """The path of one value.

    `str(path)` is the path as in `Location.path`; `native` is an XPath or a JSON Pointer. The root
    has no `outer` path, and in JSON no `step`.
    """

    __slots__ = ("_number", "_outer", "_step", "_text", "_xml")

    def __init__(
        self, xml: bool, outer: ValuePath | None, text: str, step: str | None, number: int = 0
    ) -> None:
        self._xml = xml
        self._outer = outer
        self._text = text
        self._step = step
        self._number = number

    def member(self, name: str, ordinal: int = 1) -> ValuePath:
        """A member of this object, or the child of this element that is number `ordinal` of its name."""
        number = ordinal if self._xml and ordinal > 1 else 0
        return ValuePath(self._xml, self, f".{name}", name, number)

    def item(self, number: int, name: str) -> ValuePath:
        """An item of this list, counted from 0; in XML a child of that name."""
        step = name if self._xml else str(number)
        return ValuePath(self._xml, self, f"[{number}]", step, number + 1)

    def attribute(self, name: str) -> ValuePath:
        return ValuePath(self._xml, self, f".@{name}", f"@{name}")

    def same_as(self, text: str) -> ValuePath:
        """A part of the reply that is in the payload where this value is."""
        return ValuePath(self._xml, self, text, None)

    def __str__(self) -> str:
        texts = [path._text for path in self._steps()]
        return "".join(texts).removeprefix(".")

    @property
    def native(self) -> str:
        """The XPath or JSON Pointer, with names clipped, escaped, and without secrets."""
        return "".join(path._native() for path in self._steps())

    def _steps(self) -> list[ValuePath]:
        steps: list[ValuePath] = []
        path: ValuePath | None = self
        while path is not None:
            steps.append(path)
            path = path._outer
        return steps[::-1]

    def _native(self) -> str:
        if self._step is None:
            return ""
        if self._xml:
            return f"/{_element(self._step)}" + (f"[{self._number}]" if self._number else "")
        if self._number:
            return f"/{self._step}"  # The number of an item.
        return f"/{show(self._step).replace('~', '~0').replace('/', '~1')}"


def _element(name: str) -> str:
    """An element's or attribute's name as a step of an XPath that needs no prefixes."""
    mark, name = ("@", name[1:]) if name.startswith("@") else ("", name)
    if not name.startswith("{"):
        return mark + show(name)
    namespace, _, local = map(show, name[1:].rpartition("}"))
    return f"{mark}*[local-name()='{local}' and namespace-uri()={_literal(namespace)}]"


def _literal(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in text.split("'")) + ")"
