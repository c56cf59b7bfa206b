"""Replies as sequences and as plain data."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timezone

import pytest

import sgformats
from sgformats import (
    Bounce,
    Count,
    ErrorDetail,
    Failure,
    FailureError,
    Json,
    Listing,
    Success,
    Unsubscribe,
)

TIME = datetime(2009, 6, 10, 12, 40, 30)
FIRST, SECOND = Unsubscribe("a@b", TIME), Unsubscribe("ü@d")
LISTING = Listing("unsubscribes", (FIRST, SECOND))


def test_a_listing_is_used_like_a_sequence() -> None:
    assert (len(LISTING), list(LISTING), LISTING[0], LISTING[-1]) == (
        2,
        [FIRST, SECOND],
        FIRST,
        SECOND,
    )
    assert LISTING[1:] == Listing("unsubscribes", (SECOND,))
    assert FIRST in LISTING and Unsubscribe("x") not in LISTING
    assert list(reversed(LISTING)) == [SECOND, FIRST]
    assert not Listing("unsubscribes")
    with pytest.raises(IndexError):
        LISTING[2]


def test_a_listing_shows_its_records() -> None:
    assert repr(LISTING[1:]) == (
        "Listing(method='unsubscribes', records=(Unsubscribe(email='ü@d', created=None),))"
    )


PLAIN: dict[str, tuple[sgformats.Record | sgformats.Reply, dict[str, object], str]] = {
    "a record": (
        Bounce("a@b", "5.1.1", "r", TIME.replace(tzinfo=timezone.utc)),
        {
            "email": "a@b",
            "status": "5.1.1",
            "reason": "r",
            "created": TIME.replace(tzinfo=timezone.utc),
        },
        '{"email":"a@b","status":"5.1.1","reason":"r","created":"2009-06-10T12:40:30+00:00"}',
    ),
    "a list": (
        LISTING,
        {
            "method": "unsubscribes",
            "records": [{"email": "a@b", "created": TIME}, {"email": "ü@d", "created": None}],
        },
        '{"method":"unsubscribes","records":[{"email":"a@b","created":"2009-06-10T12:40:30"},'
        '{"email":"ü@d","created":null}]}',
    ),
    "a success": (Success(), {"message": "success"}, '{"message":"success"}'),
    "a count": (Count(2), {"count": 2}, '{"count":2}'),
    "a failure": (
        Failure("m", ("m",), 400, (ErrorDetail(field=Json("[1.10]")),)),
        {
            "message": "m",
            "errors": ["m"],
            "code": 400,
            "details": [ErrorDetail().to_dict() | {"field": "[1.10]"}],
            "extra": ErrorDetail().to_dict(),
        },
        '{"message":"m","errors":["m"],"code":400,"details":[{"field":"[1.10]","help":null,'
        '"id":null,"error_id":null,"parameter":null}],"extra":{"field":null,"help":null,'
        '"id":null,"error_id":null,"parameter":null}}',
    ),
}


@pytest.mark.parametrize(("value", "plain", "text"), PLAIN.values(), ids=PLAIN)
def test_plain_data_has_every_field(
    value: sgformats.Reply, plain: dict[str, object], text: str
) -> None:
    assert value.to_dict() == plain
    assert value.to_json() == text
    assert json.loads(text).keys() == plain.keys()


def test_to_dicts_gives_the_records_of_a_list() -> None:
    assert LISTING.to_dicts() == [FIRST.to_dict(), SECOND.to_dict()]


def test_reply_or_raise_returns_other_replies() -> None:
    for reply in (LISTING, Success(), Count(0)):
        assert sgformats.reply_or_raise(reply) is reply


def test_reply_or_raise_raises_an_error_with_the_failure() -> None:
    failure = Failure("Permission denied?api_key=hunter2", ("e",), 401, (), ErrorDetail(id="q"))
    with pytest.raises(FailureError) as raised:
        sgformats.reply_or_raise(failure)
    error = pickle.loads(pickle.dumps(raised.value))
    assert error.failure == failure
    assert (error.message, error.errors, error.code) == (failure.message, ("e",), 401)
    assert (error.details, error.extra) == (failure.details, failure.extra)
    assert str(error) == (
        'the API answered with a failure (code 401): "Permission denied?api_key=***"'
    )
