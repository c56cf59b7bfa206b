"""The fixture of the pytest plugin, with all kinds of answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import requests

from sgformats.captures.exchange import Exchange, Source
from sgformats.errors import ArgumentError, UnknownOperationError
from sgformats.records import Count, Failure, InvalidEmail, Listing, Success
from sgformats.request import Request
from sgformats.testing.plugin import Check

pytest_plugins = ["pytester"]

URL = "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=hunter22"
GOOD = b'[{"email":"brandon","reason":"Bad Syntax"}]'
BAD = b'[{"email":"brandon"}]'
LISTING = Listing("invalidemails", (InvalidEmail("brandon", "Bad Syntax"),))


def failure(check: Check, *args: Any, **options: Any) -> str:
    """The message with which a check fails."""
    with pytest.raises(pytest.fail.Exception) as caught:
        check(*args, **options)
    assert caught.value.pytrace is False
    assert "hunter22" not in str(caught.value)
    return str(caught.value)


def test_the_fixture_has_the_settings_of_the_run(sgformats_check: Check) -> None:
    assert sgformats_check(GOOD) == LISTING
    assert (sgformats_check.mode, sgformats_check.ignore) == ("strict", ())


@pytest.mark.parametrize(
    "data", [GOOD, bytearray(GOOD), memoryview(GOOD), GOOD.decode()], ids=lambda d: type(d).__name__
)
def test_a_payload_alone_gives_its_reply(data: Any) -> None:
    assert Check()(data, "invalidemails.get") == LISTING


def test_a_broken_payload_fails_with_the_line_and_the_caret() -> None:
    assert failure(Check(), BAD, "invalidemails.get").splitlines() == [
        "<answer>:1:2: missing-field: missing field reason",
        '   1 | [{"email":"brandon"}]',
        "     |  ^ [0].reason",
    ]


def test_at_most_twenty_problems_are_shown() -> None:
    text = failure(Check(), b'[{"email":"x"}' + b',{"email":"x"}' * 29 + b"]", "invalidemails.get")
    assert text.count("missing-field") == 20
    assert text.splitlines()[-1] == "and 10 more"


def test_lax_mode_accepts_tolerable_problems() -> None:
    data = b'{"email":"brandon","reason":"Bad Syntax"}'
    assert "wrong-type" in failure(Check(), data, "invalidemails.get")
    assert Check()(data, "invalidemails.get", mode="lax") == LISTING
    assert Check("lax")(data, "invalidemails.get") == LISTING


def test_ignored_problems_do_not_fail() -> None:
    assert Check()(BAD, "invalidemails.get", ignore=["missing-field"]) is None
    assert (
        Check("strict", ["unknown-field"])(
            b'[{"email":"brandon","reason":"Bad Syntax","x":""}]', "invalidemails.get"
        )
        == LISTING
    )
    check = Check("strict", ["missing-field"])
    assert "missing-field" in failure(check, BAD, "invalidemails.get", ignore=())


def test_an_ambiguous_answer_needs_its_operation() -> None:
    text = failure(Check(), b"[]")
    assert text.startswith("sgformats cannot read this answer: expected a payload of one")
    assert Check()(b"[]", "bounces.get") == Listing("bounces", ())


def test_url_form_and_status_can_be_given() -> None:
    assert Check()(GOOD, url=URL) == LISTING
    form = "user=x&method=invalidemails&task=get&date=1&api_user=u&api_key=hunter22"
    options = {"url": "/api/distributor.manage.json", "verb": "POST", "request_body": form}
    text = failure(Check(), GOOD, **options)
    assert text.splitlines()[0] == "POST /api/distributor.manage.json"
    assert text.splitlines()[1] == (
        "<answer>:1:2: missing-created: the call said date=1, but the record has no created"
    )
    assert "status-mismatch" in failure(Check(), GOOD, url=URL, status=503)


def test_wrong_arguments_raise() -> None:
    with pytest.raises(UnknownOperationError):
        Check()(GOOD, "invalidmails.get")
    with pytest.raises(ArgumentError):
        Check()(GOOD, ignore=["missing-fields"])
    with pytest.raises(ArgumentError):
        Check()(GOOD, mode="loose")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="found object"):
        Check()(object())


# Responses of other libraries.


def of_requests(body: bytes, url: str = URL, **options: Any) -> requests.Response:
    """A response of requests, as if it was received."""
    response = requests.Response()
    response._content = body
    response.status_code = options.pop("status", 200)
    response.url = url
    response.headers["Content-Type"] = "text/html"
    response.request = requests.Request(options.pop("method", "GET"), url, **options).prepare()
    return response


def of_httpx(body: bytes, url: str = URL, **options: Any) -> httpx.Response:
    """A response of httpx, likewise."""
    status = options.pop("status", 200)
    request = httpx.Request(options.pop("method", "GET"), url, **options)
    return httpx.Response(status, content=body, request=request)


MAKERS = pytest.mark.parametrize("make", [of_requests, of_httpx])


@MAKERS
def test_the_request_of_a_response_names_the_operation(make: Any) -> None:
    assert Check()(make(GOOD)) == LISTING
    assert Check()(make(GOOD), "invalidemails.get") == LISTING
    assert Check()(make(b'{"count":2}', URL.replace(".get", ".count"))) == Count(2)
    refused = make(b'{"error":{"code":401,"message":"no"}}', status=401)
    assert Check()(refused) == Failure("no", (), 401)


@MAKERS
def test_rules_between_call_and_answer_apply_to_a_response(make: Any) -> None:
    assert failure(Check(), make(GOOD, URL + "&date=1")).splitlines()[0] == (
        "GET /api/invalidemails.get.json"
    )
    assert "missing-created" in failure(Check(), make(GOOD, URL + "&date=1"))
    assert "wrong-format" in failure(Check(), make(b"<invalidemails/>"))
    assert "missing-parameter" in failure(Check(), make(GOOD, URL.replace("api_user=u&", "")))


@MAKERS
def test_a_form_is_part_of_the_call(make: Any) -> None:
    form = {"user": "x", "method": "bounces", "task": "get", "api_user": "u", "api_key": "hunter22"}
    response = make(b"[]", "https://localhost/apiv2/reseller.manage.json", method="POST", data=form)
    assert Check()(response) == Listing("bounces", ())


@MAKERS
def test_an_answer_to_another_call_than_expected_fails(make: Any) -> None:
    assert failure(Check(), make(GOOD), "bounces.get") == (
        "expected an answer to bounces.get, found one to a call of invalidemails.get"
    )


@MAKERS
def test_a_url_of_a_test_double_needs_the_operation_named(make: Any) -> None:
    response = make(GOOD, "http://localhost:8080/double?key=hunter22")
    assert "expected a call of this API" in failure(Check(), response)
    assert Check()(response, "invalidemails.get") == LISTING


@MAKERS
def test_an_empty_answer_to_a_v3_delete_is_a_success(make: Any) -> None:
    url = "https://api.sendgrid.com/v3/suppression/bounces/a@b.example"
    assert Check()(make(b"", url, method="DELETE", status=204)) == Success()


def test_an_httpx_response_without_its_request_is_a_payload() -> None:
    assert Check()(httpx.Response(200, content=GOOD)) == LISTING


def test_an_unread_httpx_response_is_read() -> None:
    assert Check()(httpx.Response(200, stream=httpx.ByteStream(GOOD))) == LISTING


def test_responses_of_web_frameworks_are_recognised_by_their_attributes() -> None:
    flask = SimpleNamespace(
        data=GOOD,
        status_code=200,
        request=SimpleNamespace(url=URL, method="GET", data=b""),
        headers={"Content-Type": "application/json"},
    )
    assert Check()(flask) == LISTING
    django = SimpleNamespace(content=GOOD, status_code=200, request={"PATH_INFO": "/x"})
    assert Check()(django) == LISTING


def test_an_exchange_is_checked() -> None:
    exchange = Exchange(Request.parse(URL), 200, None, BAD, Source("x.har", 3, 7, 99))
    assert failure(Check(), exchange).splitlines()[:2] == [
        "GET /api/invalidemails.get.json",
        "x.har:7: missing-field: missing field reason",
    ]
