"""The details of JSON v3's errors, such as `field` and `help`, are part of the reply.

docs/design.md, promise 2: "`parse(encode(r, f)) == r` for every reply `r` and every format `f` that can
hold it."
"""

from __future__ import annotations

import pickle
from typing import Any, Final

import pytest

import sgformats
from sgformats import EncodeError, ErrorDetail, Failure, FailureError, Json

GET: Final = "bounces.get"
BODY = (
    b'{"errors":[{"field":"start_time","message":"not a time","help":{"see":["a", 1.50]}},'
    b'{"message":"n","error_id":5,"field":null}],"id":"q7"}'
)
FAILURE = Failure(
    "error",
    ("not a time", "n"),
    None,
    (
        ErrorDetail(field="start_time", help=Json('{"see":["a",1.50]}')),
        ErrorDetail(error_id=Json("5")),
    ),
    ErrorDetail(id="q7"),
)


@pytest.mark.parametrize("mode", ["strict", "lax"])
def test_details_are_read(mode: sgformats.Mode) -> None:
    assert sgformats.parse(BODY, GET, mode=mode) == FAILURE
    assert sgformats.validate(BODY, GET) == []
    assert sgformats.salvage(BODY, GET).reply == FAILURE


def test_failures_with_other_details_are_not_equal() -> None:
    replies = {
        sgformats.parse(b'{"errors":[{"message":"m"%b}]}' % more, GET)
        for more in (b"", b',"field":"a"', b',"field":"b"', b',"help":"a"', b',"field":1')
    }
    assert len(replies) == 5
    assert pickle.loads(pickle.dumps(FAILURE)) == FAILURE


def test_a_null_detail_equals_a_missing_one() -> None:
    bare = Failure("error", ("m",))
    assert sgformats.parse(b'{"errors":[{"message":"m","field":null}],"id":null}', GET) == bare
    assert sgformats.parse(b'{"errors":[{"message":"m"}]}', GET) == bare


@pytest.mark.parametrize("indent", [False, True])
@pytest.mark.parametrize("encoding", ["UTF-8", "US-ASCII"])
def test_details_are_written_and_read_back(encoding: str, indent: bool) -> None:
    detail = ErrorDetail(field="é\U0001f600", parameter=Json('{"é":[1e999,' + "9" * 5000 + "]}"))
    for reply in (FAILURE, Failure("error", ("m",), None, (detail,), detail)):
        body = sgformats.encode(reply, "json-v3", encoding=encoding, indent=indent)
        assert sgformats.parse(body, GET) == reply
        assert body.isascii() or encoding == "UTF-8"


def test_details_are_written_in_a_fixed_order() -> None:
    assert sgformats.encode(FAILURE, "json-v3") == (
        b'{"errors":[{"field":"start_time","message":"not a time","help":{"see":["a",1.50]}},'
        b'{"field":null,"message":"n","error_id":5}],"id":"q7"}'
    )


REFUSED: dict[str, tuple[Failure, sgformats.Format, str]] = {
    "details in XML": (Failure("error", ("m",), None, (ErrorDetail("a"),)), "xml", "details"),
    "details in JSON": (Failure("error", ("m",), None, (ErrorDetail("a"),)), "json", "details"),
    "extra in JSON": (Failure("error", extra=ErrorDetail("a")), "json", "extra"),
    "too few": (Failure("error", ("m", "n"), None, (ErrorDetail("a"),)), "json-v3", "details"),
    "nothing": (Failure("error", ("m",), None, (ErrorDetail(),)), "json-v3", "details"),
    "no detail": (Failure("error", ("m",), None, ("a",)), "json-v3", "details[0]"),  # type: ignore[arg-type]
    "no tuple": (Failure("error", ("m",), None, 5), "json-v3", "details"),  # type: ignore[arg-type]
    "no extra": (Failure("error", ("m",), extra="a"), "json-v3", "extra"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("reply", "format", "path"), REFUSED.values(), ids=REFUSED)
def test_details_that_a_format_cannot_hold_are_refused(
    reply: Failure, format: sgformats.Format, path: str
) -> None:
    with pytest.raises(EncodeError) as refused:
        sgformats.encode(reply, format)
    assert refused.value.path == path


@pytest.mark.parametrize(
    "value",
    [
        5,
        b"a",
        "\ud800",
        Json("null"),
        Json('"a"'),
        Json(" 5"),
        Json("5 "),
        Json('{"a": 1}'),
        Json("1,2"),
        Json("nan"),
        Json(""),
        Json("[" * 256 + "]" * 256),
        Json(5),  # type: ignore[arg-type]
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_detail_that_would_not_be_read_back_is_refused(value: Any) -> None:
    for reply, path in (
        (Failure("error", ("m",), None, (ErrorDetail(help=value),)), "details[0].help"),
        (Failure("error", ("m",), extra=ErrorDetail(help=value)), "extra.help"),
    ):
        with pytest.raises(EncodeError) as refused:
            sgformats.encode(reply, "json-v3")
        assert refused.value.path == path


def test_a_deep_detail_is_read_back() -> None:
    deep = Json("[" * 250 + "]" * 250)
    reply = Failure("error", ("m",), None, (ErrorDetail(help=deep),))
    assert sgformats.parse(sgformats.encode(reply, "json-v3"), GET) == reply


def test_compare_locates_different_details() -> None:
    other = BODY.replace(b'"start_time"', b'"end_time"').replace(b"q7", b"q8")
    found = [
        (d.path, d.kind, d.a, d.b, d.location_b.offset) for d in sgformats.compare(BODY, other)
    ]
    assert found == [
        ("errors[0].field", "changed", "start_time", "end_time", BODY.index(b'"start_time"')),
        ("id", "changed", "q7", "q8", other.index(b'"q8"')),
    ]


def test_the_error_of_iter_records_has_the_details() -> None:
    with pytest.raises(FailureError) as raised:
        list(sgformats.iter_records([BODY], GET))
    error = raised.value
    assert (error.errors, error.details, error.extra) == (
        FAILURE.errors,
        FAILURE.details,
        FAILURE.extra,
    )


def test_repr_shows_details_only_if_present() -> None:
    assert repr(Failure("error", ("m",))) == "Failure(message='error', errors=('m',), code=None)"
    shown = repr(sgformats.parse(b'{"errors":[{"message":"m","field":"f"}],"id":"q"}', GET))
    assert shown == (
        "Failure(message='error', errors=('m',), code=None, "
        "details=(ErrorDetail(field='f'),), extra=ErrorDetail(id='q'))"
    )
