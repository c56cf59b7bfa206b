"""A payload that lost one character is read by a fast reader only if the full reader accepts it."""

from __future__ import annotations

import pytest

from sgformats._scan.document import examine, read_document
from sgformats.errors import DecodeError
from sgformats.operations import find_operation
from sgformats.testing import Case, load_corpus
from tests.core.readerkit import DECODE

SMALL = [
    case
    for case in load_corpus()
    if case.strict is not None and case.zone is None and len(case.payload) < 600
]


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_no_fast_reader_accepts_what_the_full_reader_refuses(case: Case) -> None:
    operation = find_operation(case.operation)
    for at in range(len(case.payload)):
        data = case.payload[:at] + case.payload[at + 1 :]
        for name, decode in DECODE.items():
            found = decode(data, operation)
            if found is None:
                continue
            try:
                reading = examine(read_document(data, name)._replace(data=""), operation)
            except DecodeError as error:
                pytest.fail(f"{data!r}: {error}")
            assert not reading.problems, data
            assert reading.reply == found, data


@pytest.mark.parametrize(
    ("data", "operation"),
    [
        (
            b"<blocks><block><email>a</email><status/<reason>r</reason></block></blocks>",
            "blocks.get",
        ),
        (b"<result><errors</errors><message>success</message></result>", "blocks.delete"),
        (b"<result><message</message></result>", "blocks.get"),
    ],
)
def test_a_tag_without_its_closing_bracket_is_not_well_formed(data: bytes, operation: str) -> None:
    wanted = find_operation(operation)
    assert DECODE["xml"](data, wanted) is None
    with pytest.raises(DecodeError):
        read_document(data)
