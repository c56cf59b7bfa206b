"""`sgformats validate` and its code frames."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from sgformats.contract.frame import Frames
from sgformats.contract.showing import clip, escaper, visible
from sgformats.errors import Location
from tests.cli.clikit import BOUNCES_XML, on_terminal, run


def test_every_problem_comes_with_its_line_and_a_caret() -> None:
    ended = run("validate", "answers/damaged.json", "answers/done.json", "--max-problems", "2")
    lines = ended.out.decode().splitlines()
    assert lines == [
        "answers/damaged.json:1:53: invalid-timestamp: expected YYYY-MM-DD HH:MM:SS, found "
        '"2009-02-29 12:40:30"',
        '   1 | …email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"},',
        "     |                                                   ^ [0].created",
        "",
        'answers/damaged.json:2:32: unknown-field: unexpected field "status"',
        '   2 |  {"email":"isaac","reason":"x","status":"550","created":" 2009-02-28 12:…',
        "     |                                ^ [1].status",
        "",
        "answers/damaged.json: 1 more problem",
        "",
        "2 payloads: 1 valid, 1 not valid (3 problems)",
    ]
    assert (ended.code, ended.err) == (1, b"")


def test_lax_shows_tolerated_problems_and_accepts_them(answers: Path) -> None:
    (answers / "odd.xml").write_bytes(b"<blocks>\n  <note/>\n</blocks>")
    ended = run("validate", "answers/odd.xml", "--mode", "lax")
    assert ended.out.decode() == (
        'answers/odd.xml:2:3: unknown-field: expected the element block, found "note" '
        "(tolerated)\n"
        "   2 |   <note/>\n"
        "     |   ^ note\n"
        "\n"
        "1 payload: 1 valid, 1 problem tolerated\n"
    )
    assert ended.code == 0
    assert run("validate", "answers/odd.xml").code == 1


def test_json_lines_are_one_for_each_problem() -> None:
    ended = run("validate", "answers/damaged.json", "--to", "jsonl", "--mode", "lax")
    first, _, last = map(json.loads, ended.out.splitlines())
    assert first == {
        "source_file": "answers/damaged.json",
        "rule": "invalid-timestamp",
        "severity": "error",
        "message": 'expected YYYY-MM-DD HH:MM:SS, found "2009-02-29 12:40:30"',
        "expected": "YYYY-MM-DD HH:MM:SS",
        "found": '"2009-02-29 12:40:30"',
        "path": "[0].created",
        "native": "/0/created",
        "line": 1,
        "column": 53,
        "offset": 52,
        "tolerable": False,
        "tolerated": False,
    }
    assert (last["rule"], last["tolerated"]) == ("invalid-timestamp", True)


def test_json_is_one_object_for_each_payload() -> None:
    ended = run("validate", "answers/done.json", "--to", "json")
    assert json.loads(ended.out) == [
        {"source_file": "answers/done.json", "valid": True, "problems": []}
    ]


def test_nothing_to_read_is_code_2() -> None:
    ended = run("validate", "answers/none.xml")
    assert ended == (
        2,
        b"",
        b"sgformats: cannot read answers/none.xml: No such file or directory\n",
    )


def test_a_payload_that_is_too_large_is_a_problem() -> None:
    ended = run("validate", "answers/bounces.xml", "--max-bytes", "10")
    assert ended.out.decode().splitlines()[1:] == [
        "   1 |",
        "     | ^",
        "",
        "1 payload: 0 valid, 1 not valid (1 problem)",
    ]
    assert ended.out.decode().splitlines()[0] == (
        f"answers/bounces.xml:1:1: too-large: expected at most 10 bytes, found {len(BOUNCES_XML)}; "
        "a larger --max-bytes allows more"
    )


def test_a_terminal_gets_colors_unless_they_are_disabled() -> None:
    code, shown = on_terminal("validate", "answers/damaged.json", "--max-problems", "1")
    assert code == 1
    assert shown.startswith("\x1b[1manswers/damaged.json:1:53\x1b[0m: \x1b[31minvalid-timestamp")
    code, shown = on_terminal("validate", "answers/damaged.json", NO_COLOR="1")
    assert "\x1b" not in shown


def at(line: int, column: int, path: str = "") -> Location:
    return Location(path, "", line, column, 0)


@pytest.mark.parametrize(
    ("data", "location", "line", "caret"),
    [
        pytest.param(b"a\rb\r\nc\nd", at(4, 1), "   4 | d", "     | ^", id="all line ends"),
        pytest.param(b"", at(1, 1), "   1 |", "     | ^", id="nothing"),
        pytest.param(b"[1", at(1, 3), "   1 | [1", "     |   ^", id="the end"),
        pytest.param(b"\t\t<a>", at(1, 3), "   1 |         <a>", "     |         ^", id="tabs"),
        pytest.param(
            b"<a>\x1b[2J</a>",
            at(1, 8),
            "   1 | <a>\\x1b[2J</a>",
            "     |           ^",
            id="control",
        ),
        pytest.param(
            '["漢字",5]'.encode(), at(1, 7), '   1 | ["漢字",5]', "     |         ^", id="wide"
        ),
        pytest.param(
            '["e\u0301",5]'.encode(),
            at(1, 7),
            '   1 | ["e\u0301",5]',
            "     |      ^",
            id="combining",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>é</a>'.encode("latin-1"),
            at(2, 5),
            "   2 | <a>é</a>",
            "     |     ^",
            id="Latin-1",
        ),
        pytest.param(
            "\ufeff<a>é</a>".encode("utf-16-le"),
            at(1, 5),
            "   1 | <a>é</a>",
            "     |     ^",
            id="UTF-16",
        ),
        pytest.param(b"<a>\xe9</a>", at(1, 4), "   1 | <a>\\xe9</a>", "     |    ^", id="no UTF-8"),
        pytest.param(
            b'{"api_key":"s3cret","x":5}',
            at(1, 25),
            '   1 | {"api_key":"***","x":5}',
            "     |                      ^",
            id="a secret before",
        ),
        pytest.param(
            b'{"x":5,"api_key":\n"s3cret"}',
            at(1, 6),
            '   1 | {"x":5,"api_key":',
            "     |      ^",
            id="a secret in the next line",
        ),
    ],
)
def test_a_frame_shows_the_line_and_points_at_the_character(
    data: bytes, location: Location, line: str, caret: str
) -> None:
    frame = Frames(data).draw(location)
    assert (frame.line, f"{frame.before}^{frame.after}") == (line, caret)


def test_a_secret_is_hidden_in_the_hundredth_frame_too() -> None:
    frames = Frames(b'{"api_key":"s3cret","x":5}')
    drawn = {frames.draw(at(1, 25)) for _ in range(100)}
    assert [frame.line for frame in drawn] == ['   1 | {"api_key":"***","x":5}']


@pytest.mark.parametrize("column", [1, 40, 79, 500, 5000, 9999, 10004])
@pytest.mark.parametrize("filling", ["x", "漢", "\x00", "e\u0301", "\t"])
def test_a_frame_fits_whatever_is_long_or_wide(column: int, filling: str) -> None:
    data = ('["' + filling * 10000)[:10000] + '"]x'
    frame = Frames(data.encode()).draw(at(1, column, "[0].created"))
    assert cell_len(frame.line) <= 80
    assert cell_len(f"{frame.before}^{frame.after}") <= 80


def test_a_frame_fits_an_encoding_of_few_characters() -> None:
    data = '["' + "é" * 100 + '",5]'
    frame = Frames(data.encode(), encoding="ascii").draw(at(1, 105, "[1]"))
    assert frame.line == "   1 | ..." + r"\xe9" * 16 + '",5]'
    assert f"{frame.before}^{frame.after}" == "     | " + " " * 65 + "[1] ^"


def test_clipping_keeps_the_place_in_sight() -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(100))
    show = escaper("utf-8")
    assert clip(text, 0, 10, show) == ("abcdefghi…", 0)
    assert clip(text, 50, 10, show) == ("…uvwxyzab…", 5)
    assert clip(text, 100, 10, show) == ("…opqrstuv", 9)
    assert clip("short", 2, 10, show) == ("short", 2)


def test_visible_text_keeps_printable_characters() -> None:
    assert visible("漢 é\u00a0\x9b\n") == "漢 é\\xa0\\x9b\\n"
    assert visible("漢 é", "latin-1") == "\\u6f22 é"
