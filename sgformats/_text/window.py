"""A window on a payload: only the part being read is in memory, with its true positions."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from sgformats._text.positions import Text

_LEAST = 1 << 16


class Window:
    """The characters of a payload from some position on; more are fetched on request."""

    def __init__(self, text: Text, source: Decoding | None = None) -> None:
        self.text = text
        self._source = source

    @property
    def chars(self) -> str:
        """The characters fetched so far and not dropped."""
        return self.text.chars

    @property
    def ended(self) -> bool:
        """Whether there are no more characters to fetch."""
        return self._source is None or self._source.ended

    @property
    def fault(self) -> UnicodeDecodeError | None:
        """The error that ended the characters before the payload's end."""
        return None if self._source is None else self._source.fault

    def more(self) -> bool:
        """Fetch as many characters as there are now, or the rest. False if there were none."""
        assert self._source is not None
        wanted = max(_LEAST, len(self.chars))
        parts = [self.chars]
        for piece in self._source:
            parts.append(piece)
            wanted -= len(piece)
            if wanted <= 0:
                break
        before = len(self.chars)
        self.text = self.text.part(0)
        self.text.chars = "".join(parts)
        return len(self.chars) > before

    def drop(self, index: int) -> int:
        """Drop the characters before an index, and return the new index of that position."""
        # Keep \r and \n of one line end together.
        cut = index - (index > 0 and self.chars[index - 1] == "\r")
        self.text = self.text.part(cut)
        return index - cut


class Decoding:
    """Decodes chunks of bytes one by one.

    Ends at the first invalid byte, with the error in `fault`, unless `errors` handles it.
    """

    def __init__(self, chunks: Iterator[bytes], encoding: str, errors: str = "strict") -> None:
        self._chunks = chunks
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._encoding = encoding
        self.ended = False
        self.fault: UnicodeDecodeError | None = None

    def __iter__(self) -> Iterator[str]:
        while not self.ended:
            chunk = next(self._chunks, None)
            self.ended = chunk is None
            try:
                yield self._decoder.decode(chunk or b"", chunk is None)
            except UnicodeDecodeError as error:
                self.ended, self.fault = True, error
                yield error.object[: error.start].decode(self._encoding)
