"""Every answer of the legacy SendGrid list API as one typed record, from XML or JSON, and back."""

from sgformats.classify import Classification, classify
from sgformats.codec import Mode, convert, encode, parse, validate
from sgformats.compare import Difference, compare
from sgformats.errors import (
    AmbiguousOperationError,
    ArgumentError,
    CaptureError,
    DecodeError,
    EncodeError,
    Location,
    Problem,
    SgformatsError,
    UnknownOperationError,
    ValidationError,
)
from sgformats.operations import METHODS, OPERATIONS, Operation
from sgformats.payload import MAX_BYTES, Format
from sgformats.records import (
    Block,
    Bounce,
    Count,
    Failure,
    InvalidEmail,
    Listing,
    Record,
    Reply,
    SpamReport,
    Success,
    Unsubscribe,
)
from sgformats.request import Request
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
    "Failure",
    "Format",
    "InvalidEmail",
    "Listing",
    "Location",
    "Mode",
    "Operation",
    "Problem",
    "Record",
    "Reply",
    "Request",
    "Rule",
    "SgformatsError",
    "SpamReport",
    "Success",
    "UnknownOperationError",
    "Unsubscribe",
    "ValidationError",
    "classify",
    "compare",
    "convert",
    "encode",
    "parse",
    "validate",
]
