"""No output shows a key, whatever damage has done to the line that holds it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.secrets.secretskit import captures, make_key, outputs, torn


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
