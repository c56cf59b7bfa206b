"""`load_corpus` returns cases as values, and refuses every defect of a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from sgformats.errors import ArgumentError, Location
from sgformats.records import (
    Count,
    Failure,
    InvalidEmail,
    Listing,
    SpamReport,
    Success,
    Unsubscribe,
)
from sgformats.testing import Case, ExpectedProblem, load_corpus

SUCCESS: Mapping[str, Any] = {
    "operation": "invalidemails.delete",
    "format": "json",
    "provenance": "constructed",
    "why": "A delete that was done.",
    "strict": {"success": {"message": "success"}},
    "lax": {"success": {"message": "success"}},
    "problems": [],
}
PROBLEM: Mapping[str, Any] = {
    "rule": "unknown-field",
    "path": "x",
    "native": "/x",
    "line": 1,
    "column": 2,
    "offset": 1,
    "tolerable": True,
}


def write(folder: Path, stem: str, *, payload: str | None = "{}", **changes: Any) -> None:
    """Write a case: the expectation of a success, with changes."""
    folder.mkdir(parents=True, exist_ok=True)
    expectation = {**SUCCESS, **changes}
    (folder / f"{stem}.expect.json").write_text(json.dumps(expectation), "utf-8")
    if payload is not None:
        (folder / f"{stem}.json").write_text(payload, "utf-8")


def load_one(folder: Path, **changes: Any) -> Case:
    write(folder, "case", **changes)
    (case,) = load_corpus(folder)
    return case


def defects(folder: Path) -> list[str]:
    with pytest.raises(ArgumentError) as refused:
        load_corpus(folder)
    return str(refused.value).splitlines()


def test_a_case_is_a_payload_and_its_expectation(tmp_path: Path) -> None:
    write(tmp_path / "deletes", "done", payload='{"message":"success"}')
    (tmp_path / "README.md").write_text("Not a case.")
    (tmp_path / ".gitattributes").write_text("* -text")
    assert load_corpus(tmp_path) == (
        Case(
            name="deletes/done",
            operation="invalidemails.delete",
            payload=b'{"message":"success"}',
            format="json",
            provenance="constructed",
            why="A delete that was done.",
            strict=Success("success"),
            lax=Success("success"),
            problems=(),
            same_reply_as=None,
            given_format=None,
            zone=None,
            fold=None,
        ),
    )


def unsubscribed(created: str) -> dict[str, Any]:
    return {"listing": {"method": "unsubscribes", "records": [{"email": "a", "created": created}]}}


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "json-v3"},
        {"given_format": "json-v3"},
        {"zone": "Asia/Tokyo"},
        {"zone": "Asia/Tokyo", "fold": 1, "format": "xml"},
        {"zone": "Asia/Tokyo", "fold": 0, "given_format": "json"},
    ],
)
def test_a_timestamp_of_v3_or_in_a_zone_is_a_moment(
    tmp_path: Path, changes: Mapping[str, Any]
) -> None:
    reply = unsubscribed("2009-06-10T12:40:30+00:00")
    case = load_one(tmp_path, strict=reply, lax=reply, **changes)
    moment = datetime(2009, 6, 10, 12, 40, 30, tzinfo=timezone.utc)
    assert case.strict == Listing("unsubscribes", (Unsubscribe("a", moment),))
    given = {key: getattr(case, key) for key in ("format", "given_format", "zone", "fold")}
    assert given == {"format": "json", "given_format": None, "zone": None, "fold": None, **changes}


def test_given_format_overrides_format(tmp_path: Path) -> None:
    reply = unsubscribed("2009-06-10 12:40:30")
    case = load_one(tmp_path, strict=reply, lax=reply, format="json-v3", given_format="json")
    naive = datetime(2009, 6, 10, 12, 40, 30)
    assert case.strict == Listing("unsubscribes", (Unsubscribe("a", naive),))


def test_cases_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        write(tmp_path / "z", name)
        write(tmp_path / "m" / "n", name)
    names = [case.name for case in load_corpus(tmp_path)]
    assert names == ["m/n/a", "m/n/b", "m/n/c", "z/a", "z/b", "z/c"]


def test_a_payload_may_be_given_in_parts(tmp_path: Path) -> None:
    write(tmp_path, "case", payload=None)
    expectation = {**SUCCESS, "payload": [["[", 3], ["é", 1], ["]", 3]]}
    (tmp_path / "case.expect.json").write_text(json.dumps(expectation), "utf-8")
    (case,) = load_corpus(tmp_path)
    assert case.payload == "[[[é]]]".encode()


@pytest.mark.parametrize(
    ("written", "reply"),
    [
        ({"success": {"message": " success"}}, Success(" success")),
        (
            {"failure": {"message": "error", "errors": ["a", "b"], "code": None}},
            Failure("error", ("a", "b")),
        ),
        ({"failure": {"message": "m", "errors": [], "code": 401}}, Failure("m", (), 401)),
        ({"count": 0}, Count(0)),
        ({"listing": {"method": "bounces", "records": []}}, Listing("bounces")),
        (
            {
                "listing": {
                    "method": "invalidemails",
                    "records": [
                        {"email": "a", "reason": [["r", 3]], "created": "2009-06-10 12:40:30"},
                        {"email": "b", "reason": "", "created": None},
                    ],
                }
            },
            Listing(
                "invalidemails",
                (
                    InvalidEmail("a", "rrr", datetime(2009, 6, 10, 12, 40, 30)),
                    InvalidEmail("b", ""),
                ),
            ),
        ),
        (
            {
                "listing": {
                    "method": "spamreports",
                    "records": [{"ip": None, "email": "a", "created": None}],
                }
            },
            Listing("spamreports", (SpamReport("a"),)),
        ),
    ],
)
def test_an_expected_reply_becomes_a_value(tmp_path: Path, written: Any, reply: Any) -> None:
    assert load_one(tmp_path, strict=written, lax=written).strict == reply


def test_a_tolerable_problem_keeps_the_lax_reply(tmp_path: Path) -> None:
    case = load_one(tmp_path, strict="refused", problems=[PROBLEM])
    expected = ExpectedProblem("unknown-field", Location("x", "/x", 1, 2, 1), True)
    assert (case.strict, case.lax, case.problems) == (None, Success(), (expected,))


def test_a_payload_without_its_expectation_is_an_orphan(tmp_path: Path) -> None:
    (tmp_path / "lost.xml").write_bytes(b"<result/>")
    assert defects(tmp_path) == ["lost: missing lost.expect.json beside lost.xml"]


def test_an_expectation_without_its_payload_is_an_orphan(tmp_path: Path) -> None:
    write(tmp_path, "lost", payload=None)
    assert defects(tmp_path) == [
        "lost: expected a payload file or the key `payload`, found neither"
    ]


def test_a_payload_is_a_file_or_parts_but_not_both(tmp_path: Path) -> None:
    write(tmp_path, "both")
    expectation = {**SUCCESS, "payload": [["x", 1]]}
    (tmp_path / "both.expect.json").write_text(json.dumps(expectation), "utf-8")
    assert defects(tmp_path) == ["both: expected a payload file or the key `payload`, found both"]


def test_two_payloads_of_one_stem_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "two")
    (tmp_path / "two.xml").write_bytes(b"<result/>")
    assert defects(tmp_path) == ["two: expected one payload, found two.json, two.xml"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "case")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "README.md").write_text("Nothing yet.")
    assert defects(tmp_path) == [f"{tmp_path / 'empty'}: expected a case, found an empty folder"]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert defects(tmp_path / "no") == [f"{tmp_path / 'no'}: expected a folder"]


def test_all_defects_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<result/>")
    write(tmp_path, "b", payload=None)
    write(tmp_path, "c", operation="invalidemails.put")
    assert [line.partition(":")[0] for line in defects(tmp_path)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("changes", "defect"),
    [
        ({"mode": "strict"}, "Object contains unknown field `mode`"),
        ({"operation": "invalidemails.put"}, "no operation 'invalidemails.put'"),
        ({"format": "yaml"}, "Invalid enum value 'yaml' - at `$.format`"),
        ({"provenance": "rumoured"}, "Invalid enum value 'rumoured' - at `$.provenance`"),
        ({"why": ""}, "`why` is empty"),
        ({"lax": "perhaps"}, "Invalid enum value 'perhaps' - at `$.lax`"),
        (
            {"problems": [{**PROBLEM, "message": "x"}]},
            "Object contains unknown field `message` - at `$.problems[0]`",
        ),
        (
            {"strict": "refused", "problems": [{**PROBLEM, "rule": "bad-mood"}]},
            "no rule 'bad-mood' of a payload",
        ),
        (
            {"strict": "refused", "problems": [{**PROBLEM, "rule": "unknown-parameter"}]},
            "no rule 'unknown-parameter' of a payload",
        ),
        (
            {"strict": "refused", "problems": [PROBLEM, {**PROBLEM, "rule": "truncated"}]},
            "`truncated` has other problems beside it, but nothing else can be read",
        ),
        ({"strict": "refused"}, "`strict` is a reply exactly if there are no problems"),
        ({"problems": [PROBLEM]}, "`strict` is a reply exactly if there are no problems"),
        (
            {"strict": "refused", "lax": "refused", "problems": [PROBLEM]},
            "`lax` is a reply exactly if all problems are tolerable",
        ),
        (
            {"strict": "refused", "problems": [{**PROBLEM, "tolerable": False}]},
            "`lax` is a reply exactly if all problems are tolerable",
        ),
        ({"lax": {"count": 1}}, "`strict` and `lax` differ for a valid payload"),
        (
            {"strict": {}, "lax": {}},
            "expected one of `listing`, `success`, `failure`, `count` in a reply",
        ),
        (
            {"strict": {"count": 1, "success": {"message": "success"}}},
            "expected one of `listing`, `success`, `failure`, `count` in a reply",
        ),
        ({"strict": {"listing": {"method": "clicks", "records": []}}}, "no method 'clicks'"),
        (
            {"strict": {"listing": {"method": "unsubscribes", "records": [{"email": "a"}]}}},
            "expected a record of ['created', 'email'], found ['email']",
        ),
        (
            {
                "strict": {
                    "listing": {
                        "method": "unsubscribes",
                        "records": [{"email": None, "created": None}],
                    }
                }
            },
            "expected text for `email`, found null",
        ),
        ({"strict": unsubscribed("today")}, "not of the form YYYY-MM-DD HH:MM:SS"),
        *(
            (
                {"format": "json-v3", "strict": unsubscribed(text)},
                "not of the form YYYY-MM-DDTHH:MM:SS+00:00",
            )
            for text in (
                "2009-06-10 12:40:30",
                "2009-06-10T12:40:30",
                "2009-06-10T12:40:30Z",
                "2009-06-10T12:40:30-07:00",
                "2009-06-10T12:40:30.5+00:00",
            )
        ),
        (
            {"strict": unsubscribed("2009-06-10T12:40:30+00:00")},
            "not of the form YYYY-MM-DD HH:MM:SS",
        ),
        ({"given_format": "yaml"}, "Invalid enum value 'yaml' - at `$.given_format`"),
        ({"fold": 1}, "`fold` needs a `zone`"),
        ({"fold": 2, "zone": "UTC"}, "Invalid enum value 2 - at `$.fold`"),
        ({"same_reply_as": "gone"}, "no case 'gone'"),
    ],
)
def test_an_impossible_expectation_is_refused(
    tmp_path: Path, changes: Mapping[str, Any], defect: str
) -> None:
    write(tmp_path, "case", **changes)
    assert defects(tmp_path) == [f"case: {defect}"]


def test_an_expectation_without_a_key_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "case")
    expectation = {key: value for key, value in SUCCESS.items() if key != "problems"}
    (tmp_path / "case.expect.json").write_text(json.dumps(expectation), "utf-8")
    assert defects(tmp_path) == ["case: Object missing required field `problems`"]


def test_an_expectation_must_be_an_object(tmp_path: Path) -> None:
    write(tmp_path, "case")
    (tmp_path / "case.expect.json").write_text("[]", "utf-8")
    assert defects(tmp_path) == ["case: Expected `object`, got `array`"]


def test_a_cut_expectation_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "case")
    (tmp_path / "case.expect.json").write_text('{"operation": "in', "utf-8")
    assert defects(tmp_path) == ["case: Input data was truncated"]


def test_partners_must_have_the_same_reply(tmp_path: Path) -> None:
    write(tmp_path, "a", same_reply_as="b")
    write(tmp_path, "b", strict={"count": 1}, lax={"count": 1})
    assert defects(tmp_path) == ["a: the reply is not that of b"]


def test_a_refused_payload_has_no_partner(tmp_path: Path) -> None:
    problem = {**PROBLEM, "tolerable": False}
    for name, partner in (("a", "b"), ("b", "a")):
        write(
            tmp_path,
            name,
            strict="refused",
            lax="refused",
            problems=[problem],
            same_reply_as=partner,
        )
    assert defects(tmp_path) == ["a: the reply is not that of b", "b: the reply is not that of a"]
