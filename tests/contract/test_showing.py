"""Text that is safe to show: its width, and the names of files."""

from __future__ import annotations

import pytest
from rich.cells import cell_len as rich_cell_len

from sgformats.contract.showing import cell_len, json_text, many, name_of

# Latin with its neighbours, accents that combine, Hebrew and Arabic, punctuation and symbols,
# boxes, kana, CJK, Hangul, full and half width, emoji.
BLOCKS = [
    *((0x20, 0x2FF), (0x300, 0x36F), (0x370, 0x58F), (0x590, 0x6FF), (0x1E00, 0x1FFF)),
    *((0x2010, 0x2027), (0x2030, 0x205E), (0x20A0, 0x20BF), (0x2190, 0x23FF), (0x2500, 0x25FC)),
    *(
        (0x3041, 0x3096),
        (0x3099, 0x30FF),
        (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A3),
        (0xFF01, 0xFF9F),
        (0xFFA1, 0xFFE6),
    ),
    *((0x1F300, 0x1F3FA), (0x1F400, 0x1F64F), (0x20000, 0x200FF)),
]


@pytest.mark.parametrize(("first", "last"), BLOCKS)
def test_a_character_takes_the_cells_that_rich_gives_it(first: int, last: int) -> None:
    characters = [chr(code) for code in range(first, last + 1) if chr(code).isprintable()]
    assert len(characters) > 30 or last - first < 40
    wrong = {c: cell_len(c) for c in characters if cell_len(c) != rich_cell_len(c)}
    assert wrong == {}


def test_the_cells_of_a_text_are_those_of_its_characters() -> None:
    assert cell_len("") == 0
    assert cell_len("plain text") == 10
    assert cell_len("漢字e\u0301") == 5
    assert cell_len("\x1b\n\u200b\ud800") == 0
    assert cell_len("\u1112\u1161\u11ab") == 2


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/é.xml", "a/é.xml"),
        ("caf\udce9.xml", "caf\\xe9.xml"),
        ("\udcc3\udca9.xml", "é.xml"),
        ("\ud800é.xml", "\\ud800é.xml"),
    ],
)
def test_a_name_shows_invalid_bytes_as_escapes(path: str, name: str) -> None:
    assert name_of(path) == name


def test_many_and_json_text() -> None:
    assert [many(number, "problem") for number in (0, 1, 2)] == [
        "0 problems",
        "1 problem",
        "2 problems",
    ]
    assert json_text({"a": "é\x9b\U000e0001"}) == '{"a":"é\\u009b\\udb40\\udc01"}'
