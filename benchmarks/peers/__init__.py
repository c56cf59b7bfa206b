"""The peers: one module for each way to do the work, each with its `CONTENDERS`.

A module imports its own libraries, so that a fresh process pays for none but those it measures.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

from benchmarks.contender import Contender, Format, Work

PEERS = (
    "bare",
    "ours",
    "msgspec_structs",
    "pydantic_models",
    "schema_json",
    "schema_json_rs",
    "schema_xml",
    "pydantic_xml_models",
    "xsdata_classes",
    "xmltodict_dicts",
    "stdlib_dicts",
)


@cache
def contenders_of(peer: str) -> tuple[Contender, ...]:
    """What a peer's module measures."""
    found: tuple[Contender, ...] = importlib.import_module(f"benchmarks.peers.{peer}").CONTENDERS
    return found


def contenders(work: Work, format: Format) -> Mapping[Contender, str]:
    """All who do a work from (or, to encode, into) a format, the floor first, and their peers."""
    return {
        contender: peer
        for peer in PEERS
        for contender in contenders_of(peer)
        if (contender.work, contender.format) == (work, format)
    }
