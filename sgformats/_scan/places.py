"""The places of the values of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from sgformats._model.node import Node
from sgformats._model.shapes import items_of
from sgformats._reading.findings import Findings, PlaceTable
from sgformats._reading.records import read_item
from sgformats._text.payload import Format
from sgformats._text.positions import Text
from sgformats.operations import Operation

_NUMBER = re.compile(r"\[([0-9]{1,15})\]")


class ListPlaces:
    """The places of a list and of its records' values, by their paths.

    A record is read again when one of its places is asked for: the places of all records would take
    many times the memory of the list.
    """

    def __init__(self, text: Text, root: Node, operation: Operation, format: Format) -> None:
        self._given = text, root, operation, format
        self._number = -1
        self._places: PlaceTable = {}

    @cached_property
    def items(self) -> Sequence[Node]:
        """The nodes of the records, as a reading numbers them."""
        _, root, operation, _ = self._given
        return items_of(root, operation.method.item)

    def get(self, path: str) -> tuple[int, str] | None:
        """The index and the native path of a value; None if the list has no such value."""
        found = _NUMBER.match(path)
        number = int(found[1]) if found else -1
        if number >= len(self.items):
            return None
        if number != self._number or not self._places:
            self._number, self._places = number, {}
            findings = Findings(*self._given, None, places=self._places, most=1)
            if number >= 0:
                read_item(findings, self.items[number], number)
        return self._places.get(path)
