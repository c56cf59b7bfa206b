"""Every problem of payloads that the corpus does not cover, exactly."""

from __future__ import annotations

import pytest

import sgformats
from sgformats.operations import OperationName
from sgformats.records import Count, Failure, Listing, SpamReport, Unsubscribe

XSI = b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:'
Found = tuple[str, str, str, int, bool]

# Operation, payload; for each problem its rule, path, native path, column, and whether tolerable.
CASES: list[tuple[str, bytes, list[Found]]] = [
    (
        "invalidemails.delete",
        b"<result><message>x</message><code>401</code></result>",
        [("unknown-shape", "code", "/result/code", 29, False)],
    ),
    (
        "invalidemails.delete",
        b"<result>text<code>401</code></result>",
        [("unknown-shape", "code", "/result/code", 13, False)],
    ),
    (
        "invalidemails.get",
        b"<invalidemails xmlns:x='urn:x' x:y='1'/>",
        [
            (
                "unknown-attribute",
                "@{urn:x}y",
                "/invalidemails/@*[local-name()='y' and namespace-uri()='urn:x']",
                32,
                True,
            )
        ],
    ),
    (
        "invalidemails.get",
        b'<a xmlns="it\'s"/>',
        [
            (
                "unknown-shape",
                "",
                "/*[local-name()='a' and namespace-uri()=concat('it', \"'\", 's')]",
                1,
                False,
            )
        ],
    ),
    (
        "invalidemails.get",
        b"<invalidemails " + XSI + b'type="x"/>',
        [("unknown-shape", "", "/invalidemails", 1, False)],
    ),
    (
        "invalidemails.get",
        b"<invalidemails " + XSI + b'nil="true"/>',
        [
            (
                "unknown-attribute",
                "@{http://www.w3.org/2001/XMLSchema-instance}nil",
                "/invalidemails/@*[local-name()='nil' and "
                "namespace-uri()='http://www.w3.org/2001/XMLSchema-instance']",
                68,
                True,
            )
        ],
    ),
    (
        "invalidemails.get",
        b'[{"email":"a","reason":"b","a/b~c":1,"x":{}}]',
        [
            ("unknown-field", "[0].a/b~c", "/0/a~1b~0c", 28, True),
            ("unknown-field", "[0].x", "/0/x", 38, True),
        ],
    ),
    (
        "invalidemails.get",
        b"<invalidemails>a<invalidemail>b</invalidemail><x/><x>y</x></invalidemails>",
        [
            ("unexpected-text", "", "/invalidemails", 16, False),
            ("missing-field", "[0].email", "/invalidemails/invalidemail[1]", 17, False),
            ("missing-field", "[0].reason", "/invalidemails/invalidemail[1]", 17, False),
            ("unexpected-text", "[0]", "/invalidemails/invalidemail[1]", 31, False),
            ("unknown-field", "x", "/invalidemails/x", 47, True),
            ("unknown-field", "x", "/invalidemails/x", 51, False),
        ],
    ),
    (
        "bounces.delete",
        b'{"message":"error","errors":"a"}',
        [("wrong-type", "errors", "/errors", 29, False)],
    ),
    (
        "invalidemails.get",
        b'<xml:a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
        [
            (
                "unknown-shape",
                "",
                "/*[local-name()='a' and namespace-uri()='http://www.w3.org/XML/1998/namespace']",
                1,
                False,
            )
        ],
    ),
    (
        "invalidemails.get",
        b"<invalidemails xmlns:x='u'><x:a xmlns:x='v'/><x:a/></invalidemails>",
        [
            (
                "unknown-field",
                f"{{{namespace}}}a",
                f"/invalidemails/*[local-name()='a' and namespace-uri()='{namespace}']",
                column,
                True,
            )
            for namespace, column in (("v", 28), ("u", 46))
        ],
    ),
    ("bounces.count", b'{"count":1.5}', [("invalid-number", "count", "/count", 10, False)]),
    ("bounces.count", b'{"count":1e400}', [("invalid-number", "count", "/count", 10, False)]),
    ("bounces.count", b'{"count":true}', [("wrong-type", "count", "/count", 10, False)]),
]


@pytest.mark.parametrize("name, data, found", CASES)
def test_every_problem_has_an_exact_location(
    name: OperationName, data: bytes, found: list[Found]
) -> None:
    assert [
        (p.rule, p.location.path, p.location.native, p.location.column, p.tolerable)
        for p in sgformats.validate(data, name)
    ] == found


def test_a_refusal_by_the_schema_is_quoted() -> None:
    (problem,) = sgformats.validate(b"<invalidemails " + XSI + b'type="x"/>', "invalidemails.get")
    assert problem.message.startswith(
        "expected a payload that the schema accepts, found Element 'invalidemails', attribute"
    )


def test_schema_location_hints_are_ignored() -> None:
    data = b"<bounces " + XSI + b'noNamespaceSchemaLocation="http://x.invalid/x.xsd"/>'
    assert sgformats.parse(data, "bounces.get") == Listing("bounces", ())


# Payloads that only lax mode accepts, and the reply.
LAX = [
    ("bounces.count", b"<result><count> 2\n</count><result> </result></result>", Count(2)),
    ("bounces.delete", b"<result><message>a</message><x>b</x></result>", Failure("a")),
    ("spamreports.get", b'{"email":"a","x":1}', Listing("spamreports", (SpamReport("a"),))),
    (
        "unsubscribes.get",
        b"<unsubscribe id='1'><email>a</email></unsubscribe>",
        Listing("unsubscribes", (Unsubscribe("a"),)),
    ),
]


@pytest.mark.parametrize("name, data, reply", LAX)
def test_lax_mode_ignores_meaningless_parts(
    name: OperationName, data: bytes, reply: sgformats.Reply
) -> None:
    assert sgformats.parse(data, name, mode="lax") == reply
    problems = sgformats.validate(data, name)
    assert problems and all(problem.tolerable for problem in problems)
