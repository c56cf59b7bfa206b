"""Every spelling of a secret is hidden in messages and by `redact`."""

from __future__ import annotations

import pytest

from sgformats.redaction import shown_url
from sgformats.request import Request
from sgformats.secrets import kind_of, looks_like_a_key, without_secrets
from tests.secrets.secretskit import redacted

KEY = "k3y-of-Nobody"
NAMES = (
    *("api_key", "apikey", "API-KEY", "x-api-key", "SENDGRID_API_KEY", "api;_key", "api%5Fkey"),
    *("password", "passwd", "pass", "pwd", "passphrase", "secret", "client_secret", "token"),
    *("access_token", "auth_token", "refresh_token", "key", "private_key", "auth", "authorization"),
    *("sid", "session", "sessionid", "csrf", "xsrf", "signature", "credentials", "bearer", "jwt"),
)
SHARED = (
    "GET /api/bounces.get.json?N=V&date=1",
    'curl -d "N=V" https://h.example/x',
    '{"N": "V", "date": 1}',
    "{'N': 'V', 'date': 1}",
    "call(N='V', date=1)",
    "[N] => V",
    '["N"]=>\n  string(13) "V"\n}',
    "'N' => 'V',",
    ':N=>"V", :date=>1',
    "export N=V",
    "node x.js --N V --date 1",
    "node x.js --N=V --date 1",
    '<input type="hidden" name="N" value="V">',
    "<input value='V' name='N'/>",
    "<N>V</N>",
    'form-data; name="N"\r\n\r\nV\r\n--x',
    '{"key":"N","value":"V"}',
    '{"name": "N", "in": "query", "value": "V"}',
    '{"value":"V","key":"N"}',
    '{"name":"N","values":["V"]}',
    '{"key":"N","about":{"value":"a"},"value":"V"}',
    '{"value":"V","about":{"a":1},"name":"N"}',
    '{"name":"N","about":"' + "a " * 300 + '","value":"V"}',
    '{"key":"N","value":{"text":"V"}}',
    "name=N value=V",
    "- name: N\n  value: V",
)
FORMS = {
    "curl -u joe:V https://h.example/x": "curl -u ***:*** https://h.example/x",
    'curl --user "joe:V" x': 'curl --user "***:***" x',
    "https://joe:V@h.example/x": "https://***@h.example/x",
    "next=https%3A%2F%2Fjoe%3AV%40h.example": "next=https%3A%2F%2F***%40h.example",
    "Authorization: Token V": "Authorization: Token ***",
    "Proxy-Authorization: Basic V": "Proxy-Authorization: Basic ***",
    "X-Api-Key: V": "X-Api-Key: ***",
    "-H 'X-Api-Key: V' x": "-H 'X-Api-Key: ***' x",
    "define('API_KEY', 'V');": "define('API_KEY', '***');",
    'os.environ["API_KEY"] = "V"': 'os.environ["API_KEY"] = "***"',
    "password: V": "password: ***",
    '{"api_key":{"equalTo":"V"}}': '{"api_key":{"***":"***"}}',
    '{"password":[{"is":"exact","to":"V"}],"a":"b"}': '{"password":[{"is":"***","to":"***"}],"a":"b"}',
    '{"secret":{"a":null,"b":["V",true]},"c":"d"}': '{"secret":{"a":null,"b":["***",true]},"c":"d"}',
    '{"api_key":["ab","V"],"a":["b"]}': '{"api_key":["***","***"],"a":["b"]}',
    '{"key":["ab","V"]}': '{"key":["***","***"]}',
    '{"client_secret":{"S":"V"': '{"client_secret":{"S":"***"',
    "password: {equals: V, a: b}": "password: {equals: ***, a: ***}",
    "password={ab:V": "password=***",
    'a:1:{s:7:"api_key";s:13:"V";}': 'a:1:{s:7:"api_key";s:13:"***";}',
}
BARE = "SG." + "aB3-_" * 4 + "xY.Q" + "zY9_-" * 8 + "q7"
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmVk"


@pytest.mark.parametrize("form", SHARED)
def test_every_name_is_hidden_in_every_form(form: str) -> None:
    for name in NAMES:
        if "%" in name and "?" not in form:
            continue
        text = form.replace("N", name).replace("V", KEY)
        assert without_secrets(text) == text.replace(KEY, "***")
        assert redacted(text.encode(), "x.log") == text.replace(KEY, "***")


@pytest.mark.parametrize(("form", "shown"), FORMS.items(), ids=FORMS)
def test_other_spellings_are_hidden(form: str, shown: str) -> None:
    text = form.replace("V", KEY)
    assert without_secrets(text) == shown
    assert redacted(text.encode(), "x.log") == shown


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_secret_in_urls_messages_and_requests(name: str) -> None:
    assert kind_of(name) in ("secret", "authorization")
    url = f"/api/bounces.get.json?{name}={KEY}&date=1"
    assert shown_url(url).count(KEY) == without_secrets(url).count(KEY) == 0
    assert KEY not in str(Request.parse(url).redacted().encode())


@pytest.mark.parametrize("secret", [BARE, TOKEN])
def test_a_recognisable_token_is_hidden_without_a_name(secret: str) -> None:
    for text in (f"bad value {secret} here", f'[{{"reason": "no {secret}"}}]'):
        assert without_secrets(text, prose=True) == text.replace(secret, "***")
        assert redacted(text.encode(), "x.log") == text.replace(secret, "***")


@pytest.mark.parametrize(
    "text",
    [
        "invalid token: mailbox not found",
        "token is a word in a reason; so is key, and so is pass",
        "missing parameter api_key, see https://h.example/?user=a@b.example",
        "GET /api/bounces.get.json?date=1&user=bob&v=2",
        "550 5.1.1 <a1b2c3d4@h.example>: user unknown; api-7f.mx.h.example said so",
        "2010-01-01T10:00:00Z 200 GET https://h.example/api/blocks.get.xml HTTP/1.1",
        "the monkey's keyboard, inside a basic passage",
        '{"key":{"id":"a"}}',
    ],
)
def test_harmless_text_is_kept(text: str) -> None:
    assert without_secrets(text) == text
    assert redacted(text.encode(), "x.log") == text


def test_names_with_letters_that_fold_to_ascii_are_secret() -> None:
    assert (
        without_secrets("ap\u0130_\u212aey=V1 pa\u017fsword=V2")
        == "ap\u0130_\u212aey=*** pa\u017fsword=***"
    )


def test_words_and_numbers_look_like_no_key() -> None:
    words = "Correct-Horse 20100101 unsubscribes bob_12 2010-01-01T10:00"
    assert not looks_like_a_key(words)
    assert looks_like_a_key("HUNTER2") and looks_like_a_key("unter2hunter")
