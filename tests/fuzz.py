"""Fuzz the library for as long as you like: `python -m tests.fuzz --inputs 2000000 --seed 7`.

Each input is a payload, a capture, or a torn line that holds a key. It must keep the promises of
docs/design.md that need no knowledge of the input. A failure is printed with its input, and with
the number that repeats it: `--seed` and `--first`. Exits with 1 if anything failed.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any, Literal

import sgformats
from sgformats._text.payload import Format
from sgformats.captures import read_capture
from sgformats.contract import check
from sgformats.errors import SgformatsError
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import Listing, Reply
from sgformats.redact import redact_stream
from sgformats.testing import load_corpus
from sgformats.testing.mutations import mutate
from tests.captures.test_hostile import PACK, SEEDS, damaged
from tests.core.readerkit import DECODE, confirmed
from tests.core.test_salvage_properties import is_subsequence
from tests.secrets.secretskit import captures, make_key, torn

Broken = Iterator[str]
_LONGEST = 4000


@cache
def _cases() -> list[tuple[bytes, str | None]]:
    return [
        (case.payload, case.operation) for case in load_corpus() if len(case.payload) < _LONGEST
    ]


def _payload(chance: Random) -> tuple[bytes, Broken]:
    data, name = chance.choice(_cases())
    new = mutate(data, chance) if chance.random() < 0.8 else data[: chance.randrange(len(data) + 1)]
    operation = OPERATIONS[name or chance.choice(list(OPERATIONS))]
    return new, _of_payload(data, new, operation, chance)


def _of_payload(data: bytes, new: bytes, operation: Operation[Any], chance: Random) -> Broken:
    """The broken promises of a payload `new`, which was `data` before it was damaged."""
    sgformats.classify(new)
    for form, decode in DECODE.items():
        if form != "json-v3" or operation.in_v3:
            confirmed(decode(new, operation), new, operation, form)
    problems = sgformats.validate(new, operation)
    if problems != sorted(problems, key=lambda problem: problem.location.offset):
        yield "problems are not in order"
    modes: tuple[Literal["strict", "lax"], ...] = ("strict", "lax")
    for mode in modes:
        fatal = [each for each in problems if mode == "strict" or not each.tolerable]
        try:
            reply = sgformats.parse(new, operation, mode=mode)
        except SgformatsError:
            if not fatal:
                yield f"{mode} parse raises, but validate finds no reason"
            continue
        if fatal:
            yield f"{mode} parse gives a reply, but validate finds {fatal}"
        if mode == "strict":
            yield from _of_valid(new, operation, reply, chance)
    if operation.task == "get" and new == data[: len(new)]:
        yield from _of_cut(data, new, operation)


def _of_cut(data: bytes, cut: bytes, operation: Operation[Any]) -> Broken:
    try:
        whole = sgformats.parse(data, operation, mode="lax")
    except SgformatsError:
        return
    saved = sgformats.salvage(cut, operation).records
    if not is_subsequence(saved, whole.records if isinstance(whole, Listing) else ()):
        yield f"salvage invents {saved}"


def _of_valid(data: bytes, operation: Operation[Any], reply: Reply, chance: Random) -> Broken:
    formats: tuple[Format, ...] = ("xml", "json")
    for form in formats:
        try:
            written = sgformats.convert(data, form, operation)
        except SgformatsError:
            continue
        if sgformats.parse(written, operation, format=form) != reply:
            yield f"the payload means something else in {form}"
    if isinstance(reply, Listing):
        if sgformats.salvage(data, operation).records != reply.records:
            yield "salvage loses records of a valid list"
        at = chance.randrange(len(data) + 1)
        if tuple(sgformats.iter_records([data[:at], data[at:]], operation)) != reply.records:
            yield f"iter_records gives other records in chunks cut at {at}"


def _capture(chance: Random) -> tuple[bytes, Broken]:
    name = chance.choice(list(SEEDS))
    packing = chance.choice((*PACK, *[""] * 12))
    data = PACK[packing](damaged(SEEDS[name], chance))
    return data, _of_capture(name + packing, data, "")


def _torn(chance: Random) -> tuple[bytes, Broken]:
    key = make_key(chance)
    name, text = chance.choice(list(captures(key).values()))
    data = torn(chance, text.encode(), text.index(key))
    return data, _of_capture(name, data, key)


def _of_capture(name: str, data: bytes, key: str) -> Broken:
    """The broken promises of a capture, in which no six characters of a key may be shown."""
    shown: list[str] = []
    try:
        for exchange in read_capture(io.BytesIO(data), name=name):
            shown += (repr(exchange), *map(repr, check(exchange)))
    except SgformatsError as error:
        shown.append(str(error))
    parts: list[bytes] = []
    try:
        redact_stream(io.BytesIO(data), name, parts.append)
    except SgformatsError as error:
        shown.append(str(error))
    shown.append(b"".join(parts).decode("utf-8", "replace"))
    if any(key[at : at + 6] in text for at in range(len(key) - 5) for text in shown):
        yield f"six characters of the key {key} are shown"


KINDS: tuple[Callable[[Random], tuple[bytes, Broken]], ...] = (
    *(_payload, _payload, _payload, _payload, _capture, _torn),
)


def fuzz(seed: int, first: int, inputs: int) -> Iterator[tuple[int, str, bytes, str]]:
    """The failures: number of the input, its kind, its bytes and what is wrong."""
    for number in range(first, first + inputs):
        chance = Random(f"{seed} {number}")
        kind = KINDS[number % len(KINDS)]
        data, broken = kind(chance)
        try:
            faults = list(broken)
        except Exception as error:
            faults = [f"{type(error).__name__}: {error}"]
        for fault in faults:
            yield number, kind.__name__.strip("_"), data, fault


def main() -> None:
    parser = argparse.ArgumentParser(description="Fuzz the library.")
    parser.add_argument("--inputs", type=int, default=100_000, metavar="N")
    parser.add_argument(
        "--first", type=int, default=0, metavar="N", help="number of the first input"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args()
    failed = Counter[str]()
    for number, kind, data, fault in fuzz(options.seed, options.first, options.inputs):
        failed[kind] += 1
        print(
            f"--seed {options.seed} --first {number} ({kind}): {fault}\n  {data!r:.400}", flush=True
        )
    print(f"{options.inputs} inputs, {failed.total()} failures {dict(failed)}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
