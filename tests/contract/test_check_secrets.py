"""No secret of a call is in the outcome of its check."""

from __future__ import annotations

import random
import string
from typing import Any
from urllib.parse import quote

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sgformats.contract.frame import Frame
from sgformats.hiding import Secrets
from sgformats.request import Request
from tests.contract.checkkit import KEYS, line, lines, run


def test_a_known_secret_is_hidden_even_without_its_name() -> None:
    call = Request.parse("/api/bounces.get.json?api_user=someone@x.y&api_key=s3cr3t/word")
    secrets = Secrets(call)
    assert secrets.hide("bad s3cr3t/word for someone@x.y") == "bad *** for ***"
    assert secrets.hide("s3cr3t\\/word s3cr3t%2Fword someone%40x.y") == "*** *** ***"
    # Parts of a key if they are long enough; the user's name as a whole or clipped.
    assert secrets.hide('"s3cr3t/w…" "3cr3t/x" "someone…" "x.y"') == '"***…" "***x" "***…" "x.y"'
    assert secrets.mask(b"<a>s3cr3t/word</a>") == b"<a>***********</a>"
    wide = "é s3cr3t/word".encode("utf-16-le")
    assert secrets.mask(wide).decode("utf-16-le") == "é ***********"
    # Words of the API, and values that are too short to be certain, stay.
    other = Secrets(Request.parse("/api/bounces.get.json?api_user=bounces&api_key=kkk"))
    assert other.hide("bounces kkk") == "bounces kkk"
    assert Secrets(None).hide("api_key=kkk") == "api_key=***"


def test_secrets_of_the_call_are_hidden_in_its_answer() -> None:
    url = "/api/invalidemails.get.json?api_user=someone-here&api_key=hunter2hunter2"
    body = (
        '[{"email":"a","reason":"r","created":"hunter2hunter2",\n'
        '"hunter2hunter2":"","someone-here x":""}]'
    )
    outcomes, _ = run(lines(line(url, body)))
    findings = [f for f in outcomes[1].findings if f.problem.rule != "secret-in-url"]
    assert [(f.problem.message, f.problem.location.path) for f in findings] == [
        ("the record has created, but the call did not say date=1", "[0].created"),
        ('expected YYYY-MM-DD HH:MM:SS, found "***"', "[0].created"),
        ('unexpected field "***"', "[0].***"),
        ('unexpected field "*** x"', "[0].*** x"),
    ]
    assert [f.problem.found for f in findings[1:3]] == ['"***"', 'field "***"']
    assert findings[2].frame == Frame(
        '   2 | "**************":"","************ x":""}]', "     | ", " [0].***"
    )
    assert findings[2].problem.location.native == "/0/***"


def test_a_lone_surrogate_of_a_call_is_escaped() -> None:
    outcomes, _ = run(lines(line(f"/api/bounces.get.json?{KEYS}&%ff=1")))
    (finding,) = outcomes[1].findings
    assert finding.problem.location.path == "\\udcff"
    assert finding.problem.message == 'unexpected parameter "\\udcff"'


ALPHABET = string.ascii_letters + string.digits
NAMES = ("api_key", "api;_key", "API_KEY", "api%5Fkey", "amp;api_key", "api_user", "api;_user")
BODIES = (
    '{{"message":"bad password {0} of {0}"}}',
    '[{{"email":"{0}","reason":"r","{0}":1,"created":"{0}"}}]',
    '[{{"email":5,"api_key":"{0}","reason":"http://u:{0}@h/?api_key={0}&x"}}]',
    "<result>{0}</result>",
    "<invalidemails><{0}/><invalidemail a='{0}'>{0}</invalidemail></invalidemails>",
    "<html>{0}",
    "api_key={0} is wrong; {0}",
    '{{"error":{{"code":"{0}","message":"{0}"}}}}',
    '[{{"email":"a","reason":"r","created":"' + 50 * "x" + '{0}"}}]',
    "{0}",
    '{{"{0}',
)


@st.composite
def leaks(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A secret, and lines of a capture with it in every possible place."""
    chance = random.Random(draw(st.integers(0, 10**9)))
    secret = "".join(chance.choices(ALPHABET, k=draw(st.integers(12, 30))))
    if draw(st.booleans()):
        secret = secret[:6] + draw(st.sampled_from("@/+é&")) + secret[6:]
    body = draw(st.sampled_from(BODIES)).format(secret)
    escaped = quote(secret, safe=draw(st.sampled_from(("", "@/"))))
    name = draw(st.sampled_from(NAMES))
    path = draw(st.sampled_from(("/api/invalidemails.get.json", "/v3/suppression/bounces", "/x/y")))
    host = draw(
        st.sampled_from(("", "https://h", f"https://{escaped}@h", f"https://u:{escaped}@h"))
    )
    pairs = f"{name}={escaped}&limit=0&x={draw(st.sampled_from(('', escaped)))}"
    places: list[dict[str, Any]] = [
        {"url": f"{host}{path}?a=b&{pairs}"},
        {"url": f"{host}{path}", "request_body": pairs, "verb": "POST"},
        {"url": f"{host}{path}?a=b&{pairs}", "body": None},
    ]
    made = [
        line(**{"body": body, "status": draw(st.sampled_from((200, 500))), **p}) for p in places
    ]
    return secret, made


@given(leaks(), st.sampled_from((40, 100)))
def test_no_secret_is_in_any_outcome(drawn: tuple[str, list[bytes]], width: int) -> None:
    secret, made = drawn
    key = b"key=" in made[0]
    outcomes, summary = run(lines(*made), width=width)
    assert summary.exchanges == 1 + len(made)
    text = msgspec.json.encode([outcomes, summary]).decode() + repr(outcomes)
    pieces = (secret[:6], secret[-6:]) if key else ()
    for part in (secret, quote(secret), *pieces):
        assert part not in text
