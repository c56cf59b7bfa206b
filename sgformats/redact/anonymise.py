"""Replaces addresses with fake ones of the same shape, so that data that shows a bug can be shared.

A letter becomes a letter of the same case, a digit becomes a digit. All other characters, the length
and the domain's last label stay. With one key, the same address always becomes the same fake one,
regardless of its case, and two addresses of one shape never become the same: the characters are
permuted by a Feistel network over HMAC-SHA256. Anyone with the key can undo this; nobody else can.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import unicodedata
from collections.abc import Iterator

from sgformats.redact.edits import Edit, differences

_ROUNDS = 6
_REMEMBERED = 50_000
_LONGEST = 320  # A local part has at most 64 octets, a domain 255: RFC 5321.
_WHITE = " \t\r\n"

_ATOM = r"[^\W_]"
_LOCAL = r"[\w.!#$%'+^~-]"
_DOMAIN = rf"{_ATOM}(?:[\w-]*{_ATOM})?(?:\.{_ATOM}(?:[\w-]*{_ATOM})?)*"
_ADDRESS = re.compile(rf'(?:(?<!{_LOCAL}){_LOCAL}+|"[^"@\r\n]{{1,64}}")@{_DOMAIN}')
_OPENING = re.compile("[%']*")

# RFC 5737: "The blocks … are provided for use in documentation."
_BLOCKS = ("192.0.2.", "198.51.100.", "203.0.113.")
_HOSTS = [block + str(host) for block in _BLOCKS for host in range(1, 255)]
# For more addresses: benchmarking (RFC 2544), then the reserved class E (RFC 1112, section 4).
_MORE = (ipaddress.IPv4Network("198.18.0.0/15"), ipaddress.IPv4Network("240.0.0.0/4"))
_V6 = int(ipaddress.IPv6Address("2001:db8::"))


class Anonymiser:
    """Maps true addresses to fake ones: the same address always to the same fake.

    With a `salt`, the fakes are the same in every run with that salt, so keep it like a password.
    Without one, they are the same only within this `Anonymiser`.
    """

    def __init__(self, salt: str | bytes | None = None) -> None:
        raw = secrets.token_bytes(32) if salt is None else salt
        self._key = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
        self._known: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._taken: set[str] = set()

    def address(self, text: str) -> str:
        """The fake for any text in the place of an address, even if it is not one."""
        if len(text) > _LONGEST:
            return self._fake(text)
        fake = self._known.get(text)
        if fake is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = fake = self._fake(text)
        return fake

    def inside(self, text: str) -> Iterator[tuple[int, int, list[Edit]]]:
        """The addresses in a text: where each begins and ends, and the edits that replace it."""
        for start, stop in _addresses(text):
            found = text[start:stop]
            yield start, stop, differences(found, self.address(found), start)

    def ip(self, text: str) -> str:
        """The fake for an IP address, from the blocks that are reserved and never routed."""
        bare = text.strip(_WHITE)
        try:
            true = ipaddress.ip_address(bare)
        except ValueError:
            return self._disguise("ip", text)
        if isinstance(true, ipaddress.IPv6Address):
            number = int.from_bytes(self._digest(b"ip6", true.packed)[:12], "big")
            return text.replace(bare, str(ipaddress.IPv6Address(_V6 | number)))
        return text.replace(bare, self._host(str(true)))

    def _host(self, true: str) -> str:
        """The fake for an IPv4 address: no other has the same one; of its length if possible."""
        fake = self._hosts.get(true)
        if fake is None:
            start = int.from_bytes(self._digest(b"ip4", true.encode())[:8], "big")
            fake = self._free_host(start, len(true))
            self._taken.add(fake)
            self._hosts[true] = fake
        return fake

    def _free_host(self, start: int, length: int) -> str:
        more = len(self._taken) - len(_HOSTS)
        if more < 0:
            alike = [host for host in _HOSTS if len(host) == length] or _HOSTS
            free = [host for host in alike if host not in self._taken]
            free = free or [host for host in _HOSTS if host not in self._taken]
            fake = alike[start % len(alike)]
            return fake if fake in free else free[start % len(free)]
        # A nearly full network would take long to search.
        network = _MORE[0] if more < _MORE[0].num_addresses // 4 * 3 else _MORE[1]
        hosts = network.num_addresses - 2
        while (host := str(network[1 + start % hosts])) in self._taken:
            start += 1
        return host

    def _fake(self, text: str) -> str:
        parts: list[str] = []
        at = 0
        for start, stop in _addresses(text):
            parts += (self._disguise("beside", text[at:start]), self._parts(text[start:stop]))
            at = stop
        rest = text[at:]
        if parts:
            parts.append(self._disguise("beside", rest))
            return "".join(parts)
        bare = rest.strip(_WHITE)
        start = rest.find(bare)
        return rest[:start] + self._parts(bare) + rest[start + len(bare) :]

    def _parts(self, address: str) -> str:
        local, at, domain = address.rpartition("@")
        if not at:
            return self._disguise("local", domain)
        return self._disguise("local@" + domain.lower(), local) + at + self._domain(domain)

    def _domain(self, domain: str) -> str:
        bare = domain.rstrip(".")
        names, dot, _ = bare.rpartition(".")
        names = names if dot else bare
        return self._disguise("domain", names) + domain[len(names) :]

    def _disguise(self, tweak: str, text: str) -> str:
        """Replace letters and digits by a permutation of all texts of the same shape."""
        places = [index for index, char in enumerate(text) if char.isalnum()]
        if not places:
            return text
        alphabets = [_alphabet(text[index]) for index in places]
        values = [
            alphabet.index(text[index]) for index, alphabet in zip(places, alphabets, strict=True)
        ]
        shape = "".join(char if not char.isalnum() else _alphabet(char)[0].lower() for char in text)
        seed = self._digest(tweak.encode("utf-8", "surrogatepass"), _bytes(shape))
        middle = (len(values) + 1) // 2
        halves = [slice(0, middle), slice(middle, None)]
        for turn in range(_ROUNDS):
            changed, kept = halves if turn % 2 == 0 else halves[::-1]
            stream = self._stream(seed + bytes((turn,)), values[kept])
            values[changed] = [
                (value + next(stream)) % len(alphabet)
                for value, alphabet in zip(values[changed], alphabets[changed], strict=True)
            ]
        chars = list(text)
        for index, alphabet, value in zip(places, alphabets, values, strict=True):
            chars[index] = alphabet[value]
        return "".join(chars)

    def _stream(self, seed: bytes, values: list[int]) -> Iterator[int]:
        base = self._digest(seed, bytes(values))
        counter = 0
        while True:
            block = self._digest(base, counter.to_bytes(8, "big"))
            for at in range(0, len(block), 2):
                yield int.from_bytes(block[at : at + 2], "big")
            counter += 1

    def _digest(self, tweak: bytes, message: bytes) -> bytes:
        framed = len(tweak).to_bytes(8, "big") + tweak + message
        return hmac.digest(self._key, framed, hashlib.sha256)


_ASCII = {
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"),
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    **dict.fromkeys("0123456789", "0123456789"),
}


def _alphabet(char: str) -> str:
    """The characters that can replace `char`: of the same case and number of bytes."""
    found = _ASCII.get(char)
    if found is None:
        start = ord(char) & ~0x1F
        others = map(chr, range(start, start + 32))
        found = "".join(other for other in others if _kind(other) == _kind(char))
    return found


def _kind(char: str) -> tuple[str, bool, bool]:
    return unicodedata.category(char), char.islower(), char.isdigit()


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where the addresses in a text begin and end."""
    if "@" in text:
        for match in _ADDRESS.finditer(text):
            start = match.start()
            inner = _OPENING.match(text, start)
            assert inner is not None
            if text[inner.end()] != "@":
                start = inner.end()
            yield start, match.end()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
