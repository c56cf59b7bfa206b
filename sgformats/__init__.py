"""Every answer of the legacy SendGrid list API as one typed record, from XML or JSON, and back."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES, Format
from sgformats.codec import convert, encode, parse, reply_or_raise, validate
from sgformats.errors import (
    AmbiguousOperationError,
    ArgumentError,
    CaptureError,
    DecodeError,
    EncodeError,
    ExtractError,
    FailureError,
    Location,
    MissingPackageError,
    Problem,
    Problems,
    SgformatsError,
    UnknownOperationError,
    ValidationError,
)
from sgformats.operations import METHODS, OPERATIONS, Operation
from sgformats.records import (
    Block,
    Bounce,
    Count,
    ErrorDetail,
    Failure,
    InvalidEmail,
    Json,
    Listing,
    Record,
    Reply,
    SpamReport,
    Success,
    Unsubscribe,
)

if TYPE_CHECKING:
    from sgformats._classify import Classification, classify
    from sgformats._compare import Difference, compare
    from sgformats._scan.salvage import salvage
    from sgformats._scan.salvaged import Salvage
    from sgformats._scan.stream import iter_records
    from sgformats.captures import Exchange, Source, read_captures
    from sgformats.contract.check import check
    from sgformats.request import Request, next_page
    from sgformats.responses import may_retry, parse_response
    from sgformats.rules import RULES, Rule

__version__ = "0.1.0"
__all__ = [
    "MAX_BYTES",
    "METHODS",
    "OPERATIONS",
    "RULES",
    "AmbiguousOperationError",
    "ArgumentError",
    "Block",
    "Bounce",
    "CaptureError",
    "Classification",
    "Count",
    "DecodeError",
    "Difference",
    "EncodeError",
    "ErrorDetail",
    "Exchange",
    "ExtractError",
    "Failure",
    "FailureError",
    "Format",
    "InvalidEmail",
    "Json",
    "Listing",
    "Location",
    "MissingPackageError",
    "Mode",
    "Operation",
    "Problem",
    "Problems",
    "Record",
    "Reply",
    "Request",
    "Rule",
    "Salvage",
    "SgformatsError",
    "Source",
    "SpamReport",
    "Success",
    "UnknownOperationError",
    "Unsubscribe",
    "ValidationError",
    "check",
    "classify",
    "compare",
    "convert",
    "encode",
    "iter_records",
    "may_retry",
    "next_page",
    "parse",
    "parse_response",
    "read_captures",
    "reply_or_raise",
    "salvage",
    "validate",
]

# Imported on first use, because a client that only parses never needs them.
_LATE = {
    "Classification": "_classify",
    "classify": "_classify",
    "Difference": "_compare",
    "compare": "_compare",
    "RULES": "rules",
    "Rule": "rules",
    "Salvage": "_scan.salvage",
    "salvage": "_scan.salvage",
    "Exchange": "captures",
    "Source": "captures",
    "read_captures": "captures",
    "check": "contract",
    "Request": "request",
    "iter_records": "_scan.stream",
    "may_retry": "responses",
    "next_page": "request",
    "parse_response": "responses",
}


def __getattr__(name: str) -> Any:
    if name == "rules":  # The other modules of the public model are loaded already.
        return import_module("sgformats.rules")
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"sgformats.{_LATE[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
