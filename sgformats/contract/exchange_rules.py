"""Rules on whether an answer matches its call: one function for each, all in one table.

A rule takes the `Facts` of an exchange and yields a `Problem` for each violation, in document
order. It reports only what is certain: if a parameter is invalid or ambiguous, it reports nothing.
The meaning and the severity of each rule are in `sgformats.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from sgformats.captures.exchange import Exchange
from sgformats.contract.answer import Answer
from sgformats.contract.checkedcall import CheckedCall
from sgformats.contract.ranges import (
    DateRange,
    last_days,
    moment,
    read_time,
    since,
    since_day,
    until,
    until_day,
)
from sgformats.errors import Location, Problem, quote
from sgformats.records import Failure, Listing, Success
from sgformats.rules import problem_of
from sgformats.secrets import kind_of

# Placeholders for a removed secret.
_PLACEHOLDER = re.compile(
    r"""\** | x{3,} | \.{3} | -+ | <.*> | \[.*\] | [$#%]?\{.*\} | %.*% | \$\w+ | \w{0,16}[_-]?placeholder
      | redacted | filtered | hidden | removed | masked | scrubbed | sanitized | anonymi[sz]ed | changeme
      | (?:your|my|the|some|fake|dummy|test|sendgrid|api)?[_-]?(?:api|user)?[_-]?
        (?:key|password|secret|token)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


class Facts(NamedTuple):
    """An exchange for the rules; `call` is None if the capture has no call."""

    exchange: Exchange
    call: CheckedCall | None
    answer: Answer | None


Rule = Callable[[Facts], Iterator[Problem]]


# About the call alone.


def secret_in_url(facts: Facts) -> Iterator[Problem]:
    """ "`api_key` is the account's password, and in GET calls it stands in the URL"."""
    if facts.call is None:
        return
    request = facts.call.request
    before = request.base.rpartition("@")[0]
    _, colon, password = before.rpartition("//")[2].partition(":")
    if colon and not _PLACEHOLDER.fullmatch(password):
        url = facts.exchange.url or request.base
        index = max(url.find(request.base), 0) + len(before) - len(password)
        offset = len(url[:index].encode("utf-8", "surrogatepass"))
        location = Location("password", "//password", 1, index + 1, offset)
        yield problem_of("secret-in-url", location, "", "password before the host")
    for (name, value), place in zip(request.parameters, facts.call.places, strict=False):
        if place.source != "query" or _PLACEHOLDER.fullmatch(value):
            continue
        # Keys and passwords, but not users.
        if value and kind_of(name) not in (None, "user"):
            location = place.location(name, place.value)
            expected, found = f"{quote(name)} in the form of a POST", f"{quote(name)} in the URL"
            yield problem_of("secret-in-url", location, expected, found)


# About the answer as a whole.


def status_mismatch(facts: Facts) -> Iterator[Problem]:
    """Under a status of the 200s, older calls fail "in words (HTTP 200!)"; v3 does not."""
    status, answer = facts.exchange.status, facts.answer
    if not status or answer is None:
        return
    reply, call = answer.reply, facts.call
    expected = None
    if isinstance(reply, Failure):
        if status >= 400 and reply.code is not None and reply.code >= 400 and reply.code != status:
            expected = f"the HTTP status {reply.code} of the failure"
        elif call is not None and call.request.surface == "v3" and 200 <= status < 300:
            expected = "an HTTP status of the 400s or 500s with a failure"
    elif reply is not None and not 200 <= status < 300:
        found = {Listing: "a list", Success: "a success"}.get(type(reply), "a count")
        expected = f"an HTTP status of the 200s with {found}"
    if expected is None and status == 204 and facts.exchange.body:
        expected = "another HTTP status with a body"
    if expected is not None:
        yield problem_of("status-mismatch", answer.whole(), expected, str(status))


def wrong_format(facts: Facts) -> Iterator[Problem]:
    """ "The format is the URL's extension: `.xml` or `.json`"; v3 has only its own JSON."""
    call, answer = facts.call, facts.answer
    if call is None or answer is None or answer.format in (None, call.request.format):
        return
    expected = f"{call.request.format}, as the call says"
    yield problem_of("wrong-format", answer.whole(), expected, str(answer.format))


# About the records of a list.


def missing_created(facts: Facts) -> Iterator[Problem]:
    """`date` = `1`: "return timestamps"."""
    call, answer = facts.call, facts.answer
    if call is None or answer is None or _dates(call, answer) != {"1"}:
        return
    for number, row in enumerate(answer.rows):
        if row.has_created is False:
            empty = answer.has(number, "created")
            at = answer.value(number, "created") if empty else answer.lacking(number, "created")
            found = "an empty created" if empty else "no created"
            message = f"the call said date=1, but the record has {found}"
            yield problem_of("missing-created", at, "created", found, message=message)


def unexpected_created(facts: Facts) -> Iterator[Problem]:
    """ "Without `date=1` the field is absent, or (an older page) present and empty"."""
    call, answer = facts.call, facts.answer
    if call is None or answer is None or _dates(call, answer) not in (set(), {"0"}):
        return
    for number, row in enumerate(answer.rows):
        if row.has_created:
            at, found = answer.field(number, "created"), "created"
            message = "the record has created, but the call did not say date=1"
            yield problem_of("unexpected-created", at, "", found, message=message)


def _dates(call: CheckedCall, answer: Answer) -> set[str] | None:
    """The values of `date`; None for v3, which always sends timestamps."""
    older = call.takes("date") and answer.format != "json-v3"
    return set(call.values("date")) if older else None


def too_many_records(facts: Facts) -> Iterator[Problem]:
    """`limit`; no page says whether 0 means none or all."""
    call, answer = facts.call, facts.answer
    limit = int(call.value("limit") or 0) if call is not None else 0
    if answer is None or not limit or len(answer.rows) <= limit:
        return
    expected, found = f"at most {limit} records", f"{len(answer.rows)}"
    message = f"the call said limit={limit}, but the list has {found} records"
    at = answer.record(limit)
    yield problem_of("too-many-records", at, expected, f"{found} records", message=message)


def out_of_range(facts: Facts) -> Iterator[Problem]:
    """`days`, `start_date` < `end_date`; in v3 `start_time` and `end_time`."""
    call, answer = facts.call, facts.answer
    if call is None or answer is None:
        return
    ranges = _ranges(call, facts.exchange.time)
    if not ranges:
        return
    for number, row in enumerate(answer.rows):
        if row.created is None:
            continue
        found = moment(row.created)
        for parameter, allowed in ranges.items():
            if found.misses(allowed):
                shown = row.created.replace(tzinfo=None).isoformat(" ")
                zone = "" if row.created.tzinfo is None else " UTC"
                at = answer.value(number, "created")
                yield problem_of("out-of-range", at, f"created within {parameter}", shown + zone)
                break


def _ranges(call: CheckedCall, time: str | None) -> Mapping[str, DateRange]:
    """The range that each time parameter allows, by parameter."""
    ranges: dict[str, DateRange] = {}
    for start, end, first, last in (
        ("start_date", "end_date", since_day, until_day),
        ("start_time", "end_time", since, until),
    ):
        sides = ((start, first), (end, last))
        # A start after its end makes both invalid.
        if any(call.values(name) and call.value(name) is None for name, _ in sides):
            continue
        for name, bound in sides:
            value = call.value(name)
            if value is not None:
                ranges[f"{name}={value}"] = bound(value)
    days, now = call.value("days"), read_time(time)
    if days is not None and now is not None:
        ranges[f"days={days}"] = last_days(int(days), now)
    return ranges


def unrelated_record(facts: Facts) -> Iterator[Problem]:
    """`email`: only the records of that address."""
    call, answer = facts.call, facts.answer
    email = call.value("email") if call is not None else None
    if answer is None or email is None:
        return
    wanted = {_address(email), _address(unquote(email))}
    for number, row in enumerate(answer.rows):
        if row.email is not None and _address(row.email) not in wanted:
            expected, found = f"a record of {quote(email)}", f"a record of {quote(row.email)}"
            yield problem_of("unrelated-record", answer.value(number, "email"), expected, found)


def _address(text: str) -> str:
    """An address without differences that are not certain."""
    return text.strip().replace(" ", "+").casefold()


EXCHANGE_RULES: Mapping[str, Rule] = {
    "secret-in-url": secret_in_url,
    "status-mismatch": status_mismatch,
    "wrong-format": wrong_format,
    "missing-created": missing_created,
    "unexpected-created": unexpected_created,
    "too-many-records": too_many_records,
    "out-of-range": out_of_range,
    "unrelated-record": unrelated_record,
}
