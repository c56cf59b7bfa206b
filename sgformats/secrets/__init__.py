"""What is secret: one table of names, and the one rule by which text is searched for secrets.

`kind_of` says what a name means for its value; `without_secrets`, `hide_name` and `hide_value` put `***`
in the place of what must not be shown. `find_secrets` in `search` and `find_torn` in `torn` say which parts
that are: both modules are loaded when the first text is shown. Imports nothing; for all above.
"""

from sgformats.secrets.names import HIDDEN, PLAIN, SecretKind, kind_of, looks_like_a_key, plain_name
from sgformats.secrets.showing import (
    hide_name,
    hide_names,
    hide_torn,
    hide_value,
    starred,
    without_secrets,
)

__all__ = [
    "HIDDEN",
    "PLAIN",
    "SecretKind",
    "hide_name",
    "hide_names",
    "hide_torn",
    "hide_value",
    "kind_of",
    "looks_like_a_key",
    "plain_name",
    "starred",
    "without_secrets",
]
