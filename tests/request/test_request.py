"""`Request.parse`: the operation, the format, the surface and the parameters of a URL or form."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from sgformats.errors import ArgumentError
from sgformats.operations import OPERATIONS, OperationName, Surface
from sgformats.request import Encoded, Request
from sgformats.request.parameters import parameters_of, surfaces_of
from tests.request.requestkit import CALLS, PRINTED, WHO, rules_of


def test_the_documented_url_is_read() -> None:
    request = Request.parse(PRINTED)
    assert request.operation == "invalidemails.get"
    assert request.format == "xml"
    assert request.surface == "reseller-v1"
    assert request.parameters == (
        ("api_user", "username"),
        ("api_key", "secureSecret"),
        ("method", "invalidemails"),
        ("user", "customer@example.com"),
        ("task", "get"),
        ("date", "1"),
    )
    assert request.problems() == []
    assert request.encode() == Encoded(PRINTED.replace(";", ""), None, "GET")
    assert request == Request.parse(PRINTED.replace(";", ""))


def test_the_documented_delete_is_read() -> None:
    request = Request.parse(
        "https://sendgrid.com/api/distributor.manage.json?api_user=username&api;_key=secureSecret"
        "&method;=invalidemails&user;=customer@example.com&task;=delete"
        "&email;=invalidemail@example.comm"
    )
    assert (request.operation, request.format) == ("invalidemails.delete", "json")
    assert request.parameters[-1] == ("email", "invalidemail@example.comm")
    assert request.problems() == []


def test_a_form_makes_the_same_call_as_a_query() -> None:
    url, _, query = PRINTED.partition("?")
    for body in (query, query.encode(), query.replace("&", "&amp;") + "\n"):
        request = Request.parse(url, body)
        assert request == Request.parse(PRINTED)
        assert hash(request) == hash(Request.parse(PRINTED))
        assert request.problems() == []
        assert request.encode() == Encoded(url, query.replace(";", ""), "POST")


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
    assert request == Request.parse(
        "/api/bounces.delete.json", "api_user=u&api_key=k&email=a%26b%20--x7"
    )
    assert request.problems() == []
    assert request.places[2].value.offset == body.index("a&b")
    assert Request.parse(*request.encode()) == request


def test_query_and_form_are_combined() -> None:
    request = Request.parse(f"/api/bounces.get.json?{WHO}", "date=1&type=hard")
    assert request.parameters[2:] == (("date", "1"), ("type", "hard"))
    assert request.encode() == Encoded(f"/api/bounces.get.json?{WHO}", "date=1&type=hard", "POST")


@pytest.mark.parametrize(("url", "expected"), CALLS.items(), ids=CALLS)
def test_every_surface_is_read(url: str, expected: tuple[str, str, str, str]) -> None:
    request = Request.parse(url)
    assert (request.operation, request.format, request.surface, request.path) == expected
    assert Request.parse(*request.encode()) == request


def test_apiv2_has_the_surface_of_subusers_too() -> None:
    request = Request.parse(f"https://h.example/apiv2/user.bounces.json?task=get&user=c&{WHO}")
    assert (request.operation, request.surface) == ("bounces.get", "subuser")
    assert request.problems() == []
    assert request.encode().url.startswith("https://h.example/apiv2/user.bounces.json?")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("surface", get_args(Surface))
def test_every_operation_has_a_url_on_each_of_its_surfaces(
    surface: Surface, operation: OperationName
) -> None:
    documented = surface in surfaces_of(OPERATIONS[operation])
    written: Any = "json-v3" if surface == "v3" else "json"
    values = {"text": "x", "choice": "", "date": "2009-01-01", "integer": "1", "seconds": "1"}
    parameters = tuple(
        (parameter.name, parameter.choices[0] if parameter.choices else values[parameter.form])
        for parameter in parameters_of(OPERATIONS[operation], surface)
        if parameter.name not in ("end_date", "task")
    )
    if surface not in ("web", "v3"):
        parameters += (("task", OPERATIONS[operation].task),)
    if surface == "v3" and not documented:
        with pytest.raises(ArgumentError, match=r"^expected an operation of surface v3, found"):
            Request(operation, written, surface, parameters)
        return
    request = Request(operation, written, surface, parameters)
    assert Request.parse(*request.encode()) == request
    assert request.problems() == Request.parse(*request.encode()).problems()
    assert [rule for rule, native in rules_of(request) if native == "?task"] == (
        [] if documented else ["invalid-parameter"]
    )
    if documented:
        assert request.problems() == []


def test_surfaces_are_those_of_the_documentation() -> None:
    assert surfaces_of(OPERATIONS["unsubscribes.get"]) == (
        "reseller-v1",
        "reseller-v2",
        "subuser",
        "web",
        "v3",
    )
    assert surfaces_of(OPERATIONS["unsubscribes.add"]) == ("subuser", "web")
    assert surfaces_of(OPERATIONS["bounces.count"]) == ("web",)
    assert surfaces_of(OPERATIONS["bounces.delete"])[-1] == "v3"


BASES = {
    "https://sendgrid.com": "https://sendgrid.com",
    "HTTPS://api.sendgrid.com:443": "HTTPS://api.sendgrid.com:443",
    "http://[::1]:99999999": "http://[::1]:99999999",
    "http://]:x:[": "http://]:x:[",
    "//mock": "//mock",
    "localhost:8080": "localhost:8080",
    "sendgrid.com": "sendgrid.com",
    "http://h\x00st": "http://h\x00st",
    "": "",
    " \t": "",
    "GET ": "",
    "POST  https://h": "https://h",
}


@pytest.mark.parametrize(("written", "base"), BASES.items(), ids=map(repr, BASES))
def test_the_host_does_not_matter(written: str, base: str) -> None:
    request = Request.parse(f"{written}/api/blocks.get.xml?{WHO}#frag&ment=1")
    assert request.base == base
    assert request == Request.parse(f"/api/blocks.get.xml?{WHO}")
    assert request.encode().url == f"{base}/api/blocks.get.xml?{WHO}"


def test_a_path_may_be_relative() -> None:
    assert Request.parse(f"api/blocks.get.xml?{WHO}") == Request.parse(f"/api/blocks.get.xml?{WHO}")


VERBS: dict[str, tuple[str, str | None, str | None, str, str]] = {
    "none": ("/v3/suppression/bounces", None, None, "bounces.get", "GET"),
    "in small letters": ("/v3/suppression/bounces", None, "delete", "bounces.delete", "DELETE"),
    "in front": ("DELETE /v3/suppression/bounces", None, None, "bounces.delete", "DELETE"),
    "both": ("GET /v3/suppression/bounces", None, "DELETE", "bounces.delete", "DELETE"),
    "a legacy form": ("/api/bounces.get.xml", "date=1", None, "bounces.get", "POST"),
    "a blank body": ("/api/bounces.get.xml", " \r\n", None, "bounces.get", "GET"),
    "an empty post": ("/api/bounces.get.xml", "", "POST", "bounces.get", "POST"),
}


@pytest.mark.parametrize(
    ("url", "body", "verb", "operation", "expected"), VERBS.values(), ids=VERBS
)
def test_the_verb_comes_from_the_argument_the_url_or_the_body(
    url: str, body: str | None, verb: str | None, operation: OperationName, expected: str
) -> None:
    request = Request.parse(url, body, verb)
    assert (request.operation, request.verb) == (operation, expected)
    assert Request.parse(*request.encode()) == request


def test_the_address_of_v3_is_a_parameter() -> None:
    request = Request.parse("/v3/suppression/bounces/a%2Fb+c%20@d?limit=5")
    assert request.parameters == (("email", "a/b+c @d"), ("limit", "5"))
    assert request.encode().url == "/v3/suppression/bounces/a%2Fb%2Bc%20@d?limit=5"
    assert request.problems() == []
    assert request != Request.parse("/v3/suppression/bounces?email=a/b%2Bc%20@d&limit=5")


def test_the_body_of_a_v3_call_is_kept() -> None:
    body = '{"delete_all": false, "emails": ["a@b"]}'
    request = Request.parse("/v3/suppression/bounces", body.encode(), "DELETE")
    assert (request.operation, request.parameters) == ("bounces.delete", ())
    assert request.problems() == []
    assert request.encode() == Encoded("/v3/suppression/bounces", body, "DELETE")
    assert request != Request.parse("/v3/suppression/bounces", None, "DELETE")


VALUES = {
    "a=b+c": (("a", "b c"),),
    "a=b%2Bc": (("a", "b+c"),),
    "a%3Db=c%26d": (("a=b", "c&d"),),
    "a=b=c": (("a", "b=c"),),
    "a": (("a", ""),),
    "=a": (("", "a"),),
    "&&a=1&": (("a", "1"),),
    "a;b;=1;2": (("ab", "1;2"),),
    "a%3Bb=1": (("a;b", "1"),),
    "a=1&amp;b=2&amp;amp;c=3": (("a", "1"), ("b", "2"), ("c", "3")),
    "a=1&#38;b=2&#038;c=3": (("a", "1"), ("b", "2"), ("c", "3")),
    "a=1&amp;": (("a", "1"),),
    "a=1&#b=2": (("a", "1"),),
    "amp;a=1": (("ampa", "1"),),
    "a=100%&b=%zz&c=%4": (("a", "100%"), ("b", "%zz"), ("c", "%4")),
    "a=%C3%A9&b=é": (("a", "é"), ("b", "é")),
    "a=%E9": (("a", "\udce9"),),
    "a=%00%0A\x00": (("a", "\0\n\0"),),
    "a=%ED%A0%80": (("a", "\udced\udca0\udc80"),),
    "a=\udcc3\udca9": (("a", "é"),),
    "a=x y&b=1": (("a", "x y"), ("b", "1")),
    "a=1?b=2": (("a", "1?b=2"),),
}


@pytest.mark.parametrize(("query", "parameters"), VALUES.items(), ids=map(repr, VALUES))
def test_values_are_read_as_servers_read_them(
    query: str, parameters: tuple[tuple[str, str], ...]
) -> None:
    request = Request.parse(f"/api/bounces.get.json?{query}")
    assert request.parameters == parameters
    assert Request.parse(*request.encode()).parameters == parameters
    if "#" not in query:
        in_form = Request.parse("/api/bounces.get.json", query.encode("utf-8", "surrogateescape"))
        assert in_form == request
        assert Request.parse(*in_form.encode()).parameters == parameters
