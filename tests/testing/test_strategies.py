"""The strategies for users' tests, which also draw operations that were added at run time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

import sgformats
from sgformats._model.rawjson import json_text
from sgformats._scan.document import read_document
from sgformats._text.payload import Format
from sgformats.operations import OPERATIONS, Field, Method, find_operation, operations_of
from sgformats.schemafiles import schema_folder
from sgformats.testing.hostile import HOSTILE
from sgformats.testing.mutations import mutate
from sgformats.testing.spelling import spell
from sgformats.testing.strategies import hostile, mutated, payloads, records, replies


class Bot(msgspec.Struct, frozen=True):
    """A record of an unknown method."""

    name: str
    seen: datetime | None = None


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An operation `bots.get`, with schema files made from those of `unsubscribes.get`."""
    folder = tmp_path_factory.mktemp("schemas")
    for file in (*schema_folder().glob("shared.*"), *schema_folder().glob("unsubscribes.get.*")):
        text = file.read_text("utf-8").replace("unsubscribe", "bot")
        text = text.replace('"email"', '"name"').replace('"created"', '"seen"')
        (folder / file.name.replace("unsubscribes", "bots")).write_text(text, "utf-8")
    bots = _method(folder)
    with pytest.MonkeyPatch.context() as patch:
        for operation in operations_of((bots,)):
            patch.setitem(OPERATIONS, operation.name, operation)
        yield


def _method(folder: Path) -> Method:
    fields = (Field("name"), Field("seen", "timestamp", required=False))
    return Method("bots", "bot", Bot, fields, ("get",), schemas=folder)


@pytest.mark.usefixtures("added")
@given(st.data(), st.sampled_from(("xml", "json")))
def test_an_operation_added_at_run_time_is_drawn_written_and_read(
    data: st.DataObject, form: Format
) -> None:
    reply, written = data.draw(payloads("bots.get", form))
    bots = find_operation("bots.get")
    assert sgformats.parse(written, bots) == reply
    assert sgformats.parse(sgformats.encode(reply, form), bots) == reply
    changed = data.draw(mutated(st.just((reply, written))))
    accepted = sgformats.salvage(changed, bots, mode="strict").reply is not None
    assert (sgformats.validate(changed, bots) == []) == accepted


@pytest.mark.thorough
@pytest.mark.usefixtures("added")
def test_replies_of_any_operation_include_an_added_one() -> None:
    found = find(replies(), lambda reply: getattr(reply, "method", "") == "bots")
    assert found == sgformats.Listing("bots", ())


@given(records(OPERATIONS["bounces.get"].method))
def test_a_record_is_of_its_methods_class(record: object) -> None:
    assert type(record) is sgformats.Bounce


@given(payloads())
def test_a_payload_of_any_call_means_its_reply(written: tuple[sgformats.Reply, bytes]) -> None:
    reply, data = written
    names = [f"{reply.method}.get"] if isinstance(reply, sgformats.Listing) else OPERATIONS
    operations = [OPERATIONS[name] for name in names]
    accepted = [operation for operation in operations if not sgformats.validate(data, operation)]
    assert accepted
    assert {sgformats.parse(data, operation) for operation in accepted} == {reply}


@given(replies(format="json-v3"))
def test_v3_replies_are_lists_and_failures(reply: sgformats.Reply) -> None:
    if isinstance(reply, sgformats.Failure):
        assert (reply.message, reply.code) == ("error", None) and reply.errors
    else:
        assert isinstance(reply, sgformats.Listing)


def test_v3_has_no_counts() -> None:
    with pytest.raises(sgformats.ArgumentError, match=r"found bounces\.count"):
        replies("bounces.count", format="json-v3")


def test_spell_keeps_the_literals_of_a_tree() -> None:
    data = b'{"a":[true,false,null,-0.50,"true",{}]}'
    root = read_document(data).root
    written = [spell(root, "json", Random(seed)) for seed in range(40)]
    assert {json_text(read_document(each).root).encode() for each in written} == {data}


def test_unreadable_payloads_are_mutated_as_bytes() -> None:
    found = {mutate(b"{", Random(seed)) for seed in range(200)}
    assert {b"", b"{{"} <= found


def test_hostile_payloads_grow_with_their_number() -> None:
    assert sum(len(make(10)) < len(make(20)) for make in HOSTILE) > 15
    assert find(hostile(many=300), lambda data: data.startswith(b"[" * 300)) == b"[" * 300
