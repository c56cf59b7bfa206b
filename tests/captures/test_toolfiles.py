"""Calls and answers in the JSON of other tools, and events of CloudWatch."""

from __future__ import annotations

import base64
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures import Exchange, read_capture
from sgformats.captures.skipping import skip_reason
from sgformats.census import take_census
from sgformats.contract import CheckSummary, check_captures
from sgformats.errors import CaptureError, SgformatsError
from sgformats.extract import extract
from sgformats.redact import redact_capture
from tests.captures.textlogkit import DONE, LIST, PATH, URL

KEY = "k1s2e3c4r5e6t"
ASKED = PATH.replace("=k", f"={KEY}")
QUERY = ASKED.partition("?")[2]
ROUTE = ASKED.partition("?")[0]
WHOLE = URL.replace("=k", f"={KEY}")
HEADERS = {"Content-Type": "application/json"}


def pact(body: Any, **more: Any) -> Any:
    request = {"method": "GET", "path": ROUTE, "query": QUERY, **more}
    answer = {"status": 200, "headers": HEADERS, "body": body}
    return {
        "consumer": {"name": "mailer"},
        "provider": {"name": "lists"},
        "interactions": [{"description": "x", "request": request, "response": answer}],
    }


def stub(**answer: Any) -> Any:
    request = {"url": ASKED, "method": "GET"}
    return {
        "id": "a",
        "request": request,
        "response": {"status": 200, **answer, "headers": HEADERS},
    }


def postman(*saved: Any, folder: bool = False) -> Any:
    request = {"method": "GET", "url": {"raw": WHOLE}}
    answers = [{"originalRequest": request, "code": 200, "body": body} for body in saved]
    item: Any = {"name": "a", "request": request, "response": answers}
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return {
        "info": {"name": "x", "schema": schema},
        "item": [{"name": "f", "item": [item]} if folder else item],
    }


def charles(body: Any) -> Any:
    parts = {"scheme": "https", "host": "sendgrid.com", "path": ROUTE, "query": QUERY}
    answer = {"status": 200, "mimeType": "application/json", "body": body}
    return [{"status": "COMPLETE", "method": "GET", **parts, "request": {}, "response": answer}]


def cloudwatch(*messages: str) -> Any:
    return {
        "events": [
            {"logStreamName": "web/1", "timestamp": n, "message": message, "eventId": str(n)}
            for n, message in enumerate(messages)
        ]
    }


PACKED = base64.b64encode(LIST.encode()).decode()
FILES: dict[str, Any] = {
    "pact": pact(LIST),
    "pact, JSON": pact(json.loads(LIST)),
    "pact, query of lists": pact(LIST, query={"api_user": ["u"], "api_key": [KEY]}),
    "pact 4": pact({"content": PACKED, "contentType": "application/json", "encoded": "base64"}),
    "pact 4, JSON": pact({"content": json.loads(LIST), "contentType": "a/b", "encoded": False}),
    "stub": stub(body=LIST),
    "stub, JSON": stub(jsonBody=json.loads(LIST)),
    "stub, base64": stub(base64Body=PACKED),
    "stubs": {"mappings": [stub(body=LIST)]},
    "postman": postman(LIST),
    "postman, folder": postman(LIST, folder=True),
    "charles": charles({"text": LIST}),
    "charles, base64": charles({"encoded": PACKED}),
    "cloudwatch": cloudwatch("START", f"GET {WHOLE}", LIST, "END"),
    "cloudwatch, one event": cloudwatch(f"GET {WHOLE}\n{LIST}\n"),
    "Elasticsearch": {
        "took": 1,
        "hits": {
            "total": 2,
            "hits": [
                {"_index": "a", "_source": {"@timestamp": str(n), "message": message}}
                for n, message in enumerate((f"GET {WHOLE}", LIST))
            ],
        },
    },
    "Cloud Logging": [
        {"insertId": "a", "textPayload": f"GET {WHOLE}", "timestamp": "2015-06-10"},
        {"insertId": "b", "jsonPayload": {"message": LIST}, "timestamp": "2015-06-11"},
    ],
    "Datadog": {
        "data": [
            {"id": "a", "type": "log", "attributes": {"timestamp": str(n), "message": message}}
            for n, message in enumerate((f"GET {WHOLE}", LIST))
        ]
    },
    "cloudwatch, JSON": cloudwatch(json.dumps({"url": WHOLE, "verb": "GET", "body": LIST})),
}


