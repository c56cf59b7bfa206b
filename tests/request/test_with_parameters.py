"""A parsed call with other parameters, forms in parts, empty values, and more paths."""

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


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_multipart_form_is_read_like_any_other(end: str) -> None:
    lines = (
        *("--x7", 'Content-Disposition: form-data; name="api_user"', "", "u"),
        *("--x7", 'content-disposition: form-data; name="api_key"', "Content-Type: text/plain", ""),
        "k",
        *("--x7", "Content-Disposition: form-data; name=email", "", "a&b --x7", "--x7--", ""),
    )
    body = end.join(lines)
    request = Request.parse("/api/bounces.delete.json", body)
    assert request.parameters == (("api_user", "u"), ("api_key", "k"), ("email", "a&b --x7"))
    assert request == Request.parse("/api/bounces.delete.json", f"{WHO}&email=a%26b%20--x7")
    assert request.problems() == []
    assert request.places[2].value.offset == body.index("a&b")
    assert Request.parse(*request.encode()) == request


EMPTY = {
    f"/api/bounces.get.json?date=&{WHO}": ("date", 'expected 1 as date, found ""'),
    f"/api/bounces.get.json?start_date=&{WHO}": (
        "start_date",
        'expected a day of the form YYYY-MM-DD as start_date, found ""',
    ),
    f"/api/bounces.get.json?email=&{WHO}": ("email", 'expected a value as email, found ""'),
    f"/apiv2/customer.bounces.xml?task=get&user=u&date=&{WHO}": (
        "date",
        'expected 0 or 1 as date, found ""',
    ),
    "/v3/suppression/bounces?limit=": (
        "limit",
        'expected a whole number from 0 to 500 as limit, found ""',
    ),
}


@pytest.mark.parametrize("url", EMPTY)
def test_an_empty_optional_value_is_a_warning(url: str) -> None:
    path, message = EMPTY[url]
    (problem,) = Request.parse(url).problems()
    assert (problem.rule, problem.severity) == ("empty-parameter", "warning")
    assert (problem.location.path, problem.message) == (path, message)


def test_an_empty_required_value_is_an_error() -> None:
    (problem,) = Request.parse(f"/api/blocks.delete.json?email=&{WHO}").problems()
    assert (problem.location.path, problem.severity) == ("email", "error")


def test_apiv2_has_the_surface_of_subusers_too() -> None:
    request = Request.parse(f"https://h.example/apiv2/user.bounces.json?task=get&user=c&{WHO}")
    assert (request.operation, request.surface) == ("bounces.get", "subuser")
    assert request.problems() == []
    assert request.encode().url.startswith("https://h.example/apiv2/user.bounces.json?")
