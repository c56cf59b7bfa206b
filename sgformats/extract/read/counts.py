"""The counts of a run, which add up."""

from __future__ import annotations

import msgspec


class Counts(msgspec.Struct):
    """The figures of a run, or of a part of one.

    `bytes` are those of the files as they are, `lines` those of line-wise captures (JSON lines, logs).
    Every exchange is exactly one of: whole (a reply that lost nothing; `replies` counts them by
    operation and kind of reply), partial (some records, and a reject), rejected (a reject alone), or
    skipped (`skipped` counts them by reason). `damaged` captures, which could not be read to their
    end, have a reject as well. `records` are the rows, `salvaged` those of them that stood in a payload
    that was damaged or wrong elsewhere; `lost_bytes` are those of answers that no record accounts for.
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
        """Adds another part's figures to these."""
        for name in self.__struct_fields__:
            value = getattr(other, name)
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)
        for operation, kinds in other.replies.items():
            _add(self.replies.setdefault(operation, {}), kinds)
        _add(self.skipped, other.skipped)
        _add(self.rejects, other.rejects)

    def add_up(self) -> bool:
        """Whether every exchange and every reject is accounted for, once."""
        replies = sum(sum(kinds.values()) for kinds in self.replies.values())
        skipped = sum(self.skipped.values())
        return (
            self.whole == replies
            and self.exchanges == self.whole + self.partial + self.rejected + skipped
            and sum(self.rejects.values()) == self.partial + self.rejected + self.damaged
        )


def count(counts: dict[str, int], key: str, number: int = 1) -> None:
    """Adds to one figure of several."""
    counts[key] = counts.get(key, 0) + number


def _add(counts: dict[str, int], others: dict[str, int]) -> None:
    for key, number in others.items():
        count(counts, key, number)
