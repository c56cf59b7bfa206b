"""A request says what a URL or form asks for, what is wrong in it, and never who asks with what."""

from __future__ import annotations

import pickle
import time
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgformats.errors import (
    ArgumentError,
    EncodeError,
    Location,
    Problem,
    SgformatsError,
    UnknownOperationError,
)
from sgformats.operations import OPERATIONS, Surface
from sgformats.parameters import parameters_of, surfaces_of
from sgformats.request import Encoded, Request
from sgformats.rules import RULES

KEY = "s3cr3tKEY"
USER = "whoASKS"
WHO = f"api_user={USER}&api_key={KEY}"
RESELLER = f"{WHO}&user=c@example.com&method=invalidemails"
PRINTED = (
    "https://sendgrid.com/api/distributor.manage.xml?api_user=username&api;_key=secureSecret"
    "&method;=invalidemails&user;=customer@example.com&task;=get&date;=1"
)


def rules_of(request: Request) -> list[tuple[str, str]]:
    return [(problem.rule, problem.location.native) for problem in request.problems()]


# Reading


def test_the_url_of_the_seed_is_read_as_printed() -> None:
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


def test_the_delete_of_the_seed_is_read_as_printed() -> None:
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


def test_query_and_form_are_taken_together() -> None:
    request = Request.parse(f"/api/bounces.get.json?{WHO}", "date=1&type=hard")
    assert request.parameters[2:] == (("date", "1"), ("type", "hard"))
    assert request.encode() == Encoded(f"/api/bounces.get.json?{WHO}", "date=1&type=hard", "POST")


CALLS: dict[str, tuple[str, str, str, str]] = {
    "/api/distributor.manage.json?method=blocks&task=get": (
        "blocks.get",
        "json",
        "reseller-v1",
        "/api/distributor.manage.json",
    ),
    "/api/distributor.manageSubuser.xml?task=add&method=unsubscribes": (
        "unsubscribes.add",
        "xml",
        "reseller-v1",
        "/api/distributor.manageSubuser.xml",
    ),
    "/apiv2/reseller.manage.xml?method=bounces&task=count": (
        "bounces.count",
        "xml",
        "reseller-v2",
        "/apiv2/reseller.manage.xml",
    ),
    "/apiv2/reseller.manageSubuser.json?method=bounces&task=delete": (
        "bounces.delete",
        "json",
        "reseller-v2",
        "/apiv2/reseller.manageSubuser.json",
    ),
    "/apiv2/reseller.subuserManage.json?method=spamreports&task=get": (
        "spamreports.get",
        "json",
        "reseller-v2",
        "/apiv2/reseller.subuserManage.json",
    ),
    "/apiv2/customer.spamreports.xml?task=delete": (
        "spamreports.delete",
        "xml",
        "subuser",
        "/apiv2/customer.spamreports.xml",
    ),
    "/api/user.unsubscribes.json?task=add": (
        "unsubscribes.add",
        "json",
        "subuser",
        "/api/user.unsubscribes.json",
    ),
    "/api/invalidemails.count.xml": (
        "invalidemails.count",
        "xml",
        "web",
        "/api/invalidemails.count.xml",
    ),
    "/api/invalid%65mails%2Eget.json": (
        "invalidemails.get",
        "json",
        "web",
        "/api/invalidemails.get.json",
    ),
    "/v3/suppression/spam_reports": (
        "spamreports.get",
        "json-v3",
        "v3",
        "/v3/suppression/spam_reports",
    ),
    "/v3/suppression/invalid_emails/a%2Fb+c@d": (
        "invalidemails.get",
        "json-v3",
        "v3",
        "/v3/suppression/invalid_emails",
    ),
    "DELETE /v3/suppression/blocks/a@b HTTP/1.1": (
        "blocks.delete",
        "json-v3",
        "v3",
        "/v3/suppression/blocks",
    ),
}


