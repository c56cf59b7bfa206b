"""No output shows a key, however damage has torn the line that holds it."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import pytest

from sgformats import Request
from sgformats.redact import redact_stream
from sgformats.redact.hider import Hider
from sgformats.redact.rewriting import Rewriter
from tests.secrets.secretskit import captures, make_key, outputs, redacted, torn


def leaks(folder: Path, seed: int, lines: int) -> list[tuple[bytes, str]]:
    """The torn captures, and the outputs that show six characters of their key."""
    chance = Random(seed)
    found = []
    for _ in range(lines):
        key = make_key(chance)
        name, text = chance.choice(list(captures(key).values()))
        data = text.encode()
        path = folder / name
        path.write_bytes(torn(chance, data, data.index(key.encode())))
        pieces = {key[at : at + 6] for at in range(len(key) - 5)}
        for output, written in outputs(path):
            if any(piece in written for piece in pieces):
                found.append((path.read_bytes(), output))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_no_output_shows_a_key_of_a_torn_line(tmp_path: Path, seed: int) -> None:
    assert leaks(tmp_path, seed, 50) == []


@pytest.mark.thorough
def test_no_output_shows_a_key_of_thousands_of_torn_lines(tmp_path: Path) -> None:
    assert leaks(tmp_path, 1000, 6000) == []


LOST = "zQ7kWm2XbT9pLr4d"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            '{"params": {"api_user": "u1", "a{{0{y": "K"}}',
            '{"params": {"api_user": "***", "a{{0{y": "***"}}',
        ),
        ('{"url": "https://sendgrid.com/api/bounces.get.json", "params": {"zz": "K"}}', None),
        ('{"request_headers": {"Authorizat\'{{: "Bea<r K"}, "body": "[]"}', None),
        ('{"headers": {"Authorization": "Bearer K]ody": "[]"}', None),
        ("GET https://acmeuse\x7fK@h.example/api/bounces.get.json HTTP/1.1", None),
        ("GET /api/x.json?api_user=u1&a\nK", "GET /api/x.json?api_user=***&a\n***"),
        ("GET //user:K:>KJPQLP@h.example/api/", "GET //***@h.example/api/"),
        ("GET h\x12user:K@sendgrid@com/api/", "GET h\x12user:***@sendgrid@com/api/"),
        ("GET h\x12user:K\x01@h.example/api/", "GET h\x12user:***@h.example/api/"),
        ("GET >:user:zq7kwm2xbt9plr@h.example]]pi/", "GET >:user:***@h.example]]pi/"),
        ("> A\x12thoriz\x01: Bearer K@g", "> A\x12thoriz\x01: Bearer ***@g"),
        ('GET //ser:x"\x9aK@h.exampleS\x9a', 'GET //ser:x"\x9a***@h.***\x9a'),
        ("> A\x12thoriz\x01 Bea zQ7@K", "> A\x12thoriz\x01 Bea zQ7@***"),
        ("GET h.example:K:}x@h.example/api/x.json", "GET h.example:***:}x@h.example/api/x.json"),
        (
            "GET h)))/user\r\rK@h.exam.pleL=api/x.json",
            "GET h)))/user\r\r***@h.exam.pleL=api/x.json",
        ),
        ("GET //a/bK@h.example\x9f\xf9Oapi/x.json", "GET //a/***@h.example\x9f\xf9Oapi/x.json"),
        ("> Authori=zation: Bearer K:K", "> Authori=*** Bearer ***:***"),
        ("> Authorization: Bearer=x K", "> Authorization: Bearer=*** ***"),
        ("> Authorization: \x97 K':K", "> Authorization: ***':***"),
        ("ori: BeaK", "ori: ***"),
        ("> Authorization: Y\x96arer Eyh:cK", "> Authorization: ***"),
        ("> Authorization: Bec]\x9b]q<ZXWVUT</b>", "> Authorization: ***</b>"),
        ("GET http://@er:K\r\x8aK@h.example/api/", "GET http://@er:***\r***@h.example/api/"),
        ("GET //user:x\rD-K@h.ex[com/api/", "GET //user:x\rD-***@h.ex[com/api/"),
        ("GET //userx\xa5>@@zK.example/api/", "GET //userx\xa5>@@***.example/api/"),
        ("/api/x.json?api_keynHA&\x1b-&&Zxwvut&debug", "/api/x.json?api_***&\x1b-&&***&debug"),
        ("> Auttioner K", "> Auttioner ***"),
        ('"api_k: "ZXWVUT\x9d**\x9e`K"', '"api_k: "***\x9d**\x9e`***"'),
        ("GET /api/x.json?api_key=K&\x9f&ZXWVUT", "GET /api/x.json?api_key=***&\x9f&***"),
        ("/api/x.json?api_user=u&a=Zxwvut\x1dK", "/api/x.json?api_user=***&a=***\x1d***"),
        ("/api/x.json?api_key=hQ&K@\x1ftU&task=get", "/api/x.json?api_key=***&***@\x1ftU&task=get"),
        (
            "GET /api/x.json?api_kz\x9a(\x9aZxwvut&date=1",
            "GET /api/x.json?api_kz\x9a(\x9a***&date=1",
        ),
    ],
)
def test_a_call_whose_key_lost_its_name_is_redacted(text: str, shown: str | None) -> None:
    written = redacted(text.replace("K", LOST).encode(), "x.log")
    assert LOST[:6] not in written
    assert written == (shown or written)


@pytest.mark.parametrize(
    "line",
    [
        'GET /api/bounces.get.json?date=1 200 "AppleWebKit/537.36" rid=4f3a9bcd71',
        '{"url": "https://h.example/api/blocks.get.json", "request_id": "aB3dE5gH7jK9"}',
        '{"url": "https://h.example/api/blocks.get.json?api_user=***&api_key=***", "x": "aB3dE5gH7"}',
        '[{"email": "aB3dE5gH7@h.example", "reason": "550 id zQ7kWm2XbT9p api pass: 12"}]',
        '{"url": "https://h.example/api/x.json", "body_base64": "QUJD", "time": "20100101T100000Z"}',
        "queue id zQ7kWm2XbT9p, pass: 12, nothing asked",
        '{"url": "https://h.example/api/x.json", "message": "\x7f", "code": 123456e2}',
        '{"message": "\x7f", "code":-1.234567E+10}',
        '[{"email": "mailto:aB3dE5gH7@h.example", "user": "aB3dE5gH7", "reason": "api_"}]',
        "\x1b[2m2021-01-01 10:00:00\x1b[0m \x1b[34m/api/x.json\x1b[36mGETTING\x1b[39m",
        "<error>&#0000048;&#x10000;&#x1f600;\x7f api_key</error>",
    ],
)
def test_values_with_harmless_names_are_kept(line: str) -> None:
    assert redacted(f"{line}\n".encode(), "x.log") == f"{line}\n"


@pytest.mark.parametrize(
    "query",
    [
        "api_user=u&api_keyHUNTER2SECRETX&date=1",
        "api_user=u&api_keHUNTER2SECRETX&date=1",
        "api_user=u&apHUNTER2SECRETX&date=1",
        "api_user=u&HUNTER2SECRETX&date=1",
        "api_user=u&pi_key=HUNTER2SECRETX",
        "api_user=u&a=HUNTER2SECRETX",
        "api_user=u&API%5FKEYHUNTER2SECRETX",
        "api_user=u&api%255Fkey=HUNTER2SECRETX",
        "api_user=u&api_k%65yHUNTER2SECRETX",
        "api_user=u&date=1&start_date=2010-01-01ey=HUNTER2SECRETX",
        "api_userapi_key=HUNTER2SECRETX",
        "api_\u212aey=HUNTER2SECRETX",
        "api_user=u&api_key=fD&\xb9&&&&HUNTER2SECRETx",
        "api_user=u&api_key=fD&huNTER2S&date=1",
        "api_user=u&api_key=fD&huNTER2SEc=7",
        "api_user=u&api_keyfD7d9dUe&x&huNTER2S=&date=1",
        "api_user=u&fD&huNTER2SEcX",
        "api_user=acme\xe9_key=rRLW&:&&huNTER2Scava&date=1",
        "api_user=u&api_kvvey=3M9s!@\x9d!huNTER2S&date=1",
    ],
)
def test_the_value_of_a_torn_name_is_hidden_in_every_output(tmp_path: Path, query: str) -> None:
    url = f"https://h.example/api/invalidemails.get.json?{query}"
    path = tmp_path / "x.jsonl"
    path.write_text(f'{{"url":"{url}","body":"[]","status":200}}\n')
    found = dict(outputs(path))
    assert {name for name, text in found.items() if "NTER2S" in text} == set()
    assert "invalidemails.get.json" in found["redact"]


def test_parameters_without_a_secret_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    line = "GET https://h.example/api/bounces.get.json?api_user=u&api_key=k7Gq2XbbT&dayz=12345&v=5f3a9bc1\n"
    path.write_text(line)
    found = dict(outputs(path))
    assert found["redact"] == line.replace("=u&", "=***&").replace("k7Gq2XbbT", "***")
    assert 'unexpected parameter "dayz"' in found["call"]


def test_a_piece_after_a_broken_key_is_hidden_in_a_form() -> None:
    request = Request.parse(
        "/api/bounces.get.json", "api_user=u&api_key=fD&\xb9&&yDYxcBE4&startDate=1&task&date=1"
    )
    hidden = ("***", "")
    assert request.redacted().parameters == (
        *(("api_user", "***"), ("api_key", "***"), hidden, hidden),
        *(("startDate", "1"), ("task", ""), ("date", "1")),
    )
    messages = [problem.message for problem in request.problems()]
    assert messages[:3] == [*['unexpected parameter "***"'] * 2, 'unexpected parameter "startDate"']


@pytest.mark.parametrize("damage", ["", "\x9e4", "\udc9e"])
def test_a_key_that_damage_moved_into_the_host_is_hidden(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "x.log"
    url = f"https://acmeuse{damage}{LOST}.example/api/bounces.get.json"
    path.write_bytes(f"GET {url} HTTP/1.1\n".encode("utf-8", "surrogateescape"))
    assert {name for name, text in outputs(path) if LOST[:6] in text} == set()
    assert LOST[:6] not in repr(Request.parse(url))


CALL = "GET https://h.example/api/bounces.get.json?api_user=u1&api_key=K&date=1\n"


@pytest.mark.parametrize("before", ["\0", "\xff\xfe", "\xfe\xff"])
def test_a_key_is_hidden_if_damage_makes_ascii_look_wide(before: str) -> None:
    data = f"{before}{CALL}".replace("K", LOST).encode("latin-1")
    parts: list[bytes] = []
    redact_stream(io.BytesIO(data), "x.log", parts.append)
    shown = CALL.replace("u1", "**").replace("K", "*" * len(LOST))
    assert b"".join(parts) == f"{before}{shown}".encode("latin-1")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_text_is_redacted(encoding: str) -> None:
    text = f"{CALL}\u6251\u6252\u6253\n"
    parts: list[bytes] = []
    redact_stream(io.BytesIO(text.replace("K", LOST).encode(encoding)), "x.log", parts.append)
    assert b"".join(parts).decode(encoding) == text.replace("u1", "***").replace("K", "***")


@pytest.mark.parametrize("body", [b"\0api_user=u&api_key=K&task=get", b"\0\xff api_key=K&days=1"])
def test_a_key_is_hidden_in_a_binary_body(body: bytes) -> None:
    rewriter = Rewriter(Hider())
    shown = rewriter.bytes(body.replace(b"K", LOST.encode()))
    assert shown.endswith(body.replace(b"K", b"*" * len(LOST))[-30:])
    assert len(shown) == len(body) + len(LOST) - 1


def test_an_address_in_an_unknown_parameter_is_shown() -> None:
    call = Request.parse(
        "/api/bounces.get.json?to=aB3dE5gH7@h.example,x@y&v=aB3dE5gH7@h.example+zQ7kW2"
    )
    assert call.redacted().parameters == (("to", "aB3dE5gH7@h.example,x@y"), ("v", "***"))
