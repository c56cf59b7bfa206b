"""Every contender gives right results, and a wrong result is detected."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

import sgformats
from benchmarks.contender import FORMATS, OPERATION, OURS, Contender, Row
from benchmarks.payloads import valid
from benchmarks.peers import PEERS, contenders, contenders_of
from benchmarks.peers.schemas import list_schema
from benchmarks.tasks import DisagreementError, Task, agrees, prepare, tasks
from sgformats.schemafiles import json_schema

SIZES = (3, 20)
TASKS = tasks(SIZES)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_contenders_of_a_task_agree_and_sgformats_is_one(task: Task) -> None:
    entries = [(entry.name, entry.records) for entry in prepare(task)]
    if task.kind == "growth":
        assert entries == [("3 records", 3), ("20 records", 20)]
    else:
        names = [name for name, _ in entries]
        assert names.count(OURS) == 1
        assert len(set(names)) == len(names)
        assert names.index(OURS) == (0 if task.name.startswith("memory/validate") else 1)


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


@pytest.mark.parametrize("format", FORMATS)
def test_validators_describe_their_reports(format: Any) -> None:
    assert all(who.reports for who in contenders("validate", format))


GOOD = valid("json", 3)
BAD = GOOD._replace(bad=[1])


def contender(work: Any) -> Contender:
    return Contender("liar", work, "json", list)


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


@pytest.mark.parametrize(
    ("work", "result", "message"),
    [
        ("parse", [], "liar gives a wrong result in parse"),
        ("validate", [10], "liar refuses a valid payload"),
    ],
)
def test_a_wrong_result_stops_the_run(work: Any, result: list[int], message: str) -> None:
    (task,) = (task for task in TASKS if task.name == f"{work}/json/20")
    liar = Contender("liar", work, "json", lambda data: result)
    (part,) = (part for part in task.parts if part.name == OURS)
    with pytest.raises(DisagreementError, match=f"^{message}$"):
        prepare(task._replace(parts=[part._replace(contender=liar)]))


def test_the_list_schema_accepts_what_the_shipped_one_does() -> None:
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
