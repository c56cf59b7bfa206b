"""`Request.with_parameters`: a parsed call with other parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.errors import ArgumentError, UnknownOperationError
from sgformats.request import Request

WHO = "api_user=u&api_key=k"


def test_a_changed_call_keeps_its_host_its_path_and_its_form() -> None:
    request = Request.parse(
        "https://h.example/apiv2/reseller.subuserManage.xml?api_user=u&api_key=k",
        "user=c&method=bounces&task=get",
    )
    changed = request.with_parameters(
        [("date", "1"), ("task", "get"), ("method", "bounces"), ("user", "é"), ("api_user", "v")]
    )
    assert changed.encode() == (
        "https://h.example/apiv2/reseller.subuserManage.xml?api_user=v",
        "date=1&task=get&method=bounces&user=%C3%A9",
        "POST",
    )


def test_a_changed_call_has_locations_in_its_new_url() -> None:
    request = Request.parse(f"/api/bounces.get.json?days=3&{WHO}")
    changed = request.with_parameters([("type", "é"), ("days", "x"), *request.parameters[1:]])
    assert changed.encode().url == f"/api/bounces.get.json?type=%C3%A9&days=x&{WHO}"
    places = [(p.location.path, p.location.column, p.location.offset) for p in changed.problems()]
    assert places == [("type", 28, 27), ("days", 40, 39)]


@pytest.mark.parametrize(
    ("url", "parameters", "expected"),
    [
        ("/v3/suppression/bounces/a@b", [("email", "c/d@e")], "/v3/suppression/bounces/c%2Fd@e"),
        ("/v3/suppression/bounces/a@b", [], "/v3/suppression/bounces"),
        ("/v3/suppression/bounces", [("email", "a@b")], "/v3/suppression/bounces/a@b"),
        (
            "/v3/suppression/bounces/a@b?email=c",
            [("email", "x"), ("email", "y"), ("email", "z")],
            "/v3/suppression/bounces/x?email=y&email=z",
        ),
        (
            "/v3/suppression/bounces/a@b?limit=1",
            [("limit", "2"), ("email", "c d")],
            "/v3/suppression/bounces/c%20d?limit=2",
        ),
    ],
)
def test_an_address_in_the_path_stays_in_the_path(
    url: str, parameters: list[tuple[str, str]], expected: str
) -> None:
    assert Request.parse(url).with_parameters(parameters).encode().url == expected


def test_the_parameters_name_the_operation_of_a_changed_call() -> None:
    request = Request.parse(f"/api/user.bounces.xml?task=get&{WHO}")
    changed = request.with_parameters([("task", "delete"), ("email", "a")])
    assert changed.operation == "bounces.delete"
    with pytest.raises(UnknownOperationError):
        request.with_parameters([])
    with pytest.raises(ArgumentError, match=r"^expected parameters as pairs of str$"):
        request.with_parameters([("a", 1)])  # type: ignore[list-item]


@given(
    st.lists(
        st.tuples(st.sampled_from(("email", "days", "x y", "é")), st.text("a&=é%/", max_size=5))
    )
)
def test_a_changed_call_has_the_parameters_that_it_was_given(pairs: list[tuple[str, str]]) -> None:
    for request in (
        Request.parse(f"/api/bounces.get.json?{WHO}&days=1"),
        Request.parse("/api/bounces.get.json", f"{WHO}&days=1"),
    ):
        changed = request.with_parameters(pairs)
        assert sorted(changed.parameters) == sorted(pairs)
        assert changed.verb == request.verb
        assert Request.parse(*changed.encode()) == changed
