"""Finds what to hide in a text by names and patterns: keys, cookies, credentials, addresses.

A `Hider` returns `Edit`s. `value` handles a text with a known name (of a header, parameter or field);
`text` handles any other text, and searches it for names. If the end of a secret is uncertain, more is
hidden. If there is nothing to hide, there are no edits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain, takewhile
from typing import NamedTuple
from urllib.parse import unquote

from sgformats.redact.anonymise import Anonymiser
from sgformats.redact.cleanlists import is_clean_list
from sgformats.redact.cookies import HEADER, cookie_values, loose_cookie_values
from sgformats.redact.edits import (
    Edit,
    Layer,
    differences,
    json_layer,
    percent_layer,
    replace,
    unchanged,
    xml_layer,
)
from sgformats.redact.names import kind_of
from sgformats.secrets import HIDDEN, looks_like_a_key
from sgformats.secrets.search import find_secrets

_WHITE = " \t\r\n"
_DEPTH = 8

_SCHEME = re.compile(r"\s*(?:([A-Za-z][A-Za-z0-9-]{0,30})[ \t]+(?=\S))?")
_PAIR = re.compile(
    r"""(?:\A|(?<=[?&\s"'(,]))((?:amp;|\#0*38;)*[\w.;%\[\]-]{1,80})=([^&\s"'<>\#]*)"""
)
# Text without `=` is skipped as a whole: no pair begins inside it.
_EXACT_PAIR = re.compile(r"(?:\A|(?<=[&?]))([^&=]*)(?:=([^&#]*))?")
_LINE_PAIR = re.compile(
    r"""^[ \t>*-]{0,40}["']?([\w.-]{1,60})["']?[ \t]*:[ \t]*(?:\r?\n[ \t]*-[ \t]+)?([^\r\n]+)""",
    re.MULTILINE,
)
_URL = re.compile(r"(?:(?i:https?:)?//|/)[^\s]*\Z")
_FORM = re.compile(r"[\w.;%\[\]+-]{1,80}=[^\s&]*(?:&[^\s&]*)*\s*\Z")
_V3 = re.compile(r"/v3/suppression/\w{1,40}/([^/?#\s\"'<>\\]+)")
_PART = re.compile(r'\bname=(?:"([^"\r\n]{1,80})"|([^\s;"]{1,80}))')
_PART_HEAD = re.compile(r"[^\r\n]{0,400}(?:\r?\n[^\r\n]{1,400}){0,8}(?:\r?\n){2}")
_PART_END = re.compile(r"\r?\n--|\Z")
_MEMBER = re.compile(r'"((?:[^"\\\r\n]|\\.){1,64})"\s{0,200}:\s{0,200}"')
_STRING_END = re.compile(r'[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*')
_LEAF = re.compile(r"<(?:[\w.-]{1,40}:)?([\w.-]{1,40})>([^<]*)(?=</)")
_ESCAPED_AT = re.compile("%(?:25)*40")
_ESCAPED_ADDRESS = re.compile(r"(?<![\w.%+-])[\w.%+-]*%(?:25)*40[\w.%-]+")

# A secret of at least this length is also found without its name, unless it is a common word.
_SHORTEST = 6
_LONGEST = 1 << 16
_MOST_KNOWN = 32
_ESCAPE_LENGTH = 12
# Short texts repeat, so they are cached.
_SHORT = 256
# An incomplete escape or byte sequence may follow a secret that is cut.
_CUT = re.compile("[\\\\%&\0\ufffd\udc80-\udcff]")
_COMMON_WORDS = frozenset({"message", "success", "sendgrid", HIDDEN})


class Claim(NamedTuple):
    """A part of a text that one search has handled, with its edits.

    `is_secret`: what looks like a key must be hidden even beside another claim.
    """

    start: int
    stop: int
    edits: list[Edit]
    is_secret: bool = False


class Hider:
    """Finds what to hide.

    `keep_user` keeps user names (`api_user`, the user name in a URL). With a `fake`, addresses are
    replaced too. `known` are the secrets found so far: they are also hidden where their names are
    missing.
    """

    def __init__(self, *, keep_user: bool = False, fake: Anonymiser | None = None) -> None:
        self.keep_user = keep_user
        self.fake = fake
        self.known: dict[str, None] = {}
        self._prefixes: frozenset[str] = frozenset()

    def value(self, name: str, text: str) -> list[Edit] | None:
        """The edits for a value with a known name; None if the name has no meaning."""
        kind = kind_of(name)
        if kind is None or (kind == "user" and self.keep_user):
            return None
        if kind in ("secret", "user"):
            self._remember(text)
            return self.whole(text)
        if kind == "cookie":
            return [
                edit for start, stop in cookie_values(text) for edit in _hide(text, start, stop)
            ]
        if kind == "authorization":
            match = _SCHEME.match(text)
            start = match.end() if match else 0
            self._remember(text[start:])
            return _hide(text, start, len(text))
        if kind == "prose" or self.fake is None:
            return self.prose(text)
        if kind == "address":
            return self._address(text)
        return replace(text, 0, len(text), self.fake.ip(text))

    def whole(self, text: str) -> list[Edit]:
        """Hide the whole text, except the white space around it."""
        return _hide(text, 0, len(text))

    def prose(self, text: str) -> list[Edit]:
        """The edits for prose in an answer: credentials of this API, and addresses."""
        addressed = self.fake is not None and ("@" in text or "%" in text)
        if not addressed and not self._may_repeat(text) and not _has_secrets(text):
            return []
        return _edits(
            _resolve(text, (partial(self._secrets, prose=True), self._repeated, self._addresses))
        )

    def is_clean_list(self, text: str) -> bool:
        """Whether a text is a list of records with nothing to hide."""
        return self.fake is None and is_clean_list(text, self._prefixes)

    def _may_repeat(self, text: str) -> bool:
        return any(prefix in text for prefix in self._prefixes)

    def _address(self, text: str) -> list[Edit]:
        assert self.fake is not None
        if find_secrets(text, prose=True):
            return self.prose(text)
        if "@" not in text and _ESCAPED_AT.search(text):
            layer = percent_layer(text, 0, len(text))
            return list(layer.lift(differences(layer.text, self.fake.address(layer.text))))
        return differences(text, self.fake.address(text))

    def _remember(self, secret: str) -> None:
        bare = secret.strip(_WHITE)
        long_enough = _SHORTEST <= len(bare) <= _LONGEST
        if long_enough and bare.casefold() not in _COMMON_WORDS and bare not in self.known:
            if len(self.known) >= _MOST_KNOWN:
                del self.known[next(iter(self.known))]
            self.known[bare] = None
            self._prefixes = frozenset(secret[:_SHORTEST] for secret in self.known)

    def text(self, text: str, depth: int = 0) -> list[Edit]:
        """The edits for a text without a known name."""
        return _edits(self.claims(text, depth))

    def claims(self, text: str, depth: int = 0, found: list[Claim] | None = None) -> list[Claim]:
        """Like `text`, as claims; the parts in `found` are already handled."""

        if _URL.match(text) or _FORM.match(text):
            first: tuple[_Stage, ...] = (self._exact_pairs,)
        else:
            nested = partial(self._nested, depth=depth)
            first = (nested, self._parts, self._cookies, self._lines, self._loose_pairs)
        last = (self._secrets, self._repeated, self._paths, self._addresses)
        return _resolve(text, (*first, *last), found)

    def _secrets(self, text: str, *, prose: bool = False) -> Iterator[Claim]:
        """The secrets that `sgformats.secrets` finds, except cookies: their names are kept."""
        for start, stop, kind, _ in find_secrets(text, prose=prose):
            if kind == "cookie" or (kind == "user" and self.keep_user):
                continue
            if kind in ("secret", "user"):
                self._remember(unquote(text[start:stop]))
            elif kind == "userinfo" and self.keep_user and ":" in text[start:stop]:
                start = text.index(":", start) + 1
            yield Claim(start, stop, _hide(text, start, stop), is_secret=True)

    def _repeated(self, text: str) -> Iterator[Claim]:
        """Known secrets, including one that is cut at the end of the text."""
        for secret in self.known:
            if secret[:_SHORTEST] not in text:
                continue
            at = text.find(secret)
            while at >= 0:
                yield Claim(at, at + len(secret), [Edit(at, at + len(secret), HIDDEN)])
                at = text.find(secret, at + len(secret))
            at = text.rfind(secret[:_SHORTEST], max(0, len(text) - len(secret) - _ESCAPE_LENGTH))
            if at >= 0:
                pairs = zip(text[at:], secret, strict=False)
                end = at + len([*takewhile(lambda pair: pair[0] == pair[1], pairs)])
                if end == len(text) or _CUT.match(text, end):
                    yield Claim(at, len(text), [Edit(at, len(text), HIDDEN)])

    def _addresses(self, text: str) -> Iterator[Claim]:
        if self.fake is None:
            return
        for start, stop, edits in self.fake.inside(text):
            yield Claim(start, stop, edits)
        if "40" not in text or "%" not in text:
            return
        for match in _ESCAPED_ADDRESS.finditer(text):
            layer = percent_layer(text, *match.span())
            inner = Layer(layer.text, 0, None, unchanged)
            if "@" not in layer.text:  # Escaped twice.
                inner = percent_layer(layer.text, 0, len(layer.text))
            for *_, edits in self.fake.inside(inner.text):
                yield Claim(*match.span(), list(layer.lift(inner.lift(edits))))

    def _paths(self, text: str) -> Iterator[Claim]:
        """The address at the end of a v3 path."""
        if self.fake is not None:
            for match in _V3.finditer(text):
                layer = percent_layer(text, *match.span(1))
                yield Claim(*match.span(1), list(layer.lift(self._address(layer.text))))

    def _exact_pairs(self, text: str) -> Iterator[Claim]:
        """The parameters of a text that is just a URL or a form."""
        start = text.find("?") + 1 if _URL.match(text) else 0
        return self._pairs(text, _EXACT_PAIR.finditer(text, start))

    def _loose_pairs(self, text: str) -> Iterator[Claim]:
        return self._pairs(text, _PAIR.finditer(text))

    def _pairs(self, text: str, matches: Iterable[re.Match[str]]) -> Iterator[Claim]:
        for match in matches:
            if not match[2]:
                continue
            name = percent_layer(match[1], 0, len(match[1])).text.replace(";", "")
            if kind_of(name) in (None, "prose", "ip"):
                continue
            layer = percent_layer(text, *match.span(2))
            edits = self.value(name, layer.text)
            if edits is not None:
                yield Claim(*match.span(2), list(layer.lift(edits)))

    def _parts(self, text: str) -> Iterator[Claim]:
        """The parts of a multipart form."""
        at = 0 if "name=" in text and "--" in text else len(text)
        while (match := _PART.search(text, at)) is not None:
            head = _PART_HEAD.match(text, match.end())
            if head is None:
                at = match.end()
                continue
            end = _PART_END.search(text, head.end())
            start, stop = head.end(), end.start() if end else len(text)
            at = max(stop, start)
            layer = Layer(text[start:stop], start, None, unchanged)
            edits = self.value(match[1] or match[2], layer.text)
            if edits is not None:
                yield Claim(start, stop, list(layer.lift(edits)))

    def _cookies(self, text: str) -> Iterator[Claim]:
        """Cookie headers, in logs and in pasted code."""
        at = 0
        while (match := HEADER.search(text, at)) is not None:
            start = at = match.end()
            for begin, at in loose_cookie_values(text, start):
                yield Claim(begin, at, _hide(text, begin, at))

    def _lines(self, text: str) -> Iterator[Claim]:
        """Lines that begin with the name of a secret."""
        for match in _LINE_PAIR.finditer(text):
            if kind_of(match[1]) == "secret" and match[2][0] not in "\"'[{":
                yield Claim(match.start(), match.end(), _hide(text, *match.span(2)))

    def _nested(self, text: str, depth: int) -> Iterator[Claim]:
        """JSON members, and XML elements that contain only text, inside other text."""
        at = text.find('"') if '"' in text else len(text)
        while (member := _MEMBER.search(text, at)) is not None:
            end = _STRING_END.match(text, member.end())
            start, stop = member.end(), end.end() if end else member.end()
            at = max(stop, start)
            name = json_layer(text, *member.span(1)).text
            yield from self._nested_value(name, json_layer(text, start, stop), stop, depth)
        for leaf in _LEAF.finditer(text):
            layer = xml_layer(text, [(*leaf.span(2), False)])
            yield from self._nested_value(leaf[1], layer, leaf.end(2), depth)

    def _nested_value(self, name: str, layer: Layer, stop: int, depth: int) -> Iterator[Claim]:
        edits = self.value(name, layer.text)
        if edits is None and layer.marks is not None and depth < _DEPTH:
            edits = self.text(layer.text, depth + 1) or None
        if edits is not None and layer.at < stop:
            yield Claim(layer.at, stop, list(layer.lift(edits)))


def _has_secrets(text: str) -> bool:
    """Whether prose in an answer contains a secret."""
    return _short_has_secrets(text) if len(text) <= _SHORT else bool(find_secrets(text, prose=True))


@lru_cache(maxsize=4096)
def _short_has_secrets(text: str) -> bool:
    return bool(find_secrets(text, prose=True))


_Stage = Callable[[str], Iterable[Claim]]


def _resolve(text: str, stages: Iterable[_Stage], found: list[Claim] | None = None) -> list[Claim]:
    """The claims of all stages, in text order; on overlap, the earlier stage wins."""
    taken = list(found or ())
    for stage in stages:
        free: list[Claim] = []
        index = 0
        for claim in sorted(stage(text)):
            while index < len(taken) and taken[index].stop <= claim.start:
                index += 1
            blocked = index < len(taken) and taken[index].start < claim.stop
            if blocked and claim.is_secret:
                rest = (taken[at] for at in range(index, len(taken)))
                free += _beside(text, claim, rest)
            elif not blocked and not (free and free[-1].stop > claim.start):
                free.append(claim)
        if free:
            taken = sorted((*taken, *free))
    return taken


def _beside(text: str, claim: Claim, taken: Iterable[Claim]) -> Iterator[Claim]:
    """The parts of a secret that are in no claim and look like keys."""
    start = claim.start
    for other in chain(taken, (Claim(claim.stop, claim.stop, []),)):
        stop = min(other.start, claim.stop)
        if start < stop and looks_like_a_key(text[start:stop]):
            yield Claim(start, stop, _hide(text, start, stop))
        if other.start >= claim.stop:
            return
        start = other.stop


def _edits(claims: Iterable[Claim]) -> list[Edit]:
    return [edit for claim in claims for edit in claim.edits]


def _hide(text: str, start: int, stop: int) -> list[Edit]:
    bare = text[start:stop].strip(_WHITE)
    if not bare:
        return []
    start = text.index(bare, start)
    return replace(text, start, start + len(bare), HIDDEN)
