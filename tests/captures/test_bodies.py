"""Bodies are decoded and decompressed by their bytes, and URLs become calls if possible."""

from __future__ import annotations

import base64
import gzip
import sys
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures.bodies import Body, decoded, from_base64, from_text
from sgformats.captures.build import exchange
from sgformats.captures.exchange import Exchange, Source
from sgformats.errors import Location, Problem
from sgformats.rules import problem_of

LIST = b'[{"email":"isaac@hotmail.comm","reason":"Mail domain mentioned is unknown"}]'
GZIP = gzip.compress(LIST, mtime=0)
ZLIB = zlib.compress(LIST)
RAW = ZLIB[2:-4]
BROTLI = brotli.compress(LIST)
ZSTD = zstandard.compress(LIST)
SOURCE = Source("f")


def fault(body: Body) -> tuple[str, int] | None:
    return None if body.fault is None else (body.fault.rule, body.fault.location.offset)


@pytest.mark.parametrize("packed", [GZIP, ZLIB, RAW, LIST])
@pytest.mark.parametrize("header", ["gzip", "x-gzip", "deflate", "DEFLATE, identity", "gzip, gzip"])
def test_the_bytes_decide_how_a_body_is_decompressed(packed: bytes, header: str) -> None:
    assert decoded(packed, header) == Body(LIST)


@pytest.mark.parametrize("packed", [GZIP, ZLIB, LIST, gzip.compress(GZIP, mtime=0), GZIP[:0]])
def test_compression_is_detected_without_a_header(packed: bytes) -> None:
    assert decoded(packed) == Body(LIST if packed else b"")


def test_a_body_of_two_members_is_one() -> None:
    assert decoded(gzip.compress(b"[") + gzip.compress(b"]"), "gzip") == Body(b"[]")


@pytest.mark.parametrize("text", [b"[]", b"<a/>", b"", b"plain text", "é".encode("utf-16")])
@pytest.mark.parametrize("header", ["gzip", "deflate", "br", "zstd", "compress"])
def test_a_body_that_is_text_already_stays(text: bytes, header: str) -> None:
    assert decoded(text, header) == Body(text)


def test_an_unknown_encoding_is_a_fault() -> None:
    body = bytes(range(128, 256))
    expected, found = "gzip, deflate, zstd or br as content encoding", '"compress"'
    problem = problem_of("unreadable-body", Location("", "", 1, 1, 0), expected, found)
    assert problem.message == f"expected {expected}, found {found}"
    assert decoded(body, "compress") == Body(body, problem)
    assert fault(decoded(body, "gzip")) == ("unreadable-body", 0)


@pytest.mark.parametrize(
    ("packed", "header"),
    [(BROTLI, "br"), (ZSTD, "zstd"), (ZSTD, None)],
    ids=["br", "zstd", "zstd, no header"],
)
def test_zstandard_and_brotli_are_undone(packed: bytes, header: str | None) -> None:
    assert decoded(packed, header) == Body(LIST)
    message = "expected a whole compressed body, found a damaged or truncated one"
    for size in range(4, len(packed)):
        found = decoded(packed[:size], header)
        assert LIST.startswith(found.body)
        assert found.fault is not None
        assert found.fault.message == message
    assert fault(decoded(packed, header, len(LIST) - 1)) == ("too-large", 0)
    broken = decoded(packed[:-9] + bytes(9), header)
    assert broken.fault is not None


def test_decompression_of_a_brotli_bomb_stops_early() -> None:
    assert fault(decoded(brotli.compress(bytes(1 << 26)), "br", 1 << 20)) == ("too-large", 0)


