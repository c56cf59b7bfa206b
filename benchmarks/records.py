"""The records of all payloads: reproducible, and varied like real lists.

A series is a kind of text: `plain` has phrases of the API's pages, in ASCII; `accented` has other
letters; `awkward` has URLs, quotes and angle brackets, as mail servers write them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Literal

from benchmarks.contender import Row

Series = Literal["plain", "accented", "awkward"]

_FIRST = (
    "isaac",
    "brandon",
    "maria",
    "wei",
    "olga",
    "j.smith",
    "sales",
    "no-reply",
    "k_ito",
    "ana",
)
_LAST = ("", ".jones", ".garcia", "-miller", ".ng", "+list", "_petrova", "1984", ".o'neil", ".lee")
_DOMAIN = ("hotmail.comm", "gmail.con", "yahoo.con", "example", "aol.invalid", "mail.example.org")
_DAMAGE = ("{}", "{}@", "{}@hotmail", "{} @example.com", "{}@@example.com", "{}@example..com")
_REASONS = {
    "plain": (
        "Mail domain mentioned in email address is unknown",
        "Bad Syntax",
        "Known bad domain",
        "Invalid recipient",
        "The address has no mailbox, and its domain takes no mail (no MX and no A record)",
    ),
    "accented": (
        "Domäne der Adresse ist unbekannt",
        "Syntaxe erronée",
        "Dirección no válida: el buzón no existe",
        "Endereço inválido",
        "Ogiltig adress – ingen brevlåda",
    ),
    "awkward": (
        "550 5.1.1 <user@example.com>: Recipient address rejected",
        'Domain "example" is unknown; see https://support.example.com/kb/1201?a=1&b=2',
        "Blocked [S3140], please visit http://www.example.org/block/",
        "554 delivery error: dd This user doesn't have an account (x/y) [-5]",
        "Bad Syntax",
    ),
}
_LETTERS = {"a": "á", "o": "ö", "e": "é"}
_BEGIN = datetime(2009, 1, 1)
_SECONDS = 5 * 365 * 24 * 60 * 60


def rows(series: Series, count: int, *, dated: bool = True) -> list[Row]:
    """The first `count` records of a series."""
    chance = Random(series)
    found = []
    for number in range(count):
        name = chance.choice(_FIRST) + chance.choice(_LAST) + str(number % 997)
        if series == "accented":
            name = "".join(_LETTERS.get(letter, letter) for letter in name)
        address = (
            chance.choice(_DAMAGE) if chance.random() < 0.1 else "{}@" + chance.choice(_DOMAIN)
        )
        created = _BEGIN + timedelta(seconds=chance.randrange(_SECONDS))
        reason = chance.choice(_REASONS[series])
        found.append(Row(address.format(name), reason, created if dated else None))
    return found
