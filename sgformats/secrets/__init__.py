"""Secrets: the one table of their names, and the one search for them in text.

`kind_of` classifies a name; `without_secrets`, `hide_name` and `hide_value` replace secrets with
`***`. `find_secrets` in `search` and `find_torn` in `torn` find them; both modules are loaded on
first use. Imports no other package of sgformats; all others may import it.
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
