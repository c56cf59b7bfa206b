"""The items of a long list are read lazily, and a reader sees the same as in a whole tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats import check, classify, validate
from sgformats._formats import FORMATS
from sgformats._json import fast as jsonfast
from sgformats._json import reader as jsonreader
from sgformats._model import node as nodes
from sgformats._model.node import Fault, LazyNodes, Node
from sgformats._text.encodings import open_payload
from sgformats._text.payload import LONG, MAX_VALUES, Format
from sgformats._xml import fast as xmlfast
from sgformats._xml import reader as xmlreader
from sgformats.captures.exchange import Exchange, Source
from sgformats.errors import DecodeError
from sgformats.request import Request
from sgformats.testing import load_corpus
from sgformats.testing.strategies import hostile, mutated, payloads
from tests.core.readerkit import CALLS

lazily = (patch.object(jsonreader, "LONG", 0), patch.object(xmlreader, "LONG", 0))


def tree(node: Node) -> tuple[Any, ...]:
    """Everything a node holds."""
    inside = [tree(child) for child in node.nodes]
    return node.kind, node.name, node.start, node.at, node.text, *facts(node), inside


def facts(node: Node) -> tuple[Any, ...]:
    """What only elements have: attributes, and the places of their text."""
    return node.attributes, node.stray, node.tail


def read(data: bytes) -> Any:
    """The tree of a payload, or where and why it cannot be read."""
    try:
        syntax, text = open_payload(data)
        return tree(FORMATS[syntax].read(text))
    except DecodeError as error:
        return error.problems
    except Fault as fault:
        return fault.index, fault.expected, fault.found, fault.rule


def read_lazily(data: bytes) -> Any:
    """The same with every list read lazily."""
    with lazily[0], lazily[1]:
        return read(data)


@pytest.mark.parametrize("case", load_corpus(), ids=lambda case: case.name)
def test_a_payload_of_the_corpus_is_the_same_tree(case: Any) -> None:
    assert read_lazily(case.payload) == read(case.payload)


@given(st.data(), st.sampled_from(CALLS))
def test_any_payload_is_the_same_tree_or_the_same_fault(data: st.DataObject, call: Any) -> None:
    written = payloads(*call)
    payload = data.draw(st.one_of(written.map(lambda pair: pair[1]), mutated(written), hostile()))
    assert read_lazily(payload) == read(payload)


def checked(data: bytes, url: str) -> list[Any]:
    """The problems of an answer to a call, and what is known of it without the call."""
    request = Request.parse(url)
    answer = Exchange(request, 200, None, data, Source("a"))
    return [check(answer), validate(data), validate(data, request.operation), classify(data)]


E1 = '{"email":"a","reason":"b","created":"2009-06-10 12:40:30"}'
X1 = "<bounce><email>a</email><reason>b</reason><status>c</status></bounce>"


@pytest.mark.parametrize(
    "form, body",
    [
        ("json", f"[{E1}, {E1[:-1]},5:1}}, 1, {{}}, {E1}]"),
        ("json", f"[{E1},1]"),
        ("json", f"[{E1},{E1} {E1}]"),
        ("json", "[1,"),
        ("json", "[1,]"),
        ("json", "[ ]"),
        ("json", "[1]]"),
        ("xml", f"<bounces>{X1}<x/>{X1} x {X1}<bounce><email>a</email></bounce></bounces>"),
        ("xml", f"<bounces a='1' xmlns:p='q'>{X1}<p:bounce/>{X1}<!-- x --></bounces>"),
        ("xml", f"<bounces xmlns='q'>{X1}</bounces>"),
        ("xml", f"<bounces>{X1}<bounce>"),
        ("xml", f"<bounces>{X1}</bounces>x"),
        ("xml", "<bounces/>"),
        ("xml", "<bounces>x</bounces>"),
    ],
)
def test_a_list_with_problems_is_checked_the_same(form: Format, body: str) -> None:
    name = "bounces" if form == "xml" else "invalidemails"
    url = f"/api/{name}.get.{form}?api_user=a&api_key=b&date=1&email=b&limit=1"
    whole = read(body.encode()), checked(body.encode(), url)
    with lazily[0], lazily[1]:
        assert (read(body.encode()), checked(body.encode(), url)) == whole


def test_only_long_lists_are_read_lazily() -> None:
    item = b'{"email":"a","reason":"b","x":1},'
    assert isinstance(root_of(b"[" + item * 40_000 + b"1]").nodes, LazyNodes)
    assert isinstance(root_of(b"[" + item * 4000 + b"1]").nodes, list)
    assert isinstance(root_of(b"<bounces>" + X1.encode() * 20_000 + b"</bounces>").nodes, LazyNodes)


def root_of(data: bytes) -> Node:
    """The root of a payload."""
    syntax, text = open_payload(data)
    return FORMATS[syntax].read(text)


MOST = 200


@pytest.mark.parametrize(
    "data",
    [
        b"[[" + b"1," * MOST + b"1]]",
        b'[{"a":[' + b'{"b":"c"},' * (MOST // 2) + b"1]}]",
        b'{"a":"b"' + b',"a":"b"' * MOST + b"}",
        b'{"message":"a","errors":[""' + b',""' * MOST + b"]}",
        b'{"errors":[{"message":""}' + b',{"message":""}' * (MOST // 2) + b"]}",
        b"<bounces><bounce>" + b"<x/>" * MOST + b"</bounce></bounces>",
        b"<x>" + b"<x/>" * MOST + b"</x>",
        b"<result><errors>" + b"<error></error>" * MOST + b"</errors></result>",
        b"<x " + b" ".join(b"a%d=''" % number for number in range(MOST + 1)) + b"/>",
    ],
)
def test_too_many_values_outside_of_a_list_are_refused(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = (jsonreader, xmlreader, jsonfast, xmlfast, nodes)
    for module in modules:
        monkeypatch.setattr(module, "MAX_VALUES", MOST)
    monkeypatch.setattr(xmlreader, "LONG", 0)
    for problems in (validate(data), validate(data, "bounces.get")):
        assert [(p.rule, p.expected) for p in problems] == [("too-large", f"at most {MOST} values")]


@pytest.mark.parametrize(
    "build",
    [
        lambda n: b'{"a":1' + b',"b":""' * (n - 2) + b"}",
        lambda n: b'{"b":""' + b',"b":""' * (n - 2) + b"}",
        lambda n: b'{"a":{"b":""' + b',"b":""' * (n - 4) + b'},"c":"d"}',
        lambda n: b'[{"a":[1' + b",1" * (n - 3) + b"]}]",
        lambda n: b"<x>" + b"<x/>" * (n - 1) + b"</x>",
        lambda n: b"<x a='b'>" + b"<x/>" * (n - 2) + b"</x>",
        lambda n: b"<bounces><bounce>" + b"<x/>" * (n - 1) + b"</bounce></bounces>",
    ],
)
def test_the_limit_of_values_is_exact(
    build: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (jsonreader, xmlreader, jsonfast, xmlfast, nodes):
        monkeypatch.setattr(module, "MAX_VALUES", MOST)
    for module in (jsonreader, xmlreader):
        monkeypatch.setattr(module, "LONG", 0)
    assert "too-large" not in [problem.rule for problem in validate(build(MOST))]
    assert [problem.rule for problem in validate(build(MOST + 1))] == ["too-large"]


def test_a_list_may_have_any_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (jsonreader, xmlreader):
        monkeypatch.setattr(module, "MAX_VALUES", 10)
        monkeypatch.setattr(module, "LONG", 0)
    assert validate(b"[1" + b",1" * 100 + b"]", "bounces.get").total == 101
    assert LONG <= MAX_VALUES  # So every list with more values is read lazily.
    assert validate(b"<bounces>" + b"<x/>" * 100 + b"</bounces>", "bounces.get").total == 100
