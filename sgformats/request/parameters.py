"""The parameters of each surface and task, and the check of a call against them.

`parameters_of` returns the parameters of an operation on a surface. `check` returns the problems of
those that a call has, in order, and then the missing ones. The parameters of the web surface depend
on the method and are in `operations.py`; those of the other surfaces are the same for all methods.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from sgformats.errors import Problem, quote
from sgformats.operations import Operation, Parameter, Surface, Task
from sgformats.request.forms import Pair, Place
from sgformats.rules import problem_of
from sgformats.secrets import HIDDEN, hide_names, hide_value

_Row = tuple[Parameter, ...]

_CREDENTIALS: _Row = (Parameter("api_user", required=True), Parameter("api_key", required=True))
# "Customer must be registered under your account"
_USER = Parameter("user", required=True)

RESELLER: Mapping[Task, _Row] = {
    "get": (Parameter("date", "choice", choices=("1",)),),
    # "You must specify the invalid emails to remove"
    "delete": (Parameter("email", required=True),),
}

_SUBUSER: _Row = (Parameter("date", "choice", choices=("0", "1")), Parameter("email"))
SUBUSER: Mapping[Task, _Row] = {"get": _SUBUSER, "delete": _SUBUSER, "add": _SUBUSER}


def _task(operation: Operation, rows: Mapping[Task, _Row]) -> Parameter:
    known = tuple(task for task in operation.method.tasks if task in rows)
    choices = (operation.task,) if operation.task in known else known
    return Parameter("task", "choice", required=True, choices=choices)


def _reseller(operation: Operation) -> _Row:
    method = Parameter("method", "choice", required=True, choices=(operation.method.name,))
    task = _task(operation, RESELLER)
    return (*_CREDENTIALS, _USER, method, task, *RESELLER.get(operation.task, ()))


def _subuser(operation: Operation) -> _Row:
    task = _task(operation, SUBUSER)
    return (*_CREDENTIALS, _USER, task, *SUBUSER.get(operation.task, ()))


def _web(operation: Operation) -> _Row:
    return (*_CREDENTIALS, *dict(operation.method.parameters).get(operation.task, ()))


def _v3(operation: Operation) -> _Row:
    address: _Row = (Parameter("email"),) if operation.method.v3_address else ()
    if operation.task != "get":
        return address
    return (
        *address,
        Parameter("start_time", "seconds"),
        Parameter("end_time", "seconds"),
        Parameter("limit", "integer", most=operation.method.v3_limit),
        Parameter("offset", "integer"),
    )


_TABLES: Mapping[Surface, Callable[[Operation], _Row]] = {
    "reseller-v1": _reseller,
    "reseller-v2": _reseller,
    "subuser": _subuser,
    "web": _web,
    "v3": _v3,
}


def surfaces_of(operation: Operation) -> tuple[Surface, ...]:
    """The surfaces on which an operation is documented."""
    task = operation.task
    documented: Mapping[Surface, bool] = {
        "reseller-v1": task in RESELLER,
        "reseller-v2": task in RESELLER,
        "subuser": task in SUBUSER,
        "web": True,
        "v3": operation.in_v3,
    }
    return tuple(surface for surface, there in documented.items() if there)


def parameters_of(operation: Operation, surface: Surface) -> tuple[Parameter, ...]:
    """The parameters of an operation on a surface. In v3, `email` is the last path segment."""
    return _TABLES[surface](operation)


_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile("[0-9]{1,15}")
_BYTES = re.compile("[\udc80-\udcff]")


def _expected_text(_: Parameter, value: str) -> str | None:
    if _BYTES.search(value) is not None:
        return "UTF-8"
    return None if value else "a value"


def _expected_date(_: Parameter, value: str) -> str | None:
    if _DAY.fullmatch(value) is None:
        return "a day of the form YYYY-MM-DD"
    try:
        date.fromisoformat(value)
    except ValueError:
        return "a day of the calendar"
    return None


def _expected_integer(parameter: Parameter, value: str) -> str | None:
    if _DIGITS.fullmatch(value) is not None:
        least, most = parameter.least, parameter.most
        if least <= int(value) and (most is None or int(value) <= most):
            return None
    bound = "" if parameter.most is None else f" to {parameter.most}"
    return f"a whole number from {parameter.least}{bound}"


def _expected_seconds(_: Parameter, value: str) -> str | None:
    return None if _DIGITS.fullmatch(value) is not None else "Unix seconds"


def _expected_choice(parameter: Parameter, value: str) -> str | None:
    return None if value in parameter.choices else " or ".join(parameter.choices)


_EXPECTED: Mapping[str, Callable[[Parameter, str], str | None]] = {
    "text": _expected_text,
    "date": _expected_date,
    "integer": _expected_integer,
    "seconds": _expected_seconds,
    "choice": _expected_choice,
}
_ORDER: tuple[tuple[str, str, str, Callable[[str, str], bool]], ...] = (
    # "Must be in YYYY-MM-DD format and be before the end_date parameter"
    ("start_date", "end_date", "a day before end_date", lambda start, end: start < end),
    ("start_time", "end_time", "no time after end_time", lambda a, b: int(a) <= int(b)),
)


def check(
    operation: Operation, surface: Surface, given: Sequence[Pair], end: Place
) -> list[Problem]:
    """The problems of a call's parameters; `end` is the place of the missing ones."""
    table = parameters_of(operation, surface)
    known = {(row.name, surface == "v3" and row.name == "email"): row for row in table}
    first: dict[str, str] = {}
    problems: list[Problem] = []
    misordered = _misordered(known.values(), given)
    names = hide_names(pair[:2] for pair in given)
    for pair, shown_name in zip(given, names, strict=True):
        name = pair.name
        parameter = known.get((name, pair.place.source == "path"))
        if parameter is None:
            problems.append(_unknown(pair, shown_name))
        elif name in first:
            problems.append(_invalid("invalid-parameter", pair, "", f"second {name}"))
        else:
            first[name] = pair.value
            expected = _EXPECTED[parameter.form](parameter, pair.value) or misordered.get(name)
            if expected is not None:
                shown = hide_value(name, pair.value, keep_user=False)
                found = HIDDEN if shown == HIDDEN else quote(shown)
                rule = (
                    "invalid-parameter" if pair.value or parameter.required else "empty-parameter"
                )
                problems.append(_invalid(rule, pair, f"{expected} as {name}", found))
    missing = (p.name for p in table if p.required and p.name not in first)
    return problems + [
        problem_of("missing-parameter", end.location(name, end.value), f"parameter {name}")
        for name in missing
    ]


def _misordered(known: Iterable[Parameter], given: Iterable[Pair]) -> dict[str, str]:
    """What is expected of each start that is not before its end."""
    values: dict[str, str] = {}
    for pair in given:
        values.setdefault(pair.name, pair.value)
    valid = {
        parameter.name: values[parameter.name]
        for parameter in known
        if parameter.name in values
        and _EXPECTED[parameter.form](parameter, values[parameter.name]) is None
    }
    return {
        start: expected
        for start, end, expected, in_order in _ORDER
        if start in valid and end in valid and not in_order(valid[start], valid[end])
    }


def _unknown(pair: Pair, shown: str) -> Problem:
    location = pair.place.location(shown, pair.place.name)
    return problem_of("unknown-parameter", location, "", f"parameter {quote(shown)}")


def _invalid(rule: str, pair: Pair, expected: str, found: str) -> Problem:
    location = pair.place.location(pair.name, pair.place.value)
    return problem_of(rule, location, expected, found)
