"""In a redacted capture no secret remains, nothing else changes, and nothing breaks.

docs/design.md, promise 7: "No secret reaches any output, message, report or log."
"""

from __future__ import annotations

import io
import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sgformats.codec import parse, validate
from sgformats.contract import check_captures
from sgformats.errors import CaptureError, SgformatsError
from sgformats.records import Listing, Reply
from sgformats.redact import Anonymiser, redact_capture, redact_stream
from sgformats.secrets.names import STEMS, fold
from sgformats.testing import CaptureCase, load_capture_cases
from sgformats.testing.strategies import hostile, mutated, payloads
from tests.redact.redactkit import (
    ADDRESSES,
    CAPTURES,
    SECRETS,
    anonymised,
    redacted,
    remaining,
)

NAMES = pytest.mark.parametrize("name", CAPTURES)
SALT = Anonymiser("salt")


@NAMES
def test_no_secret_is_left_in_any_kind(name: str) -> None:
    assert remaining(CAPTURES[name], SECRETS[:1]) == ["hunter22"]
    assert remaining(redacted(CAPTURES[name], name), SECRETS) == []
    assert remaining(anonymised(CAPTURES[name], name), (*SECRETS, *ADDRESSES)) == []


@NAMES
def test_a_capture_without_secrets_stays_the_same_to_the_byte(name: str) -> None:
    clean = redacted(CAPTURES[name], name)
    assert redacted(clean, name) == clean


@NAMES
def test_addresses_stay_without_an_anonymiser(name: str) -> None:
    assert remaining(redacted(CAPTURES[name], name), ADDRESSES) == sorted(ADDRESSES)


@NAMES
def test_user_names_can_be_kept(name: str) -> None:
    kept = redacted(CAPTURES[name], name, keep_user=True)
    assert remaining(kept, SECRETS) == ["acme-reseller"]


@NAMES
def test_a_redacted_capture_has_the_same_exchanges(name: str, tmp_path: Path) -> None:
    assert outcomes(tmp_path / name, CAPTURES[name]) == outcomes(
        tmp_path / name, redacted(CAPTURES[name], name)
    )
    # The filter and the records get the same fakes, so rules that compare them still hold.
    assert outcomes(tmp_path / name, CAPTURES[name]) == outcomes(
        tmp_path / name, anonymised(CAPTURES[name], name)
    )