@pytest.mark.parametrize(("url", "expected"), CALLS.items(), ids=CALLS)
def test_every_surface_is_read(url: str, expected: tuple[str, str, str, str]) -> None:
    request = Request.parse(url)
    assert (request.operation, request.format, request.surface, request.path) == expected
    assert Request.parse(*request.encode()) == request


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("surface", get_args(Surface))
def test_every_operation_has_a_url_on_each_of_its_surfaces(
    surface: Surface, operation: str
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
def test_hosts_play_no_part(written: str, base: str) -> None:
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
def test_the_verb_is_taken_from_where_it_is_known(
    url: str, body: str | None, verb: str | None, operation: str, expected: str
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


def test_the_body_of_a_v3_call_is_kept_as_it_is() -> None:
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


# Refusing

STRANGERS = {
    "": "another URL",
    "   ": "another URL",
    "GET": "another URL",
    "https://sendgrid.com": "another URL",
    "https://sendgrid.com/": 'the path "/"',
    "/api/mail.send.json": 'the path "/api/mail.send.json"',
    "/api/bounces.get": 'the path "/api/bounces.get"',
    "/api/bounces.get.json.xml": 'the path "/api/bounces.get.json.xml"',
    "/api/bounces.get.JSON": 'the path "/api/bounces.get.JSON"',
    "/api/Bounces.get.json": 'the path "/api/Bounces.get.json"',
    "/api/bounces.add.json": 'the path "/api/bounces.add.json"',
    "/api/bounces.get.json/": 'the path "/api/bounces.get.json/"',
    "/x/api/bounces.get.json": 'the path "/x/api/bounces.get.json"',
    "https://h//api/bounces.get.json": 'the path "//api/bounces.get.json"',
    "/apiv2/bounces.get.json": 'the path "/apiv2/bounces.get.json"',
    "/apiv2/customer.profile.json": 'the path "/apiv2/customer.profile.json"',
    "/api/user.manage.json": 'the path "/api/user.manage.json"',
    "/api/distributor.subuserManage.json": 'the path "/api/distributor.subuserManage.json"',
    "/apiv2/reseller.get.json": 'the path "/apiv2/reseller.get.json"',
    "/v3/suppression": 'the path "/v3/suppression"',
    "/v3/suppression/bounces/": 'the path "/v3/suppression/bounces/"',
    "/v3/suppression/bounces/a/b": 'the path "/v3/suppression/bounces/a/b"',
    "/v3/suppression/unsubscribes": 'the path "/v3/suppression/unsubscribes"',
    "/v3/suppressions/bounces": 'the path "/v3/suppressions/bounces"',
    "/v3/asm/groups": 'the path "/v3/asm/groups"',
    "http:/user:pw@sendgrid.com/x": "another URL",
    "ftp://h/api/bounces.get.json": 'the path "//h/api/bounces.get.json"',
    f"/api/x.get.json&%61pi_key={KEY}": "another URL",
    "/\x00": "another URL",
}


@pytest.mark.parametrize(("url", "found"), STRANGERS.items(), ids=map(repr, STRANGERS))
def test_what_is_no_call_is_no_guess(url: str, found: str) -> None:
    with pytest.raises(UnknownOperationError) as caught:
        Request.parse(url)
    assert str(caught.value) == (
        f"expected a call of this API such as /api/invalidemails.get.json, found {found}"
    )


UNNAMED: dict[str, tuple[tuple[Any, ...], str]] = {
    "no method": (
        ("/api/distributor.manage.xml?task=get",),
        "expected one method among the parameters, found none",
    ),
    "no task": (
        ("/api/user.bounces.xml",),
        "expected one task among the parameters, found none",
    ),
    "two tasks": (
        ("/api/user.bounces.xml?task=get", "task=delete"),
        "expected one task among the parameters, found several",
    ),
    "an unknown task": (
        ("/api/user.bounces.xml?task=wipe",),
        'expected the operation of a call, found "bounces.wipe"',
    ),
    "an unknown method": (
        (f"/api/distributor.manage.xml?method=%26api_key={KEY}&task=get",),
        'expected the operation of a call, found "&api_key=***"',
    ),
    "a legacy verb": (("/api/bounces.get.xml", None, "PUT"), 'expected GET or POST, found "PUT"'),
    "a v3 verb": (
        ("/v3/suppression/bounces", "{}", None),
        'expected GET or DELETE, found "POST"',
    ),
    "half a character": (
        ("/api/bounces.get.xml?a=\ud800",),
        "expected text as url, found half a surrogate pair",
    ),
    "half a character in a body": (
        ("/api/bounces.get.xml", "a=\udfff"),
        "expected text as body, found half a surrogate pair",
    ),
    "bytes": ((b"/api/bounces.get.xml",), "expected str as url, found bytes"),
    "a number as body": (("/api/bounces.get.xml", 5), "expected str as body, found int"),
    "a number as verb": (("/api/bounces.get.xml", None, 5), "expected str as verb, found int"),
    "a body in JSON": (
        ("/api/bounces.get.xml", f'{{"api_key":"{KEY}"}}'),
        "expected a form as the body, found other content",
    ),
    "a body in parts": (
        ("/api/bounces.get.xml", f'--b\r\nDisposition: form; name="api_key"\r\n\r\n{KEY}\r\n--b--'),
        "expected a form as the body, found other content",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), UNNAMED.values(), ids=UNNAMED)
def test_what_cannot_be_read_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Request.parse(*arguments)
    assert str(caught.value) == message


MISMADE: dict[str, tuple[dict[str, Any], str]] = {
    "operation": (
        {"operation": OPERATIONS["bounces.get"]},
        "expected the name of an operation as str",
    ),
    "surface": (
        {"surface": "v4"},
        "expected a surface such as reseller-v1, reseller-v2, subuser, web, v3",
    ),
    "format": ({"format": "json-v3"}, "expected xml or json as format of web"),
    "v3 format": ({"surface": "v3"}, "expected json-v3 as format of v3"),
    "verb": ({"verb": "DELETE"}, "expected GET or POST as verb of bounces.get"),
    "v3 verb": (
        {"surface": "v3", "format": "json-v3", "verb": "POST"},
        "expected GET as verb of bounces.get",
    ),
    "list": ({"parameters": []}, "expected parameters as a tuple of pairs of str"),
    "single": ({"parameters": (("a",),)}, "expected parameters as a tuple of pairs of str"),
    "pair": ({"parameters": (("a", 1),)}, "expected parameters as a tuple of pairs of str"),
    "base": ({"base": 5}, "expected str as base, path and content"),
    "content": (
        {"content": "x"},
        "expected parameters, found other content, which only v3 takes",
    ),
}


@pytest.mark.parametrize(("changes", "message"), MISMADE.values(), ids=MISMADE)
def test_a_request_that_cannot_be_is_not_made(changes: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {"operation": "bounces.get", "format": "xml", "surface": "web"}
    with pytest.raises(ArgumentError) as caught:
        Request(**{**values, **changes})
    assert str(caught.value) == message


# Problems

PROBLEMS: dict[str, tuple[str, str | None, list[tuple[str, str, int]]]] = {
    "a reseller's get": (
        f"/api/distributor.manage.xml?{RESELLER}&task=get&date=1",
        None,
        [],
    ),
    "nothing but the operation": (
        "/api/distributor.manage.xml?method=bounces&task=get",
        None,
        [
            ("missing-parameter", "?api_user", 52),
            ("missing-parameter", "?api_key", 52),
            ("missing-parameter", "?user", 52),
        ],
    ),
    "a reseller's date": (
        f"/api/distributor.manage.xml?date=0&{RESELLER}&task=get",
        None,
        [("invalid-parameter", "?date", 34)],
    ),
    "a reseller's delete": (
        f"/apiv2/reseller.manage.xml?date=1&{RESELLER}&task=delete",
        None,
        [("unknown-parameter", "?date", 28), ("missing-parameter", "?email", 121)],
    ),
    "a subuser's date": (
        f"/api/user.bounces.xml?task=delete&date=0&user=u&email=a@b&{WHO}",
        None,
        [],
    ),
    "a subuser without user": (
        f"/api/user.bounces.xml?task=get&date=2&{WHO}",
        None,
        [("invalid-parameter", "?date", 37), ("missing-parameter", "?user", 73)],
    ),
    "a subuser's count": (
        f"/api/user.bounces.xml?task=count&user=u&{WHO}",
        None,
        [("invalid-parameter", "?task", 28)],
    ),
    "no query": (
        "/api/bounces.get.json#x",
        None,
        [("missing-parameter", "?api_user", 22), ("missing-parameter", "?api_key", 22)],
    ),
    "a form": (
        "/api/bounces.get.json?api_user=u",
        "x=1&date=2",
        [
            ("unknown-parameter", "form:x", 1),
            ("invalid-parameter", "form:date", 10),
            ("missing-parameter", "form:api_key", 11),
        ],
    ),
    "a form with space around": (
        "/api/bounces.get.json",
        " x=1\n",
        [
            ("unknown-parameter", "form:x", 2),
            ("missing-parameter", "form:api_user", 5),
            ("missing-parameter", "form:api_key", 5),
        ],
    ),
    "twice": (
        f"/api/bounces.get.json?date=1&date=2&{WHO}&api_key={KEY}",
        None,
        [("invalid-parameter", "?date", 35), ("invalid-parameter", "?api_key", 80)],
    ),
    "in query and form": (
        f"/api/bounces.get.json?{WHO}",
        f"api_key={KEY}",
        [("invalid-parameter", "form:api_key", 9)],
    ),
    "unknown twice": (
        f"/api/bounces.get.json?%78=1&x=2&{WHO}",
        None,
        [("unknown-parameter", "?x", 23), ("unknown-parameter", "?x", 29)],
    ),
    "nothing in credentials": (
        "/api/bounces.get.json?api_user=&api_key",
        None,
        [("invalid-parameter", "?api_user", 32), ("invalid-parameter", "?api_key", 40)],
    ),
    "other spellings": (
        f"/api/bounces.get.json?{WHO}&apikey=1&API_KEY=2",
        None,
        [("unknown-parameter", "?apikey", 58), ("unknown-parameter", "?API_KEY", 67)],
    ),
    "a web add": (
        f"/api/unsubscribes.add.json?{WHO}",
        None,
        [("missing-parameter", "?email", 62)],
    ),
    "a web wipe": (f"/api/unsubscribes.delete.json?{WHO}", None, []),
    "an address of a block": (
        f"/api/blocks.get.json?email=a@b&{WHO}",
        None,
        [("unknown-parameter", "?email", 22)],
    ),
    "days in order": (
        f"/api/bounces.get.json?start_date=2009-02-28&end_date=2009-03-01&{WHO}",
        None,
        [],
    ),
    "days of no order": (
        f"/api/bounces.get.json?end_date=2009-01-01&start_date=2009-01-01&{WHO}",
        None,
        [("invalid-parameter", "?start_date", 54)],
    ),
    "a day of no calendar": (
        f"/api/bounces.get.json?start_date=2009-02-29&end_date=2009-01-01&{WHO}",
        None,
        [("invalid-parameter", "?start_date", 34)],
    ),
    "v3 in bounds": (
        "/v3/suppression/bounces?limit=500&offset=0&start_time=5&end_time=5",
        None,
        [],
    ),
    "v3 out of bounds": (
        "/v3/suppression/bounces?limit=501&offset=-1&start_time=6&end_time=5",
        None,
        [
            ("invalid-parameter", "?limit", 31),
            ("invalid-parameter", "?offset", 42),
            ("invalid-parameter", "?start_time", 56),
        ],
    ),
    "v3 without its own limit": ("/v3/suppression/blocks?limit=501", None, []),
    "v3 with an address in the query": (
        "/v3/suppression/blocks?email=a@b&api_key=k",
        None,
        [("unknown-parameter", "?email", 24), ("unknown-parameter", "?api_key", 34)],
    ),
    "v3 with an address of bytes": (
        "https://h/v3/suppression/blocks/%FF",
        None,
        [("invalid-parameter", "/email", 33)],
    ),
    "v3 delete": (
        "DELETE /v3/suppression/blocks/a?limit=1",
        None,
        [("unknown-parameter", "?limit", 33)],
    ),
}


@pytest.mark.parametrize(("url", "body", "expected"), PROBLEMS.values(), ids=PROBLEMS)
def test_parameters_are_held_to_the_tables(
    url: str, body: str | None, expected: list[tuple[str, str, int]]
) -> None:
    problems = Request.parse(url, body).problems()
    assert [(p.rule, p.location.native, p.location.column) for p in problems] == expected
    assert [p.location.offset + 1 for p in problems] == [column for _, _, column in expected]
    assert [p.location.path for p in problems] == [
        native.lstrip("?/").removeprefix("form:") for _, native, _ in expected
    ]
    assert all(KEY not in str(problem) and USER not in str(problem) for problem in problems)


WRONG = {
    "date=01": 'expected 1 as date, found "01"',
    "days=0": 'expected a whole number from 1 as days, found "0"',
    "days=1.5": 'expected a whole number from 1 as days, found "1.5"',
    "days=": 'expected a whole number from 1 as days, found ""',
    "days=%D9%A3": 'expected a whole number from 1 as days, found "٣"',
    "limit=+5": 'expected a whole number from 0 as limit, found " 5"',
    "limit=-5": 'expected a whole number from 0 as limit, found "-5"',
    "offset=" + "9" * 5000: f'expected a whole number from 0 as offset, found "{"9" * 59}…"',
    "start_date=2009-1-1": (
        'expected a day of the form YYYY-MM-DD as start_date, found "2009-1-1"'
    ),
    "end_date=2009-01-01%0A": (
        'expected a day of the form YYYY-MM-DD as end_date, found "2009-01-01\\n"'
    ),
    "end_date=2009-02-29": 'expected a day of the calendar as end_date, found "2009-02-29"',
    "start_date=2009-01-02&end_date=2009-01-01": (
        'expected a day before end_date as start_date, found "2009-01-02"'
    ),
    "type=Hard": 'expected hard or soft as type, found "Hard"',
    "email=": 'expected a value as email, found ""',
    "email=%E9": 'expected UTF-8 as email, found "\\udce9"',
    "email=a&email=b": "unexpected second email",
    "page=2": 'unexpected parameter "page"',
    "%26api_key%3Dk=2": 'unexpected parameter "&api_key=***"',
}


@pytest.mark.parametrize(("query", "message"), WRONG.items(), ids=[q[:40] for q in WRONG])
def test_problems_say_what_was_expected(query: str, message: str) -> None:
    problems = Request.parse(f"/api/bounces.get.json?{query}&{WHO}").problems()
    assert [problem.message for problem in problems] == [message]


def test_a_bad_credential_is_not_shown() -> None:
    request = Request.parse(f"/api/bounces.get.json?api_user=u&api_key={KEY}%FF")
    assert [problem.message for problem in request.problems()] == [
        "expected UTF-8 as api_key, found ***"
    ]


def test_places_count_characters_and_bytes() -> None:
    url = f"https://hé/api/bounces.get.json?{WHO}&email=%C3%A9é&é=1&days=x€"
    assert Request.parse(url).problems() == [
        Problem(
            "unknown-parameter",
            "error",
            'unexpected parameter "é"',
            Location("é", "?é", 1, url.index("é=1") + 1, len(url[: url.index("é=1")].encode())),
        ),
        Problem(
            "invalid-parameter",
            "error",
            'expected a whole number from 1 as days, found "x€"',
            Location("days", "?days", 1, url.index("x€") + 1, len(url[: url.index("x€")].encode())),
        ),
    ]
    body = f"{WHO}&email=".encode() + b"\xe9\xc3\xa9&days=x"
    (_, problem) = Request.parse("/api/bounces.get.json", body).problems()
    assert problem.location == Location("days", "form:days", 1, len(body) - 1, len(body) - 1)


def test_a_request_made_by_hand_has_problems_where_encode_puts_them() -> None:
    request = Request("bounces.get", "json", "reseller-v2", (("method", "blocks"), ("x", "1")))
    assert rules_of(request) == [
        ("invalid-parameter", "?method"),
        ("unknown-parameter", "?x"),
        ("missing-parameter", "?api_user"),
        ("missing-parameter", "?api_key"),
        ("missing-parameter", "?user"),
        ("missing-parameter", "?task"),
    ]
    assert request.problems()[1].location == Location("x", "?x", 1, 43, 42)
    shorter = msgspec.structs.replace(Request.parse(PRINTED), parameters=(("task", "get"),))
    assert rules_of(shorter)[0] == ("missing-parameter", "?api_user")


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.stage == "request"])
def test_the_examples_of_the_rules_break_them(rule: Any) -> None:
    assert Request.parse(rule.example).problems()[0].rule == rule.name


# Writing


def test_requests_made_by_hand_travel() -> None:
    parameters = (("api_user", "u"), ("api_key", "k&=;+ %é"), ("email", "a+b@c"))
    get = Request("bounces.delete", "xml", "web", parameters, base="https://h")
    written = "api_user=u&api_key=k%26%3D%3B%2B%20%25%C3%A9&email=a%2Bb@c"
    assert get.encode() == Encoded(f"https://h/api/bounces.delete.xml?{written}", None, "GET")
    post = msgspec.structs.replace(get, verb="POST")
    assert post.encode() == Encoded("https://h/api/bounces.delete.xml", written, "POST")
    assert post == get
    v3 = Request("bounces.delete", "json-v3", "v3", (("email", ""), ("email", "a@b")))
    assert v3.encode() == Encoded("/v3/suppression/bounces/a@b?email=", None, "DELETE")
    assert Request.parse(*v3.encode()) == v3


def test_half_a_character_cannot_be_written() -> None:
    request = Request("bounces.get", "xml", "web", (("email", "a\ud83d"),))
    with pytest.raises(EncodeError) as caught:
        request.encode()
    assert str(caught.value) == (
        "cannot encode email, character 1: half a surrogate pair is no text"
    )
    assert "'a\\ud83d'" in repr(request)


def test_requests_are_values() -> None:
    request = Request.parse(PRINTED)
    assert pickle.loads(pickle.dumps(request)) == request
    assert pickle.loads(pickle.dumps(request)).problems() == request.problems()
    assert len({request, Request.parse(PRINTED.replace("https://sendgrid.com", ""))}) == 1
    assert request != PRINTED
    with pytest.raises(AttributeError):
        request.operation = "bounces.get"  # type: ignore[misc]
    match request:
        case Request(operation="invalidemails.get", surface=surface):
            assert surface == "reseller-v1"


def test_equal_requests_ask_for_the_same() -> None:
    one = Request.parse(f"/api/bounces.get.json?date=1&days=2&{WHO}")
    assert one == Request.parse(f"https://h/api/bounces.get.json?{WHO}&days=2", "date=1")
    assert one != Request.parse(f"/api/bounces.get.xml?date=1&days=2&{WHO}")
    assert one != Request.parse(f"/api/bounces.get.json?date=1&days=3&{WHO}")
    twice = Request.parse("/api/bounces.get.json?days=1&days=2")
    assert twice != Request.parse("/api/bounces.get.json?days=2&days=1")


# Hiding

SPELLINGS = (
    "api_key",
    "api;_key",
    "API_KEY",
    "apikey",
    "api-key",
    "api%5Fkey",
    "api%255Fkey",
    "%61pi_key",
    "x_api_key",
    "password",
)


@pytest.mark.parametrize("name", SPELLINGS)
def test_keys_are_hidden_however_they_are_spelled(name: str) -> None:
    in_query = Request.parse(f"/api/bounces.get.json?a=1&amp;{name}={KEY}")
    in_form = Request.parse("/api/bounces.get.json", f"{name}={KEY}")
    for request in (in_query, in_form):
        for shown in (repr(request), str(request), *map(str, request.problems())):
            assert KEY not in shown
        assert KEY not in str(request.redacted(keep_user=True).encode())
        assert request.redacted().parameters[-1][1] == "***"


def test_a_redacted_request_is_a_request() -> None:
    request = Request.parse(
        f"https://{USER}:{KEY}@h:1/api/bounces.get.json?days=0&api_user={USER};api_key={KEY}"
        f"&{WHO}&email=&x=%26api_key%3D{KEY}"
    )
    hidden = request.redacted()
    assert hidden.encode().url == (
        "https://***@h:1/api/bounces.get.json?days=0&api_user=***&api_user=***&api_key=***&email=&"
        "x=%26api_key%3D***"
    )
    assert hidden.problems() == request.problems()
    assert hidden.redacted() == hidden == Request.parse(*hidden.encode())
    assert request.redacted(keep_user=True).encode().url == (
        f"https://{USER}:***@h:1/api/bounces.get.json?days=0&api_user={USER}%3Bapi_key%3D***"
        f"&api_user={USER}&api_key=***&email=&x=%26api_key%3D***"
    )


def test_a_token_before_the_host_is_hidden_even_if_the_user_is_kept() -> None:
    request = Request.parse(f"{KEY}@h/v3/suppression/bounces", f'{{"api_key":"{KEY}"}}', "DELETE")
    for hidden in (request.redacted(), request.redacted(keep_user=True)):
        assert hidden.encode() == Encoded(
            "***@h/v3/suppression/bounces", '{"api_key":"***"}', "DELETE"
        )
    odd = Request.parse("/v3/suppression/bounces", f"password={KEY}", "DELETE")
    assert odd.redacted().content == "***"


def test_a_request_shows_itself_redacted() -> None:
    request = Request.parse(f"https://h/api/bounces.get.json?{WHO}&date=1")
    assert (
        repr(request)
        == str(request)
        == (
            "Request(operation='bounces.get', format='json', surface='web', "
            "parameters=(('api_user', '***'), ('api_key', '***'), ('date', '1')), "
            "base='https://h', path='/api/bounces.get.json', verb='GET')"
        )
    )
    assert dict(request.__rich_repr__())["parameters"][1] == ("api_key", "***")


# Properties

_TEXT = st.text(max_size=8)
_NAMES = st.sampled_from(["api_user", "api_key", "email", "date", "task", "limit"]) | _TEXT


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests of every surface, with parameters that may be wrong."""
    surface: Surface = draw(st.sampled_from(get_args(Surface)))
    known = [name for name, o in OPERATIONS.items() if surface != "v3" or "v3" in surfaces_of(o)]
    operation = OPERATIONS[draw(st.sampled_from(known))]
    pairs = draw(st.lists(st.tuples(_NAMES, _TEXT), max_size=5))
    if surface not in ("web", "v3"):
        pairs = [pair for pair in pairs if pair[0] not in ("method", "task")]
        pairs += [("method", operation.method.name), ("task", operation.task)]
    v3 = surface == "v3"
    return Request(
        operation.name,
        "json-v3" if v3 else draw(st.sampled_from(["xml", "json"])),
        surface,
        tuple(draw(st.permutations(pairs))),
        base=draw(st.sampled_from(["", "https://h", "//u:p@[::1]:x", "h:1"])),
        verb="" if v3 else draw(st.sampled_from(["", "GET", "POST"])),
        content=draw(st.none() | st.just("{}")) if v3 else None,
    )


@given(requests())
def test_encode_and_parse_undo_each_other(request: Request) -> None:
    again = Request.parse(*request.encode())
    assert again == request
    assert hash(again) == hash(request)
    assert again.encode() == request.encode()
    assert again.problems() == request.problems()
    assert again.redacted() == request.redacted() == Request.parse(*request.redacted().encode())


_WORDS = """https:// // h /api/ /apiv2/ /v3/suppression/ bounces bounces.get.json ? & = ; # &amp;
&#038; distributor.manage.xml customer.blocks.json method task get delete date % %5F %FF @ : [ ] 1 --
api_user {"""
_ODD = (" ", "\n", "\0", "\ud800", "\udce9", "é", "GET ", "DELETE ", " HTTP/1.1")
_PARTS = st.sampled_from([*_WORDS.split(), *_ODD])
_URLS = st.lists(_PARTS | st.characters(), max_size=20).map("".join) | st.text(
    st.characters(exclude_categories=())
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A URL that was one of a call before something was cut out and something put in."""
    url = draw(requests().map(lambda request: request.encode().url) | st.sampled_from([*CALLS]))
    start = draw(st.integers(0, len(url)))
    stop = draw(st.integers(start, min(len(url), start + 4)))
    return url[:start] + draw(_PARTS | st.just("")) + url[stop:]


_BODIES = st.none() | _URLS | st.binary()


@given(_URLS | mutated(), _BODIES, st.none() | st.sampled_from(["GET", "POST", "DELETE"]) | _TEXT)
@example("/v3/suppression/bounces/%ED%A0%80?\udcc3\udca9=\udcff", "%\udc80", "delete")
def test_any_text_is_a_request_or_refused(
    url: str, body: str | bytes | None, verb: str | None
) -> None:
    try:
        request = Request.parse(url, body, verb)
    except SgformatsError as error:
        assert error.args == (str(error),)
        return
    assert Request.parse(*request.encode()) == request
    assert Request.parse(*request.redacted().encode()) == request.redacted()
    texts = {"query": url, "path": url, "form": body if isinstance(body, str) else ""}
    for place in request.places:
        if isinstance(body, bytes) and place.source == "form":
            assert 0 <= place.name.offset <= place.value.offset <= len(body)
            continue
        for column, offset in (place.name, place.value):
            before = texts[place.source] or ""
            assert len(before[: column - 1].encode("utf-8", "surrogateescape")) == offset
    columns = [(p.rule, p.location.line) for p in request.problems()]
    assert {line for _, line in columns} <= {1}


@given(
    mutated(), st.booleans(), st.sampled_from(SPELLINGS[:-1]), st.sampled_from(["&", "&amp;", "?"])
)
def test_no_secret_is_ever_shown(url: str, in_form: bool, name: str, separator: str) -> None:
    secret = f"{name}={KEY}"
    address = f"https://{USER}:{KEY}@h" if url.startswith("/") else ""
    full = address + url + ("" if in_form else separator + secret)
    try:
        request = Request.parse(full, secret if in_form else None)
    except SgformatsError as error:
        shown = [repr(error), str(error)]
    else:
        hidden = request.redacted()
        shown = [repr(request), str(request), *map(repr, request.problems())]
        shown += [str(hidden.encode()), str(hidden.parameters)]
    assert [text for text in shown if KEY in text] == []


def test_reading_takes_linear_time() -> None:
    started = time.process_time()
    for part in (
        "&x=1",
        "%",
        "&amp;",
        "é=",
        "/",
        "#",
        "@",
        ":",
        " ",
        "&é=\udcff",
        "%41",
        "&#0",
        ";",
    ):
        for front in ("/api/bounces.get.json?", "h", "GET ", "/v3/suppression/blocks/", "http://"):
            text = front + part * 10_000
            for url, body in ((text, None), ("/api/bounces.get.json", text)):
                try:
                    request = Request.parse(url, body)
                except UnknownOperationError:
                    continue
                request.problems()
                repr(request)
    assert time.process_time() - started < 20
