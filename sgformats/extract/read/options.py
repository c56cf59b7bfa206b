"""The options for reading captures; every module of extraction receives them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sgformats._model.zones import Fold, find_zone
from sgformats._options import MODES, Mode, check_choice
from sgformats._text.payload import MAX_BYTES
from sgformats.captures.opening import UNPACKING, Unpacking
from sgformats.captures.reading import reading_options
from sgformats.errors import ArgumentError
from sgformats.operations import find_operation

CLIP = 500
"""The default number of characters kept of a reject's text."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to read captures.

    `operation`: the operation of answers whose call is not in the capture. `mode`: as in `parse`,
    for each record; `lax` also accepts what breaks the contract but has one certain meaning. `zone`
    and `fold`: as in `parse`; every `created` is then a moment in UTC. `kind` and `fields`: as in
    `read_captures`. `clip`: the maximum number of characters that a reject keeps of its text.
    `max_bytes`: larger answers and lines are rejected. `unpacking`: limits for compressed files.
    `strict_files`: a file that cannot be opened ends the run, instead of being rejected.

    Raises `ArgumentError` for invalid values.
    """

    operation: str | None = None
    mode: Mode = "lax"
    zone: str | None = None
    fold: Fold | None = None
    kind: str | None = None
    fields: Mapping[str, str] = {}
    clip: int = CLIP
    max_bytes: int = MAX_BYTES
    unpacking: Unpacking = UNPACKING
    strict_files: bool = False

    def __post_init__(self) -> None:
        if self.operation is not None:
            find_operation(self.operation)
        check_choice("mode", self.mode, MODES)
        find_zone(self.zone, self.fold)
        reading_options(self.kind, self.fields, self.max_bytes, self.unpacking)
        if not isinstance(self.clip, int) or self.clip < 0:
            raise ArgumentError("expected a number of characters, at least 0, as clip")
