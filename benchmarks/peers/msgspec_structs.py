"""msgspec, decoding into a Struct with a datetime."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from benchmarks.contender import Contender, Row, rows_of, text_of

_NUMBER = re.compile(r"`\$\[(\d+)\]")


class LenientEmail(msgspec.Struct, frozen=True):
    email: str
    reason: str
    created: datetime | None = None


class InvalidEmail(LenientEmail, frozen=True, forbid_unknown_fields=True):
    pass


class WrittenEmail(msgspec.Struct, omit_defaults=True):
    """msgspec itself writes a `T` into a timestamp, and a zone; the wire has neither."""

    email: str
    reason: str
    created: str | None = None


_decode = msgspec.json.Decoder(list[InvalidEmail]).decode
_decode_lax = msgspec.json.Decoder(list[LenientEmail]).decode
_encoder = msgspec.json.Encoder()


def _validate(data: bytes) -> list[str]:
    try:
        _decode(data)
    except msgspec.ValidationError as error:
        return [str(error)]
    return []


def _numbers(messages: list[str]) -> list[int]:
    return [int(_NUMBER.findall(message)[0]) for message in messages]


def _encode(rows: list[Row]) -> bytes:
    return _encoder.encode(
        [
            WrittenEmail(e, r, None if created is None else text_of(created))
            for e, r, created in rows
        ]
    )


CONTENDERS = (
    Contender("msgspec, typed", "parse", "json", _decode, rows_of),
    Contender("msgspec, typed", "lax", "json", _decode_lax, rows_of),
    Contender("msgspec, typed", "validate", "json", _validate, _numbers, "the first problem: path"),
    Contender("msgspec", "encode", "json", _encode),
)