def read(value: Any, indent: int | None = 2, name: str = "x.json") -> list[Exchange]:
    data = value if isinstance(value, bytes) else json.dumps(value, indent=indent).encode()
    return list(read_capture(io.BytesIO(data), name=name))


# A mapping on one line is a JSON line.
@pytest.mark.parametrize(
    ("name", "indent"),
    [(name, indent) for name in FILES for indent in (None, 2) if indent or "stub" not in name],
)
def test_a_call_and_its_answer_are_read(name: str, indent: int | None) -> None:
    (found,) = read(FILES[name], indent)
    assert found.request is not None
    assert found.request.operation == "invalidemails.get"
    assert dict(found.request.parameters) == {"api_user": "u", "api_key": KEY}
    assert (found.verb, found.fault) in (("GET", None), (None, None))
    assert json.loads(found.body or b"") == json.loads(LIST)
    assert found.source.entry == 0


def test_every_saved_answer_of_a_request_is_an_exchange() -> None:
    found = read(postman(LIST, DONE))
    assert [exchange.body for exchange in found] == [LIST.encode(), DONE.encode()]
    assert [exchange.source.entry for exchange in found] == [0, 1]
    (unsaved,) = read(postman())
    assert skip_reason(unsaved) == "the capture holds no answer"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (stub(bodyFileName="a.json"), 'expected the body, found the name of its file, "a.json"'),
        ({"mappings": [{}, 1]}, "expected a request and a response, found neither"),
        (cloudwatch("a") | {"events": [{"message": "a"}, 1]}, "expected an object as entry"),
    ],
)
def test_missing_files_are_reported(value: Any, message: str) -> None:
    faults = [exchange.fault.message for exchange in read(value) if exchange.fault]
    assert any(fault.startswith(message) for fault in faults)


def test_messages_with_the_newest_first_are_refused() -> None:
    with pytest.raises(CaptureError, match="expected log messages in the order of their time"):
        read(
            [
                {"insertId": "a", "textPayload": LIST, "timestamp": "2015-06-10T12:00:01Z"},
                {
                    "insertId": "b",
                    "textPayload": f"GET {WHOLE}",
                    "timestamp": "2015-06-10T12:00:00Z",
                },
            ]
        )


def test_events_of_several_streams_may_be_in_any_order() -> None:
    events = cloudwatch("x", f"GET {WHOLE}\n{LIST}")["events"]
    assert len(read({"events": events[::-1]})) == 1


def test_places_are_those_of_the_file() -> None:
    data = json.dumps(cloudwatch("é", f"GET {WHOLE}\n{LIST}"), indent=1).encode()
    (found,) = read(data)
    assert data[found.source.offset or 0 :].startswith(b'{\n   "logStreamName"')
    assert found.source.line == data[: found.source.offset].count(b"\n") + 1


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("cut", [0.5, 0.9, 0.99])
def test_damage_raises_only_documented_errors(name: str, cut: float) -> None:
    data = json.dumps(FILES[name], indent=2).encode()
    with pytest.raises(CaptureError):
        read(data[: int(len(data) * cut)])


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)


@given(st.sampled_from([*FILES]), st.data())
def test_other_values_raise_only_documented_errors(name: str, data: st.DataObject) -> None:
    value = json.loads(json.dumps(FILES[name]))
    here: Any = value
    while isinstance(here, (dict, list)) and here:
        key = data.draw(st.sampled_from([*here] if isinstance(here, dict) else range(len(here))))
        if data.draw(st.booleans()) or not isinstance(here[key], (dict, list)):
            here[key] = data.draw(values)
            break
        here = here[key]
    with suppress(SgformatsError):
        read(value)


@pytest.mark.parametrize("name", FILES)
def test_all_commands_see_the_same_exchange_and_no_secret_remains(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(FILES[name], indent=2))
    summary = CheckSummary()
    list(check_captures([path], summary=summary))
    assert summary.checked == 1
    assert take_census([path]).files[0].exchanges == 1
    counts = extract(path, tmp_path / "out.jsonl", workers=1).counts
    assert (counts.exchanges, counts.whole) == (1, 1)
    redact_capture(path, tmp_path / "hidden.json")
    assert KEY not in (tmp_path / "hidden.json").read_text()
    assert KEY not in "".join(each.read_text() for each in tmp_path.glob("out*"))
    (found,) = read_capture(tmp_path / "hidden.json")
    assert found.request is not None
    assert found.request.operation == "invalidemails.get"