def outcomes(path: Path, data: bytes) -> list[object]:
    """The result of a check for each exchange, without the rule on secrets in URLs."""
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
def test_a_capture_of_the_corpus_has_the_same_exchanges(
    case: CaptureCase, anonymise: Anonymiser | None, tmp_path: Path
) -> None:
    target = tmp_path / case.name
    with suppress(CaptureError):  # The capture is damaged, and stays so.
        redact_capture(case.path, target, anonymise=anonymise, fields=case.fields)
    new = target.read_bytes()
    assert remaining(new, ("obviously-fake-password", "Correct-Horse-9")) == []
    before, after = outcomes(target, case.path.read_bytes()), outcomes(target, new)
    assert after == (
        before if target.suffix != ".xz" else before[:-1]
    )  # Its compression is complete again.
    assert len(case.exchanges) <= len(before)


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in CAPTURES if name != "crawl.warc.gz"])
def test_no_secret_is_left_in_a_capture_that_is_cut_anywhere(name: str) -> None:
    data = CAPTURES[name]
    for cut in range(7, len(data), max(1, len(data) // 60)):
        parts: list[bytes] = []
        try:
            redact_stream(io.BytesIO(data[:cut]), name, parts.append, anonymise=SALT)
        except CaptureError:
            assert name.startswith("crawl.warc")
        # An address that is cut before its @ is not recognised.
        assert remaining(b"".join(parts), (*SECRETS, ADDRESSES[-1])) == [], cut


# Secrets are marked «…».
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
def test_only_the_secrets_in_a_text_are_hidden(marked: str) -> None:
    text = marked.replace("«", "").replace("»", "")
    assert redacted(text.encode()).decode() == re.sub("«.*?»", "***", marked)


def test_a_secret_number_becomes_a_string() -> None:
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
def test_an_address_has_the_same_fake_everywhere(text: str) -> None:
    fake = Anonymiser("salt").address("isaac@hotmail.comm")
    assert re.fullmatch("[a-z]{5}@[a-z]{7}[.]comm", fake)
    assert anonymised((text % "isaac@hotmail.comm").encode()).decode() == text % fake


def test_a_malformed_address_in_a_path_has_a_fake_too() -> None:
    fake = Anonymiser("salt").address("isaac.hotmail")
    assert fake != "isaac.hotmail"
    path = "GET /v3/suppression/bounces/%s HTTP/1.1"
    assert anonymised((path % "isaac.hotmail").encode()).decode() == path % fake


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


def test_the_value_of_an_email_field_is_replaced_without_an_at_sign() -> None:
    fake = Anonymiser("salt").address("brandon")
    given = '[{"email":"brandon","reason":"brandon"}]'
    assert anonymised(given.encode()).decode() == f'[{{"email":"{fake}","reason":"brandon"}}]'


def test_the_ip_of_a_spam_report_becomes_a_documentation_address() -> None:
    given = b'[{"ip":"93.184.216.34","email":"x@y.example"}]'
    (record,) = json.loads(anonymised(given))
    assert record["ip"].startswith(("198.51.100.", "203.0.113."))
    assert len(record["ip"]) == len("93.184.216.34")


# Properties of payloads.
DAMAGE = ("\x7f", *map(chr, range(0x80, 0xA0)), "\ufffd")


def described(data: bytes) -> list[tuple[str, str]]:
    """The problems of a payload by rule and path."""
    return [(problem.rule, problem.location.path) for problem in validate(data)]


def check_same(data: bytes) -> None:
    """An anonymised payload has the same problems and, addresses aside, the same meaning.

    Words that look like parts of torn keys are hidden first, since they may be names of fields.
    """
    try:
        data = redacted(data)
        new = anonymised(data)
    except CaptureError:  # Looks compressed, or is not text in its encoding.
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
    """The shape of an address: cases, digits and other characters."""
    return "".join(
        "a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else "x" if c.isalnum() else c
        for c in text
    )  # fmt: skip


@given(payloads())
def test_a_valid_payload_stays_valid_and_the_same_without_secrets(
    written: tuple[Reply, bytes],
) -> None:
    reply, data = written
    # A text with a part of a secret's name, or with damage, may look like a torn key.
    assume(not any(part in fold(reply.to_json()) for part in (*STEMS, *DAMAGE)))
    assert redacted(data) == data
    check_same(data)


@given(mutated(payloads()))
def test_an_invalid_payload_stays_invalid_in_the_same_way(data: bytes) -> None:
    check_same(data)


@given(payloads(), st.floats(0, 1))
def test_a_cut_payload_stays_cut_in_the_same_place(
    written: tuple[object, bytes], at: float
) -> None:
    check_same(written[1][: int(len(written[1]) * at)])


@given(hostile(many=300))
def test_hostile_bytes_keep_their_problems(data: bytes) -> None:
    check_same(data)


@pytest.mark.thorough
@pytest.mark.parametrize("lead", ["", '{"x":"', "interactions:\n- a: ", "<a>", "GET http://x/?"])
def test_long_repetitions_are_redacted_quickly(lead: str) -> None:
    pieces = (
        *('"', '\\"', "\\", "<", "<!--", "<![CDATA[", "&", "=", "a=b&", 'api_key="', "Cookie: "),
        *("cookie: x; ", "{", "[", '{"a":', "%40", "a%40", "a@", "a'", "//a:b@", "- ", "\n", "'"),
        *('name="x"\r\n\r\n--', "AAAA ", "x@y.z ", "Authorization: Basic ", "/v3/suppression/x/"),
    )
    for piece in pieces:
        data = (lead + piece * (20_000 // len(piece))).encode()
        assert redacted(redacted(data)) == redacted(data)
