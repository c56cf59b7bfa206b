"""Every contender gives right results, and a wrong result is detected."""

from __future__ import annotations

from typing import Any

import pytest

import sgformats
from benchmarks.contender import FORMATS, OPERATION, OURS, Contender, Row, same
from benchmarks.payloads import valid
from benchmarks.peers import PEERS, contenders, contenders_of
from benchmarks.tasks import DisagreementError, Task, agrees, tasks

SIZES = (3, 20)
TASKS = tasks(SIZES)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_all_entries_of_a_task_agree(task: Task) -> None:
    for entry in task.build():
        entry.check()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_has_one_floor_and_sgformats_in_it(task: Task) -> None:
    entries = task.build()
    assert [entry.name for entry in entries if entry.floor] == [entries[0].name]
    if task.kind == "growth":
        assert [(entry.name, entry.records) for entry in entries] == [
            ("3 records", 3),
            ("20 records", 20),
        ]
    else:
        assert [entry.name for entry in entries].count(OURS) == 1
        assert len({entry.name for entry in entries}) == len(entries)


def test_the_tasks_cover_all_targets() -> None:
    names = [task.name for task in TASKS]
    assert len(set(names)) == len(names)
    for format in FORMATS:
        for work in ("parse", "encode", "convert"):
            assert {f"{work}/{format}/{size}" for size in SIZES} <= set(names)
        assert {f"lax/{format}/20", f"validate/{format}/20"} <= set(names)
        for work in ("parse", "validate"):
            assert f"growth/{work}/{format}/sgformats" in names


def test_every_peer_is_measured() -> None:
    assert {who.name for who in contenders("parse", "json")} == {
        "orjson.loads",
        "sgformats",
        "json + jsonschema",
        "orjson + jsonschema-rs",
        "msgspec, typed",
        "pydantic",
    }
    assert {who.name for who in contenders("parse", "xml")} == {
        "etree.fromstring",
        "sgformats",
        "lxml + XMLSchema + loop",
        "pydantic-xml",
        "xsdata",
        "xmltodict + loop",
    }
    assert all(contenders_of(peer) for peer in PEERS)


def test_the_rivals_are_those_of_the_targets() -> None:
    assert {
        format: {who.name for who in contenders("parse", format) if who.rival} for format in FORMATS
    } == {
        "json": {"json + jsonschema", "pydantic"},
        "xml": {"lxml + XMLSchema + loop", "pydantic-xml", "xsdata", "xmltodict + loop"},
    }


@pytest.mark.parametrize("format", FORMATS)
def test_validators_describe_their_reports(format: Any) -> None:
    assert all(who.reports for who in contenders("validate", format))


GOOD = valid("json", 3)
BAD = GOOD._replace(bad=[1])


def contender(work: Any) -> Contender:
    return Contender("liar", work, "json", same, same)


def test_wrong_records_are_detected() -> None:
    assert agrees(contender("parse"), list(GOOD.rows), GOOD)
    assert not agrees(contender("parse"), GOOD.rows[:2], GOOD)
    assert not agrees(contender("parse"), [*GOOD.rows[:2], Row("a", "b")], GOOD)


def test_a_document_with_other_records_is_detected() -> None:
    assert agrees(contender("encode"), valid("xml", 3).data, GOOD)
    assert not agrees(contender("encode"), valid("xml", 2).data, GOOD)
    with pytest.raises(sgformats.ValidationError):
        agrees(contender("encode"), b'[{"email":"a"}]', GOOD)


def test_another_bad_record_is_detected() -> None:
    assert agrees(contender("validate"), [1], BAD)
    assert agrees(contender("validate"), None, BAD)
    assert not agrees(contender("validate"), [], BAD)
    assert not agrees(contender("validate"), [2], BAD)


def test_a_wrong_result_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    (task,) = (task for task in TASKS if task.name == "parse/json/3")
    liar = Contender("liar", "parse", "json", lambda data: [], same)
    monkeypatch.setattr("benchmarks.tasks.contenders", lambda work, format: {liar: "liars"})
    (entry,) = task.build()
    with pytest.raises(DisagreementError, match=r"^liar gives a wrong result in parse$"):
        entry.check()


def test_a_validator_that_refuses_everything_stops_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (task,) = (task for task in TASKS if task.name == "validate/json/20")
    liar = Contender("liar", "validate", "json", lambda data: [10], same)
    monkeypatch.setattr("benchmarks.tasks.contenders", lambda work, format: {liar: "liars"})
    (entry,) = task.build()
    with pytest.raises(DisagreementError, match=r"^liar refuses a valid payload$"):
        entry.check()


def test_the_list_schema_accepts_what_the_shipped_one_does() -> None:
    from jsonschema import Draft202012Validator

    from benchmarks.schema import list_schema
    from sgformats.schemafiles import json_schema

    shipped, flat = (Draft202012Validator(s) for s in (json_schema(OPERATION), list_schema()))
    head = {"email": "a", "reason": "b"}
    values: list[tuple[Any, bool]] = [
        ([], True),
        ([head], True),
        ([{**head, "created": ""}], True),
        ([{**head, "created": "2009-06-10 12:40:30"}], True),
        ([{**head, "created": "2009-13-10 12:40:30"}], False),
        ([{**head, "created": "2009-06-10 12:40:30\n"}], False),
        ([{**head, "created": None}], False),
        ([{**head, "status": "5"}], False),
        ([{"email": "a"}], False),
        ([{"email": 5, "reason": "b"}], False),
        ([5], False),
    ]
    for value, accepted in values:
        assert shipped.is_valid(value) == flat.is_valid(value) == accepted, value
