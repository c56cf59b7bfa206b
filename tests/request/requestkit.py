"""Calls for the tests of requests."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from sgformats.operations import OPERATIONS, Surface
from sgformats.request import Request
from sgformats.request.parameters import surfaces_of

KEY = "s3cr3tKEY"
USER = "whoASKS"
WHO = f"api_user={USER}&api_key={KEY}"
PRINTED = (
    "https://sendgrid.com/api/distributor.manage.xml?api_user=username&api;_key=secureSecret"
    "&method;=invalidemails&user;=customer@example.com&task;=get&date;=1"
)


def rules_of(request: Request) -> list[tuple[str, str]]:
    return [(problem.rule, problem.location.native) for problem in request.problems()]


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
_TEXT = st.text(max_size=8)
_NAMES = st.sampled_from(["api_user", "api_key", "email", "date", "task", "limit"]) | _TEXT


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests of every surface, some with wrong parameters."""
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
