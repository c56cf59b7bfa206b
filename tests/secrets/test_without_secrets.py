"""`without_secrets` replaces every secret in a text, in linear time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.secrets import without_secrets
from tests.work import cpu_growth, work

REDACTED = {
    "a url": ("/a?api_user=u&api_key=k&x=1", "/a?api_user=***&api_key=***&x=1"),
    "a value in angles": ("api_key=<k> <api_key></api_key>", "api_key=*** <api_key></api_key>"),
    "a value that begins with a slash": ("?api_key=/k&x=1", "?api_key=***&x=1"),
    "no value": ("/a?api_key=&x=1", "/a?api_key=&x=1"),
    "a password with punctuation": ("?api_key=p;a,s]s}w'd&x=1", "?api_key=***&x=1"),
    "mangled separators": ("?api;_key=k&method;=m", "?api;_key=***&method;=m"),
    "an escaped name": ("?api%5Fkey=k&x", "?api%5Fkey=***&x"),
    "an escaped letter": ("?%61pi_k%2565y=k&x", "?%61pi_k%2565y=***&x"),
    "an escaped letter in json": ('"\\u0061pi_key": "k"', '"\\u0061pi_key": "***"'),
    "other spellings": ("API_KEY=k apikey=k api-user: k", "API_KEY=*** apikey=*** api-user: ***"),
    "escaped twice": ("?next=%3Fapi%255Fkey%253Dk", "?next=%3Fapi%255Fkey%253D***"),
    "json": ('{"api_key": "two \\"words\\"", "x": 1}', '{"api_key": "***", "x": 1}'),
    "json in json": ('"{\\"api_key\\":\\"two words\\"}"', '"{\\"api_key\\":\\"***"}"'),
    "an escaped sign": ("?api_key\\u003dk", "?api_key\\u003d***"),
    "a dictionary": ("{'api_key': 'two words'}", "{'api_key': '***'}"),
    "a pair": ("('api_key', 'two words')", "('api_key', '***')"),
    "name and value": ('{"name": "api_key", "value": "k"}', '{"name": "api_key", "value": "***"}'),
    "a pair in a text": (
        '"{\\"key\\":\\"api_key\\",\\"value\\":\\"k\\"}"',
        '"{\\"key\\":\\"api_key\\",\\"value\\":\\"***"}"',
    ),
    "a key beside a value": ('{"key":"k3y-x","value":1}', '{"key":"***","value":1}'),
    "an element": ("<api_key>k</api_key>", "<api_key>***</api_key>"),
    "html": ("&quot;api_key&quot;: &quot;k l&quot;", "&quot;api_key&quot;: &quot;***&quot;"),
    "multipart": ('name="api_key"\r\n\r\nk\r\n--x', 'name="api_key"\r\n\r\n***\r\n--x'),
    "user and password in a url": ("https://u:p@ss@host/x", "https://***@host/x"),
    "user and password, escaped": ("https:\\/\\/u:p@host\\/x", "https:\\/\\/***@host\\/x"),
    "a header": ("Authorization: Basic dTpw", "Authorization: Basic ***"),
    "a header in json": ('"Authorization": "Bearer SG.x"', '"Authorization": "***"'),
    "no secret at all": (
        "missing parameter api_key, see https://host/?user=a@b",
        "missing parameter api_key, see https://host/?user=a@b",
    ),
}


@pytest.mark.parametrize(("text", "shown"), REDACTED.values(), ids=REDACTED)
def test_secrets_are_replaced(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert without_secrets(shown) == shown


_LONG = (
    '{"key":"api_key",',
    '"name":"api_key",',
    '{"api_key":{',
    '"api_key":["a",',
    "api_key",
    " ",
    "api",
    "//",
    "\\",
    "\\/",
    '"',
    "%25",
    "=",
    ",",
    "a",
    "\r\n",
    "basic ",
)


HEADS = ("", 'api_key"', 'api_key\\":\\"', "api_key ", "authorization:")


def long_texts(head: str, part: str, size: int) -> tuple[str, str]:
    count = size // len(part)
    return head + part * count, (head + part) * (size // len(head + part))


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("part", _LONG)
def test_redaction_takes_linear_work(head: str, part: str) -> None:
    for small, large in zip(*(long_texts(head, part, n) for n in (4_000, 16_000)), strict=True):
        without_secrets(large)  # The first call may compile patterns.
        assert work(without_secrets, large) < 5 * work(without_secrets, small)


@pytest.mark.thorough
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("part", _LONG)
def test_redaction_takes_linear_time(head: str, part: str) -> None:
    for small, large in zip(*(long_texts(head, part, n) for n in (20_000, 320_000)), strict=True):
        assert cpu_growth(without_secrets, small, large) < 64  # Quadratic time would grow by 256.


@given(st.text(st.characters(exclude_characters="&\"'<>", exclude_categories=["Z", "C"])))
def test_no_value_of_api_key_is_shown(value: str) -> None:
    assert without_secrets(f"/a?api_key={value}&x=1") == f"/a?api_key={'***' * bool(value)}&x=1"


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2m2021-01-01\x1b[0m \x1b[34m/api/x.json?api_key=\x1b[31mhunter2\x1b[39m",
        # As `grep --color` writes it.
        "/api/x.json?\x1b[01;31m\x1b[Kapi_key\x1b[m\x1b[K=hunter2&date=1",
        "\x1b[?25l\x1b[1A\x1b[2Kapi_key: hunter2\x1b[K",
    ],
)
def test_the_codes_of_terminals_are_no_part_of_names_and_values(text: str) -> None:
    assert without_secrets(text) == text.replace("hunter2", "***")
