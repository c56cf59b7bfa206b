"""URLs, forms and arguments that are no call of this API are refused, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from sgformats.errors import ArgumentError, UnknownOperationError
from sgformats.operations import OPERATIONS
from sgformats.request import Request
from tests.request.requestkit import KEY

OTHER_URLS = {
    "": "another URL",
    "   ": "another URL",
    "GET": "another URL",
    "https://sendgrid.com": "another URL",
    "https://sendgrid.com/": 'the path "/"',
    "/api/mail.send.json": 'the path "/api/mail.send.json", whose method "mail" is unknown',
    "/api/bounces.get": (
        'the path "/api/bounces.get", which lacks .json or .xml; did you mean /api/bounces.get.json?'
    ),
    "/api/bounces.get.json.xml": 'the path "/api/bounces.get.json.xml"',
    "/api/bounces.get.JSON": (
        'the path "/api/bounces.get.JSON", whose suffix .JSON is not in lower case; '
        "did you mean /api/bounces.get.json?"
    ),
    "/api/Bounces.get.json": (
        'the path "/api/Bounces.get.json", whose method "Bounces" is unknown; '
        "did you mean /api/bounces.get.json?"
    ),
    "/api/bounce.get.xml": (
        'the path "/api/bounce.get.xml", whose method "bounce" is unknown; '
        "did you mean /api/bounces.get.xml?"
    ),
    "/apiv2/user.invalidemail.xml": (
        'the path "/apiv2/user.invalidemail.xml", whose method "invalidemail" is unknown; '
        "did you mean /apiv2/user.invalidemails.xml?"
    ),
    "/api/bounces.add.json": (
        'the path "/api/bounces.add.json", whose task "add" is unknown to bounces'
    ),
    "/api/bounces.delet.json": (
        'the path "/api/bounces.delet.json", whose task "delet" is unknown to bounces; '
        "did you mean /api/bounces.delete.json?"
    ),
    "/api/bounces.get.json/": (
        'the path "/api/bounces.get.json/", with a slash at its end; '
        "did you mean /api/bounces.get.json?"
    ),
    "/api//bounces.get/": (
        'the path "/api//bounces.get/", with a doubled slash and a slash at its end, '
        "which lacks .json or .xml; did you mean /api/bounces.get.json?"
    ),
    "/x/api/bounces.get.json": 'the path "/x/api/bounces.get.json"',
    "https://h//api/bounces.get.json": (
        'the path "//api/bounces.get.json"'
        ", with a doubled slash; did you mean /api/bounces.get.json?"
    ),
    "/apiv2/bounces.get.json": 'the path "/apiv2/bounces.get.json"',
    "/apiv2/customer.profile.json": (
        'the path "/apiv2/customer.profile.json", whose method "profile" is unknown'
    ),
    "/api/user.manage.json": ('the path "/api/user.manage.json", whose method "manage" is unknown'),
    "/api/distributor.subuserManage.json": 'the path "/api/distributor.subuserManage.json"',
    "/apiv2/reseller.get.json": 'the path "/apiv2/reseller.get.json"',
    "/v3/suppression": 'the path "/v3/suppression"',
    "/v3/suppression/bounces/": (
        'the path "/v3/suppression/bounces/"'
        ", with a slash at its end; did you mean /v3/suppression/bounces?"
    ),
    "/v3/suppression/bounces/a/b": 'the path "/v3/suppression/bounces/a/b"',
    "/v3/suppression/bounce": (
        'the path "/v3/suppression/bounce", whose list "bounce" is unknown; '
        "did you mean /v3/suppression/bounces?"
    ),
    "/v3/suppression/bounces/classifications": (
        'the path "/v3/suppression/bounces/classifications", which is no list of addresses'
    ),
    "/v3/suppressions/bounces": 'the path "/v3/suppressions/bounces"',
    "/v3/asm/groups": 'the path "/v3/asm/groups"',
    "http:/user:pw@sendgrid.com/x": "another URL",
    "ftp://h/api/bounces.get.json": 'the path "//h/api/bounces.get.json"',
    f"/api/x.get.json&%61pi_key={KEY}": "another URL",
    "/\x00": "another URL",
}


@pytest.mark.parametrize(("url", "found"), OTHER_URLS.items(), ids=map(repr, OTHER_URLS))
def test_other_urls_are_refused(url: str, found: str) -> None:
    with pytest.raises(UnknownOperationError) as caught:
        Request.parse(url)
    assert str(caught.value) == (
        f"expected a call of this API such as /api/invalidemails.get.json, found {found}"
    )


def test_the_global_unsubscribes_are_only_listed() -> None:
    url = "/v3/suppression/unsubscribes"
    assert Request.parse(url).operation == "unsubscribes.get"
    with pytest.raises(UnknownOperationError, match=r'^expected GET, found "DELETE"$'):
        Request.parse(url, verb="DELETE")
    (problem,) = Request.parse(f"{url}/lea@garden.example").problems()
    assert (problem.rule, problem.location.path) == ("unknown-parameter", "email")


INCOMPLETE: dict[str, tuple[tuple[Any, ...], str]] = {
    "no method": (
        ("/api/distributor.manage.xml?task=get",),
        "expected one method among the parameters, found none",
    ),
    "no task": (("/api/user.bounces.xml",), "expected one task among the parameters, found none"),
    "two tasks": (
        ("/api/user.bounces.xml?task=get", "task=delete"),
        "expected one task among the parameters, found several",
    ),
    "an unknown task": (
        ("/api/user.bounces.xml?task=wipe",),
        'expected the operation of a call, found "bounces.wipe"',
    ),
    "a method that is nearly one": (
        ("/api/distributor.manage.xml?method=bounce&task=get",),
        'expected the operation of a call, found "bounce.get"; did you mean bounces.get?',
    ),
    "an unknown method": (
        (f"/api/distributor.manage.xml?method=%26api_key={KEY}&task=get",),
        'expected the operation of a call, found "&api_key=***"',
    ),
    "a legacy verb": (("/api/bounces.get.xml", None, "PUT"), 'expected GET or POST, found "PUT"'),
    "a v3 verb": (("/v3/suppression/bounces", "{}", None), 'expected GET or DELETE, found "POST"'),
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


@pytest.mark.parametrize(("arguments", "message"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_incomplete_calls_are_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Request.parse(*arguments)
    assert str(caught.value) == message


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
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
    "content": ({"content": "x"}, "expected parameters, found other content, which only v3 takes"),
}


@pytest.mark.parametrize(("changes", "message"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_request_is_refused(changes: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {"operation": "bounces.get", "format": "xml", "surface": "web"}
    with pytest.raises(ArgumentError) as caught:
        Request(**{**values, **changes})
    assert str(caught.value) == message
