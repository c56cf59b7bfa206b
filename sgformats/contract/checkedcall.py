"""The parameters of a call that are certain, for the rules that compare a call with its answer."""

from __future__ import annotations

from functools import cached_property

from sgformats.errors import EncodeError, Location, Problem, quote
from sgformats.operations import find_operation
from sgformats.request import Request
from sgformats.request.forms import Place
from sgformats.request.parameters import parameters_of
from sgformats.rules import problem_of

CREDENTIALS = ("api_user", "api_key")


class CheckedCall:
    """A request and its problems: a parameter without a problem is certain.

    If the call was `recorded`, its credentials may have been removed.
    """

    def __init__(self, request: Request, recorded: bool = True) -> None:
        self.request = request
        self._recorded = recorded
        self.operation = find_operation(request.operation)

    @cached_property
    def problems(self) -> list[Problem]:
        """The problems of the call itself, except for credentials that recorders remove."""
        try:
            return [each for each in self.request.problems() if not self._is_removed(each)]
        except EncodeError as error:  # Built by hand, with invalid text.
            name = error.path
            expected, location = f"UTF-8 as {quote(name)}", Location(name, name, 1, 1, 0)
            return [problem_of("invalid-parameter", location, expected, "half a surrogate pair")]
        except ValueError:  # Built by hand, with an invalid path or base.
            return []

    def _is_removed(self, problem: Problem) -> bool:
        """Whether a credential is missing or empty, probably because a recorder removed it."""
        name = problem.location.path
        if not self._recorded or name not in CREDENTIALS:
            return False
        return problem.rule == "missing-parameter" or not any(self.values(name))

    @cached_property
    def _faulty(self) -> frozenset[str]:
        return frozenset(problem.location.path for problem in self.problems)

    @cached_property
    def _names(self) -> frozenset[str]:
        table = parameters_of(self.operation, self.request.surface)
        return frozenset(parameter.name for parameter in table)

    def takes(self, name: str) -> bool:
        """Whether the call has a parameter of that name."""
        return name in self._names

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a parameter."""
        return tuple(value for given, value in self.request.parameters if given == name)

    def value(self, name: str) -> str | None:
        """The value of a known parameter that is given once and has no problem."""
        if not (self.takes(name) and self.places) or name in self._faulty:
            return None
        values = self.values(name)
        return values[0] if len(values) == 1 else None

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The places of the parameters; if the request was not parsed, those of its encoded form.

        Empty if there are none, or if the request cannot be encoded.
        """
        if len(self.request.places) == len(self.request.parameters):
            return self.request.places
        try:
            return Request.parse(*self.request.encode()).places
        except ValueError:
            return ()
