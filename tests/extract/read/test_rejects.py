"""The text of a reject: around the problem, and without secrets."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from sgformats import InvalidEmail, Listing, encode
from sgformats.captures.pieces import Piece
from sgformats.extract import Counts, Options
from sgformats.extract.read.rows import read_shard
from sgformats.extract.read.shards import Shard
from sgformats.redaction import masked, shown_text
from tests.extract.extractkit import SECRET, URL, lines_of, log, make_log, read


@pytest.mark.parametrize("at", range(380, 520, 7))
def test_clipped_text_shows_no_secret(tmp_path: Path, at: int) -> None:
    line = "x" * at + " GET /api/bounces.get.json?api_user=me-myself&api_key=" + SECRET + "&date=1"
    call = URL.format("bounces").replace("k3y-k3y-k3y", SECRET)
    echoed = {"url": call, "body": "y" * at + SECRET + "y" * 900}
    path = log(tmp_path / "a.jsonl", line, echoed, '{"' + "z" * (at + 400) + line)
    found = read([path], kind="jsonl")
    assert len(found.rejects) == 3
    for row in found.rejects:
        for length in range(6, len(SECRET)):
            assert SECRET[:length] not in row["raw"]
            assert SECRET[-length:] not in row["raw"]
        assert "me-myself" not in row["raw"]


def test_the_rejects_of_a_torn_log_show_no_secret(tmp_path: Path) -> None:
    whole = make_log(120).data
    chance = Random(7)
    for _ in range(30):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 5, 50))):
            at = chance.randrange(len(data))
            end = min(len(data), at + chance.randrange(1, 60))
            data[at:end] = chance.choice((b"", b"\n", b"\0" * 9, chance.randbytes(7), data[:40]))
        (tmp_path / "a.jsonl").write_bytes(data)
        found = read([tmp_path / "a.jsonl"])
        assert SECRET not in repr(found.rejects)
        assert SECRET not in repr(found.exchanges)
        assert set(lines_of(found.rejects).values()) == {1}


def test_lists_of_any_length_keep_their_lines_and_indexes(tmp_path: Path) -> None:
    """Blocks are cut within lists and between them."""
    sizes = [3, 40_000, 0, 1, 16_384, 2]
    item = '{"email":"a@b.c"}'
    path = log(
        tmp_path / "a.jsonl",
        *({"url": URL.format("unsubscribes"), "body": f"[{','.join([item] * n)}]"} for n in sizes),
    )
    blocks = list(read_shard(Shard(0, (Piece(str(path)),)), Options(), Counts()))
    records = [block for block in blocks if block.table == "records"]
    assert max(len(block.values("email")) for block in records) == 16_384
    for name, values in {
        "source_line": [n for n, size in enumerate(sizes, 1) for _ in range(size)],
        "record_index": [index for size in sizes for index in range(size)],
    }.items():
        assert [value for block in records for value in block.values(name)] == values


@pytest.mark.thorough
def test_long_text_without_any_query_is_masked_in_one_pass() -> None:
    text = "a" * 3_000_000
    assert masked(text) == shown_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ey=Correct&user=c&x=1", "***&user=c&***"),
        ('_key=Correct", "status": 200', '***", "status": 200'),
        (
            "see /api/x.json?api_key=a&user=b;&date=1&days=",
            "see /api/x.json?api_key=***&user=b;&date=1&days=",
        ),
        ("https://a/api/bounces.ge\0key=Correct&date=1 a=b", "https://a/api/***&date=1 ***"),
        ("garbage </pi_key=Correct b", "garbage </*** b"),
        ("a 200y=Correct b =Correct date=1", "a *** b *** date=1"),
        ("aGVsbG8= aGVsbA== a=", "aGVsbG8= aGVsbA== a="),
        ("Mail &lt;domain&gt; a&b", "Mail &lt;domain&gt; a&b"),
        ("text/html; charset=utf-8", "text/html; ***"),
        ("user=c%40dapi_key=Correct&user=a=b&task=get", "***&***&task=get"),
    ],
)
def test_only_known_safe_parameters_are_shown(text: str, shown: str) -> None:
    assert shown_text(text) == shown
    stars = masked(text)
    assert len(stars) == len(text)
    assert "Correct" not in stars


def test_a_reject_keeps_the_text_around_its_problem(tmp_path: Path) -> None:
    records = tuple(InvalidEmail(f"u{n}@x", "Bad Syntax") for n in range(100))
    body = encode(Listing("invalidemails", records), "json").decode().replace('"u70@x"', "u70@x")
    path = log(tmp_path / "a.jsonl", {"url": URL.format("invalidemails"), "body": body})
    (row,) = read([path], clip=100).rejects
    assert len(row["raw"]) == 102
    assert row["raw"].startswith("…")
    assert "u70@x" in row["raw"]
    assert (row["records"], row["raw_bytes"]) == (99, len(body))
    assert read([path], clip=0).rejects[0]["raw"] == "……"
