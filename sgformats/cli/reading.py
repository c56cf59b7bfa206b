"""The options for reading payloads, shared by all commands."""

from __future__ import annotations

from typing import NamedTuple

from sgformats._compare import Difference, compare
from sgformats._model.zones import Fold
from sgformats._options import Mode
from sgformats._text.payload import Format
from sgformats.codec import parse, validate
from sgformats.errors import Problem, Problems
from sgformats.operations import Operation
from sgformats.records import Reply


class ReadingChoices(NamedTuple):
    """The arguments shared by the functions of the library."""

    operation: Operation | None
    format: Format | None
    mode: Mode
    zone: str | None
    fold: Fold | None
    max_bytes: int

    def parse(self, data: bytes) -> Reply:
        """The reply. Raises the errors of `sgformats.parse`."""
        return parse(
            data,
            self.operation,
            format=self.format,
            mode=self.mode,
            zone=self.zone,
            fold=self.fold,
            max_bytes=self.max_bytes,
        )

    def validate(self, data: bytes) -> Problems:
        """The problems."""
        return validate(
            data,
            self.operation,
            format=self.format,
            zone=self.zone,
            fold=self.fold,
            max_bytes=self.max_bytes,
        )

    def compare(self, a: bytes, b: bytes) -> list[Difference]:
        """Every difference. Raises the errors of `sgformats.compare`."""
        return compare(
            a,
            b,
            self.operation,
            mode=self.mode,
            zone=self.zone,
            fold=self.fold,
            max_bytes=self.max_bytes,
        )

    def tolerates(self, problem: Problem) -> bool:
        """Whether the mode tolerates this problem."""
        return self.mode == "lax" and problem.tolerable
