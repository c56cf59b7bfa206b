"""The part of a payload that is being read: characters that come and go, whose places stay true."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from sgformats._text.positions import Text

_LEAST = 1 << 16


class Window:
    """A payload's characters from some place on.

    `chars` are those at hand; `ended` tells that no more come, and then `fault` why not, if that is
    not the payload's end.
    """

    def __init__(self, text: Text, source: Decoding | None = None) -> None:
        self.text = text
        self._source = source

    @property
    def chars(self) -> str:
        """The characters at hand."""
        return self.text.chars

    @property
    def ended(self) -> bool:
        """Whether these are all that are left."""
        return self._source is None or self._source.ended

    @property
    def fault(self) -> UnicodeDecodeError | None:
        """What ended the characters before the payload's end."""
        return None if self._source is None else self._source.fault

    def more(self) -> bool:
        """Fetches as many characters again as there are, or all that come; False for none."""
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
        """Lets go of the characters before an index; gives the index at which that one is now."""
        # The halves of a line's end stay together.
        cut = index - (index > 0 and self.chars[index - 1] == "\r")
        self.text = self.text.part(cut)
        return index - cut


class Decoding:
    """Bytes as characters, piece by piece; those that are none end them, and are the `fault`.

    With `errors` named, they are handled so, and nothing ends early.
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
