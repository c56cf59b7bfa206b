"""Nested, repeated or large cassettes take bounded memory and time."""

from __future__ import annotations

import io
import tracemalloc

import pytest
import yaml

from sgformats.captures import vcr
from sgformats.captures.yamlstream import Item, items
from sgformats.errors import CaptureError, MissingPackageError
from tests.captures.vcrkit import (
    RUBY,
    VCRPY,
    all_of,
    fault_of,
    read,
    refused,
    vcrpy,
)


def bounded(data: bytes, limit: int = 100_000) -> tuple[list[Item], CaptureError | None, int]:
    found: list[Item] = []
    error = None
    tracemalloc.start()
    try:
        for item in items(io.BytesIO(data), "a", ("interactions",), limit, lambda *_: True):
            found.append(item)
    except CaptureError as caught:
        error = caught
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found, error, peak


@pytest.mark.parametrize(
    ("unit", "offset"), [("[", 257), ("- ", 514), ("{a: ", 1028), ("? ", 514), ("[{", 257)]
)
def test_nesting_is_limited(unit: str, offset: int) -> None:
    assert refused(unit * 400) == (0, "expected at most 256 levels", 1, offset)
    found = refused(unit * 100_000)
    # libyaml looks ahead in brackets, and some releases give up at their own bound.
    known = {offset, 1000} if unit.startswith("[") else {offset}
    assert found in {(0, "expected at most 256 levels", 1, place) for place in known}


def test_a_billion_laughs_are_not_expanded() -> None:
    laughs = ["x0: &x0 ha"]
    laughs += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 12)]
    text = (
        "\n".join(laughs) + "\ninteractions:\n- *x11\n- {a: *x11, b: *x3}\n- {a: *x0}\nversion: 1\n"
    )
    found, error, peak = bounded(text.encode())
    assert error is None
    assert [item.fault is None for item in found] == [False, False, True]
    assert found[2].value == {"a": "ha"}
    assert peak < 1_000_000


def test_one_alias_too_many_is_reported() -> None:
    text = "big: &big " + "x" * 5000 + "\ninteractions:\n" + "- {a: *big}\n" * 4 + "version: 1\n"
    found, error, _ = bounded(text.encode())
    assert error is None
    assert [item.fault for item in found] == [
        None,
        None,
        ('a value with the anchor "big"', "none, or too many aliases"),
        ('a value with the anchor "big"', "none, or too many aliases"),
    ]


def test_anchors_are_forgotten_at_the_limit() -> None:
    text = (
        "interactions:\n" + "".join(f"- &a{n} {'x' * 900}\n" for n in range(2000)) + "version: 1\n"
    )
    found: list[int] = []
    tracemalloc.start()
    for item in items(io.BytesIO(text.encode()), "a", ("interactions",), 20_000, lambda *_: True):
        found.append(len(str(item.value)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [900] * 2000
    assert peak < len(text) + 500_000


def test_an_interaction_that_is_too_large_is_skipped() -> None:
    big = "- {request: {}, response: [" + "abc, " * 400_000 + "]}\n"
    text = (
        vcrpy("'[]'")
        .replace("version", big + vcrpy("'[]'").split("\n", 1)[1])
        .replace(": 1\n: 1", ": 1")
    )
    found, error = read(text, max_bytes=1000)
    assert error is None
    assert [fault_of(exchange) for exchange in found] == [
        None,
        ("unreadable-entry", "expected an entry of at most 1050576 characters, found more"),
        None,
    ]


def test_a_scalar_that_is_too_large_ends_the_capture() -> None:
    found, error, _ = bounded(b"interactions:\n- a\n- '" + b"x" * 500_000 + b"'\nversion: 1\n")
    assert [item.value for item in found] == ["a"]
    assert error is not None
    assert error.reason == "expected a value of at most 100000 bytes, found more"


def test_the_number_of_directives_is_limited() -> None:
    text = "".join(f"%TAG !a{n}! x\n" for n in range(100_000)) + f"---\n{VCRPY}"
    assert refused(text)[:2] == (0, "expected at most 100 directives, found more")


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_file() -> None:
    item = b"- {a: " + b"x" * 2000 + b"}\n"
    data = b"interactions:\n" + item * 3000 + b"version: 1\n"
    tracemalloc.start()
    count = sum(1 for _ in items(io.BytesIO(data), "a", ("interactions",), 10**6, lambda *_: True))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert peak < 1_500_000


def test_without_libyaml_the_result_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [all_of(VCRPY), all_of(RUBY)]
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert [all_of(VCRPY), all_of(RUBY)] == wanted
    assert refused('- "\\U99999999"')[1].startswith("expected YAML: ")
    assert refused("[" * 2000)[1] == "expected at most 256 levels"


def test_without_pyyaml_the_line_to_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(MissingPackageError) as caught:
        list(vcr.read_yaml(io.BytesIO(b"[]"), "a.yaml"))
    assert str(caught.value) == 'reading YAML needs PyYAML: pip install "sgformats[captures]"'


def test_no_secret_is_shown() -> None:
    bad = VCRPY.replace("body: null", "body: *api_key=obviously-fake").replace(
        "version", "api_key=obviously-fake"
    )
    found, error = read(bad)
    shown = repr(found) + repr([fault_of(e) for e in found]) + str(error) + repr(error)
    assert "obviously-fake" not in shown
