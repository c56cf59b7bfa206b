"""Rules on whether an answer matches its call: one function for each, all in one table.

A rule takes the `Facts` of an exchange and yields a `Problem` for each violation, in document order.
It reports only what is certain: if a parameter is invalid or ambiguous, it reports nothing. The
meaning and the severity of each rule are in `sgformats.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from sgformats.captures.exchange import Exchange
from sgformats.contract.answer import Answer
from sgformats.contract.asked import Asked
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

# What stands for a secret that someone took out.
_TAKEN_OUT = re.compile(
    r"""\** | x{3,} | \.{3} | -+ | <.*> | \[.*\] | [$#%]?\{.*\} | %.*% | \$\w+ | \w{0,16}[_-]?placeholder
      | redacted | filtered | hidden | removed | masked | scrubbed | sanitized | anonymi[sz]ed | changeme
      | (?:your|my|the|some|fake|dummy|test|sendgrid|api)?[_-]?(?:api|user)?[_-]?
        (?:key|password|secret|token)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


class Facts(NamedTuple):
    """An exchange as the rules see it; no `asked` where the capture tells no call."""

    exchange: Exchange
    asked: Asked | None
    answer: Answer | None


Rule = Callable[[Facts], Iterator[Problem]]


# About the call alone.


def secret_in_url(facts: Facts) -> Iterator[Problem]:
    """ "`api_key` is the account's password, and in GET calls it stands in the URL"."""
    if facts.asked is None:
        return
    request = facts.asked.request
    before = request.base.rpartition("@")[0]
    _, colon, password = before.rpartition("//")[2].partition(":")
    if colon and not _TAKEN_OUT.fullmatch(password):
        url = facts.exchange.url or request.base
        index = max(url.find(request.base), 0) + len(before) - len(password)
        offset = len(url[:index].encode("utf-8", "surrogatepass"))
        location = Location("password", "//password", 1, index + 1, offset)
        yield problem_of("secret-in-url", location, "", "password before the host")
    for (name, value), place in zip(request.parameters, facts.asked.places, strict=False):
        if place.source != "query" or _TAKEN_OUT.fullmatch(value):
            continue
        # What is hidden even where who asks is not: a key or a password.
        if value and kind_of(name) not in (None, "user"):
            location = place.location(name, place.value)
            expected = f"{quote(name)} in the form of a POST"
            yield problem_of("secret-in-url", location, expected, "it in the URL")


# About the answer as a whole.


def status_mismatch(facts: Facts) -> Iterator[Problem]:
    """Under a status of the 200s, older calls fail "in words (HTTP 200!)"; the successor does not."""
    status, answer = facts.exchange.status, facts.answer
    if not status or answer is None:
        return
    reply, asked = answer.reply, facts.asked
    expected = None
    if isinstance(reply, Failure):
        if status >= 400 and reply.code is not None and reply.code >= 400 and reply.code != status:
            expected = f"the HTTP status {reply.code} that the failure tells"
        elif asked is not None and asked.request.surface == "v3" and 200 <= status < 300:
            expected = "an HTTP status of the 400s or 500s with a failure"
    elif reply is not None and not 200 <= status < 300:
        found = {Listing: "a list", Success: "a success"}.get(type(reply), "a count")
        expected = f"an HTTP status of the 200s with {found}"
    if expected is None and status == 204 and facts.exchange.body:
        expected = "another HTTP status with a body"
    if expected is not None:
        yield problem_of("status-mismatch", answer.whole(), expected, str(status))


def wrong_format(facts: Facts) -> Iterator[Problem]:
    """ "The format is the URL's extension: `.xml` or `.json`"; v3 has JSON of its own alone."""
    asked, answer = facts.asked, facts.answer
    if asked is None or answer is None or answer.format in (None, asked.request.format):
        return
    expected = f"{asked.request.format}, as the call says"
    yield problem_of("wrong-format", answer.whole(), expected, str(answer.format))


# About the records of a list.


def missing_created(facts: Facts) -> Iterator[Problem]:
    """`date` = `1`: "return timestamps"."""
    asked, answer = facts.asked, facts.answer
    if asked is None or answer is None or _dates(asked, answer) != {"1"}:
        return
    for number, row in enumerate(answer.rows):
        if row.told is False:
            empty = answer.has(number, "created")
            at = answer.value(number, "created") if empty else answer.lacking(number, "created")
            found = "an empty created" if empty else "no created"
            message = f"the call said date=1, but the record has {found}"
            yield problem_of("missing-created", at, "created", found, message=message)


def unexpected_created(facts: Facts) -> Iterator[Problem]:
    """ "Without `date=1` the field is absent, or (an older page) present and empty"."""
    asked, answer = facts.asked, facts.answer
    if asked is None or answer is None or _dates(asked, answer) not in (set(), {"0"}):
        return
    for number, row in enumerate(answer.rows):
        if row.told:
            at, found = answer.field(number, "created"), "created"
            message = "the record has created, but the call did not say date=1"
            yield problem_of("unexpected-created", at, "", found, message=message)


def _dates(asked: Asked, answer: Answer) -> set[str] | None:
    """What was given for `date`; None in the successor, which always tells."""
    older = asked.takes("date") and answer.format != "json-v3"
    return set(asked.values("date")) if older else None


def too_many_records(facts: Facts) -> Iterator[Problem]:
    """`limit`; whether 0 means none or all, no page says."""
    asked, answer = facts.asked, facts.answer
    limit = int(asked.value("limit") or 0) if asked is not None else 0
    if answer is None or not limit or len(answer.rows) <= limit:
        return
    expected, found = f"at most {limit} records", f"{len(answer.rows)}"
    message = f"the call said limit={limit}, but the list has {found} records"
    at = answer.record(limit)
    yield problem_of("too-many-records", at, expected, f"{found} records", message=message)


def out_of_range(facts: Facts) -> Iterator[Problem]:
    """`days`, `start_date` < `end_date`; in v3 `start_time` and `end_time`."""
    asked, answer = facts.asked, facts.answer
    if asked is None or answer is None:
        return
    ranges = _ranges(asked, facts.exchange.time)
    if not ranges:
        return
    for number, row in enumerate(answer.rows):
        if row.created is None:
            continue
        found = moment(row.created)
        for said, asked_for in ranges.items():
            if found.misses(asked_for):
                shown = row.created.replace(tzinfo=None).isoformat(" ")
                zone = "" if row.created.tzinfo is None else " UTC"
                at = answer.value(number, "created")
                yield problem_of("out-of-range", at, f"created within {said}", shown + zone)
                break


def _ranges(asked: Asked, time: str | None) -> Mapping[str, DateRange]:
    """The range that each time parameter allows, by parameter."""
    ranges: dict[str, DateRange] = {}
    for start, end, first, last in (
        ("start_date", "end_date", since_day, until_day),
        ("start_time", "end_time", since, until),
    ):
        sides = ((start, first), (end, last))
        # A start after its end makes both invalid.
        if any(asked.values(name) and asked.value(name) is None for name, _ in sides):
            continue
        for name, bound in sides:
            value = asked.value(name)
            if value is not None:
                ranges[f"{name}={value}"] = bound(value)
    days, now = asked.value("days"), read_time(time)
    if days is not None and now is not None:
        ranges[f"days={days}"] = last_days(int(days), now)
    return ranges


def unrelated_record(facts: Facts) -> Iterator[Problem]:
    """`email`: the records of that address alone."""
    asked, answer = facts.asked, facts.answer
    email = asked.value("email") if asked is not None else None
    if answer is None or email is None:
        return
    wanted = {_address(email), _address(unquote(email))}
    for number, row in enumerate(answer.rows):
        if row.email is not None and _address(row.email) not in wanted:
            expected, found = f"a record of {quote(email)}", f"one of {quote(row.email)}"
            yield problem_of("unrelated-record", answer.value(number, "email"), expected, found)


def _address(text: str) -> str:
    """An address without what makes no certain difference."""
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
