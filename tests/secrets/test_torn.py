"""No output shows a key, whatever damage has done to the line that holds it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.secrets.secretskit import captures, make_key, outputs, redacted, torn


def shown(folder: Path, seed: int, lines: int) -> list[tuple[bytes, str]]:
    """The torn captures of which an output shows six letters of the key, with its name."""
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
    assert shown(tmp_path, seed, 50) == []


@pytest.mark.thorough
def test_of_thousands_of_torn_lines_no_output_shows_a_key(tmp_path: Path) -> None:
    assert shown(tmp_path, 1000, 6000) == []


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
    ],
)
def test_what_names_say_is_harmless_is_kept(line: str) -> None:
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
    ],
)
def test_a_name_that_is_torn_hides_its_value_in_every_output(tmp_path: Path, query: str) -> None:
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
