"""The table of all operations of the API.

A `Method` describes one list of the API: its name in XML, the fields of its records, its tasks, and
the parameters of each task. `OPERATIONS` holds one `Operation` per method and task. All other
modules use this table and contain no method names. A new method needs one entry here, a record
class if its fields are new, its schema files and its corpus cases.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, cast

import msgspec

from sgformats.errors import UnknownOperationError, describe, nearest, suggest
from sgformats.records import Block, Bounce, InvalidEmail, Reply, SpamReport, Unsubscribe

if TYPE_CHECKING:
    from pathlib import Path

    # Type checkers include this module; it is not needed at run time.
    from typing_extensions import TypeVar

    Reply_co = TypeVar("Reply_co", covariant=True, default=Reply)
else:
    from typing import TypeVar

    Reply_co = TypeVar("Reply_co", covariant=True)

Task = Literal["get", "delete", "add", "count"]
Surface = Literal["reseller-v1", "reseller-v2", "subuser", "web", "v3"]
# The names in `OPERATIONS`, for type checkers: `get`, `count`, and the rest.
ListName = Literal[
    "invalidemails.get", "bounces.get", "blocks.get", "spamreports.get", "unsubscribes.get"
]
CountName = Literal["invalidemails.count", "bounces.count", "blocks.count", "spamreports.count"]
ChangeName = Literal[
    "invalidemails.delete",
    "bounces.delete",
    "blocks.delete",
    "spamreports.delete",
    "unsubscribes.delete",
    "unsubscribes.add",
]
OperationName: TypeAlias = ListName | CountName | ChangeName


class Field(msgspec.Struct, frozen=True):
    """One field of a record; XML, JSON and the record class use the same name."""

    name: str
    scalar: str = "text"
    required: bool = True


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a call: its name and the form of its value.

    `form` is `text`, `date` (`YYYY-MM-DD`), `integer` (with `least` and `most`), `seconds` (a Unix
    time) or `choice` (one of `choices`).
    """

    name: str
    form: Literal["text", "date", "integer", "seconds", "choice"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int | None = None


class Method(msgspec.Struct, frozen=True, eq=False):
    """One list of the API, with everything that is specific to it.

    `item` is the element of a record in XML. `record` is the record class; its arguments are
    exactly the `fields`. `parameters` are those of each task on the web surface. `schemas` is the
    folder of the method's schema files, None for the shipped one. The `v3` attributes describe API
    v3: the list's name in paths, its tasks, whether a path may end in an address, and the largest
    `limit`.
    """

    name: str
    item: str
    record: type[Any]
    fields: tuple[Field, ...]
    tasks: tuple[Task, ...]
    parameters: tuple[tuple[Task, tuple[Parameter, ...]], ...] = ()
    v3: str | None = None
    v3_tasks: tuple[Task, ...] = ("get", "delete")
    v3_address: bool = True
    v3_limit: int | None = None
    schemas: Path | None = None

    def __repr__(self) -> str:
        return f"<Method {self.name}>"

    @property
    def root(self) -> str:
        """The root element of the list in XML, which is the method's name."""
        return self.name

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in the documented order."""
        return _names(self)

    def required(self, *, v3: bool = False) -> tuple[str, ...]:
        """The fields that every record has; in v3, these include the timestamps."""
        return tuple(
            field.name
            for field in self.fields
            if field.required or (v3 and field.scalar == "timestamp")
        )

    def records(self, columns: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
        """Build records from columns of values, one for each of `fields`."""
        return tuple(map(self.record, *(columns[index] for index in _order(self))))

    def columns(self, records: Sequence[Any]) -> list[list[Any]]:
        """The values of records, one column for each of `fields`."""
        return [
            _COLUMNS[name](records) if name in _COLUMNS else list(map(attrgetter(name), records))
            for name in self.names
        ]


# Twice as fast as `attrgetter`.
_COLUMNS: Mapping[str, Callable[[Sequence[Any]], list[Any]]] = {
    "email": lambda records: [record.email for record in records],
    "reason": lambda records: [record.reason for record in records],
    "status": lambda records: [record.status for record in records],
    "created": lambda records: [record.created for record in records],
}


@functools.lru_cache(maxsize=64)
def _names(method: Method) -> tuple[str, ...]:
    return tuple(field.name for field in method.fields)


@functools.lru_cache(maxsize=64)
def _order(method: Method) -> tuple[int, ...]:
    """The indices in `fields` of the arguments of the record class."""
    return tuple(method.names.index(name) for name in method.record.__struct_fields__)


class Operation(msgspec.Struct, Generic[Reply_co], frozen=True, eq=False):
    """A method and a task, such as `bounces.get`: one kind of call and of answers.

    The type parameter is the reply of a successful call: `parse` with an
    `Operation[Listing[Bounce]]` returns a `Listing[Bounce]` or a `Failure`.

    >>> OPERATIONS["bounces.get"]
    <Operation bounces.get>
    """

    method: Method
    task: Task

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"

    @property
    def name(self) -> OperationName:
        """Method and task, such as `invalidemails.get`."""
        return cast("OperationName", f"{self.method.name}.{self.task}")

    @property
    def in_v3(self) -> bool:
        """Whether API v3 has this call."""
        return self.method.v3 is not None and self.task in self.method.v3_tasks


_DATE = Parameter("date", "choice", choices=("1",))
_DAYS = Parameter("days", "integer", least=1)
_START = Parameter("start_date", "date")
_END = Parameter("end_date", "date")
_LIMIT = Parameter("limit", "integer")
_OFFSET = Parameter("offset", "integer")
_EMAIL = Parameter("email")
_EMAIL_REQUIRED = Parameter("email", required=True)
_BOUNCE_TYPE = Parameter("type", "choice", choices=("hard", "soft"))
_DELETE_ALL = Parameter("delete_all", "choice", choices=("1",))

_GET = (_DATE, _DAYS, _START, _END, _LIMIT, _OFFSET)
_CREATED = Field("created", "timestamp", required=False)

METHODS: tuple[Method, ...] = (
    Method(
        name="invalidemails",
        item="invalidemail",
        record=InvalidEmail,
        fields=(Field("email"), Field("reason"), _CREATED),
        tasks=("get", "delete", "count"),
        parameters=(
            ("get", (*_GET, _EMAIL)),
            ("delete", (_EMAIL_REQUIRED,)),
            ("count", (_START, _END)),
        ),
        v3="invalid_emails",
    ),
    Method(
        name="bounces",
        item="bounce",
        record=Bounce,
        fields=(Field("email"), Field("status"), Field("reason"), _CREATED),
        tasks=("get", "delete", "count"),
        parameters=(
            ("get", (*_GET, _EMAIL, _BOUNCE_TYPE)),
            ("delete", (_EMAIL, _BOUNCE_TYPE, _START, _END, _DELETE_ALL)),
            ("count", (_START, _END, _BOUNCE_TYPE)),
        ),
        v3="bounces",
        v3_limit=500,
    ),
    Method(
        name="blocks",
        item="block",
        record=Block,
        fields=(Field("email"), Field("status"), Field("reason"), _CREATED),
        tasks=("get", "delete", "count"),
        parameters=(
            ("get", _GET),
            ("delete", (_EMAIL_REQUIRED,)),
            ("count", (_START, _END, _BOUNCE_TYPE)),
        ),
        v3="blocks",
    ),
    Method(
        name="spamreports",
        item="spamreport",
        record=SpamReport,
        fields=(Field("ip", required=False), Field("email"), _CREATED),
        tasks=("get", "delete", "count"),
        parameters=(
            ("get", (*_GET, _EMAIL)),
            ("delete", (_EMAIL, _START, _END, _DELETE_ALL)),
            ("count", (_START, _END)),
        ),
        v3="spam_reports",
    ),
    Method(
        name="unsubscribes",
        item="unsubscribe",
        record=Unsubscribe,
        fields=(Field("email"), _CREATED),
        tasks=("get", "delete", "add"),
        parameters=(
            ("get", (*_GET, _EMAIL)),
            ("delete", (_EMAIL,)),
            ("add", (_EMAIL_REQUIRED,)),
        ),
        v3="unsubscribes",
        v3_tasks=("get",),
        v3_address=False,
    ),
)


def operations_of(methods: Iterable[Method]) -> Iterator[Operation]:
    """The operations of some methods, in order."""
    return (Operation(method, task) for method in methods for task in method.tasks)


OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation for operation in operations_of(METHODS)
}


def find_operation(name: str | Operation) -> Operation:
    """The operation with a name; an `Operation` is returned unchanged.

    Raises `UnknownOperationError`, which suggests a similar name if there is one.

    >>> find_operation("bounces.get").method.record.__name__
    'Bounce'
    """
    found = OPERATIONS.get(name) if isinstance(name, str) else name
    if not isinstance(found, Operation):
        meant = nearest(name.lower(), tuple(OPERATIONS)) if isinstance(name, str) else None
        known = "" if meant else f" such as {', '.join(OPERATIONS)}"
        raise UnknownOperationError(
            f"expected an operation{known}, found {describe(name)}{suggest(meant)}"
        )
    return found
