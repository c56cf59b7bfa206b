"""The counts of a run: every exchange and every reject is counted once."""

from __future__ import annotations

import msgspec


class Counts(msgspec.Struct):
    """The counts of a run, or of a part of one.

    `bytes` is the size of the files as stored, `lines` the number of lines in JSON lines and text
    logs. Each exchange is whole (it lost nothing; `replies` counts these by operation and kind of
    reply), partial (some records and a reject), rejected (only a reject), or skipped (`skipped`
    counts these by reason). `damaged` captures could not be read to their end; each has a reject.
    `rejects` counts all rejects by rule. `records` is the number of rows; `salvaged` of them come from
    answers that are damaged or invalid elsewhere. `lost_bytes` are bytes of answers that belong to
    no record.
    """

    files: int = 0
    bytes: int = 0
    lines: int = 0
    exchanges: int = 0
    whole: int = 0
    partial: int = 0
    rejected: int = 0
    damaged: int = 0
    records: int = 0
    salvaged: int = 0
    lost_bytes: int = 0
    replies: dict[str, dict[str, int]] = {}
    skipped: dict[str, int] = {}
    rejects: dict[str, int] = {}

    def add(self, other: Counts) -> None:
        """Add the counts of another part."""
        for name in self.__struct_fields__:
            value = getattr(other, name)
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)
        for operation, kinds in other.replies.items():
            _add(self.replies.setdefault(operation, {}), kinds)
        _add(self.skipped, other.skipped)
        _add(self.rejects, other.rejects)

    def add_up(self) -> bool:
        """Whether every exchange and every reject is counted exactly once."""
        replies = sum(sum(kinds.values()) for kinds in self.replies.values())
        skipped = sum(self.skipped.values())
        return (
            self.whole == replies
            and self.exchanges == self.whole + self.partial + self.rejected + skipped
            and sum(self.rejects.values()) == self.partial + self.rejected + self.damaged
        )


def count(counts: dict[str, int], key: str, number: int = 1) -> None:
    counts[key] = counts.get(key, 0) + number


def _add(counts: dict[str, int], others: dict[str, int]) -> None:
    for key, number in others.items():
        count(counts, key, number)
