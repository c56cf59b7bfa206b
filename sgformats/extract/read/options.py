"""The options for reading captures, passed to every part of a run."""

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
    """How captures are read.

    `operation` is what was asked where a capture does not tell. `mode` is that of `parse`, for every
    record: what breaks the contract but still has one certain meaning is taken by `lax`, rejected by
    `strict`. `zone` and `fold` say where timestamps without a zone were taken; then every `created` is
    a moment. `kind` and `fields` are those of `read_captures`. `clip` is how many characters of its
    text a reject keeps. An answer or a line that is larger than `max_bytes` is rejected. `unpacking`
    bounds what a compressed file may become.
    A file that cannot be opened is rejected; with `strict_files` it ends the run.

    Raises `ArgumentError` for what cannot be.
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
