"""Requests as values: constructed, compared, encoded and parsed again."""

from __future__ import annotations

import pickle

import msgspec
import pytest
from hypothesis import given

from sgformats.errors import EncodeError
from sgformats.request import Encoded, Request
from tests.request.requestkit import PRINTED, WHO, requests


def test_a_constructed_request_is_encoded() -> None:
    parameters = (("api_user", "u"), ("api_key", "k&=;+ %é"), ("email", "a+b@c"))
    get = Request("bounces.delete", "xml", "web", parameters, base="https://h")
    written = "api_user=u&api_key=k%26%3D%3B%2B%20%25%C3%A9&email=a%2Bb@c"
    assert get.encode() == Encoded(f"https://h/api/bounces.delete.xml?{written}", None, "GET")
    post = msgspec.structs.replace(get, verb="POST")
    assert post.encode() == Encoded("https://h/api/bounces.delete.xml", written, "POST")
    assert post == get
    v3 = Request("bounces.delete", "json-v3", "v3", (("email", ""), ("email", "a@b")))
    assert v3.encode() == Encoded("/v3/suppression/bounces/a@b?email=", None, "DELETE")
    assert Request.parse(*v3.encode()) == v3


def test_an_unpaired_surrogate_cannot_be_encoded() -> None:
    request = Request("bounces.get", "xml", "web", (("email", "a\ud83d"),))
    with pytest.raises(EncodeError) as caught:
        request.encode()
    assert str(caught.value) == (
        "cannot encode email, character 1: expected text, found half of a surrogate pair"
    )
    assert "'a\\ud83d'" in repr(request)


def test_requests_are_pickled_hashed_and_matched() -> None:
    request = Request.parse(PRINTED)
    assert pickle.loads(pickle.dumps(request)) == request
    assert pickle.loads(pickle.dumps(request)).problems() == request.problems()
    assert len({request, Request.parse(PRINTED.replace("https://sendgrid.com", ""))}) == 1
    assert request != PRINTED
    with pytest.raises(AttributeError):
        request.operation = "bounces.get"  # type: ignore[misc]
    match request:
        case Request(operation="invalidemails.get", surface=surface):
            assert surface == "reseller-v1"


def test_equality_ignores_the_host_and_the_order_of_names() -> None:
    one = Request.parse(f"/api/bounces.get.json?date=1&days=2&{WHO}")
    assert one == Request.parse(f"https://h/api/bounces.get.json?{WHO}&days=2", "date=1")
    assert one != Request.parse(f"/api/bounces.get.xml?date=1&days=2&{WHO}")
    assert one != Request.parse(f"/api/bounces.get.json?date=1&days=3&{WHO}")
    twice = Request.parse("/api/bounces.get.json?days=1&days=2")
    assert twice != Request.parse("/api/bounces.get.json?days=2&days=1")


@given(requests())
def test_parse_undoes_encode(request: Request) -> None:
    again = Request.parse(*request.encode())
    assert again == request
    assert hash(again) == hash(request)
    assert again.encode() == request.encode()
    assert again.problems() == request.problems()
    assert again.redacted() == request.redacted() == Request.parse(*request.redacted().encode())
