"""What is secret: one table of names, and the one rule by which text is searched for secrets.

`kind_of` says what a name means for its value, `find_secrets` which parts of a text must not be shown;
`without_secrets`, `hide_name` and `hide_value` put `***` in their place. Imports nothing; for all above.
"""

from sgformats.secrets.names import HIDDEN, PLAIN, SecretKind, kind_of, looks_like_a_key, plain_name
from sgformats.secrets.search import Secret, find_secrets
from sgformats.secrets.showing import (
    hide_name,
    hide_names,
    hide_torn,
    hide_value,
    starred,
    without_secrets,
)
from sgformats.secrets.torn import find_torn

__all__ = [
    "HIDDEN",
    "PLAIN",
    "Secret",
    "SecretKind",
    "find_secrets",
    "find_torn",
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
