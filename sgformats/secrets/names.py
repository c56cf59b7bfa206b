"""The table: which names are secret, what each says of its value, and what a key looks like."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

HIDDEN = "***"

SecretKind = Literal["secret", "user", "cookie", "authorization"]

# Names as `plain_name` gives them: those that are secret wherever they stand in a longer name, at its
# end, or as a whole.
_INSIDE = ("apikey",)
_ENDS = (
    *("authorization", "token", "secret", "password", "passwd", "passphrase", "accesskey"),
    *("privatekey", "secretkey", "authkey", "signature", "sessionid", "credential", "credentials"),
    *("passcode", "sessionkey", "signingkey", "encryptionkey"),
)
# These are words as well: before a colon in running text they say nothing.
WORDS = (
    *("pass", "pwd", "key", "auth", "sid", "csrf", "xsrf", "jwt", "session", "bearer"),
    *("token", "secret", "signature", "credential", "credentials", "cookie"),
)
_KINDS: dict[str, SecretKind] = {
    **dict.fromkeys(WORDS, "secret"),
    **dict.fromkeys(("cookie", "cookie2", "setcookie", "setcookie2", "httpcookie"), "cookie"),
    **dict.fromkeys(("authorization", "proxyauthorization", "httpauthorization"), "authorization"),
}
# Every name in the table has one of these in it, and so has every value that shows what it is.
STEMS = (
    *("api", "key", "auth", "token", "secret", "pass", "pwd", "cred", "sess", "sid", "srf"),
    *("jwt", "cookie", "signatur", "bearer", "basic ", "sg.", "eyj"),
)
# A name that has lost some letters, or got others, is as near as this to one of these.
_TORN = ("apikey", "authorization", "password", "accesstoken", "clientsecret", "xapikey")

_RUN = re.compile(r"[0-9A-Za-z]{6,}")
# Parameters of the API that hold no secret.
PLAIN = frozenset(
    (
        *("user", "task", "method", "email", "type", "date", "days", "limit", "offset"),
        *("start_date", "end_date", "start_time", "end_time"),
    )
)

_ENTITIES = re.compile(r"(?:(?:amp|quot|lt|#0*3[489]);)+", re.IGNORECASE)
_ESCAPED_PERCENT = re.compile("%(?:25)+")
_UNICODE = re.compile(r"\\{1,4}u00([0-9a-fA-F]{2})")


def fold(text: str) -> str:
    """The text without a difference of case, and as long: also of letters that fold to ASCII."""
    if not text.isascii():
        text = text.replace("\u0130", "i").replace("\u0131", "i").replace("\u017f", "s")
    return text.lower()


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name without escapes, case and separators: `x%2DApi_Key` is `xapikey`."""
    opened = _UNICODE.sub(lambda escape: chr(int(escape[1], 16)), _ESCAPED_PERCENT.sub("%", name))
    opened = _ENTITIES.sub("", unquote(opened))
    return "".join(filter(str.isalnum, fold(opened)))


@lru_cache(maxsize=4096)
def kind_of(name: str) -> SecretKind | None:
    """What a name says of its value: None if it says nothing."""
    plain = plain_name(name)
    if "apiuser" in plain:
        return "user"
    if plain in _KINDS:
        return _KINDS[plain]
    if any(part in plain for part in _INSIDE) or plain.endswith(_ENDS):
        return "secret"
    if len(plain) > 2 and (name.endswith(("_key", "-key", "_pwd", "-pwd", "_pass", "_jwt"))):
        return "secret"
    return "secret" if _is_torn(plain) else None


def _is_torn(plain: str) -> bool:
    """Whether a name is one of the table of which a few letters are missing or wrong."""
    if not 3 <= len(plain) <= 18:
        return False
    if plain[0] + plain[-1] == "ay" and _is_left_of(plain, "apikey"):
        return True
    if len(plain) > 6 and _is_left_of(plain, "authorization"):
        return True
    return any(
        abs(len(plain) - len(name)) <= len(name) // 6 and _distance(plain, name) <= len(name) // 6
        for name in _TORN
    )


def _is_left_of(plain: str, name: str) -> bool:
    """Whether it is a name without some of its letters."""
    letters = iter(name)
    return all(letter in letters for letter in plain)


def _distance(one: str, other: str) -> int:
    """How many letters differ, are missing or too many."""
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        before, row[0] = row[0], at
        for index, wanted in enumerate(other, 1):
            least = min(row[index] + 1, row[index - 1] + 1, before + (char != wanted))
            before, row[index] = row[index], least
    return row[-1]


def looks_like_a_key(text: str) -> bool:
    """Whether six or more letters and digits in it are neither a word nor a number."""
    return any(map(is_random, _RUN.findall(text)))


def is_random(run: str) -> bool:
    if run.isdigit() or (run.isupper() and run.isalpha()):
        return False
    return not run.isalpha() or not run[1:].islower()
