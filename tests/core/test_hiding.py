"""The secrets of a call are hidden everywhere, in every spelling, and nothing else is.

docs/design.md, promise 7: "No secret reaches any output, message, report or log."
"""

from __future__ import annotations

import pytest

from sgformats.hiding import Secrets
from sgformats.request import Request

KEY = "pä ss/wörd~9"
CALL = Request("bounces.get", "json", "web", (("api_user", "joe@shop.example"), ("api_key", KEY)))


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        *("p%C3%A4%20ss%2Fw%C3%B6rd~9", "p%C3%A4+ss%2Fw%C3%B6rd~9", "p\\u00e4 ss/w\\u00f6rd~9"),
        *("pä ss\\/wörd~9", "pä ss~1wörd~09", "joe@shop.example", "joe%40shop.example"),
    ],
)
def test_a_secret_is_hidden_in_every_spelling(text: str) -> None:
    assert Secrets(CALL).hide(f"see {text}, please") == "see ***, please"


def test_a_piece_of_a_key_is_hidden_and_a_word_is_not() -> None:
    secrets = Secrets(CALL)
    assert secrets.hide("begins with pä ss/w.") == "begins with ***."
    assert secrets.hide("begins with pä s.") == "begins with pä s."
    assert secrets.hide("the text joe@s…") == "the text ***…"
    words = Request("bounces.get", "json", "web", (("api_user", "bounces"), ("api_key", "message")))
    assert Secrets(words).hide("a message of bounces") == "a message of bounces"
    partly = Request("bounces.get", "json", "web", (("api_key", "my message"),))
    assert Secrets(partly).hide("a:message") == "a:message"
    assert Secrets(None).hide("api_key=kkk") == "api_key=***"
    assert Secrets(None).hide("half \ud800") == "half \\ud800"


def test_a_mask_keeps_the_length() -> None:
    data = f'["{KEY}"]'.encode()
    assert Secrets(CALL).mask(data) == b'["' + b"*" * len(KEY.encode().decode()) + b'"]'
    assert Secrets(CALL).mask(KEY.encode("utf-16-le")) == ("*" * len(KEY)).encode("utf-16-le")


def test_userinfo_and_escaped_keys_are_hidden() -> None:
    call = Request.parse("https://someone:secret77@sendgrid.com/api/bounces.get.json")
    assert Secrets(call).hide("someone said secret77") == "*** said ***"
    markup = Request("bounces.get", "xml", "web", (("api_key", "a<b>&\"'c"),))
    assert Secrets(markup).hide("<x>a&lt;b&gt;&amp;&quot;&#x27;c</x>") == "<x>***</x>"
    unpaired = Request("bounces.get", "xml", "web", (("api_key", "kkkkkk\ud800"),))
    assert Secrets(unpaired).hide("kkkkkk") == "***"
