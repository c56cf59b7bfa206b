"""`encode` refuses values that no payload can mean."""

from __future__ import annotations

from typing import Any

import pytest

import sgformats
from sgformats import (
    ArgumentError,
    Bounce,
    Count,
    EncodeError,
    Failure,
    InvalidEmail,
    Listing,
    SpamReport,
    Success,
    Unsubscribe,
)
from sgformats._text.payload import Format
from tests.core.zonekit import ANGELES, MOMENT, NAIVE, OLDER, emails, refusal


@pytest.mark.parametrize("format", ["xml", "json", "json-v3"])
@pytest.mark.parametrize(
    ("reply", "path", "reason"),
    [
        (Listing("clicks"), "method", 'expected a method, found "clicks"'),
        (Listing("invalidemails", None), "records", "expected a tuple, found NoneType"),  # type: ignore[arg-type]
        (Listing("invalidemails", "ab"), "records", "expected a tuple, found str"),  # type: ignore[arg-type]
        (
            Listing("invalidemails", (InvalidEmail("a", "r", MOMENT), Unsubscribe("a"))),
            "[1]",
            "expected InvalidEmail, found Unsubscribe",
        ),
        (
            Listing("bounces", (Bounce("a", 550, "r", MOMENT),)),  # type: ignore[arg-type]
            "[0].status",
            "expected str, found int",
        ),
        (
            Listing("invalidemails", (InvalidEmail("a", None, MOMENT),)),  # type: ignore[arg-type]
            "[0].reason",
            "expected str, found NoneType",
        ),
        (Success("done"), "message", "expected success as the message of a Success"),
        (Success(5), "message", "expected str, found int"),  # type: ignore[arg-type]
        (Failure(None), "message", "expected str, found NoneType"),  # type: ignore[arg-type]
        (Failure("error", "ab"), "errors", "expected a tuple, found str"),  # type: ignore[arg-type]
        (Failure("error", ("a", 5)), "errors[1]", "expected str, found int"),  # type: ignore[arg-type]
        (Failure("a", (), -1), "code", "expected a number of 1 to 15 digits"),
        (Failure("a", (), "1"), "code", "expected int, found str"),  # type: ignore[arg-type]
        (Count(-1), "count", "expected a number of 1 to 15 digits"),
        (Count(10**15), "count", "expected a number of 1 to 15 digits"),
        (Count(True), "count", "expected int, found bool"),
    ],
)
def test_a_value_that_no_payload_can_mean_is_refused(
    format: Format, reply: Any, path: str, reason: str
) -> None:
    assert refusal(reply, format, zone=ANGELES) == (path, reason)


@pytest.mark.parametrize("format", OLDER)
@pytest.mark.parametrize(
    ("created", "reason"),
    [
        ("2009-06-10 05:40:30", "expected a datetime, found str"),
        (NAIVE.date(), "expected a datetime, found date"),
        (NAIVE.replace(microsecond=1), "expected whole seconds, found a fraction of a second"),
    ],
)
def test_a_wrong_timestamp_is_refused(format: Format, created: Any, reason: str) -> None:
    assert refusal(emails(NAIVE, created), format) == ("[1].created", reason)


def test_encode_refuses_anything_but_a_reply() -> None:
    odd: Any = InvalidEmail("a", "r")
    expected = "^expected a Listing, Success, Failure or Count, found InvalidEmail$"
    with pytest.raises(ArgumentError, match=expected):
        sgformats.encode(odd, "json")


@pytest.mark.parametrize("format", OLDER)
def test_a_field_of_only_some_records_is_written(format: Format) -> None:
    reply = Listing("spamreports", (SpamReport("a", "10.0.0.1"), SpamReport("b", None, NAIVE)))
    body = sgformats.encode(reply, format)
    assert sgformats.parse(body, "spamreports.get") == reply
    assert body.count(b"created") == (2 if format == "xml" else 1)


@pytest.mark.parametrize(
    ("format", "record"),
    [("xml", b"<spamreport><email>a</email></spamreport>"), ("json", b'{"email":"a"}')],
)
def test_a_field_of_no_record_is_not_written(format: Format, record: bytes) -> None:
    reply = Listing("spamreports", (SpamReport("a"), SpamReport("a")))
    body = sgformats.encode(reply, format)
    assert sgformats.parse(body, "spamreports.get") == reply
    assert body.count(record) == 2


def test_an_unpaired_surrogate_is_located() -> None:
    reply = Listing("unsubscribes", (Unsubscribe("a", NAIVE), Unsubscribe("a\ud800", NAIVE)))
    with pytest.raises(EncodeError) as refused:
        sgformats.encode(reply, "json")
    assert (refused.value.path, refused.value.index) == ("[1].email", 1)
    assert refused.value.reason == "U+D800 is half of a surrogate pair, no character"
