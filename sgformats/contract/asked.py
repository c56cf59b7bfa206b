"""What a call certainly requested, for the rules that compare a call with its answer."""

from __future__ import annotations

from functools import cached_property

from sgformats.errors import EncodeError, Location, Problem, quote
from sgformats.operations import find_operation
from sgformats.request import Request
from sgformats.request.forms import Place
from sgformats.request.parameters import parameters_of
from sgformats.rules import problem_of

CREDENTIALS = ("api_user", "api_key")


class Asked:
    """A request with its own `problems`, which decide what of it is certain.

    Of one that was `recorded`, the credentials may have been taken out.
    """

    def __init__(self, request: Request, recorded: bool = True) -> None:
        self.request = request
        self._recorded = recorded
        self.operation = find_operation(request.operation)

    @cached_property
    def problems(self) -> list[Problem]:
        """The problems of the call itself, except for credentials that recorders remove."""
        try:
            return [each for each in self.request.problems() if not self._is_taken_out(each)]
        except EncodeError as error:  # Built by hand, with invalid text.
            name = error.path
            expected, location = f"UTF-8 as {quote(name)}", Location(name, name, 1, 1, 0)
            return [problem_of("invalid-parameter", location, expected, "half a surrogate pair")]
        except ValueError:  # Built by hand, with a path or a base that no call has.
            return []

    def _is_taken_out(self, problem: Problem) -> bool:
        """Whether a credential is missing or empty, probably because a recorder removed it."""
        name = problem.location.path
        if not self._recorded or name not in CREDENTIALS:
            return False
        return problem.rule == "missing-parameter" or not any(self.values(name))

    @cached_property
    def _faulty(self) -> frozenset[str]:
        return frozenset(problem.location.path for problem in self.problems)

    @cached_property
    def _takes(self) -> frozenset[str]:
        table = parameters_of(self.operation, self.request.surface)
        return frozenset(parameter.name for parameter in table)

    def takes(self, name: str) -> bool:
        """Whether the call has a parameter of that name."""
        return name in self._takes

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a parameter."""
        return tuple(value for given, value in self.request.parameters if given == name)

    def value(self, name: str) -> str | None:
        """The value of a parameter that the call takes, given once and without a fault."""
        if not (self.takes(name) and self.places) or name in self._faulty:
            return None
        values = self.values(name)
        return values[0] if len(values) == 1 else None

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where the parameters stand; of a request that was not parsed, where they would.

        Empty where there are none, and where one is no text that could stand anywhere.
        """
        if len(self.request.places) == len(self.request.parameters):
            return self.request.places
        try:
            return Request.parse(*self.request.encode()).places
        except ValueError:
            return ()
