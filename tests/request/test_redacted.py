"""No request shows a key, however it is spelled, damaged or printed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgformats.errors import SgformatsError, UnknownOperationError
from sgformats.request import Encoded, Request
from tests.request.requestkit import _TEXT, CALLS, KEY, USER, WHO, requests
from tests.work import cpu_growth, work

SPELLINGS = (
    *("api_key", "api;_key", "API_KEY", "apikey", "api-key", "api%5Fkey", "api%255Fkey"),
    *("%61pi_key", "x_api_key", "password"),
)


@pytest.mark.parametrize("name", SPELLINGS)
def test_keys_are_hidden_however_they_are_spelled(name: str) -> None:
    in_query = Request.parse(f"/api/bounces.get.json?a=1&amp;{name}={KEY}")
    in_form = Request.parse("/api/bounces.get.json", f"{name}={KEY}")
    for request in (in_query, in_form):
        for shown in (repr(request), str(request), *map(str, request.problems())):
            assert KEY not in shown
        assert KEY not in str(request.redacted(keep_user=True).encode())
        assert request.redacted().parameters[-1][1] == "***"


def test_a_redacted_request_has_the_same_problems() -> None:
    request = Request.parse(
        f"https://{USER}:{KEY}@h:1/api/bounces.get.json?days=0&api_user={USER};api_key={KEY}"
        f"&{WHO}&email=&x=%26api_key%3D{KEY}"
    )
    hidden = request.redacted()
    assert hidden.encode().url == (
        "https://***@h:1/api/bounces.get.json?days=0&api_user=***&api_user=***&api_key=***&email=&"
        "x=%26api_key%3D***"
    )
    assert hidden.problems() == request.problems()
    assert hidden.redacted() == hidden == Request.parse(*hidden.encode())
    assert request.redacted(keep_user=True).encode().url == (
        f"https://{USER}:***@h:1/api/bounces.get.json?days=0&api_user={USER}%3Bapi_key%3D***"
        f"&api_user={USER}&api_key=***&email=&x=%26api_key%3D***"
    )


def test_a_token_before_the_host_is_hidden_even_if_the_user_is_kept() -> None:
    request = Request.parse(f"{KEY}@h/v3/suppression/bounces", f'{{"api_key":"{KEY}"}}', "DELETE")
    for hidden in (request.redacted(), request.redacted(keep_user=True)):
        assert hidden.encode() == Encoded(
            "***@h/v3/suppression/bounces", '{"api_key":"***"}', "DELETE"
        )
    odd = Request.parse("/v3/suppression/bounces", f"password={KEY}", "DELETE")
    assert odd.redacted().content == "***"


def test_the_repr_of_a_request_is_redacted() -> None:
    request = Request.parse(f"https://h/api/bounces.get.json?{WHO}&date=1")
    assert (
        repr(request)
        == str(request)
        == (
            "Request(operation='bounces.get', format='json', surface='web', "
            "parameters=(('api_user', '***'), ('api_key', '***'), ('date', '1')), "
            "base='https://h', path='/api/bounces.get.json', verb='GET')"
        )
    )
    assert dict(request.__rich_repr__())["parameters"][1] == ("api_key", "***")


_WORDS = """https:// // h /api/ /apiv2/ /v3/suppression/ bounces bounces.get.json ? & = ; # &amp;
&#038; distributor.manage.xml customer.blocks.json method task get delete date % %5F %FF @ : [ ] 1 --
api_user {"""
_ODD = (" ", "\n", "\0", "\ud800", "\udce9", "é", "GET ", "DELETE ", " HTTP/1.1")
_PARTS = st.sampled_from([*_WORDS.split(), *_ODD])
_URLS = st.lists(_PARTS | st.characters(), max_size=20).map("".join) | st.text(
    st.characters(exclude_categories=())
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The URL of a call with a part replaced or removed."""
    url = draw(requests().map(lambda request: request.encode().url) | st.sampled_from([*CALLS]))
    start = draw(st.integers(0, len(url)))
    stop = draw(st.integers(start, min(len(url), start + 4)))
    return url[:start] + draw(_PARTS | st.just("")) + url[stop:]


_BODIES = st.none() | _URLS | st.binary()


@given(_URLS | mutated(), _BODIES, st.none() | st.sampled_from(["GET", "POST", "DELETE"]) | _TEXT)
@example("/v3/suppression/bounces/%ED%A0%80?\udcc3\udca9=\udcff", "%\udc80", "delete")
def test_any_text_is_a_request_or_refused(
    url: str, body: str | bytes | None, verb: str | None
) -> None:
    try:
        request = Request.parse(url, body, verb)
    except SgformatsError as error:
        assert error.args == (str(error),)
        return
    assert Request.parse(*request.encode()) == request
    assert Request.parse(*request.redacted().encode()) == request.redacted()
    texts = {"query": url, "path": url, "form": body if isinstance(body, str) else ""}
    for place in request.places:
        if isinstance(body, bytes) and place.source == "form":
            assert 0 <= place.name.offset <= place.value.offset <= len(body)
            continue
        for column, offset in (place.name, place.value):
            before = texts[place.source] or ""
            assert len(before[: column - 1].encode("utf-8", "surrogateescape")) == offset
    assert {problem.location.line for problem in request.problems()} <= {1}


@given(
    mutated(), st.booleans(), st.sampled_from(SPELLINGS[:-1]), st.sampled_from(["&", "&amp;", "?"])
)
def test_no_secret_is_ever_shown(url: str, in_form: bool, name: str, separator: str) -> None:
    secret = f"{name}={KEY}"
    address = f"https://{USER}:{KEY}@h" if url.startswith("/") else ""
    full = address + url + ("" if in_form else separator + secret)
    try:
        request = Request.parse(full, secret if in_form else None)
    except SgformatsError as error:
        shown = [repr(error), str(error)]
    else:
        hidden = request.redacted()
        shown = [repr(request), str(request), *map(repr, request.problems())]
        shown += [str(hidden.encode()), str(hidden.parameters)]
    assert [text for text in shown if KEY in text] == []


def read_all(url: str, body: str | None) -> None:
    with suppress(UnknownOperationError):
        request = Request.parse(url, body)
        request.problems()
        repr(request)


PARTS = ("&x=1", "%", "&amp;", "é=", "/", "#", "@", ":", " ", "&é=\udcff", "%41", "&#0", ";")
FRONTS = ("/api/bounces.get.json?", "h", "GET ", "/v3/suppression/blocks/", "http://")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("front", FRONTS)
def test_reading_takes_linear_work(front: str, part: str) -> None:
    small, large = front + part * 50, front + part * 200
    read_all(small, small)
    assert work(read_all, large, None) < 5 * work(read_all, small, None)
    url = "/api/bounces.get.json"
    assert work(read_all, url, large) < 5 * work(read_all, url, small)


@pytest.mark.thorough
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("front", FRONTS)
def test_reading_takes_linear_time(front: str, part: str) -> None:
    small, large = front + part * 1_250, front + part * 10_000
    assert cpu_growth(lambda text: read_all(text, None), small, large) < 24
    url = "/api/bounces.get.json"
    assert cpu_growth(lambda text: read_all(url, text), small, large) < 24
