"""Captures without their secrets: nothing left, nothing else changed, and nothing broken.

docs/design.md, promise 7: "No secret reaches any output, message, report or log."
"""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import io
import json
import lzma
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures import Exchange, read_capture, read_captures
from sgformats.codec import parse, validate
from sgformats.contract import check_captures
from sgformats.contract.redact import Anonymiser, Redaction, redact_capture, redact_stream
from sgformats.errors import ArgumentError, CaptureError, SgformatsError
from sgformats.records import Listing
from sgformats.testing import CaptureCase, load_capture_cases
from sgformats.testing.strategies import hostile, mutated, payloads
from tests.redact.redactkit import (
    ADDRESSES,
    CAPTURES,
    FORM,
    JSON,
    KEY,
    SECRETS,
    URL,
    anonymised,
    b64,
    left,
    redacted,
)

NAMES = pytest.mark.parametrize("name", CAPTURES)
SALT = Anonymiser("salt")


@NAMES
def test_no_secret_is_left_in_any_kind(name: str) -> None:
    assert left(CAPTURES[name], SECRETS[:1]) == ["hunter22"]
    assert left(redacted(CAPTURES[name], name), SECRETS) == []
    assert left(anonymised(CAPTURES[name], name), (*SECRETS, *ADDRESSES)) == []


@NAMES
def test_what_has_nothing_to_hide_stays_to_the_byte(name: str) -> None:
    clean = redacted(CAPTURES[name], name)
    assert redacted(clean, name) == clean


@NAMES
def test_addresses_stay_unless_fakes_are_asked_for(name: str) -> None:
    assert left(redacted(CAPTURES[name], name), ADDRESSES) == sorted(ADDRESSES)


@NAMES
def test_who_asks_can_be_kept(name: str) -> None:
    kept = redacted(CAPTURES[name], name, keep_user=True)
    assert left(kept, SECRETS) == ["acme-reseller"]


@NAMES
def test_a_redacted_capture_holds_the_same_exchanges(name: str, tmp_path: Path) -> None:
    assert outcomes(tmp_path / name, CAPTURES[name]) == outcomes(
        tmp_path / name, redacted(CAPTURES[name], name)
    )
    # The filter and the records get the same fakes, so that rules between them hold as before.
    assert outcomes(tmp_path / name, CAPTURES[name]) == outcomes(
        tmp_path / name, anonymised(CAPTURES[name], name)
    )


def outcomes(path: Path, data: bytes) -> list[object]:
    """What checking a capture gives, exchange by exchange, but for the secrets in URLs."""
    path.write_bytes(data)
    return [
        (
            *(found.source.entry, found.operation, found.format, found.status, found.skipped),
            [
                (finding.problem.rule, finding.problem.location.path)
                for finding in found.findings
                if finding.problem.rule != "secret-in-url"
            ],
        )
        for found in check_captures([path])
    ]


@pytest.mark.parametrize("case", load_capture_cases(), ids=lambda case: case.name)
@pytest.mark.parametrize("anonymise", [None, SALT], ids=["plain", "anonymised"])
def test_a_capture_of_the_corpus_holds_the_same_exchanges(
    case: CaptureCase, anonymise: Anonymiser | None, tmp_path: Path
) -> None:
    target = tmp_path / case.name
    with suppress(CaptureError):  # The damage is that of the capture, and stays.
        redact_capture(case.path, target, anonymise=anonymise, fields=case.fields)
    new = target.read_bytes()
    assert left(new, ("obviously-fake-password", "Correct-Horse-9")) == []
    before, after = outcomes(target, case.path.read_bytes()), outcomes(target, new)
    assert after == (before if target.suffix != ".xz" else before[:-1])  # It is whole again.
    assert len(case.exchanges) <= len(before)


