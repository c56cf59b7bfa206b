"""The peers: one module for each group of libraries, each with its `CONTENDERS`.

A module imports its own libraries, so that a fresh process pays for none but those it measures.
"""

from __future__ import annotations

import importlib
from functools import cache

from benchmarks.contender import Contender, Format, Work

PEERS = (
    "bare",
    "ours",
    "msgspec_structs",
    "pydantic_models",
    "schemas",
    "pydantic_xml_models",
    "xsdata_classes",
    "dicts",
)


@cache
def contenders_of(peer: str) -> tuple[Contender, ...]:
    """What a peer's module measures."""
    found: tuple[Contender, ...] = importlib.import_module(f"benchmarks.peers.{peer}").CONTENDERS
    return found


def contenders(work: Work, format: Format) -> list[Contender]:
    """All who do a work from (or, to encode, into) a format: the floor first, then sgformats."""
    return [
        who
        for peer in PEERS
        for who in contenders_of(peer)
        if (who.work, who.format) == (work, format)
    ]
