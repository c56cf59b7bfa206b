"""Text shown from a payload, keys included, is clipped and escaped and holds no secret."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgformats
from sgformats.errors import CaptureError, FailureError, show
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import Failure

LONG = "k" * 5_000
KEYS = {
    "a form": "api_user=kim&api_key=hunter2",
    "a url": "https://kim:hunter2@host/a/b~c",
    "a line end": "first\nsecond\r",
    "an escape sequence": "\x1b[31mred\x07",
    "a right-to-left override": "abc\u202edef",
    "a long key": LONG,
    "a secret behind many characters": "k" * 55 + "&api_key=hunter2hunter2",
}
PLACES = {
    "a result": ('{%s:"","message":"x"}', "bounces.delete"),
    "a record": ('[{"email":"a","status":"","reason":"",%s:""}]', "bounces.get"),
    "an error with a code": ('{"error":{"code":1,"message":"x",%s:""}}', "bounces.get"),
    "an error of v3": ('{"errors":[{"message":"x",%s:""}]}', "bounces.get"),
    "a repeated key": ('{"message":"x",%s:"",%s:""}', "bounces.delete"),
    "a repeated key of a record": ('[{"email":"a","reason":"",%s:"",%s:""}]', "invalidemails.get"),
    "nothing known": ("{%s:{%s:1}}", "bounces.get"),
}


def texts_of(payload: str, operation: Operation) -> list[str]:
    """Every text that the library shows about a payload."""
    problems = sgformats.validate(payload, operation)
    assert problems
    shown = [
        text for p in problems for text in (str(p), repr(p), p.location.path, p.location.native)
    ]
    try:
        sgformats.parse(payload, operation)
    except sgformats.SgformatsError as error:
        shown += (str(error), repr(error))
    return [*shown, *sgformats.classify(payload).evidence]


def check_shown(payload: str, operation: str) -> None:
    for shown in texts_of(payload, OPERATIONS[operation]):
        assert shown.isprintable()
        assert "hunter2" not in shown
        assert len(shown) < 600
        assert "k" * 61 not in shown


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", KEYS)
def test_a_json_key_is_clipped_escaped_and_redacted(place: str, name: str) -> None:
    form, operation = PLACES[place]
    payload = form.replace("%s", json.dumps(KEYS[name]))
    check_shown(payload, operation)


@pytest.mark.parametrize(
    "payload",
    [
        f"<{LONG}/>",
        f"<{LONG}></b>",
        f"<{LONG}:a/>",
        f'<bounces {LONG}="1"/>',
        f'<bounces xmlns:a="{LONG}"><a:b>1</a:b></bounces>',
        '<bounces xmlns:a="?api_key=hunter2&#10;"><a:b>1</a:b></bounces>',
        f"<result><{LONG}>a</{LONG}></result>",
    ],
)
def test_an_xml_name_is_clipped_escaped_and_redacted(payload: str) -> None:
    check_shown(payload, "bounces.get")


def test_paths_contain_escaped_keys() -> None:
    (problem,) = sgformats.validate('{"message":"x","a/b\\n":""}', "bounces.delete")
    assert problem.location.path == "a/b\\n"
    assert problem.location.native == "/a~1b\\n"


def test_the_repr_of_an_error_is_redacted() -> None:
    error = FailureError(Failure("?api_key=hunter2&x=\x1b"))
    assert repr(error) == (
        """FailureError('the API answered with a failure: "?api_key=***&x=\\\\x1b"')"""
    )


def test_the_name_of_a_file_is_escaped() -> None:
    assert str(CaptureError("a\nb\x1b.har", "x")) == "a\\nb\\x1b.har: x"


@given(st.text(max_size=200), st.integers(2, 100))
def test_shown_text_is_one_short_line(text: str, most: int) -> None:
    shown = show(text, most)
    assert shown.isprintable()
    assert len(shown) <= 10 * most
