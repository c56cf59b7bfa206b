"""The table of secret names, what kind of value each has, and what a key looks like."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

HIDDEN = "***"

SecretKind = Literal["secret", "user", "cookie", "authorization"]
FoundKind = Literal[SecretKind, "userinfo"]

# Secret names in the form of `plain_name`: inside of names, at the end of names, and whole names.
_INSIDE = ("apikey",)
_ENDS = (
    *("authorization", "token", "secret", "password", "passwd", "passphrase", "accesskey"),
    *("privatekey", "secretkey", "authkey", "signature", "sessionid", "credential", "credentials"),
    *("passcode", "sessionkey", "signingkey", "encryptionkey"),
)
# Names that are also common words: before a colon in running text they do not count.
WORDS = (
    *("pass", "pwd", "key", "auth", "sid", "csrf", "xsrf", "jwt", "session", "bearer"),
    *("token", "secret", "signature", "credential", "credentials", "cookie"),
)
# Of these, words that may be the name of a whole object, which need not be secret.
GROUPS = ("key", "auth", "session")
_KINDS: dict[str, SecretKind] = {
    **dict.fromkeys(WORDS, "secret"),
    **dict.fromkeys(("cookie", "cookie2", "setcookie", "setcookie2", "httpcookie"), "cookie"),
    **dict.fromkeys(("authorization", "proxyauthorization", "httpauthorization"), "authorization"),
}
# Every name in the table contains one of these, and so does every value found without a name.
STEMS = (
    *("api", "key", "auth", "token", "secret", "pass", "pwd", "cred", "sess", "sid", "srf"),
    *("jwt", "cookie", "signatur", "bearer", "basic ", "sg.", "eyj"),
)
# A name is torn if it differs from one of these in a few letters.
_TORN = ("apikey", "authorization", "password", "accesstoken", "clientsecret", "xapikey")

RUN = re.compile(r"[0-9A-Za-z]{6,}")
"""A run of letters and digits that is long enough for a part of a key."""
# Harmless parameters of the API.
PLAIN = frozenset(
    (
        *("user", "task", "method", "email", "type", "date", "days", "limit", "offset"),
        *("start_date", "end_date", "start_time", "end_time"),
    )
)

COLOUR = r"\x1b\[[0-9;?]{0,32}[A-Za-z]"
"""A code that a terminal does not show, such as that of a colour."""
_COLOUR = re.compile(COLOUR)
_ENTITIES = re.compile(r"(?:(?:amp|quot|lt|#0*3[489]);)+", re.IGNORECASE)
_ESCAPED_PERCENT = re.compile("%(?:25)+")
_UNICODE = re.compile(r"\\{1,4}u00([0-9a-fA-F]{2})")


def without_colours(text: str) -> str:
    """The text with blanks for the codes of terminals; its length does not change."""
    return _COLOUR.sub(blanks, text) if "\x1b" in text else text


def blanks(match: re.Match[str]) -> str:
    """As many blanks as a match has characters."""
    return " " * len(match[0])


def fold(text: str) -> str:
    """The text with ASCII letters, and what folds to them, in lower case; its length stays."""
    if text.isascii():
        return text.lower()
    text = text.replace("\u0130", "i").replace("\u0131", "i").replace("\u017f", "s")
    plain = text.replace("\u212a", "k").encode("utf-8", "surrogatepass")
    return plain.lower().decode("utf-8", "surrogatepass")  # Several times as fast as `str.lower`.


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name without escapes, case and separators: `x%2DApi_Key` is `xapikey`."""
    plain = _UNICODE.sub(lambda escape: chr(int(escape[1], 16)), _ESCAPED_PERCENT.sub("%", name))
    plain = _ENTITIES.sub("", unquote(plain))
    return "".join(filter(str.isalnum, fold(plain)))


@lru_cache(maxsize=4096)
def kind_of(name: str) -> SecretKind | None:
    """The kind of secret that a name has as its value; None for other names."""
    return whole_kind_of(name) or ("secret" if _is_torn(plain_name(name)) else None)


def whole_kind_of(name: str) -> SecretKind | None:
    """Like `kind_of`, but only for names without damage."""
    plain = plain_name(name)
    if "apiuser" in plain:
        return "user"
    if plain in _KINDS:
        return _KINDS[plain]
    if any(part in plain for part in _INSIDE) or plain.endswith(_ENDS):
        return "secret"
    if len(plain) > 2 and (name.endswith(("_key", "-key", "_pwd", "-pwd", "_pass", "_jwt"))):
        return "secret"
    return None


def _is_torn(plain: str) -> bool:
    """Whether a name is a secret name with a few letters missing or wrong."""
    if not 3 <= len(plain) <= 18:
        return False
    if plain[0] + plain[-1] == "ay" and _is_subsequence(plain, "apikey"):
        return True
    if len(plain) > 6 and _is_subsequence(plain, "authorization"):
        return True
    return any(
        abs(len(plain) - len(name)) <= len(name) // 6 and _distance(plain, name) <= len(name) // 6
        for name in _TORN
    )


def _is_subsequence(plain: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in plain)


def _distance(one: str, other: str) -> int:
    """The edit distance: how many letters differ, are missing or are added."""
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        before, row[0] = row[0], at
        for index, wanted in enumerate(other, 1):
            least = min(row[index] + 1, row[index - 1] + 1, before + (char != wanted))
            before, row[index] = row[index], least
    return row[-1]


def looks_like_a_key(text: str) -> bool:
    """Whether a text contains six or more letters and digits that are neither word nor number."""
    return any(map(is_random, RUN.findall(text)))


def is_random(run: str) -> bool:
    """Whether a run of letters and digits is neither a word nor a number."""
    if run.isdigit() or (run.isupper() and run.isalpha()):
        return False
    return not run.isalpha() or not run[1:].islower()