@pytest.mark.parametrize("name", [name for name in CAPTURES if name != "crawl.warc.gz"])
def test_a_capture_that_is_cut_anywhere_holds_no_secret(name: str) -> None:
    data = CAPTURES[name]
    for cut in range(7, len(data), max(1, len(data) // 60)):
        parts: list[bytes] = []
        try:
            redact_stream(io.BytesIO(data[:cut]), name, parts.append, anonymise=SALT)
        except CaptureError:
            assert name.startswith("crawl.warc")
        # What is left of an address that is cut before its @ is none.
        assert left(b"".join(parts), (*SECRETS, ADDRESSES[-1])) == [], cut


# Text by text: what is hidden, what is not, and what stands beside it.


@pytest.mark.parametrize(
    "marked",
    [
        "GET /api/x.json?api_user=«u»&api_key=«k»&a=b HTTP/1.1",
        "http://h/x?api;_key=«k»&amp;api%5Fuser=«u»#f",
        "http://h/x?%2561pi_key=«k»",
        "http://h/x?access_token=«abc»&page=2",
        "http://«u:p»@h/x https://h/a@b",
        "password=«p%20q»&a=b",
        "Authorization: Basic «dTpw» and more",
        'Authorization: Digest «username="u", response="r"»',
        "-H 'Cookie: a=«b»; c=«\"d e\"»' -v",
        "Set-Cookie: a=«b»; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Path=/",
        '{"Set-Cookie":"a=«b»; Path=/, c=«d»; HttpOnly"}',
        "{'api_key': '«k»', 'email': 'e@x.com'}",
        'x {"token":"«a\\"b»","n":1} y',
        '{"password":"«p»","reason":"password=p"}\n',
        '{"a":"{\\"api_key\\":\\"«k»\\"}"}\n',
        '{"auth":{"who":"«u»","of":["«v»"]}}\n',
        '{"key":"api_key","value":"«k»"}\n',
        '{"value":"«k»","name":"api_key"}\n',
        '[["Cookie","a=«b»"],["x","a=b"]]',
        '{"headers":{"Set-Cookie":["a=«b»; Path=/","c=«d»"]}}',
        '{"cookies":[{"name":"a","value":"«b»","path":"/"}],"cookie":{"sid":"«s»"}}',
        "<r><api_key>«k»</api_key><email>e</email></r>",
        "<a api_key='«k»' b='c'/>",
        "<a><!-- api_key=«k» --></a>",
        '--b\r\nContent-Disposition: form-data; name="api_key"\r\n\r\n«a b»\r\n--b--',
        "x: http://h/x?api_key=«secret99»\ny: «secret99» secret9.",
        "X-Auth-Token: «abc def»\ntoken ring: x",
        "the key is api_user",
        "keyboard=x monkey: y",
        "",
    ],
)
def test_what_is_hidden_in_a_text(marked: str) -> None:
    text = marked.replace("«", "").replace("»", "")
    assert redacted(text.encode()).decode() == re.sub("«.*?»", "***", marked)


def test_a_number_that_is_a_secret_becomes_a_text() -> None:
    given = b'{"api_key":12.5,"token":null,"auth":{"n":7}}'
    assert redacted(given) == b'{"api_key":"***","token":null,"auth":{"n":"***"}}'


@pytest.mark.parametrize(
    "text",
    [
        '{"email":"%s"}',
        '{"reason":"550 <%s>: unknown"}',
        "<a><email>%s</email></a>",
        "<a><email> %s\n</email></a>",
        "GET /x?a=1&email=%s&b=2 HTTP/1.1",
        "/v3/suppression/bounces/%s",
        "To: '%s', and more",
        '{"msg":"{\\"email\\":\\"%s\\"}"}',
        "user=%s&task=get",
        '{"%s":1}',
    ],
)
def test_an_address_becomes_the_same_fake_wherever_it_stands(text: str) -> None:
    fake = Anonymiser("salt").address("isaac@hotmail.comm")
    assert re.fullmatch("[a-z]{5}@[a-z]{7}[.]comm", fake)
    assert anonymised((text % "isaac@hotmail.comm").encode()).decode() == text % fake


def test_escapes_of_an_address_stay_escapes() -> None:
    fake = Anonymiser("salt").address("isaac@hotmail.comm")
    percent = fake.replace("@", "%40")
    assert anonymised(b"/x?user=isaac%40hotmail.comm").decode() == f"/x?user={percent}"
    assert anonymised(b"to isaac%2540hotmail.comm").decode() == f"to {percent.replace('%', '%25')}"
    entities = b"<a><email>isaac&#64;hotmail<!-- x -->.comm</email></a>"
    local, _, domain = fake.partition("@")
    assert anonymised(entities).decode() == (
        f"<a><email>{local}&#64;{domain[:7]}<!-- x -->.comm</email></a>"
    )
    escaped = anonymised(b'{"email":"isaac\\u0040hotmail.comm"}').decode()
    assert escaped == f'{{"email":"{local}\\u0040{domain}"}}'


def test_an_address_without_an_at_sign_is_replaced_where_one_is_expected() -> None:
    fake = Anonymiser("salt").address("brandon")
    given = '[{"email":"brandon","reason":"brandon"}]'
    assert anonymised(given.encode()).decode() == f'[{{"email":"{fake}","reason":"brandon"}}]'


def test_the_host_of_a_spam_report_is_replaced_by_one_of_documentation() -> None:
    given = b'[{"ip":"93.184.216.34","email":"x@y.example"}]'
    (record,) = json.loads(anonymised(given))
    assert record["ip"].startswith(("198.51.100.", "203.0.113."))
    assert len(record["ip"]) == len("93.184.216.34")


# Properties of payloads.


def described(data: bytes) -> list[tuple[str, str]]:
    """The problems of a payload by rule and path."""
    return [(problem.rule, problem.location.path) for problem in validate(data)]


def check_same(data: bytes) -> None:
    """An anonymised payload has the same problems and, addresses aside, the same meaning."""
    try:
        new = anonymised(data)
    except CaptureError:  # What begins as a compressed file, or is no text in its encoding.
        return
    assert described(new) == described(data)
    try:
        old, read = parse(data, mode="lax"), parse(new, mode="lax")
    except SgformatsError:
        return
    assert type(read) is type(old)
    if isinstance(old, Listing) and isinstance(read, Listing):
        assert len(read.records) == len(old.records)
        for before, after in zip(old.records, read.records, strict=True):
            assert after.created == before.created
            assert len(after.email) == len(before.email)
            assert outline(after.email) == outline(before.email)
            for name in ("reason", "status"):
                text = getattr(before, name, "")
                if "@" not in text:
                    assert getattr(after, name, "") == text


def outline(text: str) -> str:
    """The shape of an address: cases, digits, and all that is neither letter nor digit."""
    return "".join(
        "a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else "x" if c.isalnum() else c
        for c in text
    )  # fmt: skip


@given(payloads())
def test_a_valid_payload_stays_valid_and_without_secrets_the_same(
    written: tuple[object, bytes],
) -> None:
    assert redacted(written[1]) == written[1]
    check_same(written[1])


@given(mutated(payloads()))
def test_an_invalid_payload_stays_invalid_in_the_same_way(data: bytes) -> None:
    check_same(data)


@given(payloads(), st.floats(0, 1))
def test_a_cut_payload_stays_cut_in_the_same_place(
    written: tuple[object, bytes], at: float
) -> None:
    check_same(written[1][: int(len(written[1]) * at)])


@given(hostile(many=300))
def test_hostile_bytes_stay_what_they_are(data: bytes) -> None:
    check_same(data)


@pytest.mark.parametrize("lead", ["", '{"x":"', "interactions:\n- a: ", "<a>", "GET http://x/?"])
def test_long_repetitions_take_no_square_of_their_length(lead: str) -> None:
    pieces = (
        *('"', '\\"', "\\", "<", "<!--", "<![CDATA[", "&", "=", "a=b&", 'api_key="', "Cookie: "),
        *("cookie: x; ", "{", "[", '{"a":', "%40", "a%40", "a@", "a'", "//a:b@", "- ", "\n", "'"),
        *('name="x"\r\n\r\n--', "AAAA ", "x@y.z ", "Authorization: Basic ", "/v3/suppression/x/"),
    )
    for piece in pieces:
        data = (lead + piece * (20_000 // len(piece))).encode()
        assert redacted(redacted(data)) == redacted(data)


# YAML.

STYLES = st.sampled_from([None, "'", '"', "|", ">"])


@given(
    st.lists(st.text(max_size=30), min_size=2, max_size=4),
    STYLES,
    st.booleans(),
    st.integers(10, 90),
)
def test_yaml_reads_the_same_but_for_what_is_hidden(
    around: list[str], style: str | None, plain: bool, width: int
) -> None:
    text = " api_key=hunter22 ".join(around)
    dumped = yaml.safe_dump(
        {"a": [text, "b"], "c": {"d": text}}, default_style=style, allow_unicode=plain, width=width
    )
    new = redacted(dumped.encode("utf-8", "surrogatepass"), kind="vcr").decode()
    hidden = text.replace("hunter22", "***")
    assert yaml.safe_load(new) == {"a": [hidden, "b"], "c": {"d": hidden}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("api_key: k\n", 'api_key: "***"\n'),
        ("api_key: 'k'\n", "api_key: '***'\n"),
        ("a: &x api_key=k\nb: *x\n", "a: &x api_key=***\nb: *x\n"),
        ("api_key: &x !!str k\n", 'api_key: &x !!str "***"\n'),
        ("a: {api_key: k, b: [c]}\n", 'a: {api_key: "***", b: [c]}\n'),
        ("Cookie:\n  - a=b\n  - c=d\nx: a=b\n", "Cookie:\n  - a=***\n  - c=***\nx: a=b\n"),
        ("a: |-\n  x\n\n  api_key=k\nb: 1\n", "a: |-\n  x\n\n  api_key=***\nb: 1\n"),
        ("a: |\r\n  api_key=k\r\n  x\r\n", "a: |\r\n  api_key=***\r\n  x\r\n"),
        ("a: |2\n   api_key=k\n", 'a: " api_key=***\\n"\n'),
        ("a: 'x\n\n  api_key=k'\n", "a: 'x\n\n  api_key=***'\n"),
        ('a: "\\x61pi_key=k \\\n  x"\n', 'a: "\\x61pi_key=*** \\\n  x"\n'),
        ("- x: [\n- api_key: k\n", '- x: [\n- api_key: "***"\n'),
        ("a: 'api_key=k\n", "a: 'api_key=***\n"),
        ("[" * 300 + "api_key=k", "[" * 300 + "api_key=***"),
        ("a: \x01\napi_key: k\n", 'a: \x01\napi_key: "***"\n'),
    ],
)
def test_what_is_hidden_in_yaml(given: str, expected: str) -> None:
    assert redacted(given.encode(), kind="vcr").decode() == expected


# Bodies, lengths, digests.


def test_a_length_that_is_told_stays_right() -> None:
    data = yaml.safe_load(redacted(CAPTURES["vcr.yaml"]))
    assert data["interactions"][0]["request"]["body"].startswith("api_user=***&api_key=***&")
    entry = {
        "request": {
            "headers": [{"name": "Content-Length", "value": str(len(FORM))}],
            "bodySize": len(FORM),
            "postData": {"text": FORM},
        }
    }
    out = json.loads(redacted(json.dumps({"log": {"entries": [entry]}}).encode()))
    request = out["log"]["entries"][0]["request"]
    size = len(request["postData"]["text"])
    assert size < len(FORM)
    assert request["headers"][0]["value"] == str(size)
    assert request["bodySize"] == size


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
@pytest.mark.parametrize("make", [redacted, anonymised])
def test_digests_and_lengths_of_a_warc_are_right(
    name: str, make: Callable[[bytes, str], bytes], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make(CAPTURES[name], name))
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("digest pass")) == (0, 6), done.stdout
    index = [sys.executable, "-m", "warcio.cli", "index", str(path)]
    rows = subprocess.run(index, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(rows) == 6  # A record, a member of its own.


def test_a_chunked_body_stays_chunked() -> None:
    out = redacted(CAPTURES["crawl.warc"])
    last = out.rpartition(b"Transfer-Encoding: chunked\r\n\r\n")[2]
    size, _, body = last.partition(b"\r\n")
    assert body[int(size, 16) :] == b"\r\n0\r\n\r\n\r\n\r\n"


def test_a_compressed_body_that_is_cut_stays_cut() -> None:
    packed = gzip.compress(JSON.encode() * 50, mtime=0)[:-30]
    line = json.dumps({"url": URL, "body_base64": b64(packed)}).encode() + b"\n"
    out = redacted(line)
    assert left(out, SECRETS) == []
    (before,), (after,) = ([*read_captures_of(data)] for data in (line, out))
    assert before.fault is not None
    assert after.fault is not None
    assert after.fault.rule == before.fault.rule == "unreadable-body"


def read_captures_of(data: bytes) -> list[Exchange]:
    """The exchanges of JSON lines."""
    return list(read_capture(io.BytesIO(data), name="x.jsonl"))


def test_a_body_that_cannot_be_looked_into_is_counted() -> None:
    packed = gzip.compress(b" " * 2000)
    line = json.dumps({"url": "/x", "body_base64": b64(packed)}).encode() + b"\n"
    done = redact_stream(io.BytesIO(line), "x", lambda data: None, max_bytes=1000)
    assert done == Redaction(files=1, changed=0, places=0, opaque=1)
    done = redact_stream(io.BytesIO(line), "x", lambda data: None, max_bytes=2000)
    assert done.opaque == 0


def test_a_record_that_is_no_record_ends_a_warc() -> None:
    data = CAPTURES["crawl.warc"] + b"api_key=hunter22\r\n\r\n"
    parts: list[bytes] = []
    with pytest.raises(CaptureError) as caught:
        redact_stream(io.BytesIO(data), "x.warc", parts.append)
    assert (caught.value.reason, caught.value.offset) == (
        "expected a WARC record, found other bytes",
        len(CAPTURES["crawl.warc"]),
    )
    assert b"".join(parts) == redacted(CAPTURES["crawl.warc"])


def test_a_body_in_zstandard_is_looked_into() -> None:
    packed = zstandard.ZstdCompressor().compress(b'{"message":"api_key=hunter22"}')
    line = json.dumps({"body_base64": b64(packed)}).encode()
    new = base64.b64decode(json.loads(redacted(line, kind="jsonl"))["body_base64"])
    assert PACKERS[".zst"][1](new) == b'{"message":"api_key=***"}'
    for damaged, changed in ((packed[:-4], 1), (packed[:4] + b"\0" * 40, 0)):
        line = json.dumps({"body_base64": b64(damaged)}).encode()
        parts: list[bytes] = []
        done = redact_stream(io.BytesIO(line), "x.jsonl", parts.append)
        assert (done.changed, done.opaque) == (changed, 1)
        assert left(b"".join(parts), SECRETS) == []


def test_a_letter_that_an_encoding_lacks_becomes_a_reference() -> None:
    data = (
        '<?xml version="1.0" encoding="ISO-8859-2"?><unsubscribes><unsubscribe>'
        "<email>\u010d\u017e\u0161@mail.cz</email></unsubscribe></unsubscribes>"
    ).encode("iso-8859-2")
    new = anonymised(data)
    assert validate(new, "unsubscribes.get") == []
    (record,) = parse(new, "unsubscribes.get").records  # type: ignore[union-attr]
    assert re.fullmatch(r"\w{3}@[a-z]{4}\.cz", record.email)
    assert b"&#" in new
    assert "\u010d" not in record.email


def test_digests_of_every_known_kind_are_made_again() -> None:
    block = b"api_key=hunter22"
    head = b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Block-Digest: %b\r\nContent-Length: 16\r\n\r\n"
    hidden = b"api_key=***"
    for name in ("md5", "sha-256", "SHA1"):
        plain = name.replace("-", "").lower()
        old, new = (hashlib.new(plain, data).hexdigest() for data in (block, hidden))
        data = head % f"{name}:{old}".encode() + block + b"\r\n\r\n"
        assert redacted(data) == (
            head.replace(b"16", b"11") % f"{name}:{new}".encode() + hidden + b"\r\n\r\n"
        )
    unknown = redacted(head % b"blake9:abc" + block + b"\r\n\r\n")
    assert unknown == (
        b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 11\r\n\r\n" + hidden + b"\r\n\r\n"
    )


def test_a_record_that_is_cut_is_searched_as_far_as_it_goes() -> None:
    data = b"WARC/1.0\r\nContent-Length: 99\r\n\r\napi_key=hunter22"
    parts: list[bytes] = []
    with pytest.raises(CaptureError, match="expected 99 bytes in a WARC record, found 16"):
        redact_stream(io.BytesIO(data), "x", parts.append)
    assert b"".join(parts) == b"WARC/1.0\r\nContent-Length: 11\r\n\r\napi_key=***"


# Files.

PACKERS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    ".gz": (gzip.compress, gzip.decompress),
    ".bz2": (bz2.compress, bz2.decompress),
    ".xz": (lzma.compress, lzma.decompress),
    ".zst": (
        lambda data: zstandard.ZstdCompressor().compress(data),
        lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    ),
}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_compressed_capture_stays_compressed_in_its_way(suffix: str, tmp_path: Path) -> None:
    pack, unpack = PACKERS[suffix]
    source = tmp_path / f"calls.jsonl{suffix}"
    source.write_bytes(pack(CAPTURES["calls.jsonl"]))
    target = tmp_path / "out" / source.name
    assert redact_capture(source, target) == Redaction(1, 1, 4, 0)
    assert unpack(target.read_bytes()) == redacted(CAPTURES["calls.jsonl"])
    # What has nothing to hide is the same file, not another compression of it.
    clean = target.read_bytes()
    assert redact_capture(target, target) == Redaction(1, 0, 0, 0)
    assert target.read_bytes() == clean


def test_a_folder_is_redacted_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a/b/calls.jsonl", "client.log", ".hidden"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CAPTURES.get(path.name, b"api_key=hunter22"))
    folder.joinpath("clean.json").write_bytes(b"[]")
    assert redact_capture(folder, tmp_path / "out") == Redaction(3, 2, 5, 0)
    found = sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")
    )
    assert found == ["a/b/calls.jsonl", "clean.json", "client.log"]
    assert (tmp_path / "out/client.log").read_bytes() == redacted(CAPTURES["client.log"])
    assert redact_capture(folder, folder / "inside") == Redaction(3, 2, 5, 0)


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    tmp_path.joinpath("a.log").symlink_to(tmp_path / "nowhere")
    tmp_path.joinpath("b.log").write_bytes(b"api_key=hunter22")
    with pytest.raises(CaptureError, match="No such file"):
        redact_capture(tmp_path, tmp_path / "out")
    assert (tmp_path / "out" / "b.log").read_bytes() == b"api_key=***"


def test_one_anonymiser_gives_the_same_fakes_in_every_file(tmp_path: Path) -> None:
    fake = Anonymiser()
    for name in ("a.json", "b.json"):
        tmp_path.joinpath(name).write_bytes(JSON.encode())
    redact_capture(tmp_path, tmp_path, anonymise=fake)
    first, second = (tmp_path.joinpath(name).read_bytes() for name in ("a.json", "b.json"))
    assert first == second != JSON.encode()


def test_a_damaged_capture_is_written_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    source, target = tmp_path / "cut.jsonl.gz", tmp_path / "out.jsonl.gz"
    source.write_bytes(gzip.compress(CAPTURES["calls.jsonl"])[:-20])
    with pytest.raises(CaptureError, match="gzip"):
        redact_capture(source, target)
    written = gzip.decompress(target.read_bytes())
    assert written.count(b"\n") in (2, 3, 4)
    assert left(written, SECRETS) == []


def test_what_cannot_be_read_or_written_is_a_capture_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="No such file"):
        redact_capture(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    tmp_path.joinpath("x.json").write_bytes(b"[]")
    tmp_path.joinpath("folder").mkdir()
    with pytest.raises(CaptureError, match="cannot write it: Is a directory"):
        redact_capture(tmp_path / "x.json", tmp_path / "folder")
    with pytest.raises(CaptureError, match="cannot write it: "):
        redact_capture(tmp_path / "x.json", tmp_path / "x.json" / "y")
    with pytest.raises(CaptureError, match="cannot write it: embedded null byte"):
        redact_capture(tmp_path / "x.json", "a\0b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x.json"]


def test_a_kind_that_there_is_not_is_the_callers_fault(tmp_path: Path) -> None:
    tmp_path.joinpath("x.json").write_bytes(b"[]")
    with pytest.raises(ArgumentError, match='found "csv"'):
        redact_capture(tmp_path / "x.json", tmp_path / "y.json", kind="csv")
    assert not (tmp_path / "y.json").exists()


def test_a_kind_can_be_named(tmp_path: Path) -> None:
    text = b"Cookie:\n- a=b\n- c=d\n"
    assert redacted(text, kind="vcr") == b"Cookie:\n- a=***\n- c=***\n"
    assert KEY not in redacted(CAPTURES["browser.har"], kind="har").decode()


def test_redacting_a_capture_again_reads_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(CAPTURES["calls.jsonl"])
    redact_capture(path, path)
    assert [exchange.status for exchange in read_captures(path)] == [200, 200, 200, 200]


def test_nothing_outside_the_folder_that_was_named_is_written(tmp_path: Path) -> None:
    """Links come with a cloned repository or an unpacked archive."""
    captures, outside = tmp_path / "captures", tmp_path / "outside"
    outside.mkdir()
    (captures / "sub").mkdir(parents=True)
    log = b'{"url":"http://h/api/bounces.get.json?api_user=u&api_key=hunter2hunter2","body":"[]"}\n'
    for name in ("a.jsonl", "b.jsonl"):
        (outside / name).write_bytes(log)
    (captures / "a.jsonl").symlink_to("../outside/a.jsonl")
    (captures / "sub" / "b.jsonl").write_bytes(log)
    redact_capture(captures, captures)
    assert not (captures / "a.jsonl").is_symlink()
    assert (captures / "a.jsonl").read_bytes() == log.replace(b"hunter2hunter2", b"***").replace(
        b"=u&", b"=***&"
    )
    made = tmp_path / "made"
    made.mkdir()
    (made / "sub").symlink_to("../outside")
    with pytest.raises(CaptureError) as caught:
        redact_capture(captures, made)
    assert str(caught.value) == (
        f"{made}/sub/b.jsonl: cannot write it: a link leads out of the output folder"
    )
    assert (made / "a.jsonl").is_file()
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == {
        "a.jsonl": log,
        "b.jsonl": log,
    }