@pytest.mark.parametrize(("packed", "header"), [(BROTLI, "br"), (ZSTD, "zstd")], ids=["br", "zstd"])
def test_a_missing_decompressor_is_named(
    packed: bytes, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    found = decoded(packed, header)
    assert found.fault is not None
    assert found.fault.message.endswith('pip install "sgformats[captures]"')


@pytest.mark.parametrize(("packed", "header"), [(GZIP, "gzip"), (ZLIB, "deflate")])
def test_a_cut_body_is_decoded_up_to_the_cut(packed: bytes, header: str) -> None:
    least = 0
    for end in range(4, len(packed)):
        body = decoded(packed[:end], header)
        assert fault(body) == ("unreadable-body", end)
        assert LIST.startswith(body.body)
        assert len(body.body) >= least
        least = len(body.body)
    assert least == len(LIST)


def test_everything_before_damage_is_read() -> None:
    stored = zlib.compressobj(0, zlib.DEFLATED, 31)
    packed = stored.compress(LIST) + stored.flush(zlib.Z_FULL_FLUSH)
    assert decoded(packed + b"\xff" * 9, "gzip").body == LIST
    assert fault(decoded(packed + b"\xff" * 9, "gzip")) == ("unreadable-body", len(packed))
    # With a wrong checksum.
    body = decoded(GZIP[:-8] + bytes(8), "gzip")
    assert (body.body, fault(body)) == (LIST, ("unreadable-body", len(GZIP) - 5))


@pytest.mark.parametrize("packed", [GZIP, ZLIB, LIST])
def test_memory_stays_within_the_limit(packed: bytes) -> None:
    assert decoded(packed, "deflate", len(LIST)).body == LIST
    assert fault(decoded(packed, "deflate", len(LIST) - 1)) == ("too-large", 0)


def test_a_bomb_is_not_expanded() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    read = decoded(bomb, max_bytes=1_000_000)
    assert (read.body, fault(read)) == (b"", ("too-large", 0))


@given(st.binary(max_size=60), st.sampled_from(["gzip", "deflate", "br", "gzip, deflate", None]))
def test_any_body_is_decoded_or_named(body: bytes, header: str | None) -> None:
    read = decoded(body, header)
    assert read.fault is None or read.fault.rule == "unreadable-body"


@given(st.binary(max_size=60))
def test_base64_is_decoded(body: bytes) -> None:
    text = base64.encodebytes(body).decode()
    assert from_base64(text) == Body(body)


@pytest.mark.parametrize(
    ("text", "body", "offset"),
    [
        ("W10", b"[]", 3),
        ("W1", b"[", 2),
        ("W", b"", 1),
        ("W10*", b"[]", 3),
        ("W1 0*", b"[]", 4),
        ("W10==", b"[]", 3),
        ("====", b"", 0),
        ("W10=W10=", b"[]", 3),
        ("W10= \n*", b"[]", 3),
        ("é", b"", 0),
    ],
)
def test_broken_base64_is_decoded_up_to_the_damage(text: str, body: bytes, offset: int) -> None:
    read = from_base64(text)
    assert (read.body, fault(read)) == (body, ("unreadable-body", offset))


def test_base64_has_its_limit() -> None:
    text = base64.b64encode(bytes(100)).decode()
    assert from_base64(text, 100) == Body(bytes(100))
    for limit in (99, 98, 5):
        assert (from_base64(text, limit).body, fault(from_base64(text, limit))) == (
            b"",
            ("too-large", 0),
        )


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("[é]", b"[\xc3\xa9]"),
        ("<a>é</a>", b"<a>\xc3\xa9</a>"),
        (
            "<?xml version='1.0' encoding='ISO-8859-1'?>é",
            b"<?xml version='1.0' encoding='ISO-8859-1'?>\xe9",
        ),
        (
            "<?xml version='1.0' encoding='latin1'?>€",
            b"<?xml version='1.0' encoding='latin1'?>&#8364;",
        ),
        (
            "<?xml version='1.0' encoding='utf-8'?>é",
            b"<?xml version='1.0' encoding='utf-8'?>\xc3\xa9",
        ),
        ("\udce9", b"\xe9"),
        ("\ud800", b"\xed\xa0\x80"),
        ("", b""),
    ],
)
def test_text_is_encoded_as_it_declares(text: str, raw: bytes) -> None:
    assert from_text(text) == raw


def build(url: str | None, verb: str | None = None, form: bytes | str | None = None) -> Exchange:
    return exchange(SOURCE, url, verb, form, 200, b"[]")


def test_a_url_of_this_api_is_a_call() -> None:
    made = build("/api/bounces.get.json?api_user=u&api_key=k")
    assert made.request is not None
    assert made.request.operation == "bounces.get"
    assert (made.url, made.verb) == ("/api/bounces.get.json?api_user=u&api_key=k", None)


def test_another_url_is_kept_and_is_not_a_call() -> None:
    made = build("https://x.example/", "get")
    assert (made.request, made.url, made.verb) == (None, "https://x.example/", "GET")
    assert build(None).request is None
    assert build("").request is None


MULTIPART = (
    '--b\r\nContent-Disposition: form-data; name="api_user"\r\n\r\nu&v\r\n'
    "--b\r\ncontent-disposition: form-data; name=email\r\nX: y\r\n\r\na@b\r\n--b--\r\n"
)


@pytest.mark.parametrize("form", [MULTIPART, MULTIPART.encode(), MULTIPART.replace("\r\n", "\n")])
def test_a_form_in_parts_is_a_form(form: bytes | str) -> None:
    request = build("/api/bounces.delete.json", "POST", form).request
    assert request is not None
    assert request.parameters == (("api_user", "u&v"), ("email", "a@b"))


@pytest.mark.parametrize(
    "content", ["{}", b"[1]", "<a/>", b"--b\r\nbroken", "--b\r\n\ud800", "\ud800"]
)
def test_content_that_is_not_a_form_gives_no_parameters(
    content: bytes | str,
) -> None:
    request = build("/api/bounces.get.json?api_user=u", "POST", content).request
    assert request is not None
    assert request.parameters == (("api_user", "u"),)


@given(
    st.one_of(st.none(), st.text(max_size=30)),
    st.one_of(st.none(), st.text(max_size=5)),
    st.one_of(st.none(), st.text(max_size=30), st.binary(max_size=30)),
)
def test_any_capture_gives_an_exchange(
    url: str | None, verb: str | None, form: bytes | str | None
) -> None:
    for text in (url, f"/api/bounces.get.json?{url}"):
        made = build(text, verb, form)
        assert (made.url, made.body, made.source) == (text, b"[]", SOURCE)


def test_the_fault_of_the_reader_takes_precedence() -> None:
    problem = Problem("unreadable-body", "error", "x", Location("", "", 1, 1, 0))
    made = exchange(SOURCE, body=GZIP, fault=problem)
    assert (made.body, made.fault) == (GZIP, problem)
    late = exchange(SOURCE, body=GZIP[:-1])
    assert late.fault is not None
    assert (late.body, late.fault.rule) == (LIST, "unreadable-body")
